// Partially signed transactions as data (BIP174, BIP370, BIP371, BIP373; Core PartiallySignedTransaction, PSBTInput, PSBTOutput), one
// shape for both versions. They are never changed: whoever knows more makes a new one. What is written of them is encode.ts's.

import type { Outpoint } from '../../kernel/primitives/outpoint.ts';
import type { Transaction, TransactionOutput } from '../../kernel/primitives/transaction.ts';
import type { KeyOrigin } from '../descriptor/key-ring.ts';
import {
  compareNames,
  type KeyDerivation,
  type KeySignature,
  type MusigShare,
  type TapDerivation,
  type TapLeafScript,
  type TapScriptSignature,
} from '../signature-data.ts';

/** Version 0 holds the whole unsigned transaction (BIP174), version 2 holds it in parts (BIP370). There is no version 1. */
export type PsbtVersion = 0 | 2;

/** Fields of one type by names in hexadecimal, whose order is the order in which they are written. */
export type PsbtFields<T> = ReadonlyMap<string, T>;

/** No fields; shared, and never written to. */
export const NO_FIELDS: PsbtFields<never> = new Map<string, never>();

/** A field whose type nobody here knows, kept byte for byte. */
export interface UnknownField {
  /** With its type. */
  readonly key: Uint8Array;
  readonly value: Uint8Array;
}

/** A field of somebody's own (type 0xFC), kept byte for byte. */
export interface ProprietaryField extends UnknownField {
  readonly identifier: Uint8Array;
  readonly subtype: number;
}

/** What every map of a PSBT may have. */
export interface PsbtMap {
  /** By the key in hexadecimal. */
  readonly proprietary: PsbtFields<ProprietaryField>;
  /** By the key in hexadecimal. */
  readonly unknown: PsbtFields<UnknownField>;
}

/** An extended public key that others derive from, and where it comes from. */
export interface PsbtExtendedKey {
  /** 78 bytes, as it stands in Base58Check. */
  readonly extendedKey: Uint8Array;
  readonly origin: KeyOrigin;
}

/** Keys that sign together as one (BIP373). */
export interface MusigParticipants {
  readonly aggregateKey: Uint8Array;
  /** In the order of the aggregation. */
  readonly participantKeys: readonly Uint8Array[];
}

/** Which hash function a preimage is for. */
export type PreimageKind = 'ripemd160' | 'sha256' | 'hash160' | 'hash256';

/** A hash and what was hashed. */
export interface Preimage {
  readonly hash: Uint8Array;
  readonly preimage: Uint8Array;
}

/** A leaf of the tree behind an output, in depth-first order. */
export interface PsbtTapTreeLeaf {
  readonly depth: number;
  readonly leafVersion: number;
  readonly script: Uint8Array;
}

/** An input. Fields that are not there are null. */
export interface PsbtInput extends PsbtMap {
  readonly prevout: Outpoint;
  /** uint32; only version 2 may leave it out, and means 0xffffffff. */
  readonly sequence: number | null;
  /** Least locktime that the input asks for, as a time and as a height (version 2). */
  readonly timeLocktime: number | null;
  readonly heightLocktime: number | null;
  /** The whole transaction that is spent from: its hash proves the value. */
  readonly nonWitnessUtxo: Transaction | null;
  readonly witnessUtxo: TransactionOutput | null;
  /** By the HASH160 of the key. */
  readonly partialSignatures: PsbtFields<KeySignature>;
  /** int32 */
  readonly sighashType: number | null;
  readonly redeemScript: Uint8Array | null;
  readonly witnessScript: Uint8Array | null;
  /** By the key. */
  readonly derivations: PsbtFields<KeyDerivation>;
  /** By the hash. */
  readonly preimages: Readonly<Record<PreimageKind, PsbtFields<Preimage>>>;
  readonly finalScriptSig: Uint8Array | null;
  readonly finalWitness: readonly Uint8Array[] | null;
  readonly tapKeySignature: Uint8Array | null;
  /** By nameOfTapSignature. */
  readonly tapScriptSignatures: PsbtFields<TapScriptSignature>;
  /** By nameOfTapLeaf. */
  readonly tapLeafScripts: PsbtFields<TapLeafScript>;
  /** By the key. */
  readonly tapDerivations: PsbtFields<TapDerivation>;
  readonly tapInternalKey: Uint8Array | null;
  readonly tapMerkleRoot: Uint8Array | null;
  /** By the aggregate key. */
  readonly musigParticipants: PsbtFields<MusigParticipants>;
  /** By aggregate key, leaf (zeros for none) and participant. */
  readonly musigNonces: PsbtFields<MusigShare>;
  readonly musigSignatures: PsbtFields<MusigShare>;
}

