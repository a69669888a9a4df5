// The judges of header files on files made here: what is right passes, and every way of being wrong is a failure.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createNetworkParams } from '../../../src/kernel/consensus/networks/all.ts';
import { checkProofOfWork } from '../../../src/kernel/consensus/pow.ts';
import { asBlockHash, asMerkleRoot, formatHash } from '../../../src/kernel/primitives/hashes.ts';
import { type BlockHeader, buildHeader } from '../../../src/kernel/primitives/header.ts';
import { concatBytes, toHex } from '../../../src/kernel/util/bytes.ts';
import { createVectorFile, createVectorFolder } from '../folder.ts';
import { type FileReport, runFile } from '../run.ts';
import { judges } from './headers.ts';

const REGTEST = createNetworkParams('regtest');

/** Headers on top of the genesis block of regtest with real proof of work. */
function mine(count: number, timeOf: (height: number) => number): BlockHeader[] {
  const headers: BlockHeader[] = [];
  let previousBlockHash = REGTEST.consensus.genesisHash;
  for (let height = 1; height <= count; height++) {
    for (let nonce = 0; ; nonce++) {
      const header = buildHeader({
        version: 4,
        previousBlockHash,
        merkleRoot: asMerkleRoot(new Uint8Array(32).fill(height)),
        timeSec: timeOf(height),
        bits: 0x207fffff,
        nonce,
      });
      if (!checkProofOfWork(header.blockHash, 0, header.bits, REGTEST.consensus.pow)) continue;
      headers.push(header);
      previousBlockHash = header.blockHash;
      break;
    }
  }
  return headers;
}

function judge(path: string, contents: Uint8Array | string): FileReport {
  const bytes = typeof contents === 'string' ? new TextEncoder().encode(contents) : contents;
  const file = createVectorFile(path, () => bytes);
  const [report] = [...runFile(file, createVectorFolder([file]), judges)];
  return report!;
}

function failuresOf(report: FileReport): string[] {
  assert.equal(report.kind, 'judged', report.path);
  return report.kind === 'judged' ? report.failures.map((failure) => failure.detail ?? '') : [];
}

const START = REGTEST.genesis.header.timeSec;
const GOOD = mine(20, (height) => START + height);

function raw(headers: readonly BlockHeader[]): Uint8Array {
  return concatBytes(...headers.map((header) => header.serialized()));
}

test('a good run passes in every form, whatever the file is called', () => {
  assert.deepEqual(failuresOf(judge('headers/any/thing.xyz', raw(GOOD))), []);
  assert.deepEqual(failuresOf(judge('headers/x', raw([REGTEST.genesis.header, ...GOOD]))), []);
  const lines = GOOD.map((header) => toHex(header.serialized())).join('\n');
  assert.deepEqual(failuresOf(judge('headers/x', lines)), []);
  assert.deepEqual(failuresOf(judge('headers/x', `${lines}\nfork:${toHex(GOOD[0]!.serialized())}\n`)), []);
  assert.deepEqual(failuresOf(judge('headers/regtest/x', raw(GOOD.slice(5)))), []);
});

test('a missing header, a changed byte and a time that goes back are failures with the reason', () => {
  assert.deepEqual(failuresOf(judge('headers/x', raw(GOOD.filter((_, i) => i !== 10))))[0], 'prev-blk-not-found');
  const spoiled = raw(GOOD).slice();
  spoiled[19 * 80 + 10]! ^= 1;
  assert.match(failuresOf(judge('headers/x', spoiled))[0]!, /high-hash|prev-blk-not-found/);
  const backwards = mine(20, (height) => (height === 15 ? START + 2 : START + height));
  assert.deepEqual(failuresOf(judge('headers/x', raw(backwards))), ["time-too-old, block's timestamp is too early"]);
});

test('decoded headers must hash to what the file says', () => {
  const values = GOOD.map((header) => ({
    block_hash: formatHash(header.blockHash),
    prev_block_hash: formatHash(header.previousBlockHash),
    merkle_root: formatHash(header.merkleRoot),
    version: header.version,
    time: header.timeSec,
    bits: header.bits,
    nonce: header.nonce,
  }));
  assert.deepEqual(failuresOf(judge('headers/x', JSON.stringify([values]))), []);
  assert.deepEqual(failuresOf(judge('headers/x', JSON.stringify(values))), []);
  values[3]!.block_hash = formatHash(asBlockHash(new Uint8Array(32)));
  assert.equal(failuresOf(judge('headers/x', JSON.stringify(values))).length, 1);
});

test('targets that no bits can say, and steps that no retarget makes, are failures', () => {
  const limit = 0xffffn << 208n;
  assert.deepEqual(failuresOf(judge('headers/x.csv', `0,${limit}\n144,${limit}\n`)), []);
  assert.equal(failuresOf(judge('headers/x.csv', `0,${limit - 1n}\n`)).length, 1);
  assert.equal(failuresOf(judge('headers/x.csv', `2016,${limit}\n4032,${limit >> 4n}\n`)).length, 1);
  assert.equal(failuresOf(judge('headers/x.csv', `2016,${limit}\n2017,${limit >> 1n}\n`)).length, 1);
});

test('files of other shapes and other folders have no judge here', () => {
  assert.equal(judge('blocks/x', raw(GOOD)).kind, 'no-judge');
  assert.equal(judge('headers/x', '{"a":1}').kind, 'no-judge');
  assert.equal(judge('headers/x', 'hello').kind, 'no-judge');
  assert.equal(judge('headers/x', new Uint8Array(0)).kind, 'no-judge');
});
