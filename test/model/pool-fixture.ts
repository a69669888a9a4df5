// Transactions and facts for tests of the mempool: small, different from one another, and of a size and fee that the test names.

import { NO_ENTRY } from '../../src/kernel/chain/block-index.ts';
import { POLICY_DEFAULTS, type PolicyOptions } from '../../src/kernel/policy/options.ts';
import { type Block, buildBlock } from '../../src/kernel/primitives/block.ts';
import { asBlockHash, asMerkleRoot } from '../../src/kernel/primitives/hashes.ts';
import { buildHeader } from '../../src/kernel/primitives/header.ts';
import type { Outpoint } from '../../src/kernel/primitives/outpoint.ts';
import type { Transaction } from '../../src/kernel/primitives/transaction.ts';
import { createRng } from '../../src/kernel/util/prng.ts';
import type { AdditionFacts, LockPoints, MempoolEntry } from '../../src/node/mempool/entry.ts';
import { Mempool } from '../../src/node/mempool/mempool.ts';
import { fakeTxid, makeTx, pay, spend } from './block-builder.ts';

/** Relative locktimes that hold nothing back. */
export const NO_LOCKS: LockPoints = { height: -1, timeSec: -1, maxInputBlock: NO_ENTRY };

/** A moment to begin at. */
export const START_SEC = 1_700_000_000;

/** A mempool with Core's policy, or a policy that differs in what is given. */
export function createPool(options: Partial<PolicyOptions> = {}): Mempool {
  return new Mempool({ ...POLICY_DEFAULTS, ...options }, createRng(5));
}

/** A coin that no transaction of the test made. */
export function coin(n: number): Outpoint {
  return { txid: fakeTxid(n), index: 0 };
}

/** How a test wants a transaction. */
export interface PaymentShape {
  readonly outputs?: number;
  /** True: every input has a witness of the size of a signature and a key. */
  readonly hasWitness?: boolean;
  /** Makes the transaction larger: bytes of its first output's script. */
  readonly scriptBytes?: number;
  readonly locktime?: number;
}

/** A transaction that spends some outpoints. */
export function payment(prevouts: readonly Outpoint[], shape: PaymentShape = {}): Transaction {
  const witness = shape.hasWitness === true ? [new Uint8Array(71).fill(0x30), new Uint8Array(33).fill(2)] : [];
  const script = new Uint8Array(shape.scriptBytes ?? 22).fill(0x51);
  const outputs = Array.from({ length: shape.outputs ?? 1 }, (_, j) => pay(1_000 + j, script));
  const inputs = prevouts.map((prevout) => spend(prevout, { witness }));
  return makeTx(inputs, outputs, { locktime: shape.locktime ?? 0 });
}

/** A block of just these transactions, which nobody checks. */
export function blockOf(transactions: readonly Transaction[]): Block {
  const none = new Uint8Array(32);
  const header = {
    version: 1,
    previousBlockHash: asBlockHash(none),
    merkleRoot: asMerkleRoot(none),
    timeSec: 0,
    bits: 1,
    nonce: 0,
  };
  return buildBlock(buildHeader(header), transactions);
}

/** What acceptance would say of a transaction; what is not given is unremarkable. */
export function factsOf(transaction: Transaction, rest: Partial<AdditionFacts> = {}): AdditionFacts {
  return {
    transaction,
    feeSat: 1_000,
    sigopsCost: 0,
    timeSec: START_SEC,
    entryHeight: 100,
    sequence: 0,
    spendsCoinbase: false,
    lockPoints: NO_LOCKS,
    ...rest,
  };
}

/** Adds a transaction without questions. */
export function addTo(pool: Mempool, transaction: Transaction, rest: Partial<AdditionFacts> = {}): MempoolEntry {
  const change = pool.begin();
  const entry = change.stageAddition(factsOf(transaction, { sequence: pool.sequence, ...rest }));
  change.apply();
  return entry;
}