/** An output. Fields that are not there are null. */
export interface PsbtOutput extends PsbtMap {
  readonly valueSat: number;
  readonly scriptPubKey: Uint8Array;
  readonly redeemScript: Uint8Array | null;
  readonly witnessScript: Uint8Array | null;
  readonly derivations: PsbtFields<KeyDerivation>;
  readonly tapInternalKey: Uint8Array | null;
  /** Empty: none is known. */
  readonly tapTree: readonly PsbtTapTreeLeaf[];
  readonly tapDerivations: PsbtFields<TapDerivation>;
  readonly musigParticipants: PsbtFields<MusigParticipants>;
}

/** A partially signed transaction. */
export interface Psbt extends PsbtMap {
  readonly version: PsbtVersion;
  /** Version of the transaction, uint32. */
  readonly txVersion: number;
  /** The locktime where no input asks for one; version 0 always has it. */
  readonly fallbackLocktime: number | null;
  /** By origin, then key. */
  readonly extendedKeys: PsbtFields<PsbtExtendedKey>;
  /** Bits of {@link PSBT_MODIFIABLE}; null where it is not said (version 2). */
  readonly modifiable: number | null;
  readonly inputs: readonly PsbtInput[];
  readonly outputs: readonly PsbtOutput[];
}

/** What others may still change (BIP370, PSBT_GLOBAL_TX_MODIFIABLE). */
export const PSBT_MODIFIABLE: { readonly INPUTS: 1; readonly OUTPUTS: 2; readonly HAS_SIGHASH_SINGLE: 4 } =
  Object.freeze({ INPUTS: 1, OUTPUTS: 2, HAS_SIGHASH_SINGLE: 4 });

/** No preimages. */
export const NO_PREIMAGES: PsbtInput['preimages'] = Object.freeze({
  ripemd160: NO_FIELDS,
  sha256: NO_FIELDS,
  hash160: NO_FIELDS,
  hash256: NO_FIELDS,
});

/** An input of which only the outpoint is known. */
export function createPsbtInput(prevout: Outpoint, sequence: number | null): PsbtInput {
  return {
    prevout,
    sequence,
    timeLocktime: null,
    heightLocktime: null,
    nonWitnessUtxo: null,
    witnessUtxo: null,
    partialSignatures: NO_FIELDS,
    sighashType: null,
    redeemScript: null,
    witnessScript: null,
    derivations: NO_FIELDS,
    preimages: NO_PREIMAGES,
    finalScriptSig: null,
    finalWitness: null,
    tapKeySignature: null,
    tapScriptSignatures: NO_FIELDS,
    tapLeafScripts: NO_FIELDS,
    tapDerivations: NO_FIELDS,
    tapInternalKey: null,
    tapMerkleRoot: null,
    musigParticipants: NO_FIELDS,
    musigNonces: NO_FIELDS,
    musigSignatures: NO_FIELDS,
    proprietary: NO_FIELDS,
    unknown: NO_FIELDS,
  };
}

/** An output of which only value and script are known. */
export function createPsbtOutput({ valueSat, scriptPubKey }: TransactionOutput): PsbtOutput {
  return {
    valueSat,
    scriptPubKey,
    redeemScript: null,
    witnessScript: null,
    derivations: NO_FIELDS,
    tapInternalKey: null,
    tapTree: [],
    tapDerivations: NO_FIELDS,
    musigParticipants: NO_FIELDS,
    proprietary: NO_FIELDS,
    unknown: NO_FIELDS,
  };
}

/** The fields in the order in which they are written. */
export function inOrder<T>(fields: PsbtFields<T>): readonly T[] {
  if (fields.size < 2) return [...fields.values()];
  const names = [...fields.keys()].sort(compareNames);
  return names.map((name) => fields.get(name)!);
}

/** True when the input has its final scripts (Core PSBTInputSigned); whether they are good is another question. */
export function isFinalInput({ finalScriptSig, finalWitness }: PsbtInput): boolean {
  return finalScriptSig !== null || finalWitness !== null;
}

/** Inputs that still lack their final scripts (Core CountPSBTUnsignedInputs). */
export function countUnsignedInputs(psbt: Psbt): number {
  return psbt.inputs.filter((input) => !isFinalInput(input)).length;
}
