// Where the pages of two branches stand: from the common page to the right, each as wide as its work.

import type { LedgerPage } from '../../../platform/browser/lesson-ledger.ts';

/** Which branch. */
export type BranchName = 'a' | 'b';

/** A page in the picture. */
export interface BranchBox {
  readonly page: LedgerPage;
  readonly x: number;
  readonly width: number;
}

/** A branch in the picture. */
export interface BranchRow {
  readonly boxes: readonly BranchBox[];
  /** Work of all its pages. */
  readonly work: number;
  /** Whether it is the one that counts. */
  readonly isActive: boolean;
  /** The last page, or the common one. */
  readonly lastHash: string;
}

/** Width of a hash that has to be tried, and the gap between pages. */
const WORK_PX = 18;
const GAP = 10;

/** The pages `hashes` as a row, behind the common page `forkHash`. */
export function computeBranchRow(pages: readonly LedgerPage[], hashes: readonly string[], forkHash: string): BranchRow {
  const byHash = new Map(pages.map((page) => [page.hash, page]));
  const boxes: BranchBox[] = [];
  let x = 0;
  for (const hash of hashes) {
    const page = byHash.get(hash);
    if (page === undefined) continue;
    const width = page.work * WORK_PX;
    boxes.push({ page, x, width });
    x += width + GAP;
  }
  const last = boxes.at(-1)?.page;
  return {
    boxes,
    work: boxes.reduce((sum, { page }) => sum + page.work, 0),
    isActive: last?.isActive ?? false,
    lastHash: last?.hash ?? forkHash,
  };
}

/** Width of a row. */
export function widthOf({ boxes }: BranchRow): number {
  const last = boxes.at(-1);
  return last === undefined ? 0 : last.x + last.width;
}
