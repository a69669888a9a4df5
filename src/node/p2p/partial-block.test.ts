import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  fakeTxid,
  makeBlock,
  makeCoinbase,
  makeTx,
  merkleRootOf,
  pay,
  spend,
} from '../../../test/model/block-builder.ts';
import { MemoryHeaderBranch } from '../../kernel/consensus/header-branch.ts';
import { createRegtestParams } from '../../kernel/consensus/networks/regtest.ts';
import { type Block, buildBlock } from '../../kernel/primitives/block.ts';
import { asBlockHash, asMerkleRoot } from '../../kernel/primitives/hashes.ts';
import { buildHeader } from '../../kernel/primitives/header.ts';
import { buildTransaction, type Transaction } from '../../kernel/primitives/transaction.ts';
import { toHex } from '../../kernel/util/bytes.ts';
import { createRng } from '../../kernel/util/prng.ts';
import type { CmpctBlockMessage } from '../wire/messages.ts';
import { TransactionList } from '../wire/packed-lists.ts';
import { SHORT_ID_BYTES } from '../wire/protocol.ts';
import { createCompactBlock, ShortIdHasher } from './compact-block.ts';
import { EMPTY_POOL, PartialBlock, type TransactionPool } from './partial-block.ts';

/** A pool of these transactions, which counts how many were looked at. */
class ListPool implements TransactionPool {
  readonly #transactions: readonly Transaction[];
  visited = 0;

  constructor(...transactions: readonly Transaction[]) {
    this.#transactions = transactions;
  }

  get count(): number {
    return this.#transactions.length;
  }

  forEachTransaction(visit: (wtxids: Uint8Array, at: number, transaction: Transaction) => boolean): void {
    const wtxids = new Uint8Array(32 * this.count);
    this.#transactions.forEach(({ wtxid }, i) => {
      wtxids.set(wtxid, 32 * i);
    });
    for (let i = 0; i < this.count; i++) {
      this.visited++;
      if (!visit(wtxids, 32 * i, this.#transactions[i]!)) return;
    }
  }
}

const PARAMS = createRegtestParams();
const BRANCH = new MemoryHeaderBranch([PARAMS.genesis.header]);

/** A transaction that differs from all others with another number; every third has a witness. */
function numbered(n: number): Transaction {
  const witness = n % 3 === 0 ? { witness: [Uint8Array.of(n & 0xff, 1)] } : {};
  return makeTx([spend({ txid: fakeTxid(n), index: n }, witness)], [pay(n)]);
}

/** A block with its coinbase and `count` further transactions. */
function numberedBlock(count: number, first = 1): Block {
  const transactions = Array.from({ length: count }, (_, i) => numbered(first + i));
  return makeBlock(BRANCH, PARAMS.consensus, { transactions });
}

function transactionsOf(block: Block): Transaction[] {
  return Array.from({ length: block.txCount }, (_, i) => block.transaction(i));
}

/** The message with other transactions sent along; short ids of the rest under its own key. */
function withPrefilled(block: Block, message: CmpctBlockMessage, places: readonly number[]): CmpctBlockMessage {
  const hasher = new ShortIdHasher(message.header, message.nonce);
  const rest = transactionsOf(block).filter((_, i) => !places.includes(i));
  const shortIds = new Uint8Array(SHORT_ID_BYTES * rest.length);
  rest.forEach(({ wtxid }, i) => {
    hasher.writeInto(wtxid, 0, shortIds, SHORT_ID_BYTES * i);
  });
  return {
    ...message,
    shortIds,
    prefilled: places.map((index) => ({ index, transaction: block.transaction(index) })),
  };
}

const compactOf = (block: Block, seed = 1): CmpctBlockMessage => createCompactBlock(block, createRng(seed));
const list = (...transactions: readonly Transaction[]): TransactionList => TransactionList.of(transactions);

/** A partial block that has begun well. */
function begun(message: CmpctBlockMessage, pool: TransactionPool, extra: TransactionPool = EMPTY_POOL): PartialBlock {
  const partial = new PartialBlock();
  assert.equal(partial.begin(message, pool, extra), 'ok');
  return partial;
}

function assertFilled(partial: PartialBlock, missing: TransactionList, block: Block): void {
  const result = partial.fill(missing, true);
  assert.equal(result.status, 'ok');
  assert.ok(result.status === 'ok');
  assert.equal(toHex(result.block.serialized()), toHex(block.serialized()));
}

// --- Core's blockencodings_tests, told again

