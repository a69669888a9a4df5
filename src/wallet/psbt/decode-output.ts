// Decoding the map of an output (Core PSBTOutput::Unserialize).

import { ByteReader } from '../../kernel/encoding/reader.ts';
import type { TransactionOutput } from '../../kernel/primitives/transaction.ts';
import { TAPROOT_DEPTH_MAX, TAPROOT_LEAF_MASK } from '../../kernel/script/taproot.ts';
import { isTapTree } from '../../kernel/script/taproot-builder.ts';
import { EMPTY_BYTES } from '../../kernel/util/bytes.ts';
import type { Steps } from '../../kernel/util/steps.ts';
import { readDerivation, readParticipants, readTapDerivation } from './decode-shared.ts';
import { OUTPUT_FIELD as FIELD } from './field-types.ts';
import { createPsbtOutput, type PsbtOutput, type PsbtTapTreeLeaf } from './psbt.ts';
import { type Draft, expectKeySize, PsbtError, type PsbtKey, type PsbtReader, readOtherField } from './psbt-reader.ts';

/** An output while it is read. */
interface OutputDraft extends Draft<PsbtOutput> {
  /** Read from this map (version 2), not from the unsigned transaction. */
  amount: number | null;
  script: Uint8Array | null;
}

/** Reads the value of one field into the draft. */
type FieldReading = (reader: PsbtReader, key: PsbtKey, output: OutputDraft) => void;

const BLANK: TransactionOutput = Object.freeze({ valueSat: 0, scriptPubKey: EMPTY_BYTES });

/** Reads one map, a field a step; `core` is what the unsigned transaction says, null in version 2, where the map says it. */
export function* decodePsbtOutput(reader: PsbtReader, core: TransactionOutput | null): Steps<PsbtOutput> {
  const draft: OutputDraft = { ...createPsbtOutput(core ?? BLANK), amount: null, script: null };
  for (const key of reader.keys('output')) {
    if (core !== null) refuseV2(key);
    (READINGS.get(key.type) ?? readOtherField)(reader, key, draft);
    yield;
  }
  const { amount, script, ...output } = draft;
  if (core !== null) return output;
  if (amount === null) throw new PsbtError('Output amount is required in PSBTv2');
  if (script === null) throw new PsbtError('Output script is required in PSBTv2');
  return { ...output, valueSat: amount, scriptPubKey: script };
}

function refuseV2(key: PsbtKey): void {
  if (key.type === FIELD.AMOUNT) {
    expectKeySize(key, 'Output Amount', 1);
    throw new PsbtError('Output amount is not allowed in PSBTv0');
  }
  if (key.type === FIELD.SCRIPT) {
    expectKeySize(key, 'Output Script', 1);
    throw new PsbtError('Output script is not allowed in PSBTv0');
  }
}

/** A field whose key is its type alone. */
function single(title: string, read: (reader: PsbtReader, output: OutputDraft) => void): FieldReading {
  return (reader, key, output) => {
    expectKeySize(key, title, 1);
    read(reader, output);
  };
}

const READINGS: ReadonlyMap<number, FieldReading> = new Map<number, FieldReading>([
  [
    FIELD.REDEEM_SCRIPT,
    single('Output redeemScript', (reader, output) => {
      output.redeemScript = reader.script();
    }),
  ],
  [
    FIELD.WITNESS_SCRIPT,
    single('Output witnessScript', (reader, output) => {
      output.witnessScript = reader.script();
    }),
  ],
  [FIELD.BIP32_DERIVATION, readDerivation],
  [
    FIELD.AMOUNT,
    single('Output Amount', (reader, output) => {
      output.amount = reader.sized((value) => value.i64('amount'));
    }),
  ],
  [
    FIELD.SCRIPT,
    single('Output Script', (reader, output) => {
      output.script = reader.bytes();
    }),
  ],
  [
    FIELD.TAP_INTERNAL_KEY,
    single('Output Taproot Internal Key', (reader, output) => {
      output.tapInternalKey = reader.hashOrNull();
    }),
  ],
  [
    FIELD.TAP_TREE,
    single('Output Taproot Tree Key', (reader, output) => {
      output.tapTree = readTapTree(reader);
    }),
  ],
  [FIELD.TAP_BIP32_DERIVATION, (reader, key, output) => readTapDerivation(reader, key, output, 'Output')],
  [FIELD.MUSIG2_PARTICIPANT_PUBKEYS, (reader, key, output) => readParticipants(reader, key, output, 'Output')],
]);

function readTapTree(reader: PsbtReader): readonly PsbtTapTreeLeaf[] {
  const bytes = reader.bytes();
  if (bytes.length === 0) throw new PsbtError('Output Taproot tree must not be empty');
  const inside = new ByteReader(bytes);
  const leaves: PsbtTapTreeLeaf[] = [];
  while (inside.remaining > 0) {
    reader.countItems(1);
    const depth = inside.u8('depth');
    const leafVersion = inside.u8('leaf version');
    const script = inside.varBytes('script');
    if (depth > TAPROOT_DEPTH_MAX) {
      throw new PsbtError('Output Taproot tree has as leaf greater than Taproot maximum depth');
    }
    if ((leafVersion & ~TAPROOT_LEAF_MASK) !== 0) {
      throw new PsbtError('Output Taproot tree has a leaf with an invalid leaf version');
    }
    leaves.push({ depth, leafVersion, script });
  }
  if (!isTapTree(leaves.map(({ depth }) => depth))) throw new PsbtError('Output Taproot tree is malformed');
  return leaves;
}
