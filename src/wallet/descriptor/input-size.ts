// How large an input is once it is signed, at most (Core MaxInputWeight with Descriptor::MaxSatisfactionWeight): from the descriptor
// alone, without keys. Signatures of our own have a low r and take 71 bytes, those of strangers 72. A taproot output is taken to be
// spent by its key, unless somebody says that a leaf must do.

import { compactSizeLength } from '../../kernel/encoding/compact-size.ts';
import { WITNESS_SCALE_FACTOR } from '../../kernel/primitives/transaction.ts';
import { pushLength } from '../../kernel/script/script.ts';
import { encodeNumberPush } from '../../kernel/script/script-builder.ts';
import { solveOutput } from '../../kernel/script/solver.ts';
import type { Descriptor, KeyExpression, MiniscriptDescriptor, ScriptKey, TreeLeaf } from './descriptor.ts';
import { inferMiniscript } from './infer-miniscript.ts';
import type { KeyRing } from './key-ring.ts';

/** What unlocks an input, measured. */
export interface InputMeasure {
  /** Weight of what satisfies the script: pushes of the scriptSig, witness items with their lengths. */
  readonly satisfactionWu: number;
  /** Items on the stack, as Core counts them. */
  readonly itemCount: number;
  /** The output is a version 0 or 1 program, bare or in a script hash. */
  readonly isSegwit: boolean;
}

/** An ECDSA signature with its hash type byte: low r, or any r. */
const LOW_R_SIGNATURE_BYTES = 71;
const ANY_SIGNATURE_BYTES = 72;

/** A Schnorr signature with a hash type byte that is not the default. */
const SCHNORR_SIGNATURE_BYTES = 65;

/** A compressed public key. */
const KEY_BYTES = 33;

/** A control block: leaf version and internal key, and a hash for each step to the root (BIP341). */
const CONTROL_BASE_BYTES = 33;
const CONTROL_NODE_BYTES = 32;

/** Outpoint and sequence of an input. */
const OUTPOINT_AND_SEQUENCE_BYTES = 32 + 4 + 4;

/** What a script takes to be satisfied, in bytes that have no place yet. */
interface Satisfaction {
  readonly bytes: number;
  readonly itemCount: number;
  /** Length of the script itself, where another may hold it. */
  readonly scriptBytes: number;
}

/** A taproot output that is spent by its key. */
const BY_TAPROOT_KEY: InputMeasure = Object.freeze({
  satisfactionWu: 1 + SCHNORR_SIGNATURE_BYTES,
  itemCount: 1,
  isSegwit: true,
});

/**
 * The input that spends `scriptPubKey`, which is one of the descriptor's outputs; null when it does not say how to spend.
 * `tapPath` is for those who lack the internal key of a taproot output: the heaviest of its leaves counts then.
 */
export function measureDescriptorInput(
  descriptor: Descriptor,
  scriptPubKey: Uint8Array,
  isLowR: boolean,
  tapPath: 'key' | 'leaf' = 'key',
): InputMeasure | null {
  switch (descriptor.type) {
    case 'tr':
      return tapPath === 'leaf' ? measureLeaves(descriptor.leaves) : BY_TAPROOT_KEY;
    case 'rawtr':
      return BY_TAPROOT_KEY;
    case 'wpkh':
      return inWitness(satisfyLeaf(descriptor, isLowR));
    case 'wsh':
      return inWitness(satisfyWitnessScript(descriptor.inner, isLowR));
    case 'sh':
      return measureScriptHash(descriptor.inner, isLowR);
    case 'combo':
      return measureCombo(descriptor.key, scriptPubKey, isLowR);
    default:
      return inScriptSig(satisfyLeaf(descriptor, isLowR));
  }
}

/** The input that spends a script with what a ring knows, as solving data of others give it; null when it does not know enough. */
export function measureRingInput(scriptPubKey: Uint8Array, ring: KeyRing, isLowR: boolean): InputMeasure | null {
  const descriptor = describe(scriptPubKey, ring, 'top');
  return descriptor === null ? null : measureDescriptorInput(descriptor, scriptPubKey, isLowR);
}