test('a block of three is asked for what the pool lacks, and comes back whole', () => {
  const block = numberedBlock(2);
  const [, tx1, tx2] = transactionsOf(block);
  const start = (): PartialBlock => begun(compactOf(block), new ListPool(tx2!));
  const partial = start();
  assert.deepEqual(
    [0, 1, 2].map((i) => partial.isAvailable(i)),
    [true, false, true],
  );
  assert.deepEqual(partial.missing(), [1]);
  assert.equal(start().fill(list(), true).status, 'invalid');
  assert.equal(start().fill(list(tx1!, tx2!), true).status, 'invalid');
  assert.equal(start().fill(list(tx2!), true).status, 'failed');
  assertFilled(partial, list(tx1!), block);
});

test('another transaction than the coinbase may come along', () => {
  const block = numberedBlock(2);
  const [coinbase, tx1, tx2] = transactionsOf(block);
  const message = withPrefilled(block, compactOf(block), [1]);
  const start = (): PartialBlock => begun(message, new ListPool(tx2!));
  assert.deepEqual(start().missing(), [0]);
  assert.equal(start().fill(list(), true).status, 'invalid');
  assert.equal(start().fill(list(tx1!), true).status, 'failed');
  assertFilled(start(), list(coinbase!), block);
});

test('with everything at hand nothing is asked for', () => {
  const block = numberedBlock(2);
  const message = withPrefilled(block, compactOf(block), [0, 2]);
  const partial = begun(message, new ListPool(block.transaction(1)));
  assert.deepEqual(partial.missing(), []);
  assert.deepEqual(partial.counts, { prefilled: 2, pool: 1, extra: 0 });
  assertFilled(partial, list(), block);
});

test('a block with nothing but its coinbase needs no pool', () => {
  const block = numberedBlock(0);
  const pool = new ListPool(numbered(1));
  assertFilled(begun(compactOf(block), pool), list(), block);
  assert.equal(pool.visited, 0);
});

test('extra transactions are looked at after the pool', () => {
  const block = numberedBlock(2);
  const [, tx1, tx2] = transactionsOf(block);
  const without = begun(compactOf(block), new ListPool(tx2!), EMPTY_POOL);
  assert.deepEqual(without.missing(), [1]);
  const partial = begun(compactOf(block), new ListPool(tx2!), new ListPool(numbered(77), tx1!));
  assert.deepEqual(partial.missing(), []);
  assert.deepEqual(partial.counts, { prefilled: 1, pool: 2, extra: 1 });
  assertFilled(partial, list(), block);
});

// --- what a hostile sender can write

test('places out of order, twice, or beyond the block are invalid', () => {
  const block = numberedBlock(4);
  const message = compactOf(block);
  const places = (...indexes: readonly number[]): CmpctBlockMessage => ({
    ...message,
    prefilled: indexes.map((index) => ({ index, transaction: block.transaction(0) })),
  });
  const status = (sent: CmpctBlockMessage): string => new PartialBlock().begin(sent, EMPTY_POOL, EMPTY_POOL);
  assert.equal(status(places(0)), 'ok');
  assert.equal(status(places(4)), 'ok');
  assert.equal(status(places(5)), 'invalid');
  assert.equal(status(places(0, 0)), 'invalid');
  assert.equal(status(places(3, 2)), 'invalid');
  assert.equal(status(places(4, 5)), 'ok');
  assert.equal(status(places(0, 65_536)), 'invalid');
  assert.equal(status(places(2 ** 53)), 'invalid');
  // Index 1 of a block whose only transaction is sent along: the message that Core's functional test begins with.
  assert.equal(status({ ...places(1), shortIds: new Uint8Array(0) }), 'invalid');
});

test('a message without transactions, with an empty one, or under an empty header is invalid', () => {
  const block = numberedBlock(1);
  const message = compactOf(block);
  const status = (sent: CmpctBlockMessage): string => new PartialBlock().begin(sent, EMPTY_POOL, EMPTY_POOL);
  assert.equal(status({ ...message, shortIds: new Uint8Array(0), prefilled: [] }), 'invalid');
  const empty = buildTransaction({ version: 2, inputs: [], outputs: [], locktime: 0 });
  assert.equal(status({ ...message, prefilled: [{ index: 0, transaction: empty }] }), 'invalid');
  const { previousBlockHash, merkleRoot } = block.header;
  const header = buildHeader({ version: 0, previousBlockHash, merkleRoot, timeSec: 0, bits: 0, nonce: 0 });
  assert.equal(status({ ...message, header }), 'invalid');
});

