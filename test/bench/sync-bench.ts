// npm run bench:sync: how a node fares in its network.
//
//   npm run bench:sync -- --help
//
// A generated chain is imported from its file, and then synchronised from a `tallyd` that has it, over loopback: the ratio of the two
// is what the network costs. Then headers per second, memory for each peer, and how long the event loop was held up meanwhile. On a
// machine with few cores the serving process takes some of them away: the time of processors of the receiving one alone is the
// fairer figure, and both are told.

import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { importFile } from '../../src/kernel/chain/block-import.ts';
import { Chainstate } from '../../src/kernel/chain/chainstate.ts';
import { openMemoryChain } from '../../src/kernel/chain/memory-chain.ts';
import { MemoryFolder } from '../../src/kernel/chain/memory-folder.ts';
import { OBFUSCATION_KEY_BYTES, Obfuscation } from '../../src/kernel/chain/obfuscation.ts';
import { createRegtestParams } from '../../src/kernel/consensus/networks/regtest.ts';
import type { ChainParams } from '../../src/kernel/consensus/params.ts';
import { createRng } from '../../src/kernel/util/prng.ts';
import { Node } from '../../src/node/app/node.ts';
import { listenAt, NODE_DEFAULTS, type NodeOptions } from '../../src/node/app/node-options.ts';
import { nullLogger } from '../../src/node/ports.ts';
import { NodeFolder } from '../../src/platform/node/folder.ts';
import { hostClock, hostTimers } from '../../src/platform/node/host-time.ts';
import { computeScriptThreads, openScriptVerifier } from '../../src/platform/node/script-workers.ts';
import { loadSecp256k1 } from '../../src/platform/node/secp256k1.ts';
import { TcpNetwork } from '../../src/platform/node/tcp-network.ts';
import { findProjectRoot } from '../vectors/folder.ts';
import { createBenchParams, openLevel, printRow, withBenchFolder } from './bench-chain.ts';
import { type ChainFile, ensureChainFile } from './chain-file.ts';
import { median } from './measure.ts';

/** To reach, from the project's goals. */
const GOALS = {
  syncToImport: 1.15,
  headersPerSec: 50_000,
  idlePeerBytes: 250_000,
  hostilePeerBytes: 10_000_000,
  loopDelayMs: 100,
};

/** How finely delays of the event loop are watched. */
const DELAY_RESOLUTION_MS = 2;

/** What some work took. */
interface Totals {
  readonly wallSec: number;
  /** Of all threads of this process. */
  readonly processorSec: number;
  /** The delay of the event loop that one in a hundred is longer than. */
  readonly loopDelayMs: number;
}

async function measureAll(work: () => Promise<void>): Promise<Totals> {
  const delays = monitorEventLoopDelay({ resolution: DELAY_RESOLUTION_MS });
  const cpu = process.cpuUsage();
  const start = performance.now();
  delays.enable();
  await work();
  delays.disable();
  const wallSec = (performance.now() - start) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  const loopDelayMs = Math.max(0, delays.percentile(99) / 1e6 - DELAY_RESOLUTION_MS);
  return { wallSec, processorSec: (user + system) / 1e6, loopDelayMs };
}

const nowSec = (): number => Math.floor(Date.now() / 1000);

/** A chain on a real disk, as a node has it. */
async function withChain<T>(params: ChainParams, work: (chain: Chainstate) => Promise<T>): Promise<T> {
  return withBenchFolder(async (folder) => {
    mkdirSync(join(folder, 'blocks', 'index'), { recursive: true });
    const secp = loadSecp256k1().backend;
    const verifier = await openScriptVerifier(computeScriptThreads(0, availableParallelism()), secp);
    const indexStore = await openLevel(join(folder, 'blocks', 'index'));
    const coinsStore = await openLevel(join(folder, 'chainstate'));
    const blockFolder = new NodeFolder(join(folder, 'blocks'));
    const ports = { indexStore, coinsStore, blockFolder, verifier, secp, rng: createRng(1) };
    const chain = await Chainstate.open({ params, coinsCacheBytes: 450 * 2 ** 20, assumeValid: null }, ports);
    try {
      return await work(chain);
    } finally {
      await chain.close(nowSec());
      await verifier.close();
      await indexStore.close();
      await coinsStore.close();
    }
  });
}

