// A person with keys and no wallet program: owns coins, pays with them, signs, all of it with the kernel alone. What it pays with
// is what a test says; nobody tells it of confirmations.

import type { Secp256k1 } from '../../src/kernel/crypto/secp256k1.ts';
import { nobleSecp256k1 } from '../../src/kernel/crypto/secp256k1-noble.ts';
import {
  buildTransaction,
  type Transaction,
  type TransactionOutput,
  toTransactionData,
} from '../../src/kernel/primitives/transaction.ts';
import { toHex } from '../../src/kernel/util/bytes.ts';
import { type Address, ChainWallet } from '../bench/chain-wallet.ts';
import { outputOf, pay, spend } from '../model/block-builder.ts';

/** A coin with the key to it. */
export interface OwnCoin {
  readonly transaction: Transaction;
  readonly index: number;
  readonly address: Address;
}

/** What a test may want different about a payment. */
export interface PaymentOptions {
  readonly feeSat?: number;
  /** Outputs to own addresses among which the money is divided. */
  readonly outputCount?: number;
  /** What the outputs pay beyond what the coins are worth, less the fee. */
  readonly overdraftSat?: number;
  /** Its signatures are those of another payment, one that leaves a satoshi more. */
  readonly isForged?: boolean;
}

const FEE_SAT = 10_000;

/** Makes payments from coins of its own to addresses of its own. */
export class Payer {
  /** Keys follow from their numbers and the offset: even ones are P2WPKH, odd ones P2TR. */
  readonly #wallet: ChainWallet;
  readonly #offset: number;
  #keyCount = 0;

  /** Payers of different offsets, a thousand apart, have different keys. */
  constructor(offset = 0, secp: Secp256k1 = nobleSecp256k1) {
    this.#wallet = new ChainWallet(secp, (index) => (index % 2 === 0 ? 'p2wpkh' : 'p2tr-key'));
    this.#offset = offset;
  }

  /** An address that was not used before; kinds take turns. */
  nextAddress(): Address {
    return this.#wallet.address(this.#offset + this.#keyCount++);
  }

  /** A payment with everything that the coins are worth, less the fee, signed. */
  pay(coins: readonly OwnCoin[], options: PaymentOptions = {}): Payment {
    const { feeSat = FEE_SAT, outputCount = 1, overdraftSat = 0, isForged = false } = options;
    const spent = coins.map(outputOfCoin);
    const inSat = spent.reduce((sum, { valueSat }) => sum + valueSat, 0);
    const outSat = overdraftSat > 0 ? inSat + overdraftSat : inSat - feeSat;
    const addresses = Array.from({ length: outputCount }, () => this.nextAddress());
    const shareSat = Math.floor(outSat / outputCount);
    const outputs = addresses.map(({ scriptPubKey }, i) =>
      pay(i === 0 ? outSat - shareSat * (outputCount - 1) : shareSat, scriptPubKey),
    );
    const unsigned = {
      version: 2,
      inputs: coins.map(({ transaction, index }) => spend(outputOf(transaction, index))),
      outputs,
      locktime: 0,
    };
    const signers = coins.map(({ address }) => address);
    const signed = this.#wallet.sign(unsigned, spent, signers, new Set());
    const transaction = isForged ? alter(signed) : signed;
    return { transaction, coins: addresses.map((address, index) => ({ transaction, index, address })) };
  }
}

/** A payment and the coins that it makes. */
export interface Payment {
  readonly transaction: Transaction;
  readonly coins: readonly OwnCoin[];
}

/** A transaction as RPC takes it. */
export function hexOf({ transaction }: Payment): string {
  return toHex(transaction.serialized());
}

/** The transaction with a satoshi less in its first output, under the signatures that it had. */
function alter(transaction: Transaction): Transaction {
  const data = toTransactionData(transaction);
  const outputs = data.outputs.map((output, i) => (i === 0 ? { ...output, valueSat: output.valueSat - 1 } : output));
  return buildTransaction({ ...data, outputs });
}

function outputOfCoin({ transaction, index, address }: OwnCoin): TransactionOutput {
  return { valueSat: transaction.valueSat(index), scriptPubKey: address.scriptPubKey };
}
