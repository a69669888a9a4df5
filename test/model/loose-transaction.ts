// Loose transactions of exact sizes for tests of policy: coins packed as checks read them, and transactions filled up to a
// weight or to a number of bytes.

import { CoinRef } from '../../src/kernel/consensus/coin.ts';
import { SpentCoins } from '../../src/kernel/consensus/spent-coins.ts';
import {
  buildTransaction,
  type Transaction,
  type TransactionData,
  toTransactionData,
} from '../../src/kernel/primitives/transaction.ts';
import { fakeTxid, pay, spend } from './block-builder.ts';

/** The output of OP_RETURN and `length - 1` more bytes that push nothing. */
export function dataScript(length: number): Uint8Array {
  const script = new Uint8Array(length);
  script[0] = 0x6a;
  return script;
}

/** A P2WPKH output script; the hash is never looked at. */
export function p2wpkh(fill = 1): Uint8Array {
  const script = new Uint8Array(22).fill(fill);
  script[0] = 0;
  script[1] = 20;
  return script;
}

/** A P2SH output script; the hash is never looked at. */
export function p2sh(fill = 1): Uint8Array {
  const script = new Uint8Array(23).fill(fill);
  script[0] = 0xa9;
  script[1] = 20;
  script[22] = 0x87;
  return script;
}

/** A P2PKH output script. */
export function p2pkh(fill = 1): Uint8Array {
  const script = new Uint8Array(25).fill(fill);
  script.set([0x76, 0xa9, 20]);
  script.set([0x88, 0xac], 23);
  return script;
}

/** A witness program of the given version and length, all zero but what `start` gives. */
export function program(version: number, length: number, start: readonly number[] = []): Uint8Array {
  const script = new Uint8Array(2 + length);
  script[0] = version === 0 ? 0 : 0x50 + version;
  script[1] = length;
  script.set(start, 2);
  return script;
}

/** A standard payment: version 2, one input, 100,000 satoshis to P2WPKH. */
export const PAYMENT: TransactionData = {
  version: 2,
  inputs: [spend({ txid: fakeTxid(1), index: 0 })],
  outputs: [pay(100_000, p2wpkh())],
  locktime: 0,
};

/** The payment with some of it changed. */
export function payment(rest: Partial<TransactionData> = {}): Transaction {
  return buildTransaction({ ...PAYMENT, ...rest });
}

/** The transaction with a data output added that makes it `weightWu` heavy exactly; too small a step is an error. */
export function filledTo(transaction: Transaction, weightWu: number): Transaction {
  const data = toTransactionData(transaction);
  const withScript = (length: number): Transaction =>
    buildTransaction({ ...data, outputs: [...data.outputs, pay(0, dataScript(length))] });
  let length = Math.max(1, Math.floor((weightWu - transaction.weightWu) / 4) - 8);
  while (withScript(length).weightWu > weightWu) length--;
  const filled = withScript(length);
  if (filled.weightWu !== weightWu) throw new Error(`cannot weigh ${weightWu}, only ${filled.weightWu}`);
  return filled;
}

/** Coins with these output scripts, worth 100,000 satoshis each, packed as checks read them. */
export function packCoins(...scripts: readonly Uint8Array[]): SpentCoins {
  const coins = new SpentCoins(scripts.length);
  const ref = new CoinRef();
  for (const scriptPubKey of scripts) {
    coins.append(ref.pointAtCopy({ valueSat: 100_000, scriptPubKey, height: 1, isCoinbase: false }));
  }
  return coins;
}
