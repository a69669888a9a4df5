import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRng, type Rng } from '../../util/prng.ts';
import { isActiveAt } from '../deployments.ts';
import { computeMedianTimePast, type HeaderBranch } from '../header-branch.ts';
import { getNextWorkRequired } from '../pow.ts';
import { getBlockSubsidy } from '../subsidy.ts';
import { computeWork } from '../target.ts';
import { createNetworkParams, NETWORK_NAMES } from './all.ts';
import { createLocalParams } from './local.ts';

const PARAMS = createLocalParams();
const { pow, genesisHash } = PARAMS.consensus;
const WANTED_SEC = 15;
/** Hashes per second of about one processor core. */
const ONE_CORE = 4_000_000;

/** A ledger of headers alone whose pages are found by chance, with the difficulty that the rule asks for. */
class Miners {
  readonly #rng: Rng;
  readonly #times: number[] = [0];
  readonly #bits: number[] = [pow.limit.bits];
  readonly #branch: HeaderBranch;
  clockSec = 0;

  constructor(seed: number) {
    this.#rng = createRng(seed);
    const times = this.#times;
    const bits = this.#bits;
    this.#branch = {
      get height() {
        return times.length - 1;
      },
      timeSec: (height) => times[height]!,
      bits: (height) => bits[height]!,
      version: () => 0x20000000,
      blockHash: () => genesisHash,
    };
  }

  /** How far the last page is dated ahead of the clock. */
  get leadSec(): number {
    return this.#times.at(-1)! - this.clockSec;
  }

  /** Hashes that the next page costs on average. */
  get cost(): number {
    return Number(computeWork(getNextWorkRequired(this.#branch, 0, pow)));
  }

  /** The next pages by miners of so many hashes per second; the time it took. */
  mine(pages: number, hashRate: number): number {
    const startSec = this.clockSec;
    for (let i = 0; i < pages; i++) {
      const bits = getNextWorkRequired(this.#branch, 0, pow);
      const chance = (this.#rng.below(2 ** 32) + 0.5) / 2 ** 32;
      this.clockSec += (-Math.log(chance) * Number(computeWork(bits))) / hashRate;
      this.#times.push(Math.max(computeMedianTimePast(this.#branch) + 1, Math.floor(this.clockSec)));
      this.#bits.push(bits);
    }
    return this.clockSec - startSec;
  }

  /** Mines until the expected interval is within a half of the wanted one; the time it took. */
  recover(hashRate: number): number {
    const startSec = this.clockSec;
    const isBack = (): boolean => {
      const expectedSec = this.cost / hashRate;
      return expectedSec < 1.5 * WANTED_SEC && expectedSec > WANTED_SEC / 1.5;
    };
    for (let pages = 0; pages < 1_000 && !isBack(); pages++) this.mine(1, hashRate);
    assert.ok(isBack(), 'the interval comes back');
    return this.clockSec - startSec;
  }
}

function medianOf(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >>> 1]!;
}

test('pages come every 15 seconds on average, whatever the power of the miners', () => {
  for (const hashRate of [300_000, ONE_CORE, 30 * ONE_CORE]) {
    let elapsedSec = 0;
    const pages = 40 * pow.interval;
    const worlds = 20;
    for (let seed = 1; seed <= worlds; seed++) {
      const miners = new Miners(seed);
      miners.mine(20 * pow.interval, hashRate);
      elapsedSec += miners.mine(pages, hashRate);
    }
    const meanSec = elapsedSec / (worlds * pages);
    assert.ok(Math.abs(meanSec - WANTED_SEC) < 0.5, `${meanSec} seconds at ${hashRate} hashes per second`);
  }
});

test('the interval is back in minutes after the power grew or shrank three- or eightfold', () => {
  for (const [factor, minutesMax] of [
    [8, 4],
    [3, 4],
    [1 / 3, 15],
    [1 / 8, 40],
  ] as const) {
    const times: number[] = [];
    for (let seed = 1; seed <= 60; seed++) {
      const miners = new Miners(seed);
      miners.mine(20 * pow.interval + (seed % pow.interval), ONE_CORE);
      times.push(miners.recover(factor * ONE_CORE));
    }
    const minutes = medianOf(times) / 60;
    assert.ok(minutes < minutesMax, `${minutes} minutes after power × ${factor}`);
  }
});

test('the first reward can be spent within two minutes of one slow core', () => {
  const times = Array.from({ length: 40 }, (_, i) => new Miners(i + 1).mine(101, 1_000_000));
  assert.ok(medianOf(times) < 120, `${medianOf(times)} seconds`);
});

test('the pages of the first seconds are dated ahead of the clock by seconds, far less than is allowed', () => {
  const miners = new Miners(1);
  let leadSec = 0;
  for (let page = 1; page <= 120; page++) {
    miners.mine(1, 100 * ONE_CORE);
    leadSec = Math.max(leadSec, miners.leadSec);
  }
  assert.ok(leadSec > 5 && leadSec < 60, `${leadSec} seconds`);
});

test('all rules hold from page 1 on, and money is that of the main network', () => {
  const { consensus } = PARAMS;
  for (const rule of ['bip34', 'bip65', 'bip66', 'csv', 'segwit'] as const) {
    assert.equal(isActiveAt(consensus, rule, 1), true);
  }
  assert.equal(getBlockSubsidy(1, consensus), 5_000_000_000);
  assert.equal(getBlockSubsidy(209_999, consensus), 5_000_000_000);
  assert.equal(getBlockSubsidy(210_000, consensus), 2_500_000_000);
  assert.equal(consensus.minimumChainWork, 0n);
  assert.deepEqual(PARAMS.dnsSeeds, []);
});

test('nothing of it can be taken for another network: magic, ports, addresses', () => {
  for (const name of NETWORK_NAMES.filter((other) => other !== 'local')) {
    const other = createNetworkParams(name);
    assert.notDeepEqual(other.magic, PARAMS.magic, name);
    assert.notEqual(other.prefixes.bech32Hrp, PARAMS.prefixes.bech32Hrp, name);
    assert.notEqual(other.prefixes.pubKeyHash, PARAMS.prefixes.pubKeyHash, name);
    assert.notEqual(other.prefixes.scriptHash, PARAMS.prefixes.scriptHash, name);
    assert.notEqual(other.prefixes.secretKey, PARAMS.prefixes.secretKey, name);
    const ports = Object.values(PARAMS.ports);
    assert.ok(
      Object.values(other.ports).every((port) => !ports.includes(port)),
      name,
    );
  }
});
