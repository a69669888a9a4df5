import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ANYONE, fakeTxid, makeTx, outputOf, pay, spend, TestChain } from '../../../test/model/block-builder.ts';
import { addTo, coin, createPool, payment } from '../../../test/model/pool-fixture.ts';
import { CoinRef } from '../../kernel/consensus/coin.ts';
import { MemoryHeaderBranch } from '../../kernel/consensus/header-branch.ts';
import { MAX_BLOCK_SIGOPS_COST, MAX_BLOCK_WEIGHT } from '../../kernel/consensus/limits.ts';
import { createLocalParams } from '../../kernel/consensus/networks/local.ts';
import { createRegtestParams } from '../../kernel/consensus/networks/regtest.ts';
import { createTestnet4Params } from '../../kernel/consensus/networks/testnet4.ts';
import type { ChainParams } from '../../kernel/consensus/params.ts';
import { countLegacySigops } from '../../kernel/consensus/sigop-cost.ts';
import { formatHash } from '../../kernel/primitives/hashes.ts';
import { buildHeader } from '../../kernel/primitives/header.ts';
import { encodeOutpoint, type Outpoint } from '../../kernel/primitives/outpoint.ts';
import type { Transaction } from '../../kernel/primitives/transaction.ts';
import { createRng } from '../../kernel/util/prng.ts';
import type { AdditionFacts } from '../mempool/entry.ts';
import type { Mempool } from '../mempool/mempool.ts';
import {
  assembleBlock,
  checkMiningOptions,
  computeMinimumTime,
  MINING_DEFAULTS,
  type MiningOptions,
  refreshTemplate,
  type TemplateChain,
} from './assembler.ts';
import { BlockCandidate, type BlockTemplate } from './block-template.ts';

const NOW_SEC = 1_700_000_000;

function chainOf(chain: TestChain): TemplateChain {
  return { branch: chain.branch, consensus: chain.params, nowSec: NOW_SEC };
}

/** A short chain, for what looks at nothing but the pool. */
const SHORT: TemplateChain = chainOf(new TestChain());

function assemble(pool: Mempool, options: Partial<MiningOptions> = {}): BlockTemplate {
  return assembleBlock(pool, SHORT, { ...MINING_DEFAULTS, ...options });
}

function namesOf(template: BlockTemplate): string[] {
  return template.transactions.map(({ transaction }) => formatHash(transaction.txid));
}

function nameOf(transaction: Transaction): string {
  return formatHash(transaction.txid);
}

test('transactions come in the order of what they pay, and parents before children', () => {
  const pool = createPool();
  const cheap = payment([coin(1)]);
  const child = makeTx([spend(outputOf(cheap))], [pay(1)]);
  const dear = payment([coin(2)]);
  addTo(pool, cheap, { feeSat: 100 });
  addTo(pool, child, { feeSat: 50_000 });
  addTo(pool, dear, { feeSat: 10_000 });
  const template = assemble(pool);
  assert.deepEqual(namesOf(template), [cheap, child, dear].map(nameOf));
  assert.equal(template.feesSat, 60_100);
  assert.equal(template.rewardSat, 5_000_060_100);
  assert.deepEqual(
    template.chunkFeerates.map(({ feeSat }) => feeSat),
    [50_100, 10_000],
  );
});

test('fees that the operator added decide the order and are not paid out', () => {
  const pool = createPool();
  const [a, b] = [payment([coin(1)]), payment([coin(2)])];
  addTo(pool, a, { feeSat: 1_000 });
  addTo(pool, b, { feeSat: 2_000 });
  pool.prioritise(a.txid, 5_000);
  const template = assemble(pool);
  assert.deepEqual(namesOf(template), [a, b].map(nameOf));
  assert.equal(template.feesSat, 3_000);
});

test('a block without a pool is empty, and so is one of an empty pool', () => {
  for (const pool of [null, createPool()]) {
    const template = assembleBlock(pool, SHORT, MINING_DEFAULTS);
    assert.deepEqual(template.transactions, []);
    assert.equal(template.rewardSat, 5_000_000_000);
    assert.equal(template.weightWu, 8_000);
    assert.equal(template.sigopsCost, 400);
    assert.equal(template.version, 0x20000000);
    assert.equal(template.height, 1);
    assert.equal(template.timeSec, NOW_SEC);
    assert.equal(template.bits, 0x207fffff);
  }
});