/** Weight of the signed input. In a transaction with any witness, an input without one still says so with a byte. */
export function computeInputWeight(measure: InputMeasure, transactionHasWitness: boolean): number {
  const { satisfactionWu, itemCount, isSegwit } = measure;
  const lengthBytes = isSegwit ? 1 : compactSizeLength(Math.floor(satisfactionWu / WITNESS_SCALE_FACTOR));
  const countBytes = isSegwit ? compactSizeLength(itemCount) : transactionHasWitness ? 1 : 0;
  return (OUTPOINT_AND_SEQUENCE_BYTES + lengthBytes) * WITNESS_SCALE_FACTOR + countBytes + satisfactionWu;
}

/** Virtual bytes of the signed input in a transaction with a witness; -1 when it cannot be measured. */
export function computeInputVsize(measure: InputMeasure | null): number {
  return measure === null ? -1 : weightToVsize(computeInputWeight(measure, true));
}

/** Virtual bytes of a weight, rounded up. */
export function weightToVsize(weightWu: number): number {
  return Math.ceil(weightWu / WITNESS_SCALE_FACTOR);
}

function inScriptSig(satisfaction: Satisfaction | null): InputMeasure | null {
  if (satisfaction === null) return null;
  const { bytes, itemCount } = satisfaction;
  return { satisfactionWu: bytes * WITNESS_SCALE_FACTOR, itemCount, isSegwit: false };
}

function inWitness(satisfaction: Satisfaction | null): InputMeasure | null {
  if (satisfaction === null) return null;
  return { satisfactionWu: satisfaction.bytes, itemCount: satisfaction.itemCount, isSegwit: true };
}

/** The script of a hash comes last, pushed; a program in it is satisfied by the witness. */
function measureScriptHash(inner: Descriptor, isLowR: boolean): InputMeasure | null {
  const isProgram = inner.type === 'wpkh' || inner.type === 'wsh';
  const satisfaction = inner.type === 'wsh' ? satisfyWitnessScript(inner.inner, isLowR) : satisfyLeaf(inner, isLowR);
  if (satisfaction === null) return null;
  const pushWu = pushLength(satisfaction.scriptBytes) * WITNESS_SCALE_FACTOR;
  const measure = isProgram ? inWitness(satisfaction) : inScriptSig(satisfaction);
  return measure && { ...measure, satisfactionWu: measure.satisfactionWu + pushWu, itemCount: measure.itemCount + 1 };
}

/** The heaviest spend by a leaf: signatures, the script, and the proof that it is in the tree; null without leaves. */
function measureLeaves(leaves: readonly TreeLeaf[]): InputMeasure | null {
  let heaviest: InputMeasure | null = null;
  for (const { depth, descriptor } of leaves) {
    const satisfaction = satisfyTapscript(descriptor);
    if (satisfaction === null) continue;
    const { bytes, itemCount, scriptBytes } = satisfaction;
    const controlBytes = CONTROL_BASE_BYTES + CONTROL_NODE_BYTES * depth;
    const proofBytes = compactSizeLength(scriptBytes) + scriptBytes + compactSizeLength(controlBytes) + controlBytes;
    const measure = { satisfactionWu: bytes + proofBytes, itemCount: itemCount + 2, isSegwit: true };
    if (heaviest === null || measure.satisfactionWu > heaviest.satisfactionWu) heaviest = measure;
  }
  return heaviest;
}

function satisfyTapscript(descriptor: Descriptor): Satisfaction | null {
  const signature = 1 + SCHNORR_SIGNATURE_BYTES;
  if (descriptor.type === 'pk') return { bytes: signature, itemCount: 1, scriptBytes: 1 + 32 + 1 };
  if (descriptor.type === 'miniscript') return satisfyMiniscript(descriptor);
  if (descriptor.type !== 'multi_a' && descriptor.type !== 'sortedmulti_a') return null;
  const { required, keys } = descriptor;
  return {
    // Keys that do not sign leave an empty item.
    bytes: signature * required + (keys.length - required),
    itemCount: keys.length,
    scriptBytes: (1 + 32 + 1) * keys.length + encodeNumberPush(required).length + 1,
  };
}

/** Signatures in a miniscript are taken to have any r, as in Core. */
function satisfyMiniscript({ root, limits }: MiniscriptDescriptor): Satisfaction {
  return { bytes: limits.witnessBytes, itemCount: limits.itemCount, scriptBytes: root.scriptBytes };
}

