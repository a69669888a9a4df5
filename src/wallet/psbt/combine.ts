// Putting together what several people know of one transaction (Core CombinePSBTs, PartiallySignedTransaction::Merge), and several
// transactions into one (Core joinpsbts).

import { formatOutpoint, type Outpoint } from '../../kernel/primitives/outpoint.ts';
import { equalBytes } from '../../kernel/util/bytes.ts';
import { err, ok, type Result } from '../../kernel/util/result.ts';
import {
  NO_FIELDS,
  type PreimageKind,
  PSBT_MODIFIABLE,
  type Psbt,
  type PsbtFields,
  type PsbtInput,
  type PsbtMap,
  type PsbtOutput,
} from './psbt.ts';
import { computePsbtId } from './psbt-transaction.ts';

/** All that the PSBTs know, the first where they differ; null when they are not of one transaction and one version. */
export function combinePsbts(psbts: readonly Psbt[]): Psbt | null {
  const [first, ...others] = psbts;
  if (first === undefined) return null;
  const id = computePsbtId(first);
  let combined = first;
  for (const other of others) {
    const otherId = computePsbtId(other);
    if (id === null || otherId === null || !equalBytes(id, otherId)) return null;
    if (other.version !== first.version) return null;
    combined = merge(combined, other);
  }
  return combined;
}

function merge(a: Psbt, b: Psbt): Psbt {
  return {
    ...a,
    ...mergeOthers(a, b),
    fallbackLocktime: a.fallbackLocktime ?? b.fallbackLocktime,
    extendedKeys: union(a.extendedKeys, b.extendedKeys),
    modifiable: mergeModifiable(a.modifiable, b.modifiable),
    inputs: a.inputs.map((input, i) => mergeInputs(input, b.inputs[i]!)),
    outputs: a.outputs.map((output, j) => mergeOutputs(output, b.outputs[j]!)),
  };
}

/** The fields of both, the first where they have the same name. */
function union<T>(a: PsbtFields<T>, b: PsbtFields<T>): PsbtFields<T> {
  if (b.size === 0) return a;
  return a.size === 0 ? b : new Map([...b, ...a]);
}

function mergeOthers(a: PsbtMap, b: PsbtMap): PsbtMap {
  return { proprietary: union(a.proprietary, b.proprietary), unknown: union(a.unknown, b.unknown) };
}

/** What one of them forbids is forbidden; a signature of SIGHASH_SINGLE in one is one in both. */
function mergeModifiable(a: number | null, b: number | null): number | null {
  if (a === null && b === null) return null;
  const [one, other] = [a ?? 0, b ?? 0];
  return (one & other) | ((one | other) & PSBT_MODIFIABLE.HAS_SIGHASH_SINGLE);
}

function mergeInputs(a: PsbtInput, b: PsbtInput): PsbtInput {
  const preimages = (kind: PreimageKind) => union(a.preimages[kind], b.preimages[kind]);
  return {
    prevout: a.prevout,
    sequence: a.sequence ?? b.sequence,
    timeLocktime: a.timeLocktime ?? b.timeLocktime,
    heightLocktime: a.heightLocktime ?? b.heightLocktime,
    nonWitnessUtxo: a.nonWitnessUtxo ?? b.nonWitnessUtxo,
    witnessUtxo: a.witnessUtxo ?? b.witnessUtxo,
    partialSignatures: union(a.partialSignatures, b.partialSignatures),
    // Core leaves this one alone.
    sighashType: a.sighashType,
    redeemScript: a.redeemScript ?? b.redeemScript,
    witnessScript: a.witnessScript ?? b.witnessScript,
    derivations: union(a.derivations, b.derivations),
    preimages: {
      ripemd160: preimages('ripemd160'),
      sha256: preimages('sha256'),
      hash160: preimages('hash160'),
      hash256: preimages('hash256'),
    },
    finalScriptSig: a.finalScriptSig ?? b.finalScriptSig,
    finalWitness: a.finalWitness ?? b.finalWitness,
    tapKeySignature: a.tapKeySignature ?? b.tapKeySignature,
    tapScriptSignatures: union(a.tapScriptSignatures, b.tapScriptSignatures),
    tapLeafScripts: union(a.tapLeafScripts, b.tapLeafScripts),
    tapInternalKey: a.tapInternalKey ?? b.tapInternalKey,
    tapMerkleRoot: a.tapMerkleRoot ?? b.tapMerkleRoot,
    tapDerivations: union(a.tapDerivations, b.tapDerivations),
    musigParticipants: union(a.musigParticipants, b.musigParticipants),
    musigNonces: union(a.musigNonces, b.musigNonces),
    musigSignatures: union(a.musigSignatures, b.musigSignatures),
    ...mergeOthers(a, b),
  };
}

function mergeOutputs(a: PsbtOutput, b: PsbtOutput): PsbtOutput {
  return {
    valueSat: a.valueSat,
    scriptPubKey: a.scriptPubKey,
    redeemScript: a.redeemScript ?? b.redeemScript,
    witnessScript: a.witnessScript ?? b.witnessScript,
    derivations: union(a.derivations, b.derivations),
    tapTree: a.tapTree.length > 0 ? a.tapTree : b.tapTree,
    tapInternalKey: a.tapInternalKey ?? b.tapInternalKey,
    tapDerivations: union(a.tapDerivations, b.tapDerivations),
    musigParticipants: union(a.musigParticipants, b.musigParticipants),
    ...mergeOthers(a, b),
  };
}

/** Another order of a list, by chance; the caller owns the chance. */
export type Shuffle = <T>(list: readonly T[]) => readonly T[];

/**
 * One transaction with the inputs and outputs of all, shuffled; signatures go, as they are for another one. The highest version and the
 * lowest locktime are taken. All are of version 0. The error is an outpoint that two of them spend.
 */
export function joinPsbts(psbts: readonly Psbt[], shuffle: Shuffle): Result<Psbt, Outpoint> {
  const inputs: PsbtInput[] = [];
  const outputs: PsbtOutput[] = [];
  const spent: Set<string> = new Set();
  let joined: Pick<Psbt, 'unknown' | 'txVersion' | 'fallbackLocktime'> = {
    unknown: NO_FIELDS,
    txVersion: 1,
    fallbackLocktime: 0xffffffff,
  };
  for (const psbt of psbts) {
    for (const input of psbt.inputs) {
      const name = formatOutpoint(input.prevout);
      if (spent.has(name)) return err(input.prevout);
      spent.add(name);
      inputs.push({ ...input, partialSignatures: NO_FIELDS, finalScriptSig: null, finalWitness: null });
    }
    for (const output of psbt.outputs) outputs.push(output);
    joined = {
      unknown: union(joined.unknown, psbt.unknown),
      txVersion: Math.max(joined.txVersion, psbt.txVersion),
      fallbackLocktime: Math.min(joined.fallbackLocktime ?? 0, psbt.fallbackLocktime ?? 0),
    };
  }
  // Extended keys and proprietary fields of the whole are not carried over, as in Core.
  const whole = { version: 0, extendedKeys: NO_FIELDS, modifiable: null, proprietary: NO_FIELDS } as const;
  return ok({ ...joined, ...whole, inputs: shuffle(inputs), outputs: shuffle(outputs) });
}
