import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { BlockIndex, NO_ENTRY } from '../../kernel/chain/block-index.ts';
import { createMainnetParams } from '../../kernel/consensus/networks/mainnet.ts';
import { createRegtestParams } from '../../kernel/consensus/networks/regtest.ts';
import type { HeadersSyncParams, PowRules } from '../../kernel/consensus/params.ts';
import { asMerkleRoot, type BlockHash } from '../../kernel/primitives/hashes.ts';
import { type BlockHeader, buildHeader } from '../../kernel/primitives/header.ts';
import { createRng } from '../../kernel/util/prng.ts';
import { HeadersPresync, type PresyncOptions } from './headers-presync.ts';
import { asPeerId } from './peer-id.ts';

// The machine leaves proof of work to its caller, so that these headers have none.

const REGTEST = createRegtestParams();
const MAIN = createMainnetParams();
const GENESIS = REGTEST.genesis.header;

/** Work of a header of regtest: one hash of two. */
const WORK = 2n;

/** Two hours after the first block. */
const NOW_SEC = GENESIS.timeSec + 7200;

function makeHeader(previousBlockHash: BlockHash, salt: number, bits = GENESIS.bits): BlockHeader {
  const merkleRoot = asMerkleRoot(new Uint8Array(32).fill(salt));
  return buildHeader({ version: 4, previousBlockHash, merkleRoot, timeSec: GENESIS.timeSec + 1, bits, nonce: 7 });
}

/** Headers one upon the other, from the first block of regtest unless said otherwise. */
function makeChain(length: number, salt = 0, previous: BlockHash = GENESIS.blockHash): BlockHeader[] {
  const headers: BlockHeader[] = [];
  let last = previous;
  for (let i = 0; i < length; i++) {
    const header = makeHeader(last, salt);
    headers.push(header);
    last = header.blockHash;
  }
  return headers;
}

function open(
  options: {
    readonly params?: HeadersSyncParams;
    readonly minimumWork?: bigint;
    readonly pow?: PowRules;
    readonly nowSec?: number;
    readonly seed?: number;
  } = {},
): HeadersPresync {
  const rng = createRng(options.seed ?? 1);
  const index = new BlockIndex(rng);
  const start = index.add(GENESIS, NO_ENTRY);
  const whole: PresyncOptions = {
    peer: asPeerId(7),
    pow: options.pow ?? REGTEST.consensus.pow,
    params: options.params ?? { commitmentPeriod: 10, redownloadBufferSize: 35 },
    index,
    start,
    minimumWork: options.minimumWork ?? WORK * 201n,
    nowSec: options.nowSec ?? NOW_SEC,
  };
  return new HeadersPresync(whole, rng);
}

/** Hands a chain in, in full messages; the last one may be short. Returns what was let go. */
function feed(presync: HeadersPresync, headers: readonly BlockHeader[], perMessage: number): BlockHeader[] {
  const ready: BlockHeader[] = [];
  for (let i = 0; i < headers.length && presync.phase !== 'final'; i += perMessage) {
    const message = headers.slice(i, i + perMessage);
    const phase = presync.phase;
    const result = presync.receive(message, message.length === perMessage);
    for (const header of result.ready) ready.push(header);
    if (presync.phase !== phase) break;
  }
  return ready;
}

function hashes(headers: readonly BlockHeader[]): string[] {
  return headers.map((header) => Buffer.from(header.blockHash).toString('hex'));
}

test('D06: a chain of enough work is shown once, delivered again, and let go byte for byte', () => {
  const chain = makeChain(200);
  const presync = open();
  assert.deepEqual(feed(presync, chain, 50), []);
  assert.equal(presync.phase, 'redownload');
  assert.equal(presync.presyncHeight, 200);
  assert.equal(presync.presyncWork, WORK * 201n);
  assert.deepEqual(Buffer.from(presync.lastHash), Buffer.from(GENESIS.blockHash), 'from the beginning again');
  const ready = feed(presync, chain, 50);
  assert.equal(presync.phase, 'final');
  assert.deepEqual(
    ready.map((header) => Buffer.from(header.serialized())),
    chain.map((header) => Buffer.from(header.serialized())),
  );
});

