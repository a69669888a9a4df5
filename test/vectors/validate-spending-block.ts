// Judges a block with its prevouts in full: proof of work, merkle root, witness commitment, weight, scripts, signature operations,
// fees and subsidy; then undoes it and compares the coins byte for byte.

import { CoinsOverlay } from '../../src/kernel/consensus/coins-overlay.ts';
import { disconnectBlock } from '../../src/kernel/consensus/disconnect-block.ts';
import { formatReject } from '../../src/kernel/consensus/reject.ts';
import { validateBlock } from '../../src/kernel/consensus/validate-block.ts';
import type { Block } from '../../src/kernel/primitives/block.ts';
import { formatHash } from '../../src/kernel/primitives/hashes.ts';
import { InputVerifier } from '../../src/kernel/script/verify.ts';
import { equalRange, toHex } from '../../src/kernel/util/bytes.ts';
import { TEST_RNG } from '../model/block-builder.ts';
import { getCurve } from './curve.ts';
import { type CaseOutcome, compareOutcome, verdictOutcome } from './judge.ts';
import type { SpendingBlock } from './spending-block.ts';
import { prepareSurroundings, type Surroundings } from './surroundings.ts';

/** Everything that can be said about a block with its prevouts. */
export function* validateSpendingBlock(source: SpendingBlock): Generator<CaseOutcome> {
  const { block, height } = source;
  const surroundings = prepareSurroundings(source, new InputVerifier(getCurve()));
  if (source.blockHashHex !== null) {
    yield compareOutcome('block hash', formatHash(block.header.blockHash), source.blockHashHex);
  }
  yield verdictOutcome('prevouts made in the block', compareOwnOutputs(source));
  yield verdictOutcome(`block ${height} valid, undone and valid again`, validateTwice(block, height, surroundings));
}

/** Validates, undoes and validates again; what is wrong, or null. */
function validateTwice(block: Block, height: number, { params, branch, coins, verifier }: Surroundings): string | null {
  const overlay = new CoinsOverlay(coins, TEST_RNG);
  const before = coins.fingerprint();
  const valid = validateBlock(block, overlay, branch, params, { verifier });
  if (!valid.ok) return formatReject(valid.error);
  overlay.flushInto(coins);
  const after = coins.fingerprint();
  const undone = disconnectBlock(block, valid.value.undo, overlay, height);
  if (undone !== 'ok') return `disconnect ${undone}`;
  overlay.flushInto(coins);
  if (coins.fingerprint() !== before) return 'other coins after the undo than before the block';
  const again = validateBlock(block, overlay, branch, params, {
    verifier: { setTransaction: () => {}, verifyInput: () => null },
  });
  if (!again.ok) return `when connected again: ${formatReject(again.error)}`;
  overlay.flushInto(coins);
  return coins.fingerprint() === after ? null : 'other coins after the redo than after the block';
}

/** A prevout that the block makes itself must be the output there; what differs, or null. */
function compareOwnOutputs({ block, coins }: SpendingBlock): string | null {
  const places = new Map<string, number>();
  let next = 0;
  for (let i = 0; i < block.txCount; i++) {
    const tx = block.transaction(i);
    for (let k = 0; i > 0 && k < tx.inputCount; k++) {
      const { valueSat, scriptPubKey } = coins[next++]!;
      const { txid, index } = tx.prevout(k);
      const place = places.get(toHex(txid));
      if (place === undefined) continue;
      const maker = block.transaction(place);
      const start = maker.scriptPubKeyStart(index);
      const isSame =
        maker.valueSat(index) === valueSat &&
        maker.scriptPubKeyEnd(index) - start === scriptPubKey.length &&
        equalRange(maker.bytes, start, scriptPubKey, 0, scriptPubKey.length);
      if (!isSame) return `input ${k} of transaction ${i}`;
    }
    places.set(toHex(tx.txid), i);
  }
  return null;
}
