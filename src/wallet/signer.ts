// Signing inputs with the keys and scripts of a ring (Core ProduceSignature, SignStep): public keys and their hashes, multisig, each
// bare or behind script hashes and version 0 programs, and the key path of taproot. A partial result is kept: others may add to it.

import { hash160, ripemd160 } from '../kernel/crypto/hash160.ts';
import type { Secp256k1 } from '../kernel/crypto/secp256k1.ts';
import { createP2pkh, ScriptBuilder } from '../kernel/script/script-builder.ts';
import { type OutputTemplate, solveOutput } from '../kernel/script/solver.ts';
import { computeTapTweakHash } from '../kernel/script/taproot.ts';
import { assert } from '../kernel/util/assert.ts';
import { EMPTY_BYTES, equalBytes } from '../kernel/util/bytes.ts';
import type { KeyRing } from './descriptor/key-ring.ts';
import type { SignatureData } from './signature-data.ts';
import type { SignedScriptKind, Spending } from './spending.ts';

/** How an input is signed. */
export interface SigningTask {
  readonly spending: Spending;
  readonly inputIndex: number;
  readonly ring: KeyRing;
  /** SIGHASH_DEFAULT means SIGHASH_ALL outside of taproot. */
  readonly hashType: number;
  readonly secp: Secp256k1;
}

/** What one script asks for and got. */
interface Step {
  readonly type: OutputTemplate['type'];
  readonly isSolved: boolean;
  /** Items for the script; for hashes of scripts, the script; for a key hash program, the hash. */
  readonly items: readonly Uint8Array[];
}

/** Adds to `data` what the ring can sign, and puts the scripts of the input together. */
export function signInput(task: SigningTask, data: SignatureData): void {
  if (data.isComplete) return;
  const { spending, inputIndex } = task;
  const output = spending.output(inputIndex);
  assert(output !== null, 'sign: the output is known');
  let step = signStep(task, data, output.scriptPubKey, 'legacy');
  let redeemScript: Uint8Array | null = null;
  if (step.isSolved && step.type === 'scripthash') {
    redeemScript = step.items[0]!;
    data.redeemScript = redeemScript;
    const inner = signStep(task, data, redeemScript, 'legacy');
    step = { ...inner, isSolved: inner.isSolved && inner.type !== 'scripthash' };
  }
  const { isSolved, items } = finishWitness(task, data, step, redeemScript !== null);
  if (!data.isWitness) data.witness = [];
  data.scriptSig = pushAll(redeemScript === null ? items : [...items, redeemScript]);
  data.isComplete = isSolved && spending.verify(inputIndex, data) === null;
}

/** Puts the witness together where a step has led to a program; what is left are items of the scriptSig. */
function finishWitness(
  task: SigningTask,
  data: SignatureData,
  step: Step,
  isInP2sh: boolean,
): { readonly isSolved: boolean; readonly items: readonly Uint8Array[] } {
  if (step.isSolved && step.type === 'witness_v0_keyhash') {
    const inner = signStep(task, data, createP2pkh(step.items[0]!), 'witness-v0');
    data.isWitness = true;
    data.witness = inner.items;
    return { isSolved: inner.isSolved, items: [] };
  }
  if (step.isSolved && step.type === 'witness_v0_scripthash') {
    const witnessScript = step.items[0]!;
    data.witnessScript = witnessScript;
    const inner = signStep(task, data, witnessScript, 'witness-v0');
    const isProgram = inner.type === 'scripthash' || inner.type.startsWith('witness_v0');
    data.isWitness = true;
    data.witness = [...inner.items, witnessScript];
    return { isSolved: inner.isSolved && !isProgram, items: [] };
  }
  if (step.type === 'witness_v1_taproot' && !isInP2sh) {
    data.isWitness = true;
    if (step.isSolved) data.witness = step.items;
    return { isSolved: step.isSolved, items: [] };
  }
  return step;
}