test('the lowest rate is a border: what pays exactly that is in, a satoshi less is out', () => {
  const at = payment([coin(1)]);
  const vsize = Math.ceil(at.weightWu / 4);
  for (const [feeSat, count] of [
    [vsize, 1],
    [vsize - 1, 0],
  ] as const) {
    const pool = createPool();
    addTo(pool, at, { feeSat });
    assert.equal(assemble(pool, { blockMinFeerate: 1_000 }).transactions.length, count);
  }
  const free = createPool();
  addTo(free, at, { feeSat: 0 });
  assert.equal(assemble(free, { blockMinFeerate: 0 }).transactions.length, 1);
  assert.equal(assemble(free).transactions.length, 0);
});

test('a chunk that would fill the block to its limit is left out, and a smaller one behind it taken', () => {
  const pool = createPool();
  const large = payment([coin(1)], { scriptBytes: 2_000 });
  const small = payment([coin(2)]);
  addTo(pool, large, { feeSat: 1_000_000 });
  addTo(pool, small, { feeSat: 1_000 });
  const room = 8_000 + large.weightWu;
  assert.deepEqual(namesOf(assemble(pool, { blockMaxWeightWu: room })), [nameOf(small)]);
  assert.deepEqual(namesOf(assemble(pool, { blockMaxWeightWu: room + 1 })), [nameOf(large)]);
});

test('what follows a chunk that is left out in its cluster is left out too', () => {
  const pool = createPool();
  const large = payment([coin(1)], { scriptBytes: 2_000 });
  const child = makeTx([spend(outputOf(large))], [pay(1)]);
  addTo(pool, large, { feeSat: 1_000_000 });
  addTo(pool, child, { feeSat: 1_000 });
  assert.deepEqual(namesOf(assemble(pool, { blockMaxWeightWu: 8_000 + large.weightWu })), []);
});

test('signature operations have a limit of their own, the coinbase included', () => {
  const pool = createPool({ bytesPerSigop: 0 });
  const [a, b] = [payment([coin(1)]), payment([coin(2)])];
  addTo(pool, a, { feeSat: 9_000, sigopsCost: 40_000 });
  addTo(pool, b, { feeSat: 1_000, sigopsCost: 39_600 });
  assert.deepEqual(namesOf(assemble(pool)), [nameOf(a)]);
  assert.deepEqual(namesOf(assemble(pool, { coinbaseSigopsCost: 399 })), [a, b].map(nameOf));
  assert.equal(assemble(pool, { coinbaseSigopsCost: 399 }).sigopsCost, MAX_BLOCK_SIGOPS_COST - 1);
});

test('a transaction that is not final yet stays out, should the pool ever hold one', () => {
  const pool = createPool();
  const early = makeTx([spend(coin(1), { sequence: 0 })], [pay(1)], { locktime: 1 });
  const due = makeTx([spend(coin(2), { sequence: 0 })], [pay(1)], { locktime: 0 });
  addTo(pool, early, { feeSat: 2_000 });
  addTo(pool, due, { feeSat: 1_000 });
  assert.deepEqual(namesOf(assemble(pool)), [nameOf(due)]);
});

test('after a thousand chunks in a row that do not fit, a block that is nearly full is full', () => {
  const pool = createPool();
  const large = payment([coin(5_000)], { scriptBytes: 900 });
  addTo(pool, large, { feeSat: 10_000_000 });
  for (let i = 0; i < 1_001; i++) addTo(pool, payment([coin(i)], { scriptBytes: 200 }), { feeSat: 100_000 + i });
  const tiny = payment([coin(6_000)]);
  addTo(pool, tiny, { feeSat: 1 });
  const nearlyFull = 8_000 + large.weightWu + tiny.weightWu + 1;
  assert.deepEqual(namesOf(assemble(pool, { blockMaxWeightWu: nearlyFull, blockMinFeerate: 0 })), [nameOf(large)]);
  pool.removeRecursive(pool.get(payment([coin(0)], { scriptBytes: 200 }).txid)!, 'expiry');
  assert.deepEqual(
    namesOf(assemble(pool, { blockMaxWeightWu: nearlyFull, blockMinFeerate: 0 })),
    [large, tiny].map(nameOf),
  );
});

test('the walk over the pool ends with the block, so that the pool can change again', () => {
  const pool = createPool();
  addTo(pool, payment([coin(1)]));
  addTo(pool, payment([coin(2)]), { feeSat: 0 });
  assemble(pool, { blockMinFeerate: 1_000 });
  addTo(pool, payment([coin(3)]));
  assert.equal(assemble(pool).transactions.length, 2);
});

