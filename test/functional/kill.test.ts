// A node killed at random moments, over and over, while it imports: it always starts again by itself, at once, never behind what
// it had reported as saved; and what it has then are the coins of an independent replay up to its tip, without any help from the
// file that it was importing. Thirty kills here; `npm run nightly:kills` asks for five hundred.

import assert from 'node:assert/strict';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { createRng, type Rng } from '../../src/kernel/util/prng.ts';
import { writeChainFile } from '../bench/chain-file.ts';
import { type ChainProfile, REALISTIC } from '../bench/chain-profile.ts';
import { LedgerReplay, type ReplayResult, readBlockRecords } from '../model/ledger-replay.ts';
import { assertFactsOfReplay, readUtxoFacts, runNode } from './node.ts';
import { type Outcome, type Running, start, withFolder } from './programs.ts';

/** Kills in all, and the seed of their moments. */
const KILLS = Number(process.env['TALLY_KILLS'] ?? 30);
const SEED = Number(process.env['TALLY_SEED'] ?? 1);

/**
 * A kill comes when the tip has moved by up to so many blocks since the chain was opened, and up to so much later. Coins are saved
 * after the first 128 blocks, and then every 64.
 */
const KILL_BLOCKS_MAX = 190;
const KILL_DELAY_MS_MAX = 200;

/** One kill in so many comes before the chain is open: after so much time at most. */
const EARLY_KILL_EVERY = 5;
const EARLY_KILL_MS_MAX = 400;

/** After so many kills the node is left alone, is compared with the replay, and begins anew; now and then it may finish. */
const KILLS_PER_LIFE = 6;
const LIVES_PER_FINISH = 3;

/** Transactions with few signatures and many coins, so that coins are saved again and again on the way. */
const PROFILE: ChainProfile = {
  ...REALISTIC,
  shapes: [{ name: 'payout', weight: 1, inputs: [1, 2], outputs: [20, 30] }],
};

/**
 * From the start of the process until the chain is open, apart from replaying blocks. By the clock or by the processor, whichever
 * is less: where several processes wait for each core, the clock measures the queue.
 */
const OPEN_MS_MAX = 2000;

/** How long a process took until its chain was open, in milliseconds. */
interface OpenTime {
  readonly clockMs: number;
  /** Processor time of all its threads; as much as by the clock where the system does not tell. */
  readonly processorMs: number;
}

/** Processor time that a process has used so far, in milliseconds, of a system that tells (Linux: `proc(5)`, in hundredths of a second). */
function processorMsOf(pid: number): number | null {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'latin1').split(') ')[1]!.split(' ');
    return 10 * (Number(fields[11]) + Number(fields[12]));
  } catch {
    return null;
  }
}

/** What tallyd logs when it has opened the chain. */
const OPENED = /Loaded best chain: hashBestChain=([0-9a-f]{64}) height=(\d+)/;

/** What -debug=coindb logs whenever everything up to a tip has been saved. */
const SAVED = /\[coindb\] Saved everything up to height=(\d+) hash=([0-9a-f]{64})/g;

/** What tallyd logs when it had to replay blocks before the chain was open. */
const REPLAYED = /Replayed (\d+) blocks in (\d+) ms/;

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** The chain that is imported: hashes by height, as people write them, and the coins at any height. */
class Ledger {
  readonly #file: string;
  readonly #replays: Map<number, ReplayResult> = new Map();
  readonly hashes: readonly string[];

  constructor(file: string) {
    this.#file = file;
    const hashes: string[] = [];
    const replay = new LedgerReplay();
    for (const block of readBlockRecords(file)) {
      replay.connect(block);
      hashes.push(replay.tipHash);
    }
    this.hashes = hashes;
  }

  replayTo(height: number): ReplayResult {
    const known = this.#replays.get(height);
    if (known !== undefined) return known;
    const replay = new LedgerReplay();
    let next = 0;
    for (const block of readBlockRecords(this.#file)) {
      if (next++ > height) break;
      replay.connect(block);
    }
    const result = replay.result();
    this.#replays.set(height, result);
    return result;
  }
}

/** What all processes on one folder have shown so far. */
class Life {
  readonly #ledger: Ledger;
  /** Height of the highest tip that was reported as saved; it must never be lost. */
  savedHeight = 0;
  /** Processes that had something to replay. */
  replayCount = 0;
  savedCount = 0;
  /** The worst time that one took to open, without its replay: by the clock, and by the clock or the processor. */
  openClockMsWorst = 0;
  openMsWorst = 0;

  constructor(ledger: Ledger) {
    this.#ledger = ledger;
  }

  /** Takes note of a process that was killed; `open` is what it took to open the chain, null when it had not. */
  note({ stdout }: Outcome, open: OpenTime | null): void {
    const opened = OPENED.exec(stdout);
    if (opened !== null) {
      const [, blockHash, height] = opened;
      this.#checkTip(Number(height), blockHash!, 'found at start');
      assert.ok(Number(height) >= this.savedHeight, `height ${height} is behind ${this.savedHeight}, which was saved`);
    }
    const replayed = REPLAYED.exec(stdout);
    if (replayed !== null) this.replayCount++;
    if (open !== null) {
      const replayMs = Number(replayed?.[2] ?? 0);
      this.openClockMsWorst = Math.max(this.openClockMsWorst, open.clockMs - replayMs);
      this.openMsWorst = Math.max(this.openMsWorst, Math.min(open.clockMs, open.processorMs) - replayMs);
    }
    for (const [, height, blockHash] of stdout.matchAll(SAVED)) {
      this.#checkTip(Number(height), blockHash!, 'reported as saved');
      this.savedHeight = Math.max(this.savedHeight, Number(height));
      this.savedCount++;
    }
  }

