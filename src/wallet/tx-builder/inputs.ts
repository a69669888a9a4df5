// The inputs of a transaction that is being built: their order, their sequences and what they weigh once they are signed.

import { formatOutpoint } from '../../kernel/primitives/outpoint.ts';
import type { TransactionInput, TransactionOutput } from '../../kernel/primitives/transaction.ts';
import { EMPTY_BYTES } from '../../kernel/util/bytes.ts';
import type { Candidate } from '../coin-selection/candidate.ts';
import { shuffled } from '../coin-selection/shuffle.ts';
import type { CoinControl, PresetInput } from './coin-control.ts';
import type { SpendEnvironment } from './environment.ts';
import { SEQUENCE_NOT_FINAL, SEQUENCE_REPLACEABLE } from './locktime.ts';
import { computeSignedSize, measureInput, type SignedSize } from './signed-size.ts';

/** A coin that is spent, with what was asked of its input; null: nothing. */
export interface SpentCoin {
  readonly coin: Candidate;
  readonly preset: PresetInput | null;
}

/** Preset coins first, in their order; the others in none. */
export function orderCoins(
  coins: readonly Candidate[],
  { presetInputs }: CoinControl,
  { rng }: SpendEnvironment,
): readonly SpentCoin[] {
  const places = new Map(presetInputs.map((preset, i) => [formatOutpoint(preset.outpoint), i]));
  const placeOf = (coin: Candidate): number => places.get(coin.name) ?? presetInputs.length;
  const ordered = shuffled(coins, rng).sort((a, b) => placeOf(a) - placeOf(b));
  return ordered.map((coin) => ({ coin, preset: presetInputs[placeOf(coin)] ?? null }));
}

/** Greatest size of the transaction once it is signed; null when an input cannot be measured. */
export function measureSigned(
  spent: readonly SpentCoin[],
  outputs: readonly TransactionOutput[],
  { externalRing }: CoinControl,
  environment: SpendEnvironment,
): SignedSize | null {
  const inputs = spent.map(({ coin, preset }) => ({
    measure: measureInput(coin.scriptPubKey, preset?.isExternal ?? false, externalRing, environment),
    weightWu: preset?.weightWu ?? null,
  }));
  return computeSignedSize(inputs, outputs);
}

/** The inputs, with sequences of their own or such that say whether the transaction may be replaced. */
export function createInputs(
  spent: readonly SpentCoin[],
  control: CoinControl,
  { settings }: SpendEnvironment,
): readonly TransactionInput[] {
  const signals = control.signalsReplacement ?? settings.signalsReplacement;
  const sequence = signals ? SEQUENCE_REPLACEABLE : SEQUENCE_NOT_FINAL;
  return spent.map(({ coin, preset }) => ({
    prevout: coin.outpoint,
    scriptSig: preset?.scriptSig ?? EMPTY_BYTES,
    sequence: preset?.sequence ?? sequence,
    witness: preset?.witness ?? [],
  }));
}