/** A header chain of a network, with blocks at these times. */
function branchOf(params: ChainParams, times: readonly number[]): MemoryHeaderBranch {
  const branch = new MemoryHeaderBranch([params.genesis.header]);
  for (const timeSec of times) {
    const { merkleRoot, bits } = params.genesis.header;
    const previousBlockHash = branch.blockHash(branch.height);
    branch.append(buildHeader({ version: 0x20000000, previousBlockHash, merkleRoot, timeSec, bits, nonce: 0 }));
  }
  return branch;
}

test('the time is the clock, unless the median past or the last block of a period forbids it', () => {
  const params = createLocalParams();
  const start = params.genesis.header.timeSec;
  const steady = branchOf(
    params,
    Array.from({ length: 13 }, (_, i) => start + 10 * (i + 1)),
  );
  assert.equal(computeMinimumTime(steady, params.consensus), start + 81);
  const ahead = branchOf(
    params,
    Array.from({ length: 14 }, (_, i) => (i === 13 ? start + 7_000 : start + 10 * (i + 1))),
  );
  assert.equal((ahead.height + 1) % params.consensus.pow.interval, 0);
  assert.equal(computeMinimumTime(ahead, params.consensus), start + 6_400);
  const make = (nowSec: number): BlockTemplate =>
    assembleBlock(null, { branch: steady, consensus: params.consensus, nowSec }, MINING_DEFAULTS);
  assert.equal(make(0).timeSec, start + 81);
  assert.equal(make(0).minTimeSec, start + 81);
  assert.equal(make(start + 5_000).timeSec, start + 5_000);
});

test('a refreshed template follows the clock, never back, and on test networks its bits follow the time', () => {
  const params = createTestnet4Params();
  const start = params.genesis.header.timeSec;
  const { genesis, consensus } = params;
  const branch = new MemoryHeaderBranch([genesis.header]);
  const { merkleRoot } = genesis.header;
  const previousBlockHash = branch.blockHash(0);
  branch.append(
    buildHeader({ version: 4, previousBlockHash, merkleRoot, timeSec: start + 600, bits: 0x1c00ffff, nonce: 0 }),
  );
  const chain = { branch, consensus, nowSec: start + 700 };
  const template = assembleBlock(null, chain, MINING_DEFAULTS);
  assert.equal(template.bits, 0x1c00ffff);
  const later = refreshTemplate(template, { ...chain, nowSec: start + 600 + 1_201 });
  assert.equal(later.timeSec, start + 1_801);
  assert.equal(later.bits, 0x1d00ffff);
  assert.equal(refreshTemplate(later, chain).timeSec, start + 1_801);
});

test('options that make no block have Core’s sentences', () => {
  const check = (options: Partial<MiningOptions>): string | null =>
    checkMiningOptions({ ...MINING_DEFAULTS, ...options });
  assert.equal(check({}), null);
  assert.equal(
    check({ blockReservedWeightWu: 4_000_001 }),
    '-blockreservedweight (4000001) exceeds consensus maximum block weight (4000000)',
  );
  assert.equal(
    check({ blockReservedWeightWu: 1_999 }),
    '-blockreservedweight (1999) is lower than minimum safety value of (2000)',
  );
  assert.equal(
    check({ blockMaxWeightWu: 4_000_001 }),
    '-blockmaxweight (4000001) exceeds consensus maximum block weight (4000000)',
  );
  assert.equal(check({ blockMaxWeightWu: 7_999 }), '-blockreservedweight (8000) exceeds -blockmaxweight (7999)');
});

/** A random pool over a chain whose coins anyone can spend: trees of payments, large and small, with signature operations. */
class RandomPool {
  readonly chain: TestChain = new TestChain(createRegtestParams());
  readonly pool: Mempool = createPool();
  readonly #rng: ReturnType<typeof createRng>;
  readonly #open: { readonly outpoint: Outpoint; readonly valueSat: number; readonly depth: number }[] = [];

  constructor(seed: number, count: number) {
    this.#rng = createRng(seed);
    this.chain.mineEmpty(3);
    for (let i = 0; i < 40; i++) {
      const outpoint = { txid: fakeTxid(i), index: 0 };
      const ref = new CoinRef().pointAtCopy({
        valueSat: 1_000_000,
        scriptPubKey: ANYONE,
        height: 1,
        isCoinbase: false,
      });
      this.chain.coins.putCoin(encodeOutpoint(outpoint), 0, ref);
      this.#open.push({ outpoint, valueSat: 1_000_000, depth: 0 });
    }
    for (let i = 0; i < count; i++) this.#pay();
  }

