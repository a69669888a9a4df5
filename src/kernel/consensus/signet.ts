// The signature of a signet block (BIP325; Core signet.cpp). A signet has a challenge script; each block carries a solution in the
// witness commitment of its coinbase. To judge it, two transactions are imagined: one whose only output is the challenge and
// whose input names the block without its solution, and one that spends that output with the solution.

import { sha256dInto } from '../crypto/sha256.ts';
import { decodeResult } from '../encoding/decode-error.ts';
import { ByteReader } from '../encoding/reader.ts';
import { ByteWriter } from '../encoding/writer.ts';
import type { Block } from '../primitives/block.ts';
import { asTxid, NULL_TXID } from '../primitives/hashes.ts';
import { computeMerkleRoot } from '../primitives/merkle.ts';
import { NULL_INDEX, type Outpoint } from '../primitives/outpoint.ts';
import { SpentOutputs } from '../primitives/spent-outputs.ts';
import { buildTransaction, type Transaction } from '../primitives/transaction.ts';
import { SCRIPT_VERIFY } from '../script/flags.ts';
import { OP } from '../script/opcodes.ts';
import { encodePush, ScriptCursor } from '../script/script.ts';
import { equalBytes, equalRange } from '../util/bytes.ts';
import type { ConsensusParams } from './params.ts';
import { type BlockReject, rejectBlock } from './reject.ts';
import type { JobVerifier } from './script-job.ts';
import { findWitnessCommitment } from './witness-commitment.ts';

/** How a push that carries a solution begins (BIP325). */
const SOLUTION_HEADER: Uint8Array = Uint8Array.of(0xec, 0xc7, 0xda, 0xa2);

/** Rules that a solution is held to, whatever the height (Core BLOCK_SCRIPT_VERIFY_FLAGS). */
const SOLUTION_SCRIPT_FLAGS: number =
  SCRIPT_VERIFY.P2SH | SCRIPT_VERIFY.WITNESS | SCRIPT_VERIFY.DERSIG | SCRIPT_VERIFY.NULLDUMMY;

const NULL_OUTPOINT: Outpoint = Object.freeze({ txid: NULL_TXID, index: NULL_INDEX });

/** The two imagined transactions. */
export interface SignetTransactions {
  readonly toSpend: Transaction;
  readonly toSign: Transaction;
}

/** Refuses a block whose solution does not satisfy the challenge of its signet. The genesis block needs none. */
export function checkSignetSolution(block: Block, params: ConsensusParams, verifier: JobVerifier): BlockReject | null {
  const challenge = params.signetChallenge;
  if (challenge === null || equalBytes(block.header.blockHash, params.genesisHash)) return null;
  const transactions = buildSignetTransactions(block, challenge);
  if (transactions === null) return rejectSolution();
  verifier.setTransaction(transactions.toSign, SpentOutputs.pack([{ valueSat: 0, scriptPubKey: challenge }]));
  const scriptError = verifier.verifyInput(0, SOLUTION_SCRIPT_FLAGS);
  return scriptError === null ? null : rejectSolution();
}

function rejectSolution(): BlockReject {
  return rejectBlock('consensus', 'bad-signet-blksig', 'signet-solution', {
    debug: 'signet block signature validation failure',
  });
}

/**
 * Builds the two transactions of a block; null when its coinbase commits to no witnesses or its solution cannot be read. A block
 * without a solution gets an empty one, which a trivial challenge may accept.
 */
export function buildSignetTransactions(block: Block, challenge: Uint8Array): SignetTransactions | null {
  if (block.txCount === 0) return null;
  const coinbase = block.transaction(0);
  const output = findWitnessCommitment(coinbase);
  if (output < 0) return null;
  const cut = cutSolution(coinbase.scriptPubKey(output));
  const solution = decodeSolution(cut.solution);
  if (solution === null) return null;
  const merkleRoot = computeMerkleRootWithout(block, output, cut.script);
  const toSpend = buildTransaction({
    version: 0,
    inputs: [{ prevout: NULL_OUTPOINT, scriptSig: encodeChallengeScriptSig(block, merkleRoot), sequence: 0 }],
    outputs: [{ valueSat: 0, scriptPubKey: challenge }],
    locktime: 0,
  });
  const toSign = buildTransaction({
    version: 0,
    inputs: [{ prevout: { txid: toSpend.txid, index: 0 }, sequence: 0, ...solution }],
    outputs: [{ valueSat: 0, scriptPubKey: Uint8Array.of(OP.OP_RETURN) }],
    locktime: 0,
  });
  return { toSpend, toSign };
}

