// Solving inputs with the keys and scripts of a ring (Core ProduceSignature, SignStep): public keys and their hashes, multisig, each
// bare or behind script hashes and version 0 programs; there also miniscript, and taproot (sign-taproot.ts). A partial result is kept:
// others may add to it.

import { hash160, ripemd160 } from '../kernel/crypto/hash160.ts';
import type { Secp256k1 } from '../kernel/crypto/secp256k1.ts';
import { createP2pkh, ScriptBuilder } from '../kernel/script/script-builder.ts';
import { type OutputTemplate, solveOutput } from '../kernel/script/solver.ts';
import { assert } from '../kernel/util/assert.ts';
import { EMPTY_BYTES, equalBytes, toHex } from '../kernel/util/bytes.ts';
import type { KeyRing } from './descriptor/key-ring.ts';
import { solveMiniscript } from './sign-miniscript.ts';
import { solveTaproot } from './sign-taproot.ts';
import { type SignatureCreator, type SigningKeys, TransactionSigner } from './signature-creator.ts';
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

/** What one script is solved with. */
interface Solving {
  readonly keys: SigningKeys;
  readonly creator: SignatureCreator;
  readonly data: SignatureData;
}

/** What one script asks for and got. */
interface Step {
  readonly type: OutputTemplate['type'];
  readonly isSolved: boolean;
  /** Items for the script; for hashes of scripts, the script; for a key hash program, the hash. */
  readonly items: readonly Uint8Array[];
}

/** Adds to `data` what the ring can sign, and puts the scripts of the input together. */
export function signInput({ spending, inputIndex, ring, hashType, secp }: SigningTask, data: SignatureData): void {
  const output = spending.output(inputIndex);
  assert(output !== null, 'sign: the output is known');
  const creator = new TransactionSigner(spending, inputIndex, hashType, secp);
  produceScripts(output.scriptPubKey, ring, creator, data);
}

/**
 * Adds to `data` everything that `keys` know of the spending of an output, and the signatures of `creator`; puts the scripts of the
 * input together (Core ProduceSignature).
 */
export function produceScripts(
  scriptPubKey: Uint8Array,
  keys: SigningKeys,
  creator: SignatureCreator,
  data: SignatureData,
): void {
  if (data.isComplete) return;
  const solving: Solving = { keys, creator, data };
  let step = solveStep(solving, scriptPubKey, 'legacy');
  let redeemScript: Uint8Array | null = null;
  if (step.isSolved && step.type === 'scripthash') {
    redeemScript = step.items[0]!;
    data.redeemScript = redeemScript;
    const inner = solveStep(solving, redeemScript, 'legacy');
    step = { ...inner, isSolved: inner.isSolved && inner.type !== 'scripthash' };
  }
  const { isSolved, items } = finishWitness(solving, step, redeemScript !== null);
  if (!data.isWitness) data.witness = [];
  data.scriptSig = pushAll(redeemScript === null ? items : [...items, redeemScript]);
  data.isComplete = isSolved && creator.accepts(data);
}

/** Puts the witness together where a step has led to a program; what is left are items of the scriptSig. */
function finishWitness(
  solving: Solving,
  step: Step,
  isInP2sh: boolean,
): { readonly isSolved: boolean; readonly items: readonly Uint8Array[] } {
  const { data } = solving;
  if (step.isSolved && step.type === 'witness_v0_keyhash') {
    const inner = solveStep(solving, createP2pkh(step.items[0]!), 'witness-v0');
    data.isWitness = true;
    data.witness = inner.items;
    return { isSolved: inner.isSolved, items: [] };
  }
  if (step.isSolved && step.type === 'witness_v0_scripthash') {
    const witnessScript = step.items[0]!;
    data.witnessScript = witnessScript;
    const inner = solveStep(solving, witnessScript, 'witness-v0');
    const isProgram = inner.type === 'scripthash' || inner.type.startsWith('witness_v0');
    // What there is of an unfinished multisig is kept for others.
    const isOpen = !inner.isSolved && inner.items.length === 0;
    const items = isOpen
      ? solveWitnessMiniscript(solving, witnessScript)
      : inner.isSolved && !isProgram
        ? inner.items
        : null;
    data.isWitness = true;
    data.witness = [...(items ?? inner.items), witnessScript];
    return { isSolved: items !== null, items: [] };
  }
  if (step.type === 'witness_v1_taproot' && !isInP2sh) {
    data.isWitness = true;
    if (step.isSolved) data.witness = step.items;
    return { isSolved: step.isSolved, items: [] };
  }
  return step;
}