test('D06: in the second phase a header waits until the buffer behind it is full', () => {
  const chain = makeChain(200);
  const presync = open();
  feed(presync, chain, 50);
  assert.equal(presync.receive(chain.slice(0, 30), true).ready.length, 0);
  assert.deepEqual(hashes(presync.receive(chain.slice(30, 40), true).ready), hashes(chain.slice(0, 5)));
  assert.deepEqual(hashes(presync.receive(chain.slice(40, 199), true).ready), hashes(chain.slice(5, 164)));
  assert.equal(presync.phase, 'redownload', 'one header before enough work');
  const last = presync.receive(chain.slice(199), false);
  assert.equal(last.ready.length, 36);
  assert.match(
    last.text!,
    /^Initial headers sync complete with peer=7: releasing all at height=200 \(redownload phase\)$/,
  );
});

test('D06: a chain may have grown since it was shown first', () => {
  const chain = makeChain(260);
  const presync = open();
  feed(presync, chain.slice(0, 200), 50);
  assert.equal(feed(presync, chain, 100).length, 200, 'all of the message in which there is enough work');
  assert.equal(presync.phase, 'final');
});

test('D06: a chain that ends before it has enough work is dropped, without a fault', () => {
  const presync = open();
  const chain = makeChain(149);
  presync.receive(chain.slice(0, 100), true);
  const result = presync.receive(chain.slice(100), false);
  assert.deepEqual({ ...result, text: '' }, { isValid: true, wantsMore: false, ready: [], text: '' });
  assert.equal(
    result.text,
    'Initial headers sync aborted with peer=7: incomplete headers message at height=149 (presync phase)',
  );
  assert.equal(presync.phase, 'final');
  assert.equal(presync.usedBytes, 0);
});

test('D06: headers that do not connect end the first phase', () => {
  const presync = open();
  const chain = makeChain(100);
  presync.receive(chain.slice(0, 50), true);
  const result = presync.receive(chain.slice(51), true);
  assert.equal(result.isValid, false);
  assert.match(result.text!, /non-continuous headers at height=50 \(presync phase\)/);
});

test('D06: another chain of the same work is found out in the second phase before anything is let go', () => {
  let caught = 0;
  for (let seed = 1; seed <= 20; seed++) {
    const presync = open({ seed, params: { commitmentPeriod: 2, redownloadBufferSize: 100 } });
    feed(presync, makeChain(200, 1), 50);
    const ready = feed(presync, makeChain(200, 2), 50);
    // Fifty bits stand before the first header that is let go: to guess them all would take 2^50 tries.
    assert.equal(ready.length, 0);
    assert.equal(presync.phase, 'final');
    caught++;
  }
  assert.equal(caught, 20);
});

test('D06: a longer chain of less work per header runs out of commitments', () => {
  // Bits of the main network count more than those of regtest: the first chain is short, the second long.
  const rich = makeHeader(GENESIS.blockHash, 0, 0x1d00ffff);
  const presync = open({ params: { commitmentPeriod: 1, redownloadBufferSize: 1000 }, minimumWork: 1000n });
  assert.equal(presync.receive([rich], true).wantsMore, true);
  assert.equal(presync.phase, 'redownload');
  const poor = makeChain(2, 0);
  const result = presync.receive(poor, true);
  assert.match(result.text!, /commitment (overrun at height=2|mismatch at height=1) \(redownload phase\)/);
  assert.equal(result.isValid, false);
});

test('D06: a peer that shows a chain and does not deliver it gets nothing but what was confirmed', () => {
  const chain = makeChain(200);
  const presync = open();
  feed(presync, chain, 50);
  presync.receive(chain.slice(0, 50), true);
  const result = presync.receive(chain.slice(50, 60), false);
  assert.deepEqual(hashes(result.ready), hashes(chain.slice(15, 25)));
  assert.match(result.text!, /incomplete headers message at height=60 \(redownload phase\)/);
  assert.equal(presync.phase, 'final');
});

test('D06: a message that goes wrong at its end lets nothing go', () => {
  const chain = makeChain(200);
  const presync = open();
  feed(presync, chain, 50);
  const message = [...chain.slice(0, 99), makeHeader(chain[0]!.blockHash, 9)];
  const result = presync.receive(message, true);
  assert.deepEqual(result.ready, []);
  assert.match(result.text!, /non-continuous headers at height=100 \(redownload phase\)/);
});