test('more transactions than a block has room for are invalid', () => {
  const message = compactOf(numberedBlock(0));
  const sent = (shortIdCount: number): string => {
    const shortIds = new Uint8Array(SHORT_ID_BYTES * shortIdCount);
    for (let i = 0; i < shortIdCount; i++) new DataView(shortIds.buffer).setUint32(SHORT_ID_BYTES * i, i, true);
    return new PartialBlock().begin({ ...message, shortIds }, EMPTY_POOL, EMPTY_POOL);
  };
  // 4,000,000 weight units over 40 for the smallest transaction, the coinbase among them
  assert.equal(sent(99_999), 'ok');
  assert.equal(sent(100_000), 'invalid');
});

test('short ids that come twice fail, and leave what came along in place', () => {
  const block = numberedBlock(3);
  const message = compactOf(block);
  const shortIds = message.shortIds.slice();
  shortIds.copyWithin(6, 0, 6);
  const partial = new PartialBlock();
  assert.equal(partial.begin({ ...message, shortIds }, new ListPool(...transactionsOf(block)), EMPTY_POOL), 'failed');
  assert.equal(partial.isOpen, true);
  assert.deepEqual(partial.missing(), [1, 2, 3]);
});

test('twelve short ids may share a bucket, thirteen fail', () => {
  const message = compactOf(numberedBlock(0));
  const status = (crowd: number): string => {
    // 64 ids make 64 buckets: multiples of 64 meet in the first, the others keep away from it
    const shortIds = new Uint8Array(SHORT_ID_BYTES * 64);
    const view = new DataView(shortIds.buffer);
    for (let i = 0; i < 64; i++) view.setUint32(SHORT_ID_BYTES * i, i < crowd ? 64 * i : 64 * i + 1 + (i % 63), true);
    return new PartialBlock().begin({ ...message, shortIds }, EMPTY_POOL, EMPTY_POOL);
  };
  assert.equal(status(12), 'ok');
  assert.equal(status(13), 'failed');
});

test('two of our transactions with one short id are both left out, the same one from both pools is not', () => {
  const block = numberedBlock(2);
  const [, tx1, tx2] = transactionsOf(block);
  const message = compactOf(block);
  // A twin of tx1 as a chosen key would make it: another transaction that the pool finds under the short id of tx1.
  const twins: TransactionPool = {
    count: 1,
    forEachTransaction(visit) {
      visit(tx1!.wtxid, 0, numbered(500));
    },
  };
  const partial = begun(message, twins, new ListPool(tx1!, tx2!));
  assert.deepEqual(partial.missing(), [1]);
  assert.deepEqual(partial.counts, { prefilled: 1, pool: 1, extra: 1 });
  assertFilled(partial, list(tx1!), block);
  const twice = begun(message, new ListPool(tx1!), new ListPool(tx1!, tx2!));
  assert.deepEqual(twice.missing(), []);
  assert.deepEqual(twice.counts, { prefilled: 1, pool: 2, extra: 1 });
});

test('the search ends with the last short id that was looked for', () => {
  const block = numberedBlock(3);
  const pool = new ListPool(...transactionsOf(block).slice(1), numbered(100), numbered(101));
  const extra = new ListPool(numbered(102));
  begun(compactOf(block), pool, extra);
  assert.deepEqual([pool.visited, extra.visited], [3, 0]);
});

// --- filling

test('W11: a block is filled once, whatever came of it', () => {
  const block = numberedBlock(2);
  const [, tx1, tx2] = transactionsOf(block);
  for (const missing of [list(tx1!, tx2!), list(tx2!, tx1!), list(tx1!), list()]) {
    const partial = begun(compactOf(block), EMPTY_POOL);
    partial.fill(missing, true);
    assert.equal(partial.isOpen, false);
    assert.equal(partial.txCount, 0);
    assert.deepEqual(partial.missing(), []);
    assert.deepEqual(partial.fill(list(tx1!, tx2!), true), { status: 'invalid' });
  }
});

test('W11: wrong transactions are told from right ones by root and witness commitment', () => {
  const block = numberedBlock(3);
  const [, tx1, tx2, tx3] = transactionsOf(block);
  const reasonOf = (missing: TransactionList, isSegwitActive = true): string => {
    const result = begun(compactOf(block), EMPTY_POOL).fill(missing, isSegwitActive);
    assert.ok(result.status === 'failed');
    return result.reject!.reason;
  };
  assert.equal(reasonOf(list(tx2!, tx1!, tx3!)), 'bad-txnmrklroot');
  assert.equal(reasonOf(list(tx1!, tx2!, numbered(9))), 'bad-txnmrklroot');
  const stripped = buildTransaction({
    version: 2,
    inputs: [spend({ txid: fakeTxid(3), index: 3 })],
    outputs: [pay(3)],
    locktime: 0,
  });
  assert.equal(toHex(stripped.txid), toHex(tx3!.txid));
  assert.equal(reasonOf(list(tx1!, tx2!, stripped)), 'bad-witness-merkle-match');
  assert.equal(reasonOf(list(tx1!, tx2!, tx3!), false), 'unexpected-witness');
});

