// Encoding PSBTs (Core PartiallySignedTransaction::Serialize, PSBTInput::Serialize, PSBTOutput::Serialize): the same fields in the same
// order, so that equal PSBTs are equal bytes everywhere. An input with final scripts keeps nothing that led to them.

import { ByteWriter } from '../../kernel/encoding/writer.ts';
import { witnessStackLength, writeWitnessStack } from '../../kernel/primitives/witness.ts';
import { assert } from '../../kernel/util/assert.ts';
import { EMPTY_BYTES, joinBytes } from '../../kernel/util/bytes.ts';
import type { KeyOrigin } from '../descriptor/key-ring.ts';
import type { KeyDerivation, MusigShare, TapDerivation } from '../signature-data.ts';
import { GLOBAL_FIELD, INPUT_FIELD, OUTPUT_FIELD, PSBT_MAGIC } from './field-types.ts';
import {
  inOrder,
  isFinalInput,
  type MusigParticipants,
  type Preimage,
  type Psbt,
  type PsbtFields,
  type PsbtInput,
  type PsbtMap,
  type PsbtOutput,
  type PsbtTapTreeLeaf,
} from './psbt.ts';
import { toUnsignedTransaction } from './psbt-transaction.ts';

const SEPARATOR = 0;

/** The bytes of a PSBT. */
export function encodePsbt(psbt: Psbt): Uint8Array {
  const writer = new PsbtWriter();
  writer.out.put(PSBT_MAGIC);
  writeGlobals(writer, psbt);
  for (const input of psbt.inputs) writeInput(writer, psbt, input);
  for (const output of psbt.outputs) writeOutput(writer, psbt, output);
  return writer.out.finish();
}

/** Writes fields, each a key and a value with their lengths; what is null is not written. */
class PsbtWriter {
  readonly out = new ByteWriter(1024);

  /** A field whose key is its type and maybe more. */
  field(type: number, value: Uint8Array | null, ...keyParts: readonly Uint8Array[]): void {
    if (value === null) return;
    const key = joinBytes([Uint8Array.of(type), ...keyParts]);
    this.out.varBytes(key).varBytes(value);
  }

  u32(type: number, value: number | null): void {
    if (value !== null) this.field(type, new ByteWriter(4).u32(value).finish());
  }

  count(type: number, value: number): void {
    this.field(type, new ByteWriter(9).compactSize(value).finish());
  }

  derivations(type: number, fields: PsbtFields<KeyDerivation>): void {
    for (const { publicKey, origin } of inOrder(fields)) this.field(type, encodeOrigin(origin), publicKey);
  }

  tapDerivations(type: number, fields: PsbtFields<TapDerivation>): void {
    for (const { xOnlyKey, leafHashes, origin } of inOrder(fields)) {
      const value = new ByteWriter().compactSize(leafHashes.length);
      for (const leafHash of leafHashes) value.put(leafHash);
      this.field(type, value.put(encodeOrigin(origin)).finish(), xOnlyKey);
    }
  }

  participants(type: number, fields: PsbtFields<MusigParticipants>): void {
    for (const { aggregateKey, participantKeys } of inOrder(fields)) {
      this.field(type, joinBytes(participantKeys), aggregateKey);
    }
  }

  shares(type: number, fields: PsbtFields<MusigShare>): void {
    for (const { aggregateKey, participantKey, leafHash, value } of inOrder(fields)) {
      this.field(type, value, participantKey, aggregateKey, leafHash ?? EMPTY_BYTES);
    }
  }

  preimages(type: number, fields: PsbtFields<Preimage>): void {
    for (const { hash, preimage } of inOrder(fields)) this.field(type, preimage, hash);
  }

  proprietary(map: PsbtMap): void {
    for (const { key, value } of inOrder(map.proprietary)) this.out.varBytes(key).varBytes(value);
  }

  /** What is unknown comes last in every map. */
  end(map: PsbtMap): void {
    for (const { key, value } of inOrder(map.unknown)) this.out.varBytes(key).varBytes(value);
    this.out.u8(SEPARATOR);
  }
}

function writeGlobals(writer: PsbtWriter, psbt: Psbt): void {
  const { version, txVersion, fallbackLocktime, modifiable, inputs, outputs } = psbt;
  if (version === 0) {
    const unsigned = toUnsignedTransaction(psbt);
    assert(unsigned !== null, 'psbt: version 0 has one locktime');
    writer.field(GLOBAL_FIELD.UNSIGNED_TX, unsigned.serialized());
  }
  for (const { extendedKey, origin } of inOrder(psbt.extendedKeys)) {
    writer.field(GLOBAL_FIELD.XPUB, encodeOrigin(origin), extendedKey);
  }
  if (version === 2) {
    writer.u32(GLOBAL_FIELD.TX_VERSION, txVersion);
    writer.u32(GLOBAL_FIELD.FALLBACK_LOCKTIME, fallbackLocktime);
    writer.count(GLOBAL_FIELD.INPUT_COUNT, inputs.length);
    writer.count(GLOBAL_FIELD.OUTPUT_COUNT, outputs.length);
    writer.field(GLOBAL_FIELD.TX_MODIFIABLE, modifiable === null ? null : Uint8Array.of(modifiable));
    writer.u32(GLOBAL_FIELD.VERSION, version);
  }
  writer.proprietary(psbt);
  writer.end(psbt);
}