/**
 * Takes the solution out of a committing script: the first push that begins with the header and goes on is cut down to the
 * header. All pushes are then written again in canonical form, and what follows an unreadable push is left out, as Core does.
 */
function cutSolution(script: Uint8Array): { readonly script: Uint8Array; readonly solution: Uint8Array | null } {
  const rewritten = new ByteWriter(script.length);
  let solution: Uint8Array | null = null;
  const cursor = new ScriptCursor(script);
  while (cursor.next()) {
    const data = script.subarray(cursor.dataStart, cursor.dataEnd);
    if (data.length === 0) {
      rewritten.u8(cursor.opcode);
    } else if (solution === null && beginsWithHeader(data)) {
      solution = data.subarray(SOLUTION_HEADER.length);
      rewritten.put(encodePush(SOLUTION_HEADER));
    } else {
      rewritten.put(encodePush(data));
    }
  }
  return { script: solution === null ? script : rewritten.finish(), solution };
}

function beginsWithHeader(data: Uint8Array): boolean {
  return data.length > SOLUTION_HEADER.length && equalRange(data, 0, SOLUTION_HEADER, 0, SOLUTION_HEADER.length);
}

interface Solution {
  readonly scriptSig: Uint8Array;
  readonly witness: readonly Uint8Array[];
}

/** A solution is a scriptSig and a witness stack, serialized as in a transaction, and nothing after them. */
function decodeSolution(bytes: Uint8Array | null): Solution | null {
  if (bytes === null) return { scriptSig: new Uint8Array(0), witness: [] };
  const decoded = decodeResult(() => {
    const reader = new ByteReader(bytes);
    const scriptSig = reader.varBytes('signet scriptSig');
    const count = reader.count(1, 'signet witness');
    const witness: Uint8Array[] = [];
    for (let i = 0; i < count; i++) witness.push(reader.varBytes('signet witness item'));
    reader.finish('signet solution');
    return { scriptSig, witness };
  });
  return decoded.ok ? decoded.value : null;
}

/** Merkle root of the block with another script in output `output` of its coinbase. */
function computeMerkleRootWithout(block: Block, output: number, script: Uint8Array): Uint8Array {
  const hashes = block.txids().slice();
  const coinbase = block.transaction(0);
  const { bytes } = coinbase;
  const rewritten = new ByteWriter(coinbase.strippedSize)
    .put(bytes.subarray(coinbase.start, coinbase.start + 4))
    .put(bytes.subarray(coinbase.bodyStart, coinbase.outputStart(output) + 8))
    .varBytes(script)
    .put(bytes.subarray(coinbase.outputEnd(output), coinbase.bodyEnd))
    .put(bytes.subarray(coinbase.end - 4, coinbase.end))
    .finish();
  const txid = asTxid(new Uint8Array(32));
  sha256dInto(rewritten, 0, rewritten.length, txid, 0);
  hashes.set(txid, 0);
  return computeMerkleRoot(hashes).root;
}

/** OP_0 and a push of 72 bytes: version, parent, the merkle root without the solution, and time of the block. */
function encodeChallengeScriptSig(block: Block, merkleRoot: Uint8Array): Uint8Array {
  const header = block.header;
  const signed = new ByteWriter(72)
    .u32(header.version)
    .put(header.previousBlockHash)
    .put(merkleRoot)
    .u32(header.timeSec)
    .finish();
  return new ByteWriter(74).u8(OP.OP_0).put(encodePush(signed)).finish();
}
