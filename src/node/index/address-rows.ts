// The rows of the index of addresses as data and as bytes: what is counted of a script, its payments, its unspent coins. Payments are
// numbered from 0 as they come, so that the last ones are found by their numbers, without looking at the others.

import { ByteReader } from '../../kernel/encoding/reader.ts';
import { readVarint, writeVarint } from '../../kernel/encoding/varint.ts';
import { ByteWriter } from '../../kernel/encoding/writer.ts';
import { asTxid, HASH_BYTES, type Txid } from '../../kernel/primitives/hashes.ts';
import { type Outpoint, readOutpoint } from '../../kernel/primitives/outpoint.ts';
import { readCoin, type ScriptPayment } from './address-moves.ts';
import { UNSPENT_PREFIX_BYTES } from './index-layout.ts';

/** What is counted of a script. */
export interface ScriptAccount {
  /** Transactions of the chain that pay it or take from it. */
  readonly paymentCount: number;
  readonly unspentCount: number;
  readonly balanceSat: number;
}

/** A script that was never heard of. */
export const EMPTY_ACCOUNT: ScriptAccount = Object.freeze({ paymentCount: 0, unspentCount: 0, balanceSat: 0 });

/** A transaction of the chain that pays a script or takes from it. */
export interface PaymentRow {
  readonly txid: Txid;
  readonly height: number;
  /** Its position in the block. */
  readonly position: number;
  readonly receivedSat: number;
  readonly spentSat: number;
  /** What the script has after it. */
  readonly balanceSat: number;
}

/** A coin that a script can spend. */
export interface UnspentRow {
  readonly outpoint: Outpoint;
  readonly valueSat: number;
  readonly height: number;
  readonly isCoinbase: boolean;
}

/** The bytes of an account. */
export function encodeAccount({ paymentCount, unspentCount, balanceSat }: ScriptAccount): Uint8Array {
  const writer = new ByteWriter(16);
  for (const value of [paymentCount, unspentCount, balanceSat]) writeVarint(writer, value);
  return writer.finish();
}

/** An account of its bytes. Throws DecodeError. */
export function decodeAccount(bytes: Uint8Array): ScriptAccount {
  const reader = new ByteReader(bytes);
  const account = {
    paymentCount: readVarint(reader, 'payments'),
    unspentCount: readVarint(reader, 'unspent coins'),
    balanceSat: readVarint(reader, 'balance'),
  };
  reader.finish('account');
  return account;
}

/** The bytes of a payment. */
export function encodePayment(payment: ScriptPayment, height: number, balanceSat: number): Uint8Array {
  const { txid, position, receivedSat, spentSat } = payment;
  const writer = new ByteWriter(64).put(txid);
  for (const value of [height, position, receivedSat, spentSat, balanceSat]) writeVarint(writer, value);
  return writer.finish();
}

/** A payment of its bytes. Throws DecodeError. */
export function decodePayment(bytes: Uint8Array): PaymentRow {
  const reader = new ByteReader(bytes);
  const row = {
    txid: asTxid(reader.copy(HASH_BYTES, 'txid')),
    height: readVarint(reader, 'height'),
    position: readVarint(reader, 'position'),
    receivedSat: readVarint(reader, 'received'),
    spentSat: readVarint(reader, 'spent'),
    balanceSat: readVarint(reader, 'balance'),
  };
  reader.finish('payment');
  return row;
}

/** An unspent coin of its key and its bytes. Throws DecodeError. */
export function decodeUnspent(key: Uint8Array, value: Uint8Array): UnspentRow {
  const reader = new ByteReader(value);
  const { code, valueSat } = readCoin(reader);
  reader.finish('unspent coin');
  const outpoint = readOutpoint(key.slice(UNSPENT_PREFIX_BYTES), 0);
  return { outpoint, valueSat, height: Math.floor(code / 2), isCoinbase: code % 2 === 1 };
}