/** The items that a witness script asks for which is none of the usual; null where it cannot be satisfied. */
function solveWitnessMiniscript(solving: Solving, script: Uint8Array): readonly Uint8Array[] | null {
  const { keys, creator, data } = solving;
  return solveMiniscript(script, 'wsh', {
    creator,
    data,
    findKey: (keyHash) => data.publicKeyOf(keyHash) ?? keys.publicKey(keyHash),
    sign: (publicKey) => signFor(solving, publicKey, script, 'witness-v0'),
  });
}

/** Solves one script, and looks no further than it (Core SignStep). */
function solveStep(solving: Solving, script: Uint8Array, kind: SignedScriptKind): Step {
  const { keys, creator, data } = solving;
  const template = solveOutput(script, 0, script.length);
  const step = (items: readonly Uint8Array[] | null): Step => ({
    type: template.type,
    isSolved: items !== null,
    items: items ?? [],
  });
  const sign = (publicKey: Uint8Array): Uint8Array | null => signFor(solving, publicKey, script, kind);
  switch (template.type) {
    case 'pubkey': {
      const signature = sign(template.publicKey.slice());
      return step(signature === null ? null : [signature]);
    }
    case 'pubkeyhash':
      return step(signKeyHash(solving, template.keyHash, sign));
    case 'multisig':
      return signMultisig(template, sign);
    case 'scripthash': {
      const known = findScript(template.scriptHash, solving);
      if (known === null) data.missing.redeemScriptHash = template.scriptHash.slice();
      return step(known === null ? null : [known]);
    }
    case 'witness_v0_keyhash':
      return step([template.keyHash.slice()]);
    case 'witness_v0_scripthash': {
      const known = findScript(ripemd160(template.scriptHash), solving);
      if (known === null) data.missing.witnessScriptHash = template.scriptHash.slice();
      return step(known === null ? null : [known]);
    }
    case 'witness_v1_taproot':
      return step(solveTaproot(keys, creator, template.outputKey.slice(), data));
    case 'anchor':
      return step([]);
    default:
      return step(null);
  }
}

function signKeyHash(
  { keys, data }: Solving,
  keyHash: Uint8Array,
  sign: (publicKey: Uint8Array) => Uint8Array | null,
): readonly Uint8Array[] | null {
  const publicKey = data.publicKeyOf(keyHash) ?? keys.publicKey(keyHash);
  if (publicKey === null) {
    data.missing.publicKeys.push(keyHash.slice());
    return null;
  }
  const signature = sign(publicKey);
  return signature === null ? null : [signature, publicKey];
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

function findScript(scriptHash: Uint8Array, { keys, data }: Solving): Uint8Array | null {
  const known = keys.script(scriptHash);
  if (known !== null) return known;
  for (const script of [data.redeemScript, data.witnessScript]) {
    if (script !== null && equalBytes(hash160(script), scriptHash)) return script;
  }
  return null;
}

/** The signature that is known of a key, or a new one; null without the secret. */
function signFor(
  { keys, creator, data }: Solving,
  publicKey: Uint8Array,
  script: Uint8Array,
  kind: SignedScriptKind,
): Uint8Array | null {
  const known = data.signature(publicKey);
  if (known !== null) return known;
  const keyHash = hash160(publicKey);
  const origin = keys.origin(keyHash);
  const name = toHex(keyHash);
  if (origin !== null && !data.keyDerivations.has(name)) data.keyDerivations.set(name, { publicKey, origin });
  const signature = creator.ecdsa(keys, publicKey, script, kind);
  if (signature === null) data.missing.signatures.push(keyHash);
  else data.addSignature(publicKey, signature);
  return signature;
}

function pushAll(items: readonly Uint8Array[]): Uint8Array {
  const builder = new ScriptBuilder();
  for (const item of items) builder.pushMinimal(item);
  return builder.build();
}
