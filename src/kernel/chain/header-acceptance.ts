// Taking a header into the block index, or saying why not (Core AcceptBlockHeader). Every outcome has a name; what the caller does
// with it is the caller's: a reorganisation of headers is news and no reorganisation of the ledger, which follows blocks.
//
// Nothing refused is remembered: a header with too late a time may come again when the clock is there (C33, T02), and one whose
// parent is not known is not kept for later, because headers that nobody can place cost nothing to make.

import { checkHeader, contextualCheckHeader } from '../consensus/header-check.ts';
import type { ConsensusParams } from '../consensus/params.ts';
import { type BlockReject, rejectBlock } from '../consensus/reject.ts';
import { formatHash } from '../primitives/hashes.ts';
import type { BlockHeader } from '../primitives/header.ts';
import { type BlockEntry, type BlockIndex, NO_ENTRY } from './block-index.ts';
import type { IndexBranch } from './index-branch.ts';

/** A header that is in the index now, and what it did to the chain of headers with the most work. */
export type HeaderAcceptance =
  /** It stands on the best header, and is the best header now. */
  | { readonly outcome: 'extended'; readonly entry: BlockEntry }
  /** It made another branch the best; `fork` is the last header that both have. */
  | { readonly outcome: 'reorganised'; readonly entry: BlockEntry; readonly fork: BlockEntry }
  /** It stands on a branch that has not more work than the best. */
  | { readonly outcome: 'forked'; readonly entry: BlockEntry }
  /** It was known already. */
  | { readonly outcome: 'duplicate'; readonly entry: BlockEntry }
  /** It is not in the index, unless the reason is `duplicate-invalid`. */
  | { readonly outcome: 'rejected'; readonly reject: BlockReject };

/** What accepting a header needs to see. */
export interface HeaderContext {
  readonly index: BlockIndex;
  /** A branch that may be moved. */
  readonly branch: IndexBranch;
  readonly consensus: ConsensusParams;
}

/**
 * Checks a header and adds it to the index. `nowSec` is the node's own clock. `hasEnoughWork` is the caller's word that the header
 * belongs to a chain whose work was shown, or comes from someone who may spend our memory; without it nothing new is stored.
 */
export function acceptHeader(
  context: HeaderContext,
  header: BlockHeader,
  nowSec: number,
  hasEnoughWork = true,
): HeaderAcceptance {
  const { index } = context;
  const known = index.find(header.blockHash);
  if (known !== NO_ENTRY) {
    if (index.isFailed(known)) return rejected(rejectKnownInvalid(header));
    return { outcome: 'duplicate', entry: known };
  }
  const parent = index.find(header.bytes, header.start + PREVIOUS_HASH_OFFSET);
  const reject = checkNewHeader(context, header, parent, nowSec);
  if (reject !== null) return rejected(reject);
  if (!hasEnoughWork) return rejected(rejectBlock('header-low-work', 'too-little-chainwork', 'enough-chainwork'));
  return store(index, header, parent);
}

/** Where a header names the block before it. */
const PREVIOUS_HASH_OFFSET = 4;

function rejected(reject: BlockReject): HeaderAcceptance {
  return { outcome: 'rejected', reject };
}

function checkNewHeader(
  { index, branch, consensus }: HeaderContext,
  header: BlockHeader,
  parent: BlockEntry,
  nowSec: number,
): BlockReject | null {
  const reject = checkHeader(header, consensus.pow);
  if (reject !== null) return reject;
  if (parent === NO_ENTRY) {
    return rejectBlock('missing-prev', 'prev-blk-not-found', 'known-parent', {
      actual: header.previousBlockHash.slice(),
    });
  }
  if (index.isFailed(parent)) {
    return rejectBlock('invalid-prev', 'bad-prevblk', 'valid-parent', { actual: header.previousBlockHash.slice() });
  }
  return contextualCheckHeader(header, branch.moveTo(parent), consensus, nowSec);
}

function rejectKnownInvalid(header: BlockHeader): BlockReject {
  return rejectBlock('cached-invalid', 'duplicate-invalid', 'known-invalid', {
    debug: `block ${formatHash(header.blockHash)} was previously marked invalid`,
    actual: header.blockHash,
  });
}

function store(index: BlockIndex, header: BlockHeader, parent: BlockEntry): HeaderAcceptance {
  const bestBefore = index.bestHeader;
  const entry = index.add(header, parent);
  if (index.bestHeader !== entry) return { outcome: 'forked', entry };
  if (parent === bestBefore) return { outcome: 'extended', entry };
  return { outcome: 'reorganised', entry, fork: index.lastCommonAncestor(bestBefore, entry) };
}