/** The files of the generator are as they are. */
const NOT_OBFUSCATED = new Obfuscation(new Uint8Array(OBFUSCATION_KEY_BYTES));

function importChain(file: ChainFile): Promise<Totals> {
  const params = createBenchParams(file.path);
  return withChain(params, (chain) =>
    measureAll(async () => {
      const source = new NodeFolder(dirname(file.path));
      await chain.import(nowSec, (target) =>
        importFile(source, basename(file.path), NOT_OBFUSCATED, { params, target, rng: createRng(2) }),
      );
      await chain.flush(nowSec(), 'empty');
    }),
  );
}

/** A node on a chain, for as long as `work` takes. */
async function withNode<T>(
  chain: Chainstate,
  params: ChainParams,
  options: Partial<NodeOptions>,
  work: (node: Node) => Promise<T>,
): Promise<T> {
  let fail: (error: unknown) => void = () => undefined;
  const failure = new Promise<never>((_, reject) => {
    fail = reject;
  });
  const node = await Node.start(
    { ...NODE_DEFAULTS, params, userAgent: '/bench/', connect: [], discovers: false, ...options },
    {
      clock: hostClock,
      timers: hostTimers,
      network: new TcpNetwork(),
      folder: new MemoryFolder(),
      log: nullLogger,
      rng: createRng(3),
      chain,
      mempool: null,
      onFatal: fail,
    },
  );
  try {
    return await Promise.race([work(node), failure]);
  } finally {
    await node.stop();
  }
}

/** Resolves as soon as the chain has a tip of this height. */
function tipAt(chain: Chainstate, height: number): Promise<void> {
  if (chain.height >= height) return Promise.resolve();
  return new Promise((resolve) => {
    const unsubscribe = chain.signals.blockConnected.subscribe((event) => {
      if (event.height < height) return;
      unsubscribe();
      resolve();
    });
  });
}

function synchronise(file: ChainFile, port: number): Promise<Totals> {
  const params = createBenchParams(file.path);
  return withChain(params, (chain) =>
    measureAll(async () => {
      await withNode(chain, params, { connect: [`127.0.0.1:${port}`] }, () => tipAt(chain, file.summary.height));
      await chain.flush(nowSec(), 'empty');
    }),
  );
}

/** A process that says when it is ready; its first line that matches is returned. */
async function startPartner(
  args: readonly string[],
  ready: RegExp,
): Promise<{ child: ChildProcess; match: RegExpExecArray }> {
  const child = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  let said = '';
  const match = await new Promise<RegExpExecArray>((resolve, reject) => {
    child.on('exit', () => reject(new Error(`${args.join(' ')} ended: ${said.slice(-2000)}`)));
    child.stdout!.setEncoding('utf8').on('data', (text: string) => {
      said = (said + text).slice(-100_000);
      const found = ready.exec(said);
      if (found !== null) resolve(found);
    });
  });
  return { child, match };
}

function end(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    child.once('exit', () => resolve());
    child.kill('SIGTERM');
  });
}

function withPartner<T>(args: readonly (string | number)[], work: (match: RegExpExecArray) => Promise<T>): Promise<T> {
  const words = [fileURLToPath(new URL('./sync-partners.js', import.meta.url)), ...args.map(String)];
  return startPartner(words, /ready ?(\d*)\n/).then(async ({ child, match }) => {
    try {
      return await work(match);
    } finally {
      await end(child);
    }
  });
}

function printSync(name: string, totals: readonly Totals[]): Totals {
  const wallSec = median(totals.map((one) => one.wallSec));
  const processorSec = median(totals.map((one) => one.processorSec));
  const loopDelayMs = median(totals.map((one) => one.loopDelayMs));
  printRow(name, `${wallSec.toFixed(2)} s`, `${processorSec.toFixed(2)} s cpu`, `p99 ${loopDelayMs.toFixed(1)} ms`);
  return { wallSec, processorSec, loopDelayMs };
}

