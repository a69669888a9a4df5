// A program for the test of environments: judges a real block, the same block with bytes changed, and a slice of the script
// vectors, and prints one hash over every verdict, number and sentence. Whatever surrounds the process, the hash is the same.

import { createHash } from 'node:crypto';
import { CoinsOverlay } from '../../src/kernel/consensus/coins-overlay.ts';
import { createNetworkParams } from '../../src/kernel/consensus/networks/all.ts';
import { formatReject } from '../../src/kernel/consensus/reject.ts';
import { validateBlock } from '../../src/kernel/consensus/validate-block.ts';
import { decodeBlock } from '../../src/kernel/primitives/block.ts';
import { formatHash } from '../../src/kernel/primitives/hashes.ts';
import { InputVerifier } from '../../src/kernel/script/verify.ts';
import { toHex } from '../../src/kernel/util/bytes.ts';
import { formatAddress } from '../../src/wallet/address.ts';
import { TEST_RNG } from '../model/block-builder.ts';
import { getCurve } from '../vectors/curve.ts';
import { openVectorFolder, vectorsPath } from '../vectors/folder.ts';
import type { VectorFolder } from '../vectors/judge.ts';
import { readScriptTests, rowsOf } from '../vectors/judges/script.ts';
import { createSpend, verifyAll } from '../vectors/script-case.ts';
import { recogniseSpendingFile, type SpendingBlock } from '../vectors/spending-block.ts';
import { prepareSurroundings } from '../vectors/surroundings.ts';

const BLOCK = 'blocks/with-prevouts/normalized/mainnet-757739.json.gz';
const SCRIPTS = 'consensus/core/script_tests.json';

/** Every so many rows of the script vectors are judged. */
const ROW_STEP = 4;

/** Where in the block a byte is changed: header, coinbase, a transaction in the midst, the end. */
const CHANGED = [0.0005, 0.004, 0.3, 0.6, 0.99];

const verifier = new InputVerifier(getCurve());

function judgeBlock(source: SpendingBlock): string {
  const { params, branch, coins } = prepareSurroundings(source, verifier);
  const overlay = new CoinsOverlay(coins, TEST_RNG);
  const result = validateBlock(source.block, overlay, branch, params, { verifier });
  if (!result.ok) return formatReject(result.error);
  overlay.flushInto(coins);
  const { feesSat, sigopsCost, scriptJobs } = result.value;
  return `valid ${feesSat} ${sigopsCost} ${scriptJobs.length} ${coins.fingerprint()}`;
}

function* blockVerdicts(folder: VectorFolder): Generator<string> {
  const file = folder.find(BLOCK);
  const recognised = file === undefined ? null : recogniseSpendingFile(file, folder);
  if (recognised?.kind !== 'block') throw new Error(`the vectors have no ${BLOCK}`);
  const source = recognised.read();
  yield formatHash(source.block.header.blockHash);
  yield judgeBlock(source);
  const { prefixes } = createNetworkParams(source.network);
  for (const { scriptPubKey, valueSat } of source.coins) yield `${valueSat} ${formatAddress(scriptPubKey, prefixes)}`;
  for (const share of CHANGED) {
    const bytes = source.block.serialized().slice();
    bytes[Math.floor(share * bytes.length)]! ^= 1;
    const decoded = decodeBlock(bytes);
    yield decoded.ok ? judgeBlock({ ...source, block: decoded.value }) : decoded.error.message;
  }
}

function* scriptVerdicts(folder: VectorFolder): Generator<string> {
  const file = folder.find(SCRIPTS);
  if (file === undefined) throw new Error(`the vectors have no ${SCRIPTS}`);
  for (const { index, test } of readScriptTests(rowsOf(file))) {
    if (index % ROW_STEP === 0) yield `${index} ${verifyAll(verifier, createSpend(test.pair), test.flags)}`;
  }
}

function main(): void {
  const folder = openVectorFolder(vectorsPath());
  if (folder === null) throw new Error('no vectors');
  const hash = createHash('sha256');
  let count = 0;
  for (const verdicts of [blockVerdicts(folder), scriptVerdicts(folder)]) {
    for (const verdict of verdicts) {
      hash.update(`${verdict}\n`);
      count++;
    }
  }
  process.stdout.write(`${count} ${toHex(hash.digest())}\n`);
}

main();
