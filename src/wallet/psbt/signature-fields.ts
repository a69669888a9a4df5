// Between the fields of a PSBT and what is known while an input is signed (Core FillSignatureData, FromSignatureData of PSBTInput and
// PSBTOutput). What is known already is kept; what is learnt is added.

import { hash160 } from '../../kernel/crypto/hash160.ts';
import type { Secp256k1 } from '../../kernel/crypto/secp256k1.ts';
import { createTaprootOutput } from '../../kernel/script/taproot-builder.ts';
import { toHex } from '../../kernel/util/bytes.ts';
import { type KeyDerivation, nameOfPreimage, SignatureData, type TapDerivation } from '../signature-data.ts';
import {
  isFinalInput,
  type MusigParticipants,
  NO_FIELDS,
  type PsbtFields,
  type PsbtInput,
  type PsbtOutput,
} from './psbt.ts';

/** What an input says; one with final scripts says no more than them. */
export function toSignatureData(input: PsbtInput): SignatureData {
  const data = new SignatureData();
  if (isFinalInput(input)) {
    data.scriptSig = input.finalScriptSig ?? data.scriptSig;
    data.witness = input.finalWitness ?? data.witness;
    data.isComplete = true;
    return data;
  }
  for (const { publicKey, signature } of input.partialSignatures.values()) data.addSignature(publicKey, signature);
  addShared(data, input);
  for (const kind of ['ripemd160', 'sha256', 'hash160', 'hash256'] as const) {
    for (const { hash, preimage } of input.preimages[kind].values()) {
      data.preimages.set(nameOfPreimage(kind, hash), preimage);
    }
  }
  for (const [name, share] of input.musigNonces) data.musigNonces.set(name, share);
  for (const [name, share] of input.musigSignatures) data.musigSignatures.set(name, share);
  data.tapKeySignature = input.tapKeySignature;
  data.tapInternalKey = input.tapInternalKey;
  data.tapMerkleRoot = input.tapMerkleRoot;
  for (const [name, signature] of input.tapScriptSignatures) data.tapScriptSignatures.set(name, signature);
  for (const [name, leaf] of input.tapLeafScripts) data.tapLeafScripts.set(name, leaf);
  return data;
}

function addShared(data: SignatureData, map: PsbtInput | PsbtOutput): void {
  for (const musig of map.musigParticipants.values()) data.musigs.add(musig);
  data.redeemScript = map.redeemScript;
  data.witnessScript = map.witnessScript;
  for (const derivation of map.derivations.values()) {
    data.keyDerivations.set(toHex(hash160(derivation.publicKey)), derivation);
  }
  for (const [name, derivation] of map.tapDerivations) {
    data.tapDerivations.set(name, derivation);
    data.tapKeys.set(toHex(hash160(derivation.xOnlyKey)), derivation.xOnlyKey);
  }
}

/** What an output says. */
export function toOutputData(output: PsbtOutput, secp: Secp256k1): SignatureData {
  const data = new SignatureData();
  addShared(data, output);
  const { tapInternalKey, tapTree } = output;
  if (tapInternalKey === null || tapTree.length === 0) return data;
  const tree = createTaprootOutput(secp, tapInternalKey, tapTree);
  if (tree !== null) data.addTree({ output: tree, depths: tapTree.map(({ depth }) => depth) });
  return data;
}

/** The input with what is known now. */
export function fromSignatureData(input: PsbtInput, data: SignatureData, isFinal: boolean): PsbtInput {
  if (isFinal) return finish(input, data);
  return {
    ...input,
    partialSignatures: extend(input.partialSignatures, data.signatures),
    redeemScript: input.redeemScript ?? data.redeemScript,
    witnessScript: input.witnessScript ?? data.witnessScript,
    derivations: extend(input.derivations, byPublicKey(data)),
    tapKeySignature: data.tapKeySignature ?? input.tapKeySignature,
    tapScriptSignatures: extend(input.tapScriptSignatures, data.tapScriptSignatures),
    tapInternalKey: data.tapInternalKey ?? input.tapInternalKey,
    tapMerkleRoot: data.tapMerkleRoot ?? input.tapMerkleRoot,
    tapLeafScripts: extend(input.tapLeafScripts, data.tapLeafScripts),
    tapDerivations: extend<TapDerivation>(input.tapDerivations, data.tapDerivations),
    musigParticipants: extend<MusigParticipants>(input.musigParticipants, data.musigs.all),
    musigNonces: extend(input.musigNonces, data.musigNonces),
    musigSignatures: extend(input.musigSignatures, data.musigSignatures),
  };
}

function finish(input: PsbtInput, { scriptSig, witness }: SignatureData): PsbtInput {
  return {
    ...input,
    partialSignatures: NO_FIELDS,
    derivations: NO_FIELDS,
    redeemScript: null,
    witnessScript: null,
    finalScriptSig: scriptSig.length > 0 ? scriptSig : input.finalScriptSig,
    finalWitness: witness.length > 0 ? witness : input.finalWitness,
  };
}

/** The output with what is known now. */
export function fromOutputData(output: PsbtOutput, data: SignatureData): PsbtOutput {
  const { tapTree } = data;
  const leaves = tapTree?.output.leaves ?? [];
  return {
    ...output,
    redeemScript: output.redeemScript ?? data.redeemScript,
    witnessScript: output.witnessScript ?? data.witnessScript,
    derivations: extend(output.derivations, byPublicKey(data)),
    tapInternalKey: data.tapInternalKey ?? output.tapInternalKey,
    tapTree:
      tapTree === null || leaves.length === 0
        ? output.tapTree
        : leaves.map(({ script, leafVersion }, i) => ({ depth: tapTree.depths[i]!, leafVersion, script })),
    tapDerivations: extend<TapDerivation>(output.tapDerivations, data.tapDerivations),
    musigParticipants: extend<MusigParticipants>(output.musigParticipants, data.musigs.all),
  };
}

function byPublicKey({ keyDerivations }: SignatureData): PsbtFields<KeyDerivation> {
  return new Map(Array.from(keyDerivations.values(), (derivation) => [toHex(derivation.publicKey), derivation]));
}

/** The fields, and those of the others that they lack. */
function extend<T>(fields: PsbtFields<T>, others: PsbtFields<T>): PsbtFields<T> {
  if (others.size === 0) return fields;
  return fields.size === 0 ? new Map(others) : new Map([...others, ...fields]);
}
