// Preset inputs out of a transaction that exists: its inputs with what is known of the outputs that they spend.

import { formatOutpoint } from '../../kernel/primitives/outpoint.ts';
import type { Transaction, TransactionOutput } from '../../kernel/primitives/transaction.ts';
import type { PresetInput } from './coin-control.ts';

/** An output that an input spends, as wallet or chain know it. */
export interface KnownOutput {
  readonly output: TransactionOutput;
  /** It is not one of the wallet. */
  readonly isExternal: boolean;
  /** Confirmations; what a stranger's output has does not matter. */
  readonly depth: number;
  /** Version of its transaction; likewise. */
  readonly version: number;
}

/** The inputs of a transaction as preset inputs; `known` is in their order, null where nobody knows the output. */
export function presetInputsOf(
  transaction: Transaction,
  known: readonly (KnownOutput | null)[],
): readonly PresetInput[] {
  return known.map((spent, i) => {
    const { output, isExternal, depth, version } = spent ?? { output: null, isExternal: true, depth: 0, version: 0 };
    return { outpoint: transaction.prevout(i), output, isExternal, depth, version };
  });
}

/** Value of outputs. */
export function sumOfOutputs(outputs: readonly { readonly valueSat: number }[]): number {
  return outputs.reduce((sum, { valueSat }) => sum + valueSat, 0);
}

/** Weights that the owner gives, by `txid:index`. */
export type GivenWeights = ReadonlyMap<string, number>;

/** Preset inputs with the weights that are given for them. */
export function withWeights(inputs: readonly PresetInput[], weights: GivenWeights): readonly PresetInput[] {
  return inputs.map((input) => {
    const weightWu = weights.get(formatOutpoint(input.outpoint));
    return weightWu === undefined ? input : { ...input, weightWu };
  });
}

/** Every preset input once: what was said last of one that is there twice counts. */
export function distinctPresets(inputs: readonly PresetInput[]): readonly PresetInput[] {
  return [...new Map(inputs.map((input) => [formatOutpoint(input.outpoint), input])).values()];
}
