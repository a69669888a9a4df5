// Decoding the map of an input (Core PSBTInput::Unserialize).

import { hash160 } from '../../kernel/crypto/hash160.ts';
import { ByteReader } from '../../kernel/encoding/reader.ts';
import { asTxid, NULL_TXID } from '../../kernel/primitives/hashes.ts';
import { LOCKTIME_THRESHOLD } from '../../kernel/primitives/locktime.ts';
import type { Outpoint } from '../../kernel/primitives/outpoint.ts';
import { readWitnessStack } from '../../kernel/primitives/witness.ts';
import { SCRIPT_VERIFY } from '../../kernel/script/flags.ts';
import { checkSignatureEncoding } from '../../kernel/script/signature-encoding.ts';
import { equalBytes, toHex } from '../../kernel/util/bytes.ts';
import type { Steps } from '../../kernel/util/steps.ts';
import {
  compareControlBlocks,
  type MusigShare,
  nameOfShare,
  nameOfTapLeaf,
  nameOfTapSignature,
  type TapLeafScript,
} from '../signature-data.ts';
import { publicKeyOf, readDerivation, readParticipants, readTapDerivation } from './decode-shared.ts';
import { COMPRESSED_KEY_BYTES, INPUT_FIELD as FIELD, MUSIG_NONCE_BYTES } from './field-types.ts';
import { createPsbtInput, type PreimageKind, type PsbtInput } from './psbt.ts';
import {
  addField,
  type Draft,
  expectKeySize,
  PsbtError,
  type PsbtKey,
  type PsbtReader,
  readOtherField,
} from './psbt-reader.ts';

/** An input while it is read. */
interface InputDraft extends Draft<PsbtInput> {
  /** Read from this map (version 2), not from the unsigned transaction. */
  txid: Uint8Array | null;
  index: number | null;
  /** Leaves whose control blocks are still gathered, in any order. */
  readonly leaves: Map<string, TapLeafScript & { readonly controlBlocks: Uint8Array[] }>;
}

/** Reads the value of one field into the draft. */
type FieldReading = (reader: PsbtReader, key: PsbtKey, input: InputDraft) => void;

/** What the unsigned transaction says of an input; null in version 2, where the map says it. */
export type InputCore = { readonly prevout: Outpoint; readonly sequence: number } | null;

const NULL_OUTPOINT: Outpoint = Object.freeze({ txid: NULL_TXID, index: 0 });

/** Reads one map, a field a step. */
export function* decodePsbtInput(reader: PsbtReader, core: InputCore): Steps<PsbtInput> {
  const blank = createPsbtInput(core?.prevout ?? NULL_OUTPOINT, core?.sequence ?? null);
  const draft: InputDraft = { ...blank, txid: null, index: null, leaves: new Map() };
  for (const key of reader.keys('input')) {
    const unsupported = core === null ? undefined : V2_TITLES.get(key.type);
    if (unsupported !== undefined) {
      expectKeySize(key, unsupported.title, 1);
      throw new PsbtError(`${unsupported.name} is not allowed in PSBTv0`);
    }
    (READINGS.get(key.type) ?? readOtherField)(reader, key, draft);
    yield;
  }
  const { txid, index, leaves, ...input } = draft;
  for (const { controlBlocks } of leaves.values()) controlBlocks.sort(compareControlBlocks);
  if (leaves.size > 0) input.tapLeafScripts = leaves;
  if (core === null) input.prevout = requirePrevout(txid, index);
  checkPreviousTransaction(input);
  return input;
}

function requirePrevout(txid: Uint8Array | null, index: number | null): Outpoint {
  if (txid === null) throw new PsbtError('Previous TXID is required in PSBTv2');
  if (index === null) throw new PsbtError("Previous output's index is required in PSBTv2");
  return { txid: asTxid(txid), index };
}

