// One byte of any field of a block changed, and what must come of it. Each row was typed by hand: what a receiver says about the
// bytes as they are, and what the deeper rules say once the hashes above the change (witness commitment, merkle root) are
// made to fit again and proof of work is not asked for. So it is shown that the rule itself fires, not only the hash over it.

import { findWitnessCommitment } from '../../src/kernel/consensus/witness-commitment.ts';
import { compactSizeWidth, readCompactSizeAt } from '../../src/kernel/encoding/compact-size.ts';
import { SEQUENCE_FINAL } from '../../src/kernel/primitives/locktime.ts';
import type { Transaction } from '../../src/kernel/primitives/transaction.ts';

/** Where a byte is and which bits of it change. */
export interface ByteChange {
  readonly at: number;
  readonly xor: number;
}

/** `decode`: the bytes are no block any more. Other words are reasons, or their beginning where a script error follows. */
export type Expected = readonly string[];

/** Rules that came with a height. */
export interface ActiveRules {
  /** Coinbases begin with the height of their block. */
  readonly bip34: boolean;
}

/** A field and its fate. */
export interface Mutation {
  readonly field: string;
  /** Which byte; null when the transaction or block has no such field, or no rule on it is active yet. */
  locate(tx: Transaction, active: ActiveRules): ByteChange | null;
  /** Of the bytes as they are, with proof of work. */
  readonly received: Expected;
  /** After repair, without proof of work; absent where nothing deeper looks at the field. */
  readonly repaired?: Expected;
  /** The commitment is left as it is: it, or what it is computed from besides witnesses, is what changed. */
  readonly keepsCommitment?: boolean;
}

const SCRIPT_FAILED: Expected = ['block-script-verify-flag-failed ('];
const ROOT: Expected = ['bad-txnmrklroot'];

function header(field: string, at: number, rest: Partial<Mutation> = {}): Mutation {
  return { field: `header ${field}`, locate: () => ({ at, xor: 0x10 }), received: ['high-hash'], ...rest };
}

/** Fields of the header. Difficulty, time and version are judged against a branch; see the tests of headers for those rules. */
export const HEADER_MUTATIONS: readonly Mutation[] = [
  header('version', 3),
  header('previous block', 17),
  header('merkle root', 50),
  header('time', 70),
  header('bits', 73),
  header('nonce', 77),
];

/** What the rules between a header and its branch say, when proof of work is not asked for. */
export interface HeaderContextMutation {
  readonly field: string;
  readonly at: number;
  readonly xor: number;
  /** On the main network of 2009, whose headers are of version 1 and dated 0x49…, and on signet, version 0x20000000 and 0x5f…. */
  readonly expected: Readonly<Record<'main' | 'signet', string | null>>;
}

/** The header's own rules, each by the change of one byte. */
export const HEADER_CONTEXT_MUTATIONS: readonly HeaderContextMutation[] = [
  { field: 'time years too early', at: 71, xor: 0x40, expected: { main: 'time-too-old', signet: 'time-too-old' } },
  { field: 'time years too late', at: 71, xor: 0x80, expected: { main: 'time-too-new', signet: 'time-too-new' } },
  { field: 'bits, lowest byte', at: 72, xor: 0x01, expected: { main: 'bad-diffbits', signet: 'bad-diffbits' } },
  { field: 'bits, exponent', at: 75, xor: 0x01, expected: { main: 'bad-diffbits', signet: 'bad-diffbits' } },
  { field: 'version, sign', at: 3, xor: 0xa0, expected: { main: null, signet: 'bad-version(0x80000000)' } },
  { field: 'version, a signal', at: 2, xor: 0x01, expected: { main: null, signet: null } },
];