function writeInput(writer: PsbtWriter, { version }: Psbt, input: PsbtInput): void {
  writer.field(INPUT_FIELD.NON_WITNESS_UTXO, input.nonWitnessUtxo?.stripped() ?? null);
  writer.field(INPUT_FIELD.WITNESS_UTXO, encodeWitnessUtxo(input));
  if (!isFinalInput(input)) {
    writeSigning(writer, input);
    writeTaproot(writer, input);
  }
  writer.field(INPUT_FIELD.FINAL_SCRIPT_SIG, input.finalScriptSig);
  writer.field(INPUT_FIELD.FINAL_SCRIPT_WITNESS, encodeWitness(input.finalWitness));
  if (version === 2) {
    writer.field(INPUT_FIELD.PREVIOUS_TXID, input.prevout.txid);
    writer.u32(INPUT_FIELD.OUTPUT_INDEX, input.prevout.index);
    writer.u32(INPUT_FIELD.SEQUENCE, input.sequence);
    writer.u32(INPUT_FIELD.REQUIRED_TIME_LOCKTIME, input.timeLocktime);
    writer.u32(INPUT_FIELD.REQUIRED_HEIGHT_LOCKTIME, input.heightLocktime);
  }
  writer.proprietary(input);
  writer.end(input);
}

/** Signatures, scripts and keys of all but taproot. */
function writeSigning(writer: PsbtWriter, input: PsbtInput): void {
  for (const { publicKey, signature } of inOrder(input.partialSignatures)) {
    writer.field(INPUT_FIELD.PARTIAL_SIG, signature, publicKey);
  }
  writer.u32(INPUT_FIELD.SIGHASH, input.sighashType);
  writer.field(INPUT_FIELD.REDEEM_SCRIPT, input.redeemScript);
  writer.field(INPUT_FIELD.WITNESS_SCRIPT, input.witnessScript);
  writer.derivations(INPUT_FIELD.BIP32_DERIVATION, input.derivations);
  writer.preimages(INPUT_FIELD.RIPEMD160, input.preimages.ripemd160);
  writer.preimages(INPUT_FIELD.SHA256, input.preimages.sha256);
  writer.preimages(INPUT_FIELD.HASH160, input.preimages.hash160);
  writer.preimages(INPUT_FIELD.HASH256, input.preimages.hash256);
}

function writeTaproot(writer: PsbtWriter, input: PsbtInput): void {
  writer.field(INPUT_FIELD.TAP_KEY_SIG, input.tapKeySignature);
  for (const { xOnlyKey, leafHash, signature } of inOrder(input.tapScriptSignatures)) {
    writer.field(INPUT_FIELD.TAP_SCRIPT_SIG, signature, xOnlyKey, leafHash);
  }
  for (const { script, leafVersion, controlBlocks } of inOrder(input.tapLeafScripts)) {
    const value = joinBytes([script, Uint8Array.of(leafVersion)]);
    for (const controlBlock of controlBlocks) writer.field(INPUT_FIELD.TAP_LEAF_SCRIPT, value, controlBlock);
  }
  writer.tapDerivations(INPUT_FIELD.TAP_BIP32_DERIVATION, input.tapDerivations);
  writer.field(INPUT_FIELD.TAP_INTERNAL_KEY, input.tapInternalKey);
  writer.field(INPUT_FIELD.TAP_MERKLE_ROOT, input.tapMerkleRoot);
  writer.participants(INPUT_FIELD.MUSIG2_PARTICIPANT_PUBKEYS, input.musigParticipants);
  writer.shares(INPUT_FIELD.MUSIG2_PUB_NONCE, input.musigNonces);
  writer.shares(INPUT_FIELD.MUSIG2_PARTIAL_SIG, input.musigSignatures);
}

function writeOutput(writer: PsbtWriter, { version }: Psbt, output: PsbtOutput): void {
  writer.field(OUTPUT_FIELD.REDEEM_SCRIPT, output.redeemScript);
  writer.field(OUTPUT_FIELD.WITNESS_SCRIPT, output.witnessScript);
  writer.derivations(OUTPUT_FIELD.BIP32_DERIVATION, output.derivations);
  if (version === 2) {
    writer.field(OUTPUT_FIELD.AMOUNT, new ByteWriter(8).i64(output.valueSat).finish());
    writer.field(OUTPUT_FIELD.SCRIPT, output.scriptPubKey);
  }
  // Core writes these in the middle here, in the other maps near the end.
  writer.proprietary(output);
  writer.field(OUTPUT_FIELD.TAP_INTERNAL_KEY, output.tapInternalKey);
  writer.field(OUTPUT_FIELD.TAP_TREE, encodeTapTree(output.tapTree));
  writer.tapDerivations(OUTPUT_FIELD.TAP_BIP32_DERIVATION, output.tapDerivations);
  writer.participants(OUTPUT_FIELD.MUSIG2_PARTICIPANT_PUBKEYS, output.musigParticipants);
  writer.end(output);
}

function encodeOrigin({ fingerprint, path }: KeyOrigin): Uint8Array {
  const writer = new ByteWriter(4 + 4 * path.length).put(fingerprint);
  for (const step of path) writer.u32(step);
  return writer.finish();
}

function encodeWitnessUtxo({ witnessUtxo }: PsbtInput): Uint8Array | null {
  if (witnessUtxo === null) return null;
  return new ByteWriter().i64(witnessUtxo.valueSat).varBytes(witnessUtxo.scriptPubKey).finish();
}

function encodeWitness(items: readonly Uint8Array[] | null): Uint8Array | null {
  if (items === null) return null;
  const bytes = new Uint8Array(witnessStackLength(items));
  writeWitnessStack(bytes, 0, items);
  return bytes;
}

function encodeTapTree(leaves: readonly PsbtTapTreeLeaf[]): Uint8Array | null {
  if (leaves.length === 0) return null;
  const writer = new ByteWriter();
  for (const { depth, leafVersion, script } of leaves) writer.u8(depth).u8(leafVersion).varBytes(script);
  return writer.finish();
}
