import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { anyPsbt } from '../../../test/model/psbt-arbitrary.ts';
import { nobleSecp256k1 as secp } from '../../kernel/crypto/secp256k1-noble.ts';
import { ByteWriter } from '../../kernel/encoding/writer.ts';
import { Transaction } from '../../kernel/primitives/transaction.ts';
import { concatBytes, fromHex, toHex } from '../../kernel/util/bytes.ts';
import { decodePsbt } from './decode.ts';
import { encodePsbt } from './encode.ts';
import { PSBT_ITEMS_MAX } from './field-types.ts';
import type { Psbt } from './psbt.ts';

function read(bytes: Uint8Array): Psbt {
  const decoded = decodePsbt(bytes, secp);
  assert.ok(decoded.ok, decoded.ok ? '' : decoded.error);
  return decoded.value;
}

function errorOf(hex: string): string {
  const decoded = decodePsbt(fromHex(hex), secp);
  return decoded.ok ? 'no error' : decoded.error;
}

/** All that a PSBT holds, as text; maps in their order. */
function describe(psbt: Psbt): string {
  return JSON.stringify(psbt, (_, value: unknown) => {
    if (value instanceof Uint8Array) return toHex(value);
    if (value instanceof Transaction) return toHex(value.serialized());
    if (value instanceof Map) return [...value].sort(([a], [b]) => (a < b ? -1 : 1));
    return isPlain(value) ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))) : value;
  });
}

function isPlain(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const MAGIC = '70736274ff';
/** Version 2 with one input and no output: transaction version, counts, version, separator. */
const GLOBALS_V2 = `${MAGIC}01020402000000010401010105010001fb040200000000`;
const INPUT_V2 = `010e20${'11'.repeat(32)}010f0400000000`;

test('K12: what is decoded is written again as it was', () => {
  fc.assert(
    fc.property(anyPsbt, (psbt) => {
      const bytes = encodePsbt(psbt);
      assert.equal(describe(read(bytes)), describe(psbt));
      assert.equal(toHex(encodePsbt(read(bytes))), toHex(bytes));
    }),
    { numRuns: 150 },
  );
});

test('K12: bytes by chance, and PSBTs with a byte changed, cut or added, are refused or read, and nothing else', () => {
  const noise = fc.uint8Array({ maxLength: 200 }).map((bytes) => concatBytes(fromHex(MAGIC), bytes));
  const changed = fc.tuple(anyPsbt, fc.nat(), fc.nat({ max: 255 })).map(([psbt, at, value]) => {
    const bytes = encodePsbt(psbt).slice();
    bytes[at % bytes.length] = value;
    return bytes;
  });
  const cut = fc.tuple(anyPsbt, fc.nat()).map(([psbt, at]) => {
    const bytes = encodePsbt(psbt);
    return bytes.slice(0, at % bytes.length);
  });
  fc.assert(
    fc.property(fc.oneof(noise, changed, cut), (bytes) => {
      const decoded = decodePsbt(bytes, secp);
      if (!decoded.ok) return;
      const again = encodePsbt(decoded.value);
      assert.equal(toHex(encodePsbt(read(again))), toHex(again));
    }),
    { numRuns: 300 },
  );
});

test('errors have the words of Core', () => {
  const cases: readonly (readonly [hex: string, error: string])[] = [
    ['', 'SpanReader::read(): end of data'],
    ['0000000000', 'Invalid PSBT magic bytes'],
    [MAGIC, 'Separator is missing at the end of the global map'],
    [`${MAGIC}00`, 'No unsigned transaction was provided'],
    [`${MAGIC}01fb040100000000`, 'There is no PSBT version 1'],
    [`${MAGIC}01fb040300000000`, 'Unsupported version number'],
    [`${MAGIC}01fb040200000000`, 'PSBT_GLOBAL_TX_VERSION is required in PSBTv2'],
    [`${MAGIC}01770001770000`, 'Duplicate Key, global key "77" already provided'],
    [GLOBALS_V2, 'Inputs provided does not match the number of inputs in transaction.'],
    [`${GLOBALS_V2}00`, 'Previous TXID is required in PSBTv2'],
    [`${GLOBALS_V2}${INPUT_V2}`, 'Separator is missing at the end of an input map'],
    [`${GLOBALS_V2}${INPUT_V2}00`, 'no error'],
    [`${GLOBALS_V2}${INPUT_V2}0000`, 'extra data after PSBT'],
    [`${GLOBALS_V2}${INPUT_V2}0203010000`, 'Size of key was not 1 for the type Input Sighash Type'],
    [`${GLOBALS_V2}${INPUT_V2}0103020000000000`, 'Size of value was not the stated size'],
    [`${GLOBALS_V2}${INPUT_V2}fd01007700`, 'non-canonical ReadCompactSize()'],
  ];
  for (const [hex, error] of cases) assert.equal(errorOf(hex), error, hex);
});

test('K12: a claim of millions of inputs costs nothing', () => {
  // Both counts are 0x02000000, the highest that a count may be.
  const claim = `${MAGIC}01020402000000010405fe00000002010505fe0000000201fb040200000000`;
  assert.equal(errorOf(claim), 'Inputs provided does not match the number of inputs in transaction.');
  assert.equal(errorOf(`${claim}00`), 'Previous TXID is required in PSBTv2');
});

test('K12: parts are counted before they are made, and more than a block could use are refused', () => {
  // A witness of empty items, so many that nothing else may be there.
  const witness = new ByteWriter(PSBT_ITEMS_MAX + 5).compactSize(PSBT_ITEMS_MAX).put(new Uint8Array(PSBT_ITEMS_MAX));
  const input = new ByteWriter().u8(1).u8(8).varBytes(witness.finish());
  const decoded = decodePsbt(concatBytes(fromHex(GLOBALS_V2), input.finish()), secp);
  assert.ok(!decoded.ok);
  assert.equal(decoded.error, 'PSBT has too many fields');
});

test('amounts that no number can hold are refused', () => {
  const output = '0103080000000000000040' + '01040151' + '00';
  const noInputs = GLOBALS_V2.replace('010401010105010001fb', '010401000105010101fb');
  assert.equal(errorOf(`${noInputs}${output}`), 'Amount is beyond what can be counted');
});
