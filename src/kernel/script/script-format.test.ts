// Scripts as words.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fromHex } from '../util/bytes.ts';
import { formatScript } from './script-format.ts';

function words(hex: string, decodeHashTypes = false): string {
  const bytes = fromHex(hex);
  return formatScript(bytes, 0, bytes.length, { decodeHashTypes });
}

/** A strict DER signature without its hash type. */
const DER =
  '304502207fa7a6d1e0ee81132a269ad84e68d695483745cde8b541e3bf630749894e342a022100c1f7ab20e13e22fb95281a870f3dcf38d782e53023ee313d741ad0cfbc0c5090';
const KEY = '03b0da749730dc9b4b1f4a14d6902877a92541f5368778853d9c4a0cb7802dcfb2';

test('opcodes have Core names, small numbers are numbers', () => {
  assert.equal(words(''), '');
  assert.equal(words('004f5160'), '0 -1 1 16');
  assert.equal(
    words('76a988acb1b2babbff'),
    'OP_DUP OP_HASH160 OP_EQUALVERIFY OP_CHECKSIG OP_CHECKLOCKTIMEVERIFY OP_CHECKSEQUENCEVERIFY OP_CHECKSIGADD OP_UNKNOWN OP_INVALIDOPCODE',
  );
  assert.equal(words('50'), 'OP_RESERVED');
});

test('pushes of up to four bytes are numbers, minimal or not, longer ones bytes', () => {
  assert.equal(words('0100'), '0');
  assert.equal(words('0180'), '0');
  assert.equal(words('0181'), '-1');
  assert.equal(words('020100'), '1');
  assert.equal(words('04ffffff7f'), '2147483647');
  assert.equal(words('04ffffffff'), '-2147483647');
  assert.equal(words('050102030405'), '0102030405');
  assert.equal(words('4c050102030405'), '0102030405');
});

test('a push that runs past the end is an error, and ends the words', () => {
  assert.equal(words('6a02ee'), 'OP_RETURN [error]');
  assert.equal(words('4c'), '[error]');
});

test('hash types of signatures are decoded on request', () => {
  assert.equal(words(push(`${DER}01`) + push(KEY), true), `${DER}[ALL] ${KEY}`);
  assert.equal(words(push(`${DER}01`) + push(KEY)), `${DER}01 ${KEY}`);
  assert.equal(words(push(`${DER}82`), true), `${DER}[NONE|ANYONECANPAY]`);
  assert.equal(words(push(`${DER}83`), true), `${DER}[SINGLE|ANYONECANPAY]`);
  assert.equal(words(push(`${DER}81`), true), `${DER}[ALL|ANYONECANPAY]`);
  assert.equal(words(push(`${DER}02`), true), `${DER}[NONE]`);
  assert.equal(words(push(`${DER}03`), true), `${DER}[SINGLE]`);
});

test('undefined hash types, loose DER and data behind OP_RETURN are no signatures', () => {
  assert.equal(words(push(`${DER}00`), true), `${DER}00`);
  assert.equal(words(push(`${DER}80`), true), `${DER}80`);
  assert.equal(words(push(`${DER}0001`), true), `${DER}0001`);
  assert.equal(words(`6a${push(`${DER}01`)}`, true), `OP_RETURN ${DER}01`);
});

function push(hex: string): string {
  return (hex.length / 2).toString(16).padStart(2, '0') + hex;
}