  #take(): { readonly outpoint: Outpoint; readonly valueSat: number; readonly depth: number } | undefined {
    if (this.#open.length === 0) return undefined;
    return this.#open.splice(this.#rng.below(this.#open.length), 1)[0];
  }

  #pay(): void {
    const rng = this.#rng;
    const coins = [this.#take(), ...(rng.below(4) === 0 ? [this.#take()] : [])].filter((found) => found !== undefined);
    const depth = 1 + Math.max(...coins.map((found) => found.depth));
    if (coins.length === 0 || depth > 8) return;
    const inSat = coins.reduce((sum, { valueSat }) => sum + valueSat, 0);
    // After many generations of two outputs and high fees little is left.
    if (inSat < 4) return;
    const feeSat = rng.below(Math.floor(inSat / 4));
    const outputCount = 1 + rng.below(2);
    const valueSat = Math.floor((inSat - feeSat) / outputCount);
    // OP_CHECKMULTISIG in an output counts as 20 signature operations and is never run here.
    const padding = new Uint8Array(rng.below(rng.below(5) === 0 ? 2_000 : 40)).fill(rng.below(3) === 0 ? 0xae : 0x00);
    const outputs = [...Array.from({ length: outputCount }, () => pay(valueSat)), pay(0, padding)];
    const transaction = makeTx(
      coins.map(({ outpoint }) => spend(outpoint)),
      outputs,
    );
    const paid = inSat - outputCount * valueSat;
    const change = { feeSat: paid, sigopsCost: 4 * countLegacySigops(transaction) };
    if (!this.#fits({ ...NO_FACTS, transaction, ...change })) return;
    addTo(this.pool, transaction, change);
    for (let i = 0; i < outputCount; i++) this.#open.push({ outpoint: outputOf(transaction, i), valueSat, depth });
  }

  /** Whether the clusters stay within their limits with one more transaction. */
  #fits(facts: AdditionFacts): boolean {
    const change = this.pool.begin();
    change.stageAddition(facts);
    const fits = change.fitsLimits();
    change.abort();
    return fits;
  }
}

const NO_FACTS = {
  timeSec: NOW_SEC,
  entryHeight: 3,
  sequence: 0,
  spendsCoinbase: false,
  lockPoints: { height: -1, timeSec: -1, maxInputBlock: -1 },
};

test('templates of random pools are valid blocks within every limit, and leave out nothing that fits and pays', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 2 ** 30 }),
      fc.integer({ min: 1, max: 150 }),
      fc.constantFrom(12_000, 20_000, 60_000, 400_000, MAX_BLOCK_WEIGHT),
      fc.constantFrom(400, 60_000, 79_000),
      (seed, count, blockMaxWeightWu, coinbaseSigopsCost) => {
        const { chain, pool } = new RandomPool(seed, count);
        const options = { ...MINING_DEFAULTS, blockMaxWeightWu, coinbaseSigopsCost };
        const template = assembleBlock(pool, chainOf(chain), options);
        const block = new BlockCandidate(template, { scriptPubKey: ANYONE }).seal(0);
        assert.equal(chain.judge(block, { skipProofOfWork: true }), null);
        assert.ok(block.weightWu < blockMaxWeightWu);
        assert.ok(template.weightWu < blockMaxWeightWu);
        assert.ok(template.sigopsCost < MAX_BLOCK_SIGOPS_COST);
        const total = (field: 'weightWu' | 'sigopsCost'): number =>
          [...pool.entries()].reduce((sum, entry) => sum + entry[field], 0);
        if (8_000 + total('weightWu') < blockMaxWeightWu && coinbaseSigopsCost + total('sigopsCost') < 80_000) {
          const left = pool.sorted().filter((entry) => !template.transactions.includes(entry));
          for (const { ref } of left) {
            const { feeSat, size } = pool.graph.chunkFeerate(ref);
            assert.ok(1_000 * feeSat < Math.ceil(size / 4), 'only what pays less than the lowest rate is left out');
          }
        }
      },
    ),
    { examples: [[1073741814, 127, 12_000, 400]], numRuns: 41 },
  );
});