/** Fields of the coinbase and the block around it. */
export const COINBASE_MUTATIONS: readonly Mutation[] = [
  {
    field: 'transaction count',
    locate: () => ({ at: 80, xor: 0x01 }),
    received: ['decode', 'bad-txnmrklroot'],
  },
  {
    field: 'coinbase version',
    locate: (tx) => ({ at: tx.start, xor: 0x04 }),
    received: ROOT,
  },
  {
    field: 'coinbase input count',
    locate: (tx) => ({ at: tx.bodyStart, xor: 0x40 }),
    received: ['decode', 'bad-txnmrklroot'],
  },
  {
    field: 'coinbase prevout txid',
    locate: (tx) => ({ at: tx.prevoutStart(0) + 31, xor: 0x01 }),
    received: ROOT,
    repaired: ['bad-cb-missing'],
  },
  {
    field: 'coinbase prevout index',
    locate: (tx) => ({ at: tx.prevoutStart(0) + 35, xor: 0x80 }),
    received: ROOT,
    repaired: ['bad-cb-missing'],
  },
  {
    field: 'coinbase height',
    locate: (tx, active) => (active.bip34 ? { at: tx.scriptSigStart(0) + 1, xor: 0x01 } : null),
    received: ROOT,
    repaired: ['bad-cb-height'],
  },
  {
    field: 'coinbase value raised by 2^36 or more',
    locate: (tx) => lowestClearBit(tx, tx.outputStart(0) + 4),
    received: ROOT,
    repaired: ['bad-cb-amount'],
  },
  {
    field: 'coinbase value made negative',
    locate: (tx) => ({ at: tx.outputStart(0) + 7, xor: 0x80 }),
    received: ROOT,
    repaired: ['bad-txns-vout-negative'],
  },
  {
    field: 'coinbase scriptPubKey',
    locate: (tx) => ({ at: tx.scriptPubKeyStart(0) + 4, xor: 0x01 }),
    received: ROOT,
  },
  {
    field: 'witness commitment',
    locate: (tx) => {
      const output = findWitnessCommitment(tx);
      return output < 0 || !tx.hasWitness ? null : { at: tx.scriptPubKeyStart(output) + 20, xor: 0x01 };
    },
    received: ROOT,
    repaired: ['bad-witness-merkle-match'],
    keepsCommitment: true,
  },
  {
    field: 'mark of the witness commitment',
    locate: (tx) => {
      const output = findWitnessCommitment(tx);
      return output < 0 || !tx.hasWitness ? null : { at: tx.scriptPubKeyStart(output) + 2, xor: 0x01 };
    },
    received: ROOT,
    repaired: ['unexpected-witness'],
    keepsCommitment: true,
  },
  {
    field: 'witness reserved value',
    locate: (tx) => (tx.hasWitness ? { at: tx.witnessStart(0) + 10, xor: 0x01 } : null),
    received: ['bad-witness-merkle-match'],
    repaired: ['bad-witness-merkle-match'],
    keepsCommitment: true,
  },
];

/** A bit from 2^36 on that is clear in the value at `at - 4`, so that setting it raises the value by at least 687 coins. */
function lowestClearBit(tx: Transaction, at: number): ByteChange {
  for (const xor of [0x10, 0x20, 0x40, 0x80]) {
    if ((tx.bytes[at]! & xor) === 0) return { at, xor };
  }
  return { at: at + 1, xor: 0x10 };
}

