// The lines of the log about headers that are not accepted, word for word as Core has them (validation.cpp AcceptBlockHeader): its
// tests, and people, look for them.

import type { BlockReject } from '../../kernel/consensus/reject.ts';
import { formatHash } from '../../kernel/primitives/hashes.ts';
import type { BlockHeader } from '../../kernel/primitives/header.ts';

/** Refusals that a header gets for its place in the chain. */
const CONTEXTUAL: readonly string[] = ['bad-diffbits', 'time-too-old', 'time-too-new', 'time-timewarp-attack'];

/** The line about a refused header; null when the refusal is not for the header. */
export function formatHeaderReject({ blockHash, previousBlockHash }: BlockHeader, reject: BlockReject): string | null {
  const { reason, debug = '' } = reject;
  const hash = formatHash(blockHash);
  const words = debug === '' ? reason : `${reason}, ${debug}`;
  switch (reason) {
    case 'high-hash':
      return `AcceptBlockHeader: Consensus::CheckBlockHeader: ${hash}, ${words}`;
    case 'duplicate-invalid':
      return `AcceptBlockHeader: block ${hash} is marked invalid`;
    case 'prev-blk-not-found':
      return `header ${hash} has prev block not found: ${formatHash(previousBlockHash)}`;
    case 'bad-prevblk':
      return `header ${hash} has prev block invalid: ${formatHash(previousBlockHash)}`;
    case 'too-little-chainwork':
      return `AcceptBlockHeader: not adding new block header ${hash}, missing anti-dos proof-of-work validation`;
    default: {
      const isContextual = CONTEXTUAL.includes(reason) || reason.startsWith('bad-version');
      return isContextual ? `AcceptBlockHeader: Consensus::ContextualCheckBlockHeader: ${hash}, ${words}` : null;
    }
  }
}