test('a repeated tail that leaves the root as it is fails', () => {
  const block = numberedBlock(2, 1);
  const [coinbase, tx1, tx2] = transactionsOf(block);
  const message = compactOf(block);
  const hasher = new ShortIdHasher(message.header, message.nonce);
  // Four transactions, the last twice: the same root as three.
  const shortIds = new Uint8Array(18);
  hasher.writeInto(tx1!.wtxid, 0, shortIds, 0);
  hasher.writeInto(tx2!.wtxid, 0, shortIds, 6);
  const partial = begun(
    { ...message, shortIds, prefilled: [{ index: 0, transaction: coinbase! }] },
    new ListPool(tx1!, tx2!),
  );
  assert.deepEqual(partial.missing(), [3]);
  const result = partial.fill(list(tx2!), true);
  assert.ok(result.status === 'failed');
  assert.equal(result.reject?.reason, 'bad-txns-duplicate');
});

test('a block that would be larger than any block is not put together', () => {
  const large = Array.from({ length: 5 }, (_, i) =>
    makeTx([spend({ txid: fakeTxid(i), index: 0 }, { witness: [new Uint8Array(900_000)] })], [pay(i)]),
  );
  const coinbase = makeCoinbase({ height: 1, outputs: [pay(1)] });
  const header = buildHeader({
    version: 4,
    previousBlockHash: asBlockHash(new Uint8Array(32)),
    merkleRoot: asMerkleRoot(merkleRootOf([coinbase, ...large])),
    timeSec: 1,
    bits: 0x207fffff,
    nonce: 0,
  });
  const partial = begun(compactOf(buildBlock(header, [coinbase, ...large])), new ListPool(...large));
  assert.deepEqual(partial.missing(), []);
  assert.deepEqual(partial.fill(list(), true), { status: 'failed', reject: null });
});

// --- any block, any pool

test('any block comes back from any pool, asked for exactly what no pool has', () => {
  const blocks = [0, 1, 2, 7, 40].map((count) => numberedBlock(count, 1));
  const subset = fc.array(fc.nat(40), { maxLength: 40 });
  fc.assert(
    fc.property(
      fc.nat(blocks.length - 1),
      fc.integer({ min: 1, max: 1_000 }),
      subset,
      subset,
      subset,
      fc.array(fc.integer({ min: 1_000, max: 2_000 }), { maxLength: 20 }),
      (which, seed, prefilledWish, inPool, inExtra, strangers) => {
        const block = blocks[which]!;
        const transactions = transactionsOf(block);
        const places = [...new Set(prefilledWish)].filter((i) => i < block.txCount).sort((a, b) => a - b);
        const pick = (wish: readonly number[]): Transaction[] =>
          [...new Set(wish)].filter((i) => i > 0 && i < block.txCount).map((i) => transactions[i]!);
        const pool = new ListPool(...pick(inPool), ...[...new Set(strangers)].map(numbered));
        const message = withPrefilled(block, compactOf(block, seed), places);
        const partial = begun(message, pool, new ListPool(...pick(inExtra)));
        const known = new Set([...places, ...[...inPool, ...inExtra].filter((i) => i > 0)]);
        const expected = transactions.map((_, i) => i).filter((i) => !known.has(i));
        assert.deepEqual(partial.missing(), expected);
        assertFilled(partial, list(...expected.map((i) => transactions[i]!)), block);
      },
    ),
    { numRuns: 300 },
  );
});

test('W11: no list of transactions turns a partial block into anything but its own block', () => {
  const block = numberedBlock(6);
  const transactions = transactionsOf(block);
  const whole = toHex(block.serialized());
  const message = compactOf(block);
  fc.assert(
    fc.property(fc.array(fc.nat(8), { maxLength: 8 }), fc.boolean(), (picks, hasPool) => {
      const pool = hasPool ? new ListPool(transactions[2]!, transactions[5]!) : EMPTY_POOL;
      const sent = picks.map((i) => transactions[i] ?? numbered(100 + i));
      const result = begun(message, pool).fill(list(...sent), true);
      if (result.status === 'ok') assert.equal(toHex(result.block.serialized()), whole);
      else if (sent.length === (hasPool ? 4 : 6)) assert.equal(result.status, 'failed');
      else assert.equal(result.status, 'invalid');
    }),
  );
});