/** The transaction that is spent from is the one that the outpoint names. */
function checkPreviousTransaction({ nonWitnessUtxo, prevout }: PsbtInput): void {
  if (nonWitnessUtxo === null) return;
  if (!equalBytes(nonWitnessUtxo.txid, prevout.txid)) {
    throw new PsbtError('Non-witness UTXO does not match outpoint hash');
  }
  if (prevout.index >= nonWitnessUtxo.outputCount) {
    throw new PsbtError('Input specifies output index that does not exist');
  }
}

/** Fields of version 2 alone: what they are called as keys, and where they are refused. */
const V2_TITLES: ReadonlyMap<number, { readonly title: string; readonly name: string }> = new Map([
  [FIELD.PREVIOUS_TXID, { title: 'Input Previous TXID', name: 'Previous txid' }],
  [FIELD.OUTPUT_INDEX, { title: "Input Previous Output's Index", name: "Previous output's index" }],
  [FIELD.SEQUENCE, { title: 'Input Sequence', name: 'Sequence' }],
  [FIELD.REQUIRED_TIME_LOCKTIME, { title: 'Input Required Time Based Locktime', name: 'Required time based locktime' }],
  [
    FIELD.REQUIRED_HEIGHT_LOCKTIME,
    { title: 'Input Required Height Based Locktime', name: 'Required height based locktime' },
  ],
]);

/** A field whose key is its type alone. */
function single(title: string, read: (reader: PsbtReader, input: InputDraft) => void): FieldReading {
  return (reader, key, input) => {
    expectKeySize(key, title, 1);
    read(reader, input);
  };
}

/** A field of version 2. */
function singleV2(type: number, read: (reader: PsbtReader, input: InputDraft) => void): [number, FieldReading] {
  return [type, single(V2_TITLES.get(type)!.title, read)];
}

function preimage(kind: PreimageKind, title: string, hashBytes: number): FieldReading {
  return (reader, key, input) => {
    expectKeySize(key, `Input ${title} Preimage`, hashBytes + 1);
    const hash = key.bytes.subarray(1);
    const fields = addField(input.preimages[kind], toHex(hash), { hash, preimage: reader.bytes() });
    input.preimages = { ...input.preimages, [kind]: fields };
  };
}

