// D21: tables whose keys others choose. Our own hash maps are salted (kernel/util/hash-map.test.ts); the tables of the network are
// Maps with texts as keys, and V8 salts the hash of a text unless it looks like a whole number. So: no key looks like one, and no
// table is a plain object, whose keys would be ordered and stored as numbers.

import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { toHex } from '../../src/kernel/util/bytes.ts';
import { addressKey, type NetAddress } from '../../src/node/wire/net-address.ts';
import { findProjectRoot } from '../vectors/folder.ts';

/** Longest text that V8 takes for a whole number when it is all digits: up to 2^53. */
const NUMBER_DIGITS_MAX = 16;

const looksLikeNumber = (key: string): boolean => key.length <= NUMBER_DIGITS_MAX && /^\d+$/.test(key);

/** Addresses whose bytes are all the same, where a text of digits is likeliest. */
function makeAddresses(): readonly NetAddress[] {
  const addresses: NetAddress[] = [];
  for (const byte of [0x00, 0x11, 0x30, 0x39, 0x99, 0xff]) {
    for (const port of [0, 1, 8333, 65_535]) {
      addresses.push({ network: 'ipv4', bytes: new Uint8Array(4).fill(byte), port });
      addresses.push({ network: 'ipv6', bytes: new Uint8Array(16).fill(byte), port });
      addresses.push({ network: 'onion', bytes: new Uint8Array(32).fill(byte), port });
    }
  }
  return addresses;
}

test('D21: keys made of hashes and addresses are texts that V8 salts', () => {
  for (const byte of [0x00, 0x11, 0x99]) assert.equal(looksLikeNumber(toHex(new Uint8Array(32).fill(byte))), false);
  for (const address of makeAddresses()) assert.equal(looksLikeNumber(addressKey(address)), false, addressKey(address));
});

/** Sources below a folder, without tests. */
function listSources(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return listSources(path);
    return entry.name.endsWith('.ts') && !entry.name.endsWith('.test.ts') ? [path] : [];
  });
}

/** A table as a plain object that can grow: an index signature or a record over all texts that is not read-only. */
const GROWING_OBJECT = /(?<!readonly )\[\w+: string\]|(?<!Readonly<)Record<string,/;

test('D21: what others fill is never a plain object', () => {
  const root = findProjectRoot();
  for (const project of ['src/kernel', 'src/node']) {
    for (const path of listSources(join(root, project))) {
      for (const line of readFileSync(path, 'utf8').split('\n')) {
        assert.equal(GROWING_OBJECT.test(line), false, `${path}: ${line.trim()}`);
      }
    }
  }
});
