// Decoding the first map of a PSBT, which describes the whole, and what each version must and must not say there (Core
// PartiallySignedTransaction::Unserialize).

import type { Transaction } from '../../kernel/primitives/transaction.ts';
import { concatBytes, toHex } from '../../kernel/util/bytes.ts';
import type { Steps } from '../../kernel/util/steps.ts';
import type { KeyOrigin } from '../descriptor/key-ring.ts';
import { GLOBAL_FIELD as FIELD } from './field-types.ts';
import { NO_FIELDS, type Psbt, type PsbtMap, type PsbtVersion } from './psbt.ts';
import {
  addField,
  type Draft,
  expectKeySize,
  PsbtError,
  type PsbtKey,
  type PsbtReader,
  readOtherField,
} from './psbt-reader.ts';

/** Type, then the 78 bytes of an extended key. */
const XPUB_KEY_BYTES = 79;
const XPUB_DEPTH_AT = 5;
const XPUB_PLACE_END = 14;
const XPUB_PUBLIC_KEY_AT = 46;

/** What the first map says, checked against its version. */
export interface PsbtGlobals extends PsbtMap, Pick<Psbt, 'version' | 'txVersion' | 'fallbackLocktime' | 'modifiable'> {
  readonly extendedKeys: Psbt['extendedKeys'];
  /** Version 0 alone. */
  readonly unsignedTx: Transaction | null;
  readonly inputCount: number;
  readonly outputCount: number;
}

/** The map while it is read; null for what has not come. */
interface GlobalDraft extends Draft<PsbtMap> {
  extendedKeys: Psbt['extendedKeys'];
  unsignedTx: Transaction | null;
  txVersion: number | null;
  fallbackLocktime: number | null;
  inputCount: number | null;
  outputCount: number | null;
  modifiable: number | null;
  version: number;
}

/** Reads one map, a field a step. */
export function* decodePsbtGlobals(reader: PsbtReader): Steps<PsbtGlobals> {
  const draft: GlobalDraft = {
    extendedKeys: NO_FIELDS,
    unsignedTx: null,
    txVersion: null,
    fallbackLocktime: null,
    inputCount: null,
    outputCount: null,
    modifiable: null,
    version: 0,
    proprietary: NO_FIELDS,
    unknown: NO_FIELDS,
  };
  for (const key of reader.keys('global')) {
    readGlobal(reader, key, draft);
    yield;
  }
  return draft.version === 0 ? finishV0(draft) : finishV2(draft);
}

function readGlobal(reader: PsbtReader, key: PsbtKey, draft: GlobalDraft): void {
  switch (key.type) {
    case FIELD.UNSIGNED_TX:
      expectKeySize(key, 'Global Unsigned TX', 1);
      draft.unsignedTx = expectUnsigned(reader.transaction(false));
      break;
    case FIELD.XPUB:
      readExtendedKey(reader, key, draft);
      break;
    case FIELD.TX_VERSION:
      expectKeySize(key, 'Global Transaction Version', 1);
      draft.txVersion = reader.u32();
      break;
    case FIELD.FALLBACK_LOCKTIME:
      expectKeySize(key, 'Global Fallback Locktime', 1);
      draft.fallbackLocktime = reader.u32();
      break;
    case FIELD.INPUT_COUNT:
      expectKeySize(key, 'Global Input Count', 1);
      draft.inputCount = reader.sized((value) => value.compactSize('input count'));
      break;
    case FIELD.OUTPUT_COUNT:
      expectKeySize(key, 'Global Output Count', 1);
      draft.outputCount = reader.sized((value) => value.compactSize('output count'));
      break;
    case FIELD.TX_MODIFIABLE:
      expectKeySize(key, 'Global TX Modifiable Flags', 1);
      draft.modifiable = reader.sized((value) => value.u8('flags'));
      break;
    case FIELD.VERSION:
      expectKeySize(key, 'Global PSBT Version', 1);
      draft.version = reader.u32();
      if (draft.version > 2) throw new PsbtError('Unsupported version number');
      break;
    default:
      readOtherField(reader, key, draft);
  }
}