test('D06: in both phases a difficulty that no period could bring about is refused', () => {
  const { pow } = MAIN.consensus;
  const params = { commitmentPeriod: 10, redownloadBufferSize: 5000 };
  const index = new BlockIndex(createRng(1));
  const start = index.add(MAIN.genesis.header, NO_ENTRY);
  const perHeader = 0x100010001n;
  const openMain = (minimumWork: bigint): HeadersPresync =>
    new HeadersPresync({ peer: asPeerId(7), pow, params, index, start, minimumWork, nowSec: NOW_SEC }, createRng(2));
  const chain: BlockHeader[] = [];
  let last = MAIN.genesis.header.blockHash;
  for (let height = 1; height <= 2016; height++) {
    // After one period the target may be a quarter, and no less.
    const header = makeHeader(last, 0, height === 2016 ? 0x1c3fffc0 : 0x1d00ffff);
    chain.push(header);
    last = header.blockHash;
  }
  const tooHard = makeHeader(chain[2014]!.blockHash, 0, 0x1c3fffbf);
  const early = makeHeader(chain[99]!.blockHash, 0, 0x1c3fffc0);

  const first = openMain(10n ** 30n);
  assert.match(
    first.receive([...chain.slice(0, 100), early], true).text!,
    /invalid difficulty transition at height=101 \(presync phase\)/,
  );
  const second = openMain(10n ** 30n);
  assert.match(
    second.receive([...chain.slice(0, 2015), tooHard], true).text!,
    /invalid difficulty transition at height=2016 \(presync phase\)/,
  );
  const third = openMain(perHeader * 2018n);
  assert.equal(third.receive(chain, true).wantsMore, true);
  assert.equal(third.phase, 'redownload');
  assert.match(
    third.receive([...chain.slice(0, 2015), tooHard], true).text!,
    /invalid difficulty transition at height=2016 \(redownload phase\)/,
  );
});

test('D06: a chain of more than six blocks a second since the last one of ours is aborted', () => {
  // Two hours since the first block, and two more that a block may be ahead: 86,400 headers at most.
  const presync = open({ params: { commitmentPeriod: 100, redownloadBufferSize: 10 }, minimumWork: 10n ** 12n });
  const message: BlockHeader[] = [];
  let previous = GENESIS.blockHash;
  let count = 0;
  let text: string | null = null;
  while (presync.phase !== 'final') {
    message.length = 0;
    for (let i = 0; i < 2000; i++) {
      const header = makeHeader(previous, 0);
      message.push(header);
      previous = header.blockHash;
    }
    count += message.length;
    text = presync.receive(message, true).text;
    assert.ok(presync.usedBytes <= 4096, 'one piece of commitments');
  }
  assert.equal(count, 88_000);
  assert.match(text!, /exceeded max commitments at height=864\d\d \(presync phase\)/);
});

test('D06: commitments and buffer of a peer take at most 1.4 MB with the parameters of the main network', () => {
  const { commitmentPeriod, redownloadBufferSize } = MAIN.headersSync;
  assert.deepEqual({ commitmentPeriod, redownloadBufferSize }, { commitmentPeriod: 641, redownloadBufferSize: 15_218 });
  // The longest chain there may be at the end of 2026, six blocks a second.
  const seconds = Date.UTC(2026, 11, 31) / 1000 - MAIN.genesis.header.timeSec + 7200;
  const commitmentBytes = Math.ceil((6 * seconds) / 641 / 8);
  assert.ok(commitmentBytes + 4096 + 48 * redownloadBufferSize <= 1_400_000);
  // What the machine really takes, with as many commitments as headers: one period.
  const chain = makeChain(100_000);
  const presync = open({
    params: { commitmentPeriod: 1, redownloadBufferSize },
    minimumWork: WORK * 100_001n,
    nowSec: GENESIS.timeSec + 20_000,
  });
  feed(presync, chain, 2000);
  assert.equal(presync.phase, 'redownload');
  assert.ok(presync.usedBytes <= 100_000 / 8 + 4096 + 48 * redownloadBufferSize);
  assert.equal(feed(presync, chain, 2000).length, 100_000);
});

test('D06: a clock that is far behind the chain leaves room for no commitment', () => {
  const presync = open({ nowSec: 0, params: { commitmentPeriod: 1, redownloadBufferSize: 10 } });
  assert.match(presync.receive(makeChain(1), true).text!, /exceeded max commitments at height=1/);
});

test('D06: messages of any size lead to the same headers in the same order', () => {
  const chain = makeChain(200);
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 200 }),
      fc.integer({ min: 1, max: 200 }),
      fc.integer({ min: 1, max: 30 }),
      fc.integer({ min: 1, max: 220 }),
      fc.nat(),
      (first, second, commitmentPeriod, redownloadBufferSize, seed) => {
        const presync = open({ seed, params: { commitmentPeriod, redownloadBufferSize } });
        feed(presync, chain, first);
        // A short last message has enough work all the same.
        assert.equal(presync.phase, 'redownload');
        assert.deepEqual(hashes(feed(presync, chain, second)), hashes(chain));
        assert.equal(presync.phase, 'final');
      },
    ),
    { numRuns: 60 },
  );
});