  #checkTip(height: number, blockHash: string, what: string): void {
    assert.equal(blockHash, this.#ledger.hashes[height], `the tip ${what} at height ${height}`);
  }
}

/** Starts a node and kills it before it has opened the chain, or soon after, by chance. */
async function killEarly(args: readonly string[], rng: Rng, life: Life): Promise<void> {
  const killing = new Killing(args);
  await pause(rng.below(EARLY_KILL_MS_MAX));
  life.note(...(await killing.kill()));
}

/** Starts a node and kills it in the middle of its import. */
async function killLater(args: readonly string[], rng: Rng, life: Life, heightMax: number): Promise<void> {
  const killing = new Killing(args);
  const height = Math.min(heightMax, (await killing.foundHeight()) + rng.below(KILL_BLOCKS_MAX));
  // Everything up to there may have been connected before: then the node has nothing more to say about it.
  await Promise.race([killing.node.saying(` height=${height} `), killing.node.saying('Done loading')]);
  await pause(rng.below(KILL_DELAY_MS_MAX));
  life.note(...(await killing.kill()));
}

/** A node that is about to be killed. */
class Killing {
  readonly node: Running;
  /** What it took to open the chain, since its start; null: it never did. */
  readonly #open: Promise<OpenTime | null>;

  constructor(args: readonly string[]) {
    const startMs = performance.now();
    this.node = start('tallyd', args);
    this.#open = this.node.saying('Loaded best chain').then(
      () => {
        const clockMs = performance.now() - startMs;
        return { clockMs, processorMs: processorMsOf(this.node.pid) ?? clockMs };
      },
      () => null,
    );
  }

  /** The height of the chain as it was opened. */
  async foundHeight(): Promise<number> {
    return Number((await this.node.finding(OPENED))[2]);
  }

  async kill(): Promise<[outcome: Outcome, open: OpenTime | null]> {
    this.node.signal('SIGKILL');
    const outcome = await this.node.ended;
    assert.equal(outcome.code, null, `ended by itself before the kill: ${outcome.stdout}${outcome.stderr}`);
    return [outcome, await this.#open];
  }
}

test(`S01: killed ${KILLS} times at random moments, a node starts again by itself and has lost nothing that was saved`, async (context) => {
  await withFolder(async (folder) => {
    const file = join(folder, 'chain.dat');
    const { summary } = writeChainFile(file, {
      transactions: 1900,
      transactionsPerBlock: 12,
      seed: 7,
      profile: PROFILE,
    });
    const ledger = new Ledger(file);
    const rng = createRng(SEED);
    // Little memory, so that coins are saved many times on the way, and small files.
    const args = ['-regtest', '-dbcache=4', '-assumevalid=0', '-debug=coindb', '-fastprune'];
    const lives: Life[] = [];
    const heights: number[] = [];
    for (let kills = 0; kills < KILLS; ) {
      const life = new Life(ledger);
      lives.push(life);
      const killsMax = Math.min(KILLS, kills + KILLS_PER_LIFE);
      for (; kills < killsMax; kills++) {
        const importArgs = [`-datadir=${folder}`, ...args, `-loadblock=${file}`];
        if (kills % EARLY_KILL_EVERY === 1) await killEarly(importArgs, rng, life);
        else await killLater(importArgs, rng, life, summary.height);
      }
      // What is there is there without the file.
      const alone = await runNode(folder, [...args, '-stopafterblockimport']);
      life.note({ code: 0, stdout: alone, stderr: '' }, null);
      const facts = await readUtxoFacts(folder, ['-regtest']);
      const height = Number(facts['height']);
      assert.ok(height >= life.savedHeight);
      assertFactsOfReplay(facts, ledger.replayTo(height));
      heights.push(height);
      if (lives.length % LIVES_PER_FINISH === 0 || kills === KILLS) {
        // And the file completes it.
        await runNode(folder, [...args, `-loadblock=${file}`, '-stopafterblockimport']);
        assertFactsOfReplay(await readUtxoFacts(folder, ['-regtest']), ledger.replayTo(summary.height));
      }
      rmSync(join(folder, 'regtest'), { recursive: true });
    }
    const worstMs = Math.max(...lives.map(({ openMsWorst }) => openMsWorst));
    const worstClockMs = Math.max(...lives.map(({ openClockMsWorst }) => openClockMsWorst));
    const sum = (pick: (life: Life) => number): number => lives.reduce((total, life) => total + pick(life), 0);
    context.diagnostic(
      `${KILLS} kills, seed ${SEED}: heights ${heights.join(' ')} of ${summary.height}; ` +
        `saved ${sum((life) => life.savedCount)} times; ${sum((life) => life.replayCount)} starts replayed blocks; ` +
        `open after ${Math.round(worstMs)} ms at worst, ${Math.round(worstClockMs)} by the clock, replay not counted`,
    );
    assert.ok(worstMs <= OPEN_MS_MAX, `open after ${Math.round(worstMs)} ms`);
  });
});
