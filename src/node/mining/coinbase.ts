// The first transaction of a new block, byte for byte as Core's miner makes it (node/miner.cpp CreateNewBlock and
// GenerateCoinbaseCommitment): tests of Core's name hashes of chains that it mines. Its only input spends nothing; its script
// begins with the height (BIP34), and a lock on the block before makes it impossible to bring it into an earlier block.

import { MAX_COINBASE_SCRIPT_SIZE, MIN_COINBASE_SCRIPT_SIZE } from '../../kernel/consensus/limits.ts';
import { NULL_TXID } from '../../kernel/primitives/hashes.ts';
import { SEQUENCE_FINAL } from '../../kernel/primitives/locktime.ts';
import { NULL_INDEX } from '../../kernel/primitives/outpoint.ts';
import { buildTransaction, type Transaction, type TransactionOutput } from '../../kernel/primitives/transaction.ts';
import { OP } from '../../kernel/script/opcodes.ts';
import { encodePush } from '../../kernel/script/script.ts';
import { encodeNumberPush } from '../../kernel/script/script-builder.ts';
import { assert } from '../../kernel/util/assert.ts';
import { concatBytes } from '../../kernel/util/bytes.ts';

/** Version of the transaction (Core CTransaction::CURRENT_VERSION). */
const COINBASE_VERSION = 2;

/** Highest sequence with which a locktime still counts (Core CTxIn::MAX_SEQUENCE_NONFINAL). */
const SEQUENCE_LOCKED: number = SEQUENCE_FINAL - 1;

/** What follows OP_RETURN and the length of a witness commitment (BIP141). */
const COMMITMENT_MARK: Uint8Array = Uint8Array.of(0xaa, 0x21, 0xa9, 0xed);

/** The reserved value that a commitment covers and the coinbase shows: zero until a new rule gives it a meaning (BIP141). */
export const WITNESS_RESERVED_VALUE: Uint8Array = new Uint8Array(32);

/** What a coinbase is made of. */
export interface CoinbaseSpec {
  /** Height of the block, at least 1. */
  readonly height: number;
  /** Subsidy and fees. */
  readonly rewardSat: number;
  /** Where they go. */
  readonly scriptPubKey: Uint8Array;
  /** The 32 bytes that commit to the witnesses of the block (BIP141). */
  readonly witnessCommitment: Uint8Array;
  /** Whether the rules of witnesses hold at this height, so that the coinbase shows the reserved value. */
  readonly isSegwitActive: boolean;
  /** A number that makes this coinbase differ from others of the same height; left out: none, as in Core. */
  readonly extraNonce?: number;
}

/**
 * The script of a coinbase: its height, then the extra nonce. One byte is too little for consensus, so the heights up to 16 get
 * an OP_0 behind them.
 */
export function encodeCoinbaseScript(height: number, extraNonce?: number): Uint8Array {
  assert(height >= 1, 'a coinbase of a block after the first');
  const parts = [encodeNumberPush(height)];
  if (parts[0]!.length < MIN_COINBASE_SCRIPT_SIZE) parts.push(Uint8Array.of(OP.OP_0));
  if (extraNonce !== undefined) parts.push(encodePush(encodeExtraNonce(extraNonce)));
  const script = concatBytes(...parts);
  assert(script.length <= MAX_COINBASE_SCRIPT_SIZE, 'a coinbase script of at most 100 bytes');
  return script;
}

/** Six bytes: 2^48 coinbases for each height and output. */
function encodeExtraNonce(extraNonce: number): Uint8Array {
  assert(Number.isSafeInteger(extraNonce) && extraNonce >= 0 && extraNonce < 2 ** 48, 'an extra nonce of 48 bits');
  const bytes = new Uint8Array(6);
  for (let i = 0, rest = extraNonce; i < bytes.length; i++, rest = Math.floor(rest / 256)) bytes[i] = rest % 256;
  return bytes;
}

/** The output script that commits to witnesses: OP_RETURN and a push of the mark and the 32 bytes (BIP141). */
export function createCommitmentScript(commitment: Uint8Array): Uint8Array {
  assert(commitment.length === 32, 'a witness commitment of 32 bytes');
  return concatBytes(Uint8Array.of(OP.OP_RETURN), encodePush(concatBytes(COMMITMENT_MARK, commitment)));
}

/** The coinbase of a specification. */
export function buildCoinbase(spec: CoinbaseSpec): Transaction {
  const outputs: readonly TransactionOutput[] = [
    { valueSat: spec.rewardSat, scriptPubKey: spec.scriptPubKey },
    { valueSat: 0, scriptPubKey: createCommitmentScript(spec.witnessCommitment) },
  ];
  return buildTransaction({
    version: COINBASE_VERSION,
    inputs: [
      {
        prevout: { txid: NULL_TXID, index: NULL_INDEX },
        scriptSig: encodeCoinbaseScript(spec.height, spec.extraNonce),
        sequence: SEQUENCE_LOCKED,
        witness: spec.isSegwitActive ? [WITNESS_RESERVED_VALUE] : [],
      },
    ],
    outputs,
    locktime: spec.height - 1,
  });
}
