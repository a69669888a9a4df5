// Fee rates as they are told to peers (Core FeeFilterRounder): not exactly, or every peer would see the exact minimum of our mempool,
// which is as good as a name. A rate becomes one of a row that grows by tenths: mostly the last one below, sometimes the first one
// that is not.

import type { Rng } from '../../kernel/util/prng.ts';

/** The row begins at half of this rate (Core DEFAULT_MIN_RELAY_TX_FEE), after 0. */
const BASE_SAT = 100;

/** Where the row ends (Core MAX_FILTER_FEERATE), and how much each rate is above the last (FEE_FILTER_SPACING). */
const HIGHEST_SAT = 10_000_000;
const SPACING = 1.1;

/** The row: 0, then from 50 satoshis per 1,000 virtual bytes. Not whole numbers: what is told is rounded down. */
function createRow(): number[] {
  const row = [0];
  for (let rate = BASE_SAT / 2; rate <= HIGHEST_SAT; rate *= SPACING) row.push(rate);
  return row;
}

/** Rounds fee rates, by chance up or down. */
export class FeeFilterRounder {
  readonly #rng: Rng;
  readonly #row: readonly number[] = createRow();

  constructor(rng: Rng) {
    this.#rng = rng;
  }

  /** The highest rate that is ever told, of peers that are to tell us nothing. */
  get highestSat(): number {
    return Math.trunc(this.#row.at(-1)!);
  }

  /** A rate near `feerateSat`, both in satoshis per 1,000 virtual bytes. */
  round(feerateSat: number): number {
    const row = this.#row;
    let place = row.findIndex((rate) => rate >= feerateSat);
    if (place < 0) place = row.length - 1;
    else if (place > 0 && this.#rng.below(3) !== 0) place--;
    return Math.trunc(row[place]!);
  }
}
