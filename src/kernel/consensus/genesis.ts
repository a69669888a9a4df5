// The first block of a ledger, which every node makes for itself instead of receiving it (Core CreateGenesisBlock): one coinbase
// whose script carries a message, proof that nobody began before its date. Its output is no coin and can never be spent.

import { sha256dInto } from '../crypto/sha256.ts';
import { writeU32 } from '../encoding/numbers.ts';
import { type Block, buildBlock } from '../primitives/block.ts';
import { asBlockHash, asMerkleRoot, HASH_BYTES, NULL_TXID } from '../primitives/hashes.ts';
import { type BlockHeader, buildHeader, HEADER_BYTES } from '../primitives/header.ts';
import { NULL_INDEX } from '../primitives/outpoint.ts';
import { buildTransaction, type Transaction } from '../primitives/transaction.ts';
import { OP } from '../script/opcodes.ts';
import { encodePush } from '../script/script.ts';
import { concatBytes, fromHex } from '../util/bytes.ts';
import type { PowRules } from './params.ts';
import { checkProofOfWork } from './pow.ts';

/** What a genesis block is made of. */
export interface GenesisSpec {
  /** Bytes that the coinbase carries, by custom a headline of the day. */
  readonly message: Uint8Array;
  /** Script of the only output. */
  readonly outputScript: Uint8Array;
  readonly timeSec: number;
  readonly bits: number;
  readonly nonce: number;
  readonly version: number;
  readonly rewardSat: number;
}

/** First push of the coinbase script, the number 486604799: the bits 1d00ffff of 2009, in all genesis blocks ever since. */
const BITS_PUSH = fromHex('04ffff001d');
/** Second push: the number 4, of which nobody knows why. */
const FOUR_PUSH = fromHex('0104');

/** Where the nonce lies in a header. */
const NONCE_OFFSET = 76;

/** Longest message that keeps the coinbase script within 100 bytes, its own two bytes of push included. */
export const GENESIS_MESSAGE_BYTES_MAX = 91;

/** Pays to a public key, as the first blocks did. */
export function payToPublicKeyScript(publicKey: Uint8Array): Uint8Array {
  return concatBytes(encodePush(publicKey), Uint8Array.of(OP.OP_CHECKSIG));
}

function buildGenesisTransaction(spec: GenesisSpec): Transaction {
  return buildTransaction({
    version: 1,
    inputs: [
      {
        prevout: { txid: NULL_TXID, index: NULL_INDEX },
        scriptSig: concatBytes(BITS_PUSH, FOUR_PUSH, encodePush(spec.message)),
        sequence: 0xffffffff,
      },
    ],
    outputs: [{ valueSat: spec.rewardSat, scriptPubKey: spec.outputScript }],
    locktime: 0,
  });
}

function buildGenesisHeader(spec: GenesisSpec, transaction: Transaction): BlockHeader {
  return buildHeader({
    version: spec.version,
    previousBlockHash: asBlockHash(new Uint8Array(HASH_BYTES)),
    merkleRoot: asMerkleRoot(transaction.txid),
    timeSec: spec.timeSec,
    bits: spec.bits,
    nonce: spec.nonce,
  });
}

/** The genesis block of a specification. Its proof of work is not checked here. */
export function buildGenesis(spec: GenesisSpec): Block {
  const transaction = buildGenesisTransaction(spec);
  return buildBlock(buildGenesisHeader(spec, transaction), [transaction]);
}

/**
 * The lowest nonce from `spec.nonce` on that proves the work of `spec.bits`, or null when `attemptsMax` nonces or the 32 bits of
 * a nonce hold none.
 */
export function findGenesisNonce(spec: GenesisSpec, pow: PowRules, attemptsMax: number): number | null {
  const bytes = buildGenesisHeader(spec, buildGenesisTransaction(spec)).serialized().slice();
  const blockHash = new Uint8Array(HASH_BYTES);
  const end = Math.min(spec.nonce + attemptsMax, 2 ** 32);
  for (let nonce = spec.nonce; nonce < end; nonce++) {
    writeU32(bytes, NONCE_OFFSET, nonce);
    sha256dInto(bytes, 0, HEADER_BYTES, blockHash, 0);
    if (checkProofOfWork(blockHash, 0, spec.bits, pow)) return nonce;
  }
  return null;
}