/** Fields of a transaction that spends signed coins, and whose own outputs nothing in the block spends. */
export const PAYMENT_MUTATIONS: readonly Mutation[] = [
  {
    field: 'tx version',
    locate: (tx) => ({ at: tx.start + 1, xor: 0x01 }),
    received: ROOT,
    repaired: SCRIPT_FAILED,
  },
  {
    field: 'input count',
    locate: (tx) => ({ at: tx.bodyStart, xor: 0x40 }),
    received: ['decode', 'bad-txnmrklroot'],
  },
  {
    field: 'prevout txid',
    locate: (tx) => ({ at: tx.prevoutStart(0) + 5, xor: 0x10 }),
    received: ROOT,
    repaired: ['bad-txns-inputs-missingorspent'],
  },
  {
    field: 'prevout index',
    locate: (tx) => ({ at: tx.prevoutStart(tx.inputCount - 1) + 35, xor: 0x40 }),
    received: ROOT,
    repaired: ['bad-txns-inputs-missingorspent'],
  },
  {
    field: 'scriptSig',
    locate: (tx) =>
      tx.scriptSigEnd(0) - tx.scriptSigStart(0) < 20 ? null : { at: tx.scriptSigStart(0) + 15, xor: 0x01 },
    received: ROOT,
    repaired: SCRIPT_FAILED,
  },
  {
    field: 'sequence',
    locate: (tx) => (tx.locktime === 0 ? { at: tx.scriptSigEnd(0), xor: 0x01 } : null),
    received: ROOT,
    repaired: SCRIPT_FAILED,
  },
  {
    field: 'output count',
    locate: (tx) => ({ at: tx.outputStart(0) - compactSizeWidth(tx.outputCount), xor: 0x80 }),
    received: ['decode', 'bad-txnmrklroot'],
  },
  {
    field: 'value raised by 2^50',
    locate: (tx) => ({ at: tx.outputStart(0) + 6, xor: 0x04 }),
    received: ROOT,
    repaired: ['bad-txns-in-belowout'],
  },
  {
    field: 'value raised by 2^62',
    locate: (tx) => ({ at: tx.outputStart(0) + 7, xor: 0x40 }),
    received: ROOT,
    repaired: ['bad-txns-vout-toolarge'],
  },
  {
    field: 'value made negative',
    locate: (tx) => ({ at: tx.outputStart(tx.outputCount - 1) + 7, xor: 0x80 }),
    received: ROOT,
    repaired: ['bad-txns-vout-negative'],
  },
  {
    field: 'value lowered by a bit',
    locate: (tx) => lowestSetBit(tx, tx.outputStart(0)),
    received: ROOT,
    repaired: SCRIPT_FAILED,
  },
  {
    field: 'scriptPubKey',
    locate: (tx) => ({ at: tx.scriptPubKeyEnd(0) - 3, xor: 0x01 }),
    received: ROOT,
    repaired: SCRIPT_FAILED,
  },
  {
    field: 'locktime under final sequences',
    locate: (tx) => (hasFinalSequences(tx) ? { at: tx.end - 4, xor: 0x01 } : null),
    received: ROOT,
    repaired: SCRIPT_FAILED,
  },
  {
    field: 'locktime under other sequences',
    locate: (tx) => (hasFinalSequences(tx) ? null : { at: tx.end - 1, xor: 0x80 }),
    received: ROOT,
    repaired: ['bad-txns-nonfinal'],
  },
  {
    field: 'witness item',
    locate: (tx) => findWitnessByte(tx),
    received: ['bad-witness-merkle-match'],
    repaired: SCRIPT_FAILED,
  },
  {
    field: 'marker of the witness',
    locate: (tx) => (tx.hasWitness ? { at: tx.start + 4, xor: 0x01 } : null),
    received: ['decode', 'bad-txnmrklroot'],
  },
  {
    field: 'flag of the witness',
    locate: (tx) => (tx.hasWitness ? { at: tx.start + 5, xor: 0x02 } : null),
    received: ['decode'],
  },
];

function lowestSetBit(tx: Transaction, valueAt: number): ByteChange | null {
  for (let at = valueAt; at < valueAt + 7; at++) {
    const byte = tx.bytes[at]!;
    if (byte !== 0) return { at, xor: byte & -byte };
  }
  return null;
}

function hasFinalSequences(tx: Transaction): boolean {
  for (let i = 0; i < tx.inputCount; i++) {
    if (tx.sequence(i) !== SEQUENCE_FINAL) return false;
  }
  return true;
}

/** A byte inside the first witness item of at least twenty bytes: a signature, a key or a script. */
function findWitnessByte(tx: Transaction): ByteChange | null {
  for (let i = 0; tx.hasWitness && i < tx.inputCount; i++) {
    let at = tx.witnessStart(i);
    const count = readCompactSizeAt(tx.bytes, at, tx.end, 'witness');
    at += compactSizeWidth(tx.bytes[at]!);
    for (let item = 0; item < count; item++) {
      const length = readCompactSizeAt(tx.bytes, at, tx.end, 'item');
      at += compactSizeWidth(tx.bytes[at]!);
      if (length >= 20) return { at: at + 15, xor: 0x01 };
      at += length;
    }
  }
  return null;
}
