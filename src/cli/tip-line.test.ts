// The line for a new tip, and the guess at the progress.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createMainnetParams } from '../kernel/consensus/networks/mainnet.ts';
import { parseBlockHash } from '../kernel/primitives/hashes.ts';
import { guessProgress } from '../node/app/verification-progress.ts';
import { formatTipLine } from './tip-line.ts';

const { consensus } = createMainnetParams();
const KNOWN = { timeSec: 1_000_000_000, txCount: 1000, txPerSec: 2 };

test('the line has the form of Core', () => {
  const blockHash = parseBlockHash('00000000839a8e6886ab5951d76f411475428afc90947ee320161bbf18eb6048');
  assert.ok(blockHash);
  const line = formatTipLine({
    blockHash,
    height: 1,
    version: 1,
    chainWork: 0x2_0002_0002n,
    chainTxCount: 2,
    timeSec: 1_231_469_665,
    progress: 0.0000001,
    cacheBytes: 314_573,
    cacheCoinCount: 1,
  });
  assert.equal(
    line,
    "UpdateTip: new best=00000000839a8e6886ab5951d76f411475428afc90947ee320161bbf18eb6048 height=1 version=0x00000001 log2_work=33.000022 tx=2 date='2009-01-09T02:54:25Z' progress=0.000000 cache=0.3MiB(1txo)",
  );
});

test('progress is a share of the transactions that there should be by now', () => {
  const guess = (chainTxCount: number, timeSec: number, nowSec: number, headersAhead = 0): number =>
    guessProgress({ chainTxCount, timeSec, headersAhead, nowSec }, KNOWN, consensus);
  assert.equal(guess(0, 0, 1_000_000_500), 0);
  assert.equal(guess(500, 0, 1_000_000_500), 0.25);
  assert.equal(guess(3000, 1_000_000_000, 1_000_010_000), 3000 / 23_000);
  // Within two hours of now only the known headers count: 600 seconds each.
  assert.equal(guess(3000, 1_000_009_000, 1_000_010_000), 1);
  assert.equal(guess(3000, 1_000_009_000, 1_000_010_000, 1), 3000 / 4200);
});
