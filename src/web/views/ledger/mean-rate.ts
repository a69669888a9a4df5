// The hash rate of the whole network, out of blocks: work over time, both summed over some points, because the time of a single block
// is luck and says nothing.

/** Hashes that a block of difficulty 1 takes in the mean. */
const HASHES_PER_DIFFICULTY: number = 2 ** 32;

/** Points that are summed: as many as a period of the local ledger has blocks. */
const WINDOW = 15;

/** Hashes per second at each point, over the points up to it; null where no time has passed. */
export function computeMeanRates(
  difficulty: readonly (number | null)[],
  intervalSec: readonly (number | null)[],
): readonly (number | null)[] {
  return difficulty.map((_, end) => {
    let work = 0;
    let seconds = 0;
    for (let i = Math.max(0, end - WINDOW + 1); i <= end; i++) {
      const interval = intervalSec[i] ?? null;
      if (interval === null) continue;
      work += (difficulty[i] ?? 0) * HASHES_PER_DIFFICULTY;
      seconds += interval;
    }
    return seconds > 0 ? work / seconds : null;
  });
}