/** combo() has outputs of several kinds. */
function measureCombo(key: ScriptKey, scriptPubKey: Uint8Array, isLowR: boolean): InputMeasure | null {
  const single = (type: 'pk' | 'pkh' | 'wpkh'): Descriptor => ({ type, key, isInTree: false });
  switch (solveOutput(scriptPubKey, 0, scriptPubKey.length).type) {
    case 'pubkey':
      return measureDescriptorInput(single('pk'), scriptPubKey, isLowR);
    case 'pubkeyhash':
      return measureDescriptorInput(single('pkh'), scriptPubKey, isLowR);
    case 'witness_v0_keyhash':
      return measureDescriptorInput(single('wpkh'), scriptPubKey, isLowR);
    case 'scripthash':
      return measureScriptHash(single('wpkh'), isLowR);
    default:
      return null;
  }
}

function satisfyWitnessScript(inner: Descriptor, isLowR: boolean): Satisfaction | null {
  const satisfaction = satisfyLeaf(inner, isLowR);
  if (satisfaction === null) return null;
  const { bytes, itemCount, scriptBytes } = satisfaction;
  return {
    bytes: compactSizeLength(scriptBytes) + scriptBytes + bytes,
    itemCount: itemCount + 1,
    scriptBytes: 2 + 32,
  };
}

/** Descriptors that hold keys and nothing else. */
function satisfyLeaf(descriptor: Descriptor, isLowR: boolean): Satisfaction | null {
  const signature = 1 + (isLowR ? LOW_R_SIGNATURE_BYTES : ANY_SIGNATURE_BYTES);
  switch (descriptor.type) {
    case 'pk':
      return { bytes: signature, itemCount: 1, scriptBytes: 1 + keyLength(descriptor.key) + 1 };
    case 'pkh':
      return { bytes: signature + 1 + keyLength(descriptor.key), itemCount: 2, scriptBytes: 25 };
    case 'wpkh':
      return { bytes: signature + 1 + KEY_BYTES, itemCount: 2, scriptBytes: 2 + 20 };
    case 'multi':
    case 'sortedmulti': {
      const { required, keys } = descriptor;
      const keyBytes = keys.reduce((sum, key) => sum + 1 + keyLength(key), 0);
      return {
        bytes: 1 + signature * required,
        itemCount: 1 + required,
        scriptBytes: keyBytes + encodeNumberPush(required).length + encodeNumberPush(keys.length).length + 1,
      };
    }
    case 'miniscript':
      return satisfyMiniscript(descriptor);
    default:
      return null;
  }
}

function keyLength(key: ScriptKey): number {
  return key.kind === 'fixed' ? key.publicKey.length : KEY_BYTES;
}

/** The descriptor of a script as far as its size goes; null when the ring lacks a part. */
function describe(script: Uint8Array, ring: KeyRing, place: 'top' | 'sh' | 'wsh'): Descriptor | null {
  return describeTemplate(script, ring, place) ?? (place === 'wsh' ? inferMiniscript(script, place, ring) : null);
}

function describeTemplate(script: Uint8Array, ring: KeyRing, place: 'top' | 'sh' | 'wsh'): Descriptor | null {
  const template = solveOutput(script, 0, script.length);
  switch (template.type) {
    case 'pubkey':
      return describeSingle('pk', template.publicKey);
    case 'pubkeyhash':
      return describeSingle('pkh', ring.publicKey(template.keyHash));
    case 'witness_v0_keyhash':
      return place === 'wsh' ? null : describeSingle('wpkh', ring.publicKey(template.keyHash));
    case 'multisig':
      return { type: 'multi', required: template.required, keys: template.publicKeys.map(fixedKey) };
    case 'scripthash':
      return place === 'top' ? describeWrapped('sh', ring.script(template.scriptHash), ring) : null;
    case 'witness_v0_scripthash':
      return place === 'wsh' ? null : describeWrapped('wsh', ring.witnessScript(template.scriptHash), ring);
    case 'witness_v1_taproot':
      return place === 'top' ? describeSingle('rawtr', template.outputKey) : null;
    default:
      return null;
  }
}

function describeWrapped(type: 'sh' | 'wsh', script: Uint8Array | null, ring: KeyRing): Descriptor | null {
  const inner = script === null ? null : describe(script, ring, type);
  return inner === null ? null : { type, inner };
}

function describeSingle(type: 'pk' | 'pkh' | 'wpkh' | 'rawtr', publicKey: Uint8Array | null): Descriptor | null {
  return publicKey === null ? null : { type, key: fixedKey(publicKey), isInTree: false };
}

function fixedKey(publicKey: Uint8Array): KeyExpression {
  return { kind: 'fixed', publicKey, isXOnly: publicKey.length === 32, origin: null };
}