/** Import from the file and over the network in turn, so that a noisy neighbour hurts both alike. */
async function benchSync(file: ChainFile, roundCount: number): Promise<void> {
  const { height, transactions, blockBytes } = file.summary;
  console.log(
    `${height} blocks, ${transactions} transactions, ${(blockBytes / 1e6).toFixed(0)} MB; ${availableParallelism()} cores`,
  );
  await withBenchFolder(async (folder) => {
    const args = [`-datadir=${folder}`, '-regtest', '-bind=127.0.0.1:0', '-connect=0', `-loadblock=${file.path}`];
    const { child, match } = await startPartner(
      [join(findProjectRoot(), 'dist', 'src', 'cli', 'tallyd.js'), ...args],
      /Bound to 127\.0\.0\.1:(\d+)\n/,
    );
    try {
      const imports: Totals[] = [];
      const syncs: Totals[] = [];
      for (let round = 0; round < roundCount; round++) {
        imports.push(await importChain(file));
        syncs.push(await synchronise(file, Number(match[1])));
      }
      const one = printSync('import from the file', imports);
      const other = printSync('synchronisation over loopback', syncs);
      printRow(`… time on the clock to it (≤ ${GOALS.syncToImport})`, (other.wallSec / one.wallSec).toFixed(3));
      printRow(`… time of processors to it`, (other.processorSec / one.processorSec).toFixed(3));
      printRow(`… event loop p99 (≤ ${GOALS.loopDelayMs} ms)`, `${other.loopDelayMs.toFixed(1)} ms`);
    } finally {
      await end(child);
    }
  });
}

async function benchHeaders(count: number): Promise<void> {
  await withPartner(['headers', count], async (match) => {
    const params = createRegtestParams();
    const chain = await openMemoryChain(params);
    const totals = await measureAll(() =>
      withNode(chain, params, { connect: [`127.0.0.1:${match[1]}`] }, async () => {
        while (chain.index.height(chain.index.bestHeader) < count)
          await new Promise((resolve) => setTimeout(resolve, 2));
      }),
    );
    const rate = (seconds: number): string => `${Math.round(count / seconds)}/s`;
    printRow(`headers (≥ ${GOALS.headersPerSec}/s)`, rate(totals.wallSec), `${rate(totals.processorSec)} cpu`);
  });
}

/** What is in use when everything that is not has been thrown away. */
function usedBytes(collect: () => void): number {
  collect();
  collect();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

async function benchMemory(role: string, count: number, goalBytes: number): Promise<void> {
  const collect = (globalThis as { gc?: () => void }).gc;
  if (collect === undefined) throw new Error('memory can be measured with node --expose-gc only');
  const params = createRegtestParams();
  const chain = await openMemoryChain(params);
  await withNode(chain, params, { listen: [listenAt('127.0.0.1', 0)], connectionCountMax: 300 }, async (node) => {
    const { port } = node.listening[0]!;
    // the first peers make what all share
    await withPartner(['idle', 5, port], () => new Promise((resolve) => setTimeout(resolve, 1000)));
    const before = usedBytes(collect);
    await withPartner([role, count, port], async () => {
      await new Promise((resolve) => setTimeout(resolve, 3000));
      const connected = node.peers().length;
      const bytes = (usedBytes(collect) - before) / count;
      printRow(`${role} peer (≤ ${goalBytes / 1000} kB)`, `${Math.round(bytes / 1000)} kB`, `${connected} connected`);
    });
  });
}

const HELP = `npm run bench:sync -- [options]: how a node fares in its network
  --transactions N  size of the chain that is synchronised (100000); one that is not there yet is generated
  --seed S          another chain of the same kind (1)
  --rounds N        how often it is imported and synchronised (1); the medians count
  --headers N       headers that are accepted (200000)
  --only PART       sync, headers or memory`;

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      transactions: { type: 'string', default: '100000' },
      seed: { type: 'string', default: '1' },
      rounds: { type: 'string', default: '1' },
      headers: { type: 'string', default: '200000' },
      only: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    console.log(HELP);
    return;
  }
  const isWanted = (part: string): boolean => values.only === undefined || values.only === part;
  if (isWanted('sync')) {
    const file = ensureChainFile({ transactions: Number(values.transactions), seed: Number(values.seed) });
    await benchSync(file, Number(values.rounds));
  }
  if (isWanted('headers')) await benchHeaders(Number(values.headers));
  if (isWanted('memory')) {
    await benchMemory('idle', 100, GOALS.idlePeerBytes);
    await benchMemory('waiting', 20, GOALS.hostilePeerBytes);
    await benchMemory('deaf', 20, GOALS.hostilePeerBytes);
  }
}

await main();
