// BIP30: no transaction may take the place of an earlier one of the same txid whose coins are not all spent (CVE-2012-1909). Two
// coinbases did so before the rule, and what that does to connecting and disconnecting those blocks is settled here (C07).
//
// The coinbase of block 91,842 repeats that of 91,812, and the coinbase of 91,880 that of 91,722. Connecting a repeat replaces
// the coin: it counts as made by the later block, and the earlier reward is lost for good. Disconnecting the repeat removes
// the coin and does not bring the earlier one back, because undo data know nothing of it. When the earlier block is then
// disconnected too, its coinbase output is missing; that is expected and does not make the disconnect unclean. Connecting both
// again gives the same coins as before.

import { writeU32 } from '../encoding/numbers.ts';
import type { Block } from '../primitives/block.ts';
import { type BlockHash, HASH_BYTES } from '../primitives/hashes.ts';
import { OUTPOINT_BYTES } from '../primitives/outpoint.ts';
import { equalBytes } from '../util/bytes.ts';
import type { CoinsView } from './coins-view.ts';
import type { HeaderBranch } from './header-branch.ts';
import { BIP34_IMPLIES_BIP30_LIMIT } from './limits.ts';
import { type BlockReference, type ConsensusParams, literalBlockHash } from './params.ts';
import { type BlockReject, rejectBlock } from './reject.ts';

/** The blocks of the main network whose reward was lost to a repeat (Core IsBIP30Unspendable). */
export const OVERWRITTEN_BLOCKS: readonly BlockReference[] = [
  { height: 91_722, blockHash: literalBlockHash('00000000000271a2dc26e7667f8419f2e15416dc6955e5a6c6cdf3f2574dd08e') },
  { height: 91_812, blockHash: literalBlockHash('00000000000af0aed4792b1acee3d966af36cf5def14935db8de83d6f9306f2f') },
];

/** True when the block of this height and hash is one of the list. */
export function isListed(blocks: readonly BlockReference[], height: number, blockHash: BlockHash): boolean {
  return blocks.some((block) => block.height === height && equalBytes(block.blockHash, blockHash));
}

/** True for a block whose coinbase took the place of an unspent one, against the rule that came later (Core IsBIP30Repeat). */
export function isBip30Repeat(params: ConsensusParams, height: number, blockHash: BlockHash): boolean {
  return isListed(params.bip30Exceptions, height, blockHash);
}

/**
 * True when the coins must be searched for earlier transactions of the same txid. Where coinbases begin with their height
 * (BIP34) no txid can repeat, so on the known chain the search is left out, up to the height that an old coinbase named by chance.
 */
export function mustSearchForOverwrites(params: ConsensusParams, branch: HeaderBranch, blockHash: BlockHash): boolean {
  const height = branch.height + 1;
  if (height >= BIP34_IMPLIES_BIP30_LIMIT) return true;
  return !isBip30Repeat(params, height, blockHash) && !isOnKnownBip34Chain(params, branch);
}

function isOnKnownBip34Chain(params: ConsensusParams, branch: HeaderBranch): boolean {
  const height = params.activationHeights.bip34;
  if (params.bip34Hash === null || branch.height < height) return false;
  return equalBytes(branch.blockHash(height), params.bip34Hash);
}

/** Refuses a block with a transaction that would take the place of an unspent one. */
export function checkNoOverwrite(block: Block, coins: CoinsView): BlockReject | null {
  const outpoint = new Uint8Array(OUTPOINT_BYTES);
  for (let i = 0; i < block.txCount; i++) {
    const tx = block.transaction(i);
    outpoint.set(tx.txid, 0);
    for (let j = 0; j < tx.outputCount; j++) {
      writeU32(outpoint, HASH_BYTES, j);
      if (coins.hasCoin(outpoint, 0)) {
        return rejectBlock('consensus', 'bad-txns-BIP30', 'no-overwrite', {
          debug: 'tried to overwrite transaction',
          actual: tx.txid,
          txIndex: i,
          outputIndex: j,
        });
      }
    }
  }
  return null;
}
