// Chunks of a linearization: runs of transactions that would be mined together because each pays for what stands before it (Core
// ChunkLinearization). Every chunk is the prefix of the highest feerate of what remains behind the chunks before it, so that
// their feerates never rise.

import type { FeeFrac } from '../../kernel/policy/fee-frac.ts';
import { compareProducts } from '../../kernel/util/num.ts';

/** One chunk: its fee and weight, and where it ends in the order; it begins where the chunk before it ends. */
export interface Chunk extends FeeFrac {
  readonly end: number;
}

/** The chunks of `order`, whose members index into the fees and weights. Chunks of equal feerate stay apart, as in Core. */
export function computeChunks(order: readonly number[], feesSat: Float64Array, weightsWu: Int32Array): Chunk[] {
  const chunks: Chunk[] = [];
  for (let i = 0; i < order.length; i++) {
    let feeSat = feesSat[order[i]!]!;
    let size = weightsWu[order[i]!]!;
    for (let last = chunks.at(-1); last !== undefined; last = chunks.at(-1)) {
      if (compareProducts(feeSat, last.size, last.feeSat, size) <= 0) break;
      feeSat += last.feeSat;
      size += last.size;
      chunks.pop();
    }
    chunks.push({ feeSat, size, end: i + 1 });
  }
  return chunks;
}
