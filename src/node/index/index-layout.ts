// Every key of the databases of the indexes in one table, and the functions that make them. Folders, keys and values are Bitcoin
// Core's (index/*.cpp), so that an index that Core has built is taken up as it is. Heights in keys are big-endian, so that rows lie in
// the order of the chain; other integers are as Core writes them there.
//
//   database            key                               value                                            owner
//   all                 'B'                               locator of the block up to which it is saved     checkpoint.ts
//   txindex             't' txid(32)                      where the transaction lies                       tx-index.ts
//   txospenderindex     's' SipHash(8) where it lies      nothing: the key says where a spender lies       spender-index.ts
//   txospenderindex     `siphash_key` NUL                 16 bytes: the key of that SipHash                spender-index.ts
//   blockfilter, stats  't' height(4)                     hash of the block, row                           block-rows.ts
//   blockfilter, stats  's' blockHash(32)                 row of a block that is no longer on the chain    block-rows.ts
//   blockfilter         'P'                               where the next filter will be written            filter-index.ts
//   coinstatsindex      'M'                               the set of all coins as MuHash fraction          coin-stats-index.ts
//   addressindex        't' height(4)                     hash of the block, summary                       block-summary.ts
//   addressindex        'a' scriptHash(32)                counts and balance of a script                   address-rows.ts
//   addressindex        'h' scriptHash(32) number(4)      a payment of a script, counted from 0            address-rows.ts
//   addressindex        'u' scriptHash(32) outpoint(36)   an unspent coin of a script                      address-rows.ts
//   addressindex        'j' blockHash(32)                 parent, moves that can be taken back             address-index.ts
//
// The last one is our own; Core has nothing like it.

import { HASH_BYTES } from '../../kernel/primitives/hashes.ts';
import { concatBytes } from '../../kernel/util/bytes.ts';

const LETTER_A = 0x61;
const LETTER_B = 0x42;
const LETTER_H = 0x68;
const LETTER_J = 0x6a;
const LETTER_M = 0x4d;
const LETTER_P = 0x50;
const LETTER_S = 0x73;
const LETTER_T = 0x74;
const LETTER_U = 0x75;

/** Where an index says how far it is saved. */
export const BEST_BLOCK_KEY: Uint8Array = Uint8Array.of(LETTER_B);

/** Where the statistics keep their MuHash. */
export const MUHASH_KEY: Uint8Array = Uint8Array.of(LETTER_M);

/** Where the filters keep their end. */
export const FILTER_END_KEY: Uint8Array = Uint8Array.of(LETTER_P);

/** Where the spenders keep the key of their hash: Core writes the C string with its zero byte. */
export const SIPHASH_KEY_KEY: Uint8Array = Uint8Array.from('siphash_key\0', (character) => character.charCodeAt(0));

function letterAndBytes(letter: number, bytes: Uint8Array): Uint8Array {
  const key = new Uint8Array(1 + bytes.length);
  key[0] = letter;
  key.set(bytes, 1);
  return key;
}

/** Key of a transaction, whose txid is at `at`. */
export function txKey(txids: Uint8Array, at = 0): Uint8Array {
  return letterAndBytes(LETTER_T, txids.subarray(at, at + HASH_BYTES));
}

/** Key of a block of the chain by its height. */
export function heightKey(height: number): Uint8Array {
  return letterAndBytes(LETTER_T, bigEndian32(height));
}

function bigEndian32(value: number): Uint8Array {
  return Uint8Array.of((value >>> 24) & 0xff, (value >>> 16) & 0xff, (value >>> 8) & 0xff, value & 0xff);
}

/** Key of a block that is no longer on the chain. */
export function blockHashKey(blockHash: Uint8Array): Uint8Array {
  return letterAndBytes(LETTER_S, blockHash);
}

/** Key of a spender: what hashes of outpoints it is found by, and where it lies. An empty place makes the prefix of all of them. */
export function spenderKey(hashLow: number, hashHigh: number, place: Uint8Array): Uint8Array {
  const key = new Uint8Array(9 + place.length);
  key[0] = LETTER_S;
  const view = new DataView(key.buffer);
  view.setUint32(1, hashLow, true);
  view.setUint32(5, hashHigh, true);
  key.set(place, 9);
  return key;
}

/** Bytes of a spender's key before the place. */
export const SPENDER_PREFIX_BYTES = 9;

/** Key of what is counted of a script. */
export function accountKey(scriptHash: Uint8Array): Uint8Array {
  return letterAndBytes(LETTER_A, scriptHash);
}

/** Key of a payment of a script: big-endian, so that payments lie in their order. */
export function paymentKey(scriptHash: Uint8Array, number: number): Uint8Array {
  return letterAndBytes(LETTER_H, concatBytes(scriptHash, bigEndian32(number)));
}

/** Key of an unspent coin of a script; an empty outpoint makes the prefix of all of them. */
export function unspentKey(scriptHash: Uint8Array, outpoint: Uint8Array): Uint8Array {
  return letterAndBytes(LETTER_U, concatBytes(scriptHash, outpoint));
}

/** Bytes of such a key before the outpoint. */
export const UNSPENT_PREFIX_BYTES: number = 1 + HASH_BYTES;

/** Key of the moves of a block that may be lost. */
export function journalKey(blockHash: Uint8Array): Uint8Array {
  return letterAndBytes(LETTER_J, blockHash);
}

/** How all such keys begin. */
export const JOURNAL_PREFIX: Uint8Array = Uint8Array.of(LETTER_J);
