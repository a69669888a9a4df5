// Miners that come and go on a ledger of its own making: the time between two pages comes back to what was wanted, and each wins as
// much as it computes. Real proof of work and real processes; clocks run faster than they should, so that minutes take seconds.
// A few periods here; `npm run nightly:miners` asks for two hundred pages.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { parseChainParams } from '../../src/kernel/consensus/chain-params-file.ts';
import type { ChainParams } from '../../src/kernel/consensus/params.ts';
import { computeWork } from '../../src/kernel/consensus/target.ts';
import type { Block } from '../../src/kernel/primitives/block.ts';
import { equalBytes } from '../../src/kernel/util/bytes.ts';
import type { Address } from '../bench/chain-wallet.ts';
import { fastClock, LedgerNode, until } from './ledger-node.ts';
import { Payer } from './payer.ts';
import { run, withFolder } from './programs.ts';

/** Least number of pages in all. */
const PAGES = Number(process.env['TALLY_PAGES'] ?? 0);

const CLOCK_FACTOR = 40;

/** What `tally new-ledger` is told: a page every 8 seconds, a fifth of a real one; another difficulty after 6 pages. */
const CHOICES = ['--interval=8', '--period=6', '--easiest=256'];

/** A period is of the wanted pace when its pages took between half and twice and a half the time. Luck alone makes it so varied. */
const PACE_MIN = 0.5;
const PACE_MAX = 2.5;

/** Periods within which the pace must be back; each changes the difficulty by up to four times. */
const PERIODS_MAX = 16;

/** How long a phase may take on a machine with other things to do. */
const PHASE_MS_MAX = 600_000;

async function createLedgerFile(folder: string): Promise<{ readonly path: string; readonly params: ChainParams }> {
  const path = join(folder, 'fastland.json');
  const { code, stderr } = await run('tally', ['new-ledger', 'fastland', ...CHOICES, `--file=${path}`]);
  assert.deepEqual([code, stderr], [0, '']);
  const parsed = parseChainParams(readFileSync(path, 'utf8'));
  assert.ok(parsed.ok);
  return { path, params: parsed.value };
}

/** What a period came to. */
interface Period {
  readonly height: number;
  /** Time that its pages took, over the time that was wanted. */
  readonly pace: number;
  /** Hashes that a page of it costs. */
  readonly hashes: number;
}

/** The whole periods from a height on. */
function listPeriods(
  pages: readonly Block[],
  fromHeight: number,
  { pow }: ChainParams['consensus'],
): readonly Period[] {
  const periods: Period[] = [];
  const first = Math.ceil(fromHeight / pow.interval) * pow.interval;
  for (let height = first; height + pow.interval <= pages.length; height += pow.interval) {
    const start = pages[height - 1]!.header;
    const end = pages[height + pow.interval - 1]!.header;
    const pace = (end.timeSec - start.timeSec) / (pow.spacingSec * pow.interval);
    periods.push({ height, pace, hashes: Number(computeWork(start.bits)) });
  }
  return periods;
}

/** A ledger and who mines it. */
class Race {
  readonly params: ChainParams;
  readonly observer: LedgerNode;
  readonly lines: string[] = [];
  #fromHeight = 1;

  constructor(params: ChainParams, observer: LedgerNode) {
    this.params = params;
    this.observer = observer;
  }

  /** Waits until the pace is that which is wanted, counted from now on. */
  async settle(what: string): Promise<void> {
    const fromHeight = await this.observer.height();
    this.#fromHeight = fromHeight;
    let periods: readonly Period[] = [];
    let lookedAt = -1;
    const isBack = async (): Promise<boolean> => {
      const period = Math.floor(((await this.observer.height()) + 1) / this.params.consensus.pow.interval);
      if (period === lookedAt) return false;
      lookedAt = period;
      const pages = await this.observer.pagesFrom(1);
      periods = listPeriods(pages, fromHeight + 1, this.params.consensus);
      const hasEnough = pages.length >= fromHeight + PAGES / 3;
      return hasEnough && periods.some(({ pace }) => pace >= PACE_MIN && pace <= PACE_MAX);
    };
    await until(isBack, `the pace to be back ${what}`, PHASE_MS_MAX);
    const paces = periods.map(({ pace, hashes }) => `${pace.toFixed(2)} (${hashes})`);
    this.lines.push(`${what}, periods from page ${fromHeight}: ${paces.join(' ')}`);
    const settledAt = periods.findIndex(({ pace }) => pace >= PACE_MIN && pace <= PACE_MAX);
    assert.ok(settledAt < PERIODS_MAX, this.lines.at(-1));
  }

  /** Pages of the last phase that pay to an address. */
  async countWins(addresses: readonly Address[]): Promise<readonly number[]> {
    const pages = await this.observer.pagesFrom(this.#fromHeight + 1);
    return addresses.map(({ scriptPubKey }) => {
      return pages.filter((page) => equalBytes(page.transaction(0).scriptPubKey(0), scriptPubKey)).length;
    });
  }
}

/** Hashes that miners have computed so far. */
async function countHashes(nodes: readonly LedgerNode[]): Promise<readonly number[]> {
  return Promise.all(nodes.map(async ({ rpc }) => (await rpc.call<{ hashes: number }>('getminerinfo')).hashes));
}

test('the pace of pages comes back to what is wanted when a miner joins and when it leaves', async (context) => {
  await withFolder(async (folder) => {
    const { path, params } = await createLedgerFile(folder);
    const clock = { clock: fastClock(CLOCK_FACTOR).text };
    const payer = new Payer();
    const nodes: LedgerNode[] = [];
    const start = async (name: string, args: readonly string[]): Promise<LedgerNode> => {
      const node = await LedgerNode.start(join(folder, name), params, [`-chainparams=${path}`, ...args], clock);
      nodes.push(node);
      return node;
    };
    try {
      const small = await start('small', ['-minethreads=1']);
      const big = await start('big', ['-minethreads=1', `-connect=127.0.0.1:${small.network.port}`]);
      const addresses = [payer.nextAddress(), payer.nextAddress()];
      const race = new Race(params, small);
      await small.mine(addresses[0]!, 0.08);
      await race.settle('with one miner');
      await big.mine(addresses[1]!, 0.4);
      const before = await countHashes(nodes);
      await race.settle('with a bigger one');
      const after = await countHashes(nodes);
      const wins = await race.countWins(addresses);
      await big.stopMining();
      await race.settle('without it');
      for (const line of race.lines) context.diagnostic(line);
      const hashes = after.map((count, i) => count - before[i]!);
      context.diagnostic(`pages won with both: ${wins.join(', ')}; hashes computed: ${hashes.join(', ')}`);
      await Promise.all(nodes.map(({ network }) => network.stop()));
    } finally {
      for (const { network } of nodes) network.process.signal('SIGKILL');
    }
  });
});
