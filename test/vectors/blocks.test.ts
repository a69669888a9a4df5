// What the judges of blocks leave to be said by hand: the reason for each CheckBlock case, how much of a run in the middle of a
// chain can be verified, and that blocks of other names and forms are found as well.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { fromHex, toHex } from '../../src/kernel/util/bytes.ts';
import { absenceNotice, createVectorFile, createVectorFolder, openVectorFolder, vectorsPath } from './folder.ts';
import { judgeCheckBlockRow, judges } from './judges/blocks.ts';
import { FloatingRun } from './ledger-run.ts';
import { type FileReport, runFolder } from './run.ts';
import { decodeFile, readCoinbaseHeight } from './spending-block.ts';

const folder = openVectorFolder(vectorsPath());
const skip = folder === null && absenceNotice(vectorsPath());

/** Core's words for each invalid case, by its comment. */
const CHECKBLOCK_REASONS: Readonly<Record<string, string>> = {
  'Genesis block with time set to two hours + 1 second behind': 'time-too-new',
  'Genesis with one byte changed': 'high-hash',
  'Empty vtx': 'bad-txnmrklroot',
  'One tx, but not a coinbase': 'bad-cb-missing',
  'More than one coinbase (different coinbases)': 'bad-cb-multiple',
  'Duplicate transaction': 'bad-txnmrklroot',
  'Merkle root mismatch': 'bad-txnmrklroot',
};

describe('blocks of the public vectors', { skip }, () => {
  it('each invalid CheckBlock case fails for its own reason', () => {
    const file = folder!.find('consensus/checkblock/checkblock_invalid.json');
    assert.ok(file !== undefined);
    const rows = (file.json() as readonly (readonly unknown[])[]).filter((row) => row.length === 5);
    const actual = rows.map((row) => [row[0], judgeCheckBlockRow(row as Parameters<typeof judgeCheckBlockRow>[0])]);
    assert.deepEqual(Object.fromEntries(actual), CHECKBLOCK_REASONS);
  });

  it('of the run 831328 to 831335, 11,912 transactions resolve inside the run and verify', () => {
    const files = folder!.files.filter((file) => file.folder === 'blocks/mainnet/runs/831328-831335');
    assert.equal(files.length, 8);
    const run = new FloatingRun('main');
    let txCount = 0;
    let inputCount = 0;
    for (const file of files) {
      const block = decodeFile(file)!;
      const outcome = run.add(block, readCoinbaseHeight(block)!);
      assert.equal(outcome.wrong, null, file.name);
      txCount += outcome.txCount;
      inputCount += outcome.inputCount;
      file.release();
    }
    assert.deepEqual([txCount, inputCount], [11_912, 15_849]);
  });

  it('a run under another name, as hexadecimal lines, is connected all the same, and a broken one is not', () => {
    const rows = folder!.find('blocks/signet/blocks.json')!.json() as readonly { readonly block: string }[];
    const lines = rows.slice(0, 20).map(({ block }) => block);
    const reportOf = (text: string): FileReport => {
      const file = createVectorFile('blocks/elsewhere/some-name.txt', () => new TextEncoder().encode(text));
      return [...runFolder(createVectorFolder([file]), judges)][0]!;
    };
    const whole = reportOf(lines.join('\n'));
    assert.ok(whole.kind === 'judged');
    assert.deepEqual([whole.passed, whole.failures.length], [20, 0]);
    const changed = lines.slice();
    changed[10] = flipByte(changed[10]!, 81 + 60);
    const broken = reportOf(changed.join('\n'));
    assert.ok(broken.kind === 'judged');
    assert.deepEqual([broken.passed, broken.failures.length], [10, 1]);
    assert.match(broken.failures[0]?.detail ?? '', /bad-signet-blksig/);
  });

  it('a changed block with prevouts, whatever its name, is a failure', () => {
    const original = folder!.find('blocks/with-prevouts/normalized/mainnet-170.json.gz')!;
    const json = original.json() as { readonly block: string };
    const reportOf = (content: unknown): FileReport => {
      const bytes = new TextEncoder().encode(JSON.stringify(content));
      const file = createVectorFile('blocks/with-prevouts/mine/x', () => bytes);
      return [...runFolder(createVectorFolder([file]), judges)][0]!;
    };
    const same = reportOf(json);
    assert.ok(same.kind === 'judged' && same.failures.length === 0);
    const changed = reportOf({ ...json, block: flipByte(json.block, 300) });
    assert.ok(changed.kind === 'judged' && changed.failures.length === 1);
    assert.match(changed.failures[0]?.detail ?? '', /bad-txnmrklroot/);
  });
});

function flipByte(hex: string, at: number): string {
  const bytes = fromHex(hex);
  bytes[at]! ^= 1;
  return toHex(bytes);
}
