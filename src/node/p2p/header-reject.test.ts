// The lines as Core 31 writes them, typed by hand.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type BlockReject, type BlockRejectReason, rejectBlock } from '../../kernel/consensus/reject.ts';
import { asBlockHash } from '../../kernel/primitives/hashes.ts';
import type { BlockHeader } from '../../kernel/primitives/header.ts';
import { formatHeaderReject } from './header-reject.ts';

const HASH = 'aa'.repeat(32);
const PARENT = 'bb'.repeat(32);
const HEADER = {
  blockHash: asBlockHash(new Uint8Array(32).fill(0xaa)),
  previousBlockHash: asBlockHash(new Uint8Array(32).fill(0xbb)),
} as BlockHeader;

function line(reason: BlockRejectReason, debug?: string): string | null {
  const reject: BlockReject = rejectBlock('invalid-header', reason, 'pow-hash', debug === undefined ? {} : { debug });
  return formatHeaderReject(HEADER, reject);
}

test('every refusal of a header has its line, and one of a block has none', () => {
  assert.equal(
    line('high-hash', 'proof of work failed'),
    `AcceptBlockHeader: Consensus::CheckBlockHeader: ${HASH}, high-hash, proof of work failed`,
  );
  assert.equal(
    line('bad-version(0x00000003)', 'rejected nVersion=0x00000003 block'),
    `AcceptBlockHeader: Consensus::ContextualCheckBlockHeader: ${HASH}, bad-version(0x00000003), rejected nVersion=0x00000003 block`,
  );
  assert.equal(line('time-too-old'), `AcceptBlockHeader: Consensus::ContextualCheckBlockHeader: ${HASH}, time-too-old`);
  assert.equal(line('prev-blk-not-found'), `header ${HASH} has prev block not found: ${PARENT}`);
  assert.equal(line('bad-prevblk'), `header ${HASH} has prev block invalid: ${PARENT}`);
  assert.equal(line('duplicate-invalid'), `AcceptBlockHeader: block ${HASH} is marked invalid`);
  assert.equal(
    line('too-little-chainwork'),
    `AcceptBlockHeader: not adding new block header ${HASH}, missing anti-dos proof-of-work validation`,
  );
  assert.equal(line('bad-cb-amount'), null);
});