/** Signs for one script, and looks no further than it (Core SignStep). */
function signStep(task: SigningTask, data: SignatureData, script: Uint8Array, kind: SignedScriptKind): Step {
  const template = solveOutput(script, 0, script.length);
  const step = (items: readonly Uint8Array[] | null): Step => ({
    type: template.type,
    isSolved: items !== null,
    items: items ?? [],
  });
  const sign = (publicKey: Uint8Array): Uint8Array | null => signFor(task, data, publicKey, script, kind);
  switch (template.type) {
    case 'pubkey': {
      const signature = sign(template.publicKey.slice());
      return step(signature === null ? null : [signature]);
    }
    case 'pubkeyhash': {
      const { keyHash } = template;
      const publicKey = data.publicKeyOf(keyHash) ?? task.ring.publicKey(keyHash);
      const signature = publicKey === null ? null : sign(publicKey);
      return step(publicKey === null || signature === null ? null : [signature, publicKey]);
    }
    case 'multisig':
      return signMultisig(template, sign);
    case 'scripthash': {
      const known = findScript(template.scriptHash, task.ring, data);
      return step(known === null ? null : [known]);
    }
    case 'witness_v0_keyhash':
      return step([template.keyHash.slice()]);
    case 'witness_v0_scripthash': {
      const known = findScript(ripemd160(template.scriptHash), task.ring, data);
      return step(known === null ? null : [known]);
    }
    case 'witness_v1_taproot':
      return step(signKeyPath(task, template.outputKey.slice()));
    case 'anchor':
      return step([]);
    default:
      return step(null);
  }
}

/** All keys are asked, so that others may use what is not needed here; too few signatures are filled up with nothing. */
function signMultisig(
  { type, required, publicKeys }: OutputTemplate & { readonly type: 'multisig' },
  sign: (publicKey: Uint8Array) => Uint8Array | null,
): Step {
  const signatures: Uint8Array[] = [];
  for (const publicKey of publicKeys) {
    const signature = sign(publicKey.slice());
    if (signature !== null && signatures.length < required) signatures.push(signature);
  }
  const isSolved = signatures.length === required;
  while (signatures.length < required) signatures.push(EMPTY_BYTES);
  // OP_CHECKMULTISIG takes one item too many.
  return { type, isSolved, items: [EMPTY_BYTES, ...signatures] };
}

function findScript(scriptHash: Uint8Array, ring: KeyRing, data: SignatureData): Uint8Array | null {
  const known = ring.script(scriptHash);
  if (known !== null) return known;
  for (const script of [data.redeemScript, data.witnessScript]) {
    if (script !== null && equalBytes(hash160(script), scriptHash)) return script;
  }
  return null;
}

/** The signature that is known of a key, or a new one; null without the secret. */
function signFor(
  { spending, inputIndex, ring, hashType }: SigningTask,
  data: SignatureData,
  publicKey: Uint8Array,
  script: Uint8Array,
  kind: SignedScriptKind,
): Uint8Array | null {
  const known = data.signature(publicKey);
  if (known !== null) return known;
  const key = ring.secret(hash160(publicKey));
  // Witness scripts cannot hold uncompressed keys.
  if (key === null || (kind === 'witness-v0' && !key.isCompressed)) return null;
  const signature = spending.signEcdsa(inputIndex, script, kind, hashType, key.secret);
  data.addSignature(publicKey, signature);
  return signature;
}

/** By the internal key where the ring knows it, else by the output key itself. */
function signKeyPath(
  { spending, inputIndex, ring, hashType, secp }: SigningTask,
  outputKey: Uint8Array,
): readonly Uint8Array[] | null {
  const tree = ring.tree(outputKey);
  const internal = tree === null ? null : ring.secretOfXOnly(tree.output.internalKey);
  let secret = ring.secretOfXOnly(outputKey)?.secret ?? null;
  if (tree !== null && internal !== null) {
    const tweak = new Uint8Array(32);
    computeTapTweakHash(tree.output.internalKey, 0, tree.output.merkleRoot, tweak);
    secret = secp.tweakXOnlySecret(internal.secret, tweak);
  }
  const signature = secret === null ? null : spending.signTaproot(inputIndex, hashType, secret);
  return signature === null ? null : [signature];
}

function pushAll(items: readonly Uint8Array[]): Uint8Array {
  const builder = new ScriptBuilder();
  for (const item of items) builder.pushMinimal(item);
  return builder.build();
}
