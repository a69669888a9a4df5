// The feerates that estimation tells apart (Core policy/fees/block_policy_estimator.h): ranges whose upper ends are 5 % apart,
// since what matters about a feerate is how it compares with others. They are part of the file format: another version has
// others.

/** Upper end of the lowest range, in sat/kvB (Core MIN_BUCKET_FEERATE). */
const BUCKET_FEERATE_MIN = 100;

/** No range but the last ends above this, in sat/kvB (Core MAX_BUCKET_FEERATE). */
const BUCKET_FEERATE_MAX = 1e7;

/** From one upper end to the next (Core FEE_SPACING). */
const BUCKET_SPACING = 1.05;

/** Upper end of the last range: above every feerate (Core INF_FEERATE). */
const BUCKET_FEERATE_LAST = 1e99;

/** Upper ends of all ranges, inclusive and rising; each is the product of the one before, rounded as doubles are. */
export const FEE_BUCKETS: readonly number[] = Object.freeze(createBuckets());

/** How many ranges there are. */
export const FEE_BUCKET_COUNT: number = FEE_BUCKETS.length;

function createBuckets(): number[] {
  const ends: number[] = [];
  for (let end = BUCKET_FEERATE_MIN; end <= BUCKET_FEERATE_MAX; end *= BUCKET_SPACING) ends.push(end);
  ends.push(BUCKET_FEERATE_LAST);
  return ends;
}

/** The range that a feerate in sat/kvB falls into: the first whose end is not below it. */
export function findFeeBucket(feerate: number): number {
  let low = 0;
  let high = FEE_BUCKET_COUNT - 1;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (FEE_BUCKETS[middle]! < feerate) low = middle + 1;
    else high = middle;
  }
  return low;
}
