import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { sha256d } from '../../kernel/crypto/sha256.ts';
import { fromHex, joinBytes, toHex } from '../../kernel/util/bytes.ts';
import { formatNetAddress, type NetAddress, parseNetAddress } from '../wire/net-address.ts';
import type { AddressEntry } from '../wire/packed-lists.ts';
import {
  ANCHORS_FILE_BYTES_MAX,
  type AnchorCandidate,
  type AnchorsError,
  chooseAnchors,
  decodeAnchors,
  encodeAnchors,
} from './anchors.ts';

const REGTEST = Uint8Array.of(0xfa, 0xbf, 0xb5, 0xda);
const MAINNET = Uint8Array.of(0xf9, 0xbe, 0xb4, 0xd9);

function address(text: string): NetAddress {
  const parsed = parseNetAddress(text, 8333);
  assert.ok(parsed !== null);
  return parsed;
}

function anchor(text: string): AddressEntry {
  return { address: address(text), services: 0x409n, timeSec: 0x60000000 };
}

/** A file around a content, with a checksum that fits. */
function sealed(contentHex: string): Uint8Array {
  const content = joinBytes([REGTEST, fromHex(contentHex)]);
  return joinBytes([content, sha256d(content)]);
}

function errorOf(bytes: Uint8Array, magic: Uint8Array = REGTEST): AnchorsError | string {
  const decoded = decodeAnchors(bytes, magic);
  if (decoded.ok) return 'ok';
  return typeof decoded.error === 'string' ? decoded.error : decoded.error.name;
}

/** Version 0x20000000 + 220,000; time; services as CompactSize; network 1, length 4; port in big-endian order. */
const ENTRY = `605b0320${'00000060'}fd0904${'0104'}${'08080808'}${'208d'}`;
const ONION = 'pg6mmjiyjmcrsslvykfwnntlaru7p5svn6y2ymmju6nubxndf4pscryd.onion:8333';

test('E03: anchors are written in the form of Core, two at most, and read back', () => {
  const bytes = encodeAnchors([anchor('8.8.8.8:8333')], REGTEST);
  assert.equal(toHex(bytes.subarray(0, bytes.length - 32)), `fabfb5da01${ENTRY}`);
  assert.deepEqual(bytes, sealed(`01${ENTRY}`));
  const anchors = [anchor(ONION), anchor('[2404:6800::1]:1'), anchor('8.8.8.8:8333')];
  const decoded = decodeAnchors(encodeAnchors(anchors, REGTEST), REGTEST);
  assert.ok(decoded.ok);
  assert.deepEqual(
    decoded.value.map((one) => formatNetAddress(one.address)),
    [ONION, '[2404:6800::1]:1'],
  );
  assert.equal(decoded.value[0]!.services, 0x409n);
  assert.equal(decoded.value[0]!.timeSec, 0x60000000);
  assert.deepEqual(decodeAnchors(encodeAnchors([], REGTEST), REGTEST), { ok: true, value: [] });
});

test('anchors in the old form of addresses are read, too', () => {
  // version 220,000; time; services in 8 bytes; IPv4 in IPv6; port
  const old = `605b0300${'00000060'}0904000000000000${'00'.repeat(10)}ffff08080808208d`;
  const decoded = decodeAnchors(sealed(`02${old}${ENTRY}`), REGTEST);
  assert.ok(decoded.ok);
  assert.deepEqual(decoded.value, [anchor('8.8.8.8:8333'), anchor('8.8.8.8:8333')]);
});

test('E03: two block-relay peers become anchors, first those that have told their services', () => {
  const peer = (text: string, kind: AnchorCandidate['kind'], stage: AnchorCandidate['stage']): AnchorCandidate => {
    return { kind, stage, address: address(text), services: stage === 'established' ? 9n : 0n };
  };
  const peers = [
    peer('1.1.1.1', 'inbound', 'established'),
    peer('2.2.2.2', 'block-relay-only', 'awaiting-version'),
    peer('3.3.3.3', 'outbound-full-relay', 'established'),
    peer('4.4.4.4', 'block-relay-only', 'awaiting-verack'),
    peer('5.5.5.5', 'block-relay-only', 'established'),
  ];
  assert.deepEqual(chooseAnchors(peers, 7), [
    { address: address('5.5.5.5'), services: 9n, timeSec: 7 },
    { address: address('2.2.2.2'), services: 0n, timeSec: 7 },
  ]);
});

test('E09: of a file with more anchors the first two are taken', () => {
  const decoded = decodeAnchors(sealed(`05${ENTRY.repeat(5)}`), REGTEST);
  assert.ok(decoded.ok);
  assert.equal(decoded.value.length, 2);
});

test('E09: a file of another network, with a wrong checksum, cut short or too long holds no anchors', () => {
  const bytes = encodeAnchors([anchor('8.8.8.8:8333'), anchor('9.9.9.9:8333')], REGTEST);
  assert.equal(errorOf(bytes), 'ok');
  assert.equal(errorOf(bytes, MAINNET), 'wrong-network');
  assert.equal(errorOf(new Uint8Array(0)), 'too-short');
  assert.equal(errorOf(new Uint8Array(ANCHORS_FILE_BYTES_MAX + 1)), 'too-long');
  for (let length = 0; length < bytes.length; length++) assert.notEqual(errorOf(bytes.slice(0, length)), 'ok');
  for (let bit = 0; bit < 8 * bytes.length; bit++) {
    const flipped = bytes.slice();
    flipped[bit >>> 3]! ^= 1 << (bit & 7);
    assert.notEqual(errorOf(flipped), 'ok', `bit ${bit}`);
  }
});

test('E09: a future version, a giant count, or bytes left over are refused though the checksum fits', () => {
  assert.equal(errorOf(sealed(`01${ENTRY.replace('605b0320', '605b0340')}`)), 'DecodeError');
  assert.equal(errorOf(sealed(`01${ENTRY.replace('605b0320', '605b0300')}`)), 'DecodeError');
  // the low bits of the version mean nothing
  assert.equal(errorOf(sealed(`01${ENTRY.replace('605b0320', '01000020')}`)), 'ok');
  assert.equal(errorOf(sealed('feffffff01')), 'DecodeError');
  assert.equal(errorOf(sealed(`ffffffffffffffffff${ENTRY}`)), 'DecodeError');
  assert.equal(errorOf(sealed(`02${ENTRY}`)), 'DecodeError');
  assert.equal(errorOf(sealed(`01${ENTRY}00`)), 'DecodeError');
  assert.equal(errorOf(sealed(`01${ENTRY.replace('010408080808', '0105080808080808')}`)), 'DecodeError');
});

test('E09: whatever bytes stand in a file that is sealed well, reading it gives anchors or an error', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => void errorOf(sealed(toHex(bytes)))),
    { numRuns: 500 },
  );
});