function expectUnsigned(transaction: Transaction): Transaction {
  for (let i = 0; i < transaction.inputCount; i++) {
    if (transaction.scriptSigStart(i) === transaction.scriptSigEnd(i)) continue;
    throw new PsbtError('Unsigned tx does not have empty scriptSigs and scriptWitnesses.');
  }
  return transaction;
}

function readExtendedKey(reader: PsbtReader, key: PsbtKey, draft: GlobalDraft): void {
  const { bytes } = key;
  expectKeySize(key, 'Global XPUB', XPUB_KEY_BYTES);
  reader.expectPublicKey(bytes.subarray(XPUB_PUBLIC_KEY_AT));
  // A root is nobody's child.
  const isRoot = bytes[XPUB_DEPTH_AT] === 0;
  const place = bytes.subarray(XPUB_DEPTH_AT + 1, XPUB_PLACE_END);
  if (isRoot && place.some((byte) => byte !== 0)) throw new PsbtError('Invalid pubkey');
  const extendedKey = bytes.subarray(1);
  const origin = reader.origin();
  // In Core's order: fingerprint, length of the path, path, public key, chain code.
  const name = concatBytes(
    orderOfOrigin(origin),
    bytes.subarray(XPUB_PUBLIC_KEY_AT),
    bytes.subarray(XPUB_PLACE_END, XPUB_PUBLIC_KEY_AT),
  );
  draft.extendedKeys = addField(draft.extendedKeys, toHex(name), { extendedKey, origin });
}

/** Bytes whose order is Core's order of origins: fingerprint, length of the path, steps. */
function orderOfOrigin({ fingerprint, path }: KeyOrigin): Uint8Array {
  const order = new Uint8Array(8 + 4 * path.length);
  const view = new DataView(order.buffer);
  order.set(fingerprint);
  view.setUint32(4, path.length);
  for (const [i, step] of path.entries()) view.setUint32(8 + 4 * i, step);
  return order;
}

function finishV0(draft: GlobalDraft): PsbtGlobals {
  const { unsignedTx } = draft;
  if (unsignedTx === null) throw new PsbtError('No unsigned transaction was provided');
  const refused: readonly (readonly [value: number | null, name: string])[] = [
    [draft.txVersion, 'PSBT_GLOBAL_TX_VERSION'],
    [draft.fallbackLocktime, 'PSBT_GLOBAL_FALLBACK_LOCKTIME'],
    [draft.inputCount, 'PSBT_GLOBAL_INPUT_COUNT'],
    [draft.outputCount, 'PSBT_GLOBAL_OUTPUT_COUNT'],
    [draft.modifiable, 'PSBT_GLOBAL_TX_MODIFIABLE'],
  ];
  for (const [value, name] of refused) {
    if (value !== null) throw new PsbtError(`${name} is not allowed in PSBTv0`);
  }
  return {
    ...draft,
    version: 0,
    txVersion: unsignedTx.version,
    fallbackLocktime: unsignedTx.locktime,
    inputCount: unsignedTx.inputCount,
    outputCount: unsignedTx.outputCount,
  };
}

function finishV2(draft: GlobalDraft): PsbtGlobals {
  if (draft.version === 1) throw new PsbtError('There is no PSBT version 1');
  const version: PsbtVersion = 2;
  const { txVersion, inputCount, outputCount, unsignedTx } = draft;
  if (txVersion === null) throw new PsbtError('PSBT_GLOBAL_TX_VERSION is required in PSBTv2');
  if (inputCount === null) throw new PsbtError('PSBT_GLOBAL_INPUT_COUNT is required in PSBTv2');
  if (outputCount === null) throw new PsbtError('PSBT_GLOBAL_OUTPUT_COUNT is required in PSBTv2');
  if (unsignedTx !== null) throw new PsbtError('PSBT_GLOBAL_UNSIGNED_TX is not allowed in PSBTv2');
  return { ...draft, version, txVersion, inputCount, outputCount };
}