const READINGS: ReadonlyMap<number, FieldReading> = new Map<number, FieldReading>([
  [
    FIELD.NON_WITNESS_UTXO,
    single('Input Non-witness UTXO', (reader, input) => {
      input.nonWitnessUtxo = reader.transaction(true);
    }),
  ],
  [FIELD.WITNESS_UTXO, single('Input Witness UTXO', readWitnessUtxo)],
  [FIELD.PARTIAL_SIG, readPartialSignature],
  [
    FIELD.SIGHASH,
    single('Input Sighash Type', (reader, input) => {
      input.sighashType = reader.sized((value) => value.i32('sighash type'));
    }),
  ],
  [
    FIELD.REDEEM_SCRIPT,
    single('Input redeemScript', (reader, input) => {
      input.redeemScript = reader.script();
    }),
  ],
  [
    FIELD.WITNESS_SCRIPT,
    single('Input witnessScript', (reader, input) => {
      input.witnessScript = reader.script();
    }),
  ],
  [FIELD.BIP32_DERIVATION, readDerivation],
  [
    FIELD.FINAL_SCRIPT_SIG,
    single('Input Final scriptSig', (reader, input) => {
      input.finalScriptSig = reader.script();
    }),
  ],
  [FIELD.FINAL_SCRIPT_WITNESS, single('Input Final scriptWitness', readFinalWitness)],
  [FIELD.RIPEMD160, preimage('ripemd160', 'RIPEMD160', 20)],
  [FIELD.SHA256, preimage('sha256', 'SHA256', 32)],
  [FIELD.HASH160, preimage('hash160', 'Hash160', 20)],
  [FIELD.HASH256, preimage('hash256', 'Hash256', 32)],
  singleV2(FIELD.PREVIOUS_TXID, (reader, input) => {
    input.txid = reader.hash();
  }),
  singleV2(FIELD.OUTPUT_INDEX, (reader, input) => {
    input.index = reader.u32();
  }),
  singleV2(FIELD.SEQUENCE, (reader, input) => {
    input.sequence = reader.u32();
  }),
  singleV2(FIELD.REQUIRED_TIME_LOCKTIME, readTimeLocktime),
  singleV2(FIELD.REQUIRED_HEIGHT_LOCKTIME, readHeightLocktime),
  [
    FIELD.TAP_KEY_SIG,
    single('Input Taproot Key Path Signature', (reader, input) => {
      input.tapKeySignature = readSchnorrSignature(reader, 'key');
    }),
  ],
  [FIELD.TAP_SCRIPT_SIG, readTapScriptSignature],
  [FIELD.TAP_LEAF_SCRIPT, readTapLeafScript],
  [FIELD.TAP_BIP32_DERIVATION, (reader, key, input) => readTapDerivation(reader, key, input, 'Input')],
  [
    FIELD.TAP_INTERNAL_KEY,
    single('Input Taproot Internal Key', (reader, input) => {
      input.tapInternalKey = reader.hashOrNull();
    }),
  ],
  [
    FIELD.TAP_MERKLE_ROOT,
    single('Input Taproot Merkle Root', (reader, input) => {
      input.tapMerkleRoot = reader.hashOrNull();
    }),
  ],
  [FIELD.MUSIG2_PARTICIPANT_PUBKEYS, (reader, key, input) => readParticipants(reader, key, input, 'Input')],
  [FIELD.MUSIG2_PUB_NONCE, readMusigNonce],
  [FIELD.MUSIG2_PARTIAL_SIG, readMusigSignature],
]);

function readWitnessUtxo(reader: PsbtReader, input: InputDraft): void {
  const { valueSat, scriptPubKey } = reader.sized((value) => ({
    valueSat: value.i64('value'),
    scriptPubKey: value.varBytes('scriptPubKey'),
  }));
  // A value of -1 is Core's output that is none.
  input.witnessUtxo = valueSat === -1 ? null : { valueSat, scriptPubKey };
}

function readPartialSignature(reader: PsbtReader, key: PsbtKey, input: InputDraft): void {
  const publicKey = publicKeyOf(reader, key, 'partial signature pubkey');
  const signature = reader.bytes();
  const flags = SCRIPT_VERIFY.DERSIG | SCRIPT_VERIFY.STRICTENC;
  const scratch = new Uint8Array(64);
  if (signature.length === 0 || checkSignatureEncoding(signature, 0, signature.length, flags, scratch) !== null) {
    throw new PsbtError('Signature is not a valid encoding');
  }
  const name = toHex(hash160(publicKey));
  input.partialSignatures = addField(input.partialSignatures, name, { publicKey, signature });
}

function readFinalWitness(reader: PsbtReader, input: InputDraft): void {
  const bytes = reader.bytes();
  // Items are counted before anything is made of them.
  const inside = new ByteReader(bytes);
  const itemCount = inside.count(1, 'witness');
  reader.countItems(itemCount);
  for (let i = 0; i < itemCount; i++) inside.varBytes('witness item');
  if (inside.remaining > 0) throw new PsbtError('Size of value was not the stated size');
  const witness = readWitnessStack(bytes, 0);
  input.finalWitness = witness.length === 0 ? null : witness;
}

function readTimeLocktime(reader: PsbtReader, input: InputDraft): void {
  const locktime = reader.u32();
  if (locktime < LOCKTIME_THRESHOLD) {
    throw new PsbtError('Required time based locktime is invalid (less than 500000000)');
  }
  input.timeLocktime = locktime;
}

