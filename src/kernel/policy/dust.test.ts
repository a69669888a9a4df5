import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pay } from '../../../test/model/block-builder.ts';
import { dataScript, p2pkh, p2sh, p2wpkh, payment, program } from '../../../test/model/loose-transaction.ts';
import { createMultisig, createP2pk } from '../script/script-builder.ts';
import { computeDustThreshold, countDustOutputs, isDustOutput } from './dust.ts';

const COMPRESSED = new Uint8Array(33).fill(2);
const UNCOMPRESSED = new Uint8Array(65).fill(4);

/**
 * Name, script, and threshold at 3,000, 1,337 and 333,333 sat/kvB, computed by hand: bytes of output and input times the rate,
 * up.
 */
const THRESHOLDS: readonly (readonly [string, Uint8Array, number, number, number])[] = [
  ['P2PK (uncompressed)', createP2pk(UNCOMPRESSED), 672, 300, 74_667],
  ['P2PK (compressed)', createP2pk(COMPRESSED), 576, 257, 64_000],
  ['P2PKH', p2pkh(), 546, 244, 60_667],
  ['P2SH', p2sh(), 540, 241, 60_000],
  ['P2WPKH', p2wpkh(), 294, 132, 32_667],
  ['P2WSH', program(0, 32), 330, 148, 36_667],
  ['P2TR', program(1, 32), 330, 148, 36_667],
  ['P2A', program(1, 2, [0x4e, 0x73]), 240, 107, 26_667],
  ['version 2, shortest', program(2, 2), 240, 107, 26_667],
  ['version 16, longest', program(16, 40), 354, 158, 39_334],
  ['bare multisig', createMultisig(3, [UNCOMPRESSED, UNCOMPRESSED, UNCOMPRESSED]), 1_074, 479, 119_334],
  ['data', dataScript(20), 0, 0, 0],
  ['longer than a script may be', new Uint8Array(10_001), 0, 0, 0],
  ['as long as a script may be', new Uint8Array(10_000), 30_477, 13_583, 3_386_330],
];

for (const [name, script, atDefault, atLow, atHigh] of THRESHOLDS) {
  test(`M06: dust thresholds of ${name}`, () => {
    const at = (rate: number): number => computeDustThreshold(script, 0, script.length, rate);
    assert.deepEqual([at(3_000), at(1_337), at(333_333), at(0)], [atDefault, atLow, atHigh, 0]);
  });
}

test('M06: the threshold itself is not dust, one satoshi less is', () => {
  const tx = payment({ outputs: [pay(546, p2pkh()), pay(545, p2pkh()), pay(0, dataScript(5)), pay(0, p2pkh())] });
  assert.deepEqual(
    [0, 1, 2, 3].map((j) => isDustOutput(tx, j, 3_000)),
    [false, true, false, true],
  );
  assert.equal(countDustOutputs(tx, 3_000), 2);
  assert.equal(countDustOutputs(tx, 0), 0);
});

test('M06: an odd rate rounds the threshold up', () => {
  // 182 bytes at 3,702 sat/kvB are 673.764 satoshis
  const tx = payment({ outputs: [pay(673, p2pkh()), pay(674, p2pkh())] });
  assert.deepEqual([isDustOutput(tx, 0, 3_702), isDustOutput(tx, 1, 3_702)], [true, false]);
});