function readHeightLocktime(reader: PsbtReader, input: InputDraft): void {
  const locktime = reader.u32();
  if (locktime >= LOCKTIME_THRESHOLD) {
    throw new PsbtError('Required height based locktime is invalid (greater than or equal to 500000000)');
  }
  if (locktime === 0) throw new PsbtError('Required height based locktime is invalid (0)');
  input.heightLocktime = locktime;
}

function readSchnorrSignature(reader: PsbtReader, path: 'key' | 'script'): Uint8Array {
  const signature = reader.bytes();
  const title = `Input Taproot ${path} path signature`;
  if (signature.length < 64) throw new PsbtError(`${title} is shorter than 64 bytes`);
  if (signature.length > 65) throw new PsbtError(`${title} is longer than 65 bytes`);
  return signature;
}

function readTapScriptSignature(reader: PsbtReader, key: PsbtKey, input: InputDraft): void {
  expectKeySize(key, 'Input Taproot Script Path Signature', 65);
  const xOnlyKey = key.bytes.subarray(1, 33);
  const leafHash = key.bytes.subarray(33);
  const signature = readSchnorrSignature(reader, 'script');
  const name = nameOfTapSignature(xOnlyKey, leafHash);
  input.tapScriptSignatures = addField(input.tapScriptSignatures, name, { xOnlyKey, leafHash, signature });
}

function readTapLeafScript(reader: PsbtReader, { bytes }: PsbtKey, input: InputDraft): void {
  if (bytes.length < 34) throw new PsbtError('Input Taproot leaf script key is not at least 34 bytes');
  if ((bytes.length - 2) % 32 !== 0) {
    throw new PsbtError("Input Taproot leaf script key's control block size is not valid");
  }
  const value = reader.bytes();
  if (value.length === 0) throw new PsbtError('Input Taproot leaf script must be at least 1 byte');
  const script = value.subarray(0, -1);
  const leafVersion = value.at(-1)!;
  const name = nameOfTapLeaf(script, leafVersion);
  const known = input.leaves.get(name);
  if (known === undefined) input.leaves.set(name, { script, leafVersion, controlBlocks: [bytes.subarray(1)] });
  else known.controlBlocks.push(bytes.subarray(1));
}

/** The participant, the common key and maybe the leaf that a key of BIP373 names. */
function readMusigIdentity(reader: PsbtReader, { bytes }: PsbtKey, title: string): Omit<MusigShare, 'value'> {
  const keysEnd = 1 + 2 * COMPRESSED_KEY_BYTES;
  if (bytes.length !== keysEnd && bytes.length !== keysEnd + 32) {
    throw new PsbtError(`Input musig2 ${title} key is not expected size of 67 or 99 bytes`);
  }
  const aggregateKey = bytes.subarray(1 + COMPRESSED_KEY_BYTES, keysEnd);
  const participantKey = bytes.subarray(1, 1 + COMPRESSED_KEY_BYTES);
  reader.expectPublicKey(aggregateKey, 'musig2 aggregate pubkey is invalid');
  reader.expectPublicKey(participantKey, 'musig2 participant pubkey is invalid');
  const leafHash = bytes.subarray(keysEnd);
  return { aggregateKey, participantKey, leafHash: leafHash.some((byte) => byte !== 0) ? leafHash : null };
}

function readMusigNonce(reader: PsbtReader, key: PsbtKey, input: InputDraft): void {
  const identity = readMusigIdentity(reader, key, 'pubnonce');
  const value = reader.bytes();
  if (value.length !== MUSIG_NONCE_BYTES) throw new PsbtError('Input musig2 pubnonce value is not 66 bytes');
  input.musigNonces = addField(input.musigNonces, nameOfShare(identity), { ...identity, value });
}

function readMusigSignature(reader: PsbtReader, key: PsbtKey, input: InputDraft): void {
  const identity = readMusigIdentity(reader, key, 'partial sig');
  const value = reader.hash();
  input.musigSignatures = addField(input.musigSignatures, nameOfShare(identity), { ...identity, value });
}
