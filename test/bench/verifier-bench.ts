// A command: real blocks through the script verifiers, on the calling thread and on 1, 2 and 3 threads, beside what the curve alone
// would take on all cores. Rounds are interleaved, the bare loop in C among them. On a busy machine look at the columns of
// processor time: they are what the work costs, wherever it runs, while the time on the clock includes what others do.
//
//   node dist/test/bench/verifier-bench.js [ROUNDS]

import { availableParallelism } from 'node:os';
import type { ScriptBatch, ScriptVerifier } from '../../src/kernel/chain/ports.ts';
import { shareBatch } from '../../src/kernel/chain/shared-batch.ts';
import type { Secp256k1 } from '../../src/kernel/crypto/secp256k1.ts';
import { InputVerifier } from '../../src/kernel/script/verify.ts';
import { openScriptVerifier, ScriptWorkers } from '../../src/platform/node/script-workers.ts';
import { loadSecp256k1 } from '../../src/platform/node/secp256k1.ts';
import { packScriptBatch, type Spend } from '../model/script-batch.ts';
import { absenceNotice, openVectorFolder, vectorsPath } from '../vectors/folder.ts';
import { median, timeMs } from './measure.ts';
import { Recording, recordQuestions } from './recorder.ts';
import { measureLimit } from './secp-raw.ts';
import { loadRun, loadSpendingBlock, needFile, type Workload } from './workloads.ts';

/** Inputs of a block, about as many as a full one has. */
const BATCH_INPUTS = 5000;

/** Inputs of a round: small blocks are repeated. */
const ROUND_INPUTS = 15_000;

/** Blocks that are under way at once, as when a chain is imported. */
const UNDER_WAY = 8;

interface Sample {
  readonly wallMs: number;
  readonly processorMs: number;
}

interface Candidate {
  readonly name: string;
  readonly coreCount: number;
  readonly verifier: ScriptVerifier;
  readonly samples: Sample[];
}

interface Work {
  readonly batches: readonly ScriptBatch[];
  readonly signatureCount: number;
  readonly tweakCount: number;
  readonly inputCount: number;
}

function print(...cells: readonly (string | number)[]): void {
  console.log(cells.map((cell, i) => (i === 0 ? String(cell).padEnd(24) : String(cell).padStart(15))).join(''));
}

function packBatches(workload: Workload): ScriptBatch[] {
  const batches: ScriptBatch[] = [];
  let spends: Spend[] = [];
  let inputCount = 0;
  for (const spend of workload.spends) {
    spends.push(spend);
    inputCount += spend.transaction.inputCount;
    if (inputCount < BATCH_INPUTS) continue;
    batches.push(packScriptBatch(spends, workload.flags, true));
    spends = [];
    inputCount = 0;
  }
  if (spends.length > 0) batches.push(packScriptBatch(spends, workload.flags, true));
  return batches;
}

/** What a workload asks of the curve, counted. */
function recordWorkload(workload: Workload, secp: Secp256k1): Recording {
  const recording = new Recording();
  const verifier = new InputVerifier(recordQuestions(secp, recording));
  for (const { transaction, spent } of workload.spends) {
    verifier.setTransaction(transaction, spent);
    for (let i = 0; i < transaction.inputCount; i++) verifier.verifyInput(i, workload.flags);
  }
  return recording;
}

function createWork(workload: Workload, secp: Secp256k1): Work {
  const recording = recordWorkload(workload, secp);
  const times = Math.ceil(ROUND_INPUTS / workload.inputCount);
  const batches = packBatches(workload);
  return {
    batches: Array.from({ length: times }, () => batches).flat(),
    signatureCount: times * recording.signatureCount,
    tweakCount: times * recording.tweakCount,
    inputCount: times * workload.inputCount,
  };
}

async function judge(verifier: ScriptVerifier, batch: ScriptBatch): Promise<void> {
  const failure = await verifier.verify(batch);
  if (failure !== null) throw new Error(`input ${failure.inputIndex} of ${failure.txIndex} failed: ${failure.error}`);
}

async function runRound(verifier: ScriptVerifier, batches: readonly ScriptBatch[]): Promise<Sample> {
  const start = performance.now();
  const processorStart = process.cpuUsage();
  const underWay: Promise<void>[] = [];
  for (const batch of batches) {
    if (underWay.length >= UNDER_WAY) await underWay.shift();
    underWay.push(judge(verifier, batch));
  }
  await Promise.all(underWay);
  const { user, system } = process.cpuUsage(processorStart);
  return { wallMs: performance.now() - start, processorMs: (user + system) / 1000 };
}

async function openCandidates(secp: Secp256k1): Promise<Candidate[]> {
  const inline = await openScriptVerifier(1, secp);
  const candidates: Candidate[] = [{ name: 'calling thread', coreCount: 1, verifier: inline, samples: [] }];
  for (const threadCount of [1, 2, 3]) {
    const before = process.memoryUsage.rss();
    const start = performance.now();
    const verifier = await ScriptWorkers.open({ threadCount });
    const startMs = performance.now() - start;
    const mb = (process.memoryUsage.rss() - before) / threadCount / 1e6;
    console.log(
      `${threadCount} threads: started in ${startMs.toFixed(0)} ms, ${mb.toFixed(0)} MB each (${verifier.backend})`,
    );
    const coreCount = Math.min(threadCount, availableParallelism());
    candidates.push({ name: `${threadCount} threads`, coreCount, verifier, samples: [] });
  }
  return candidates;
}

async function benchWorkload(workload: Workload, secp: Secp256k1, rounds: number): Promise<void> {
  const work = createWork(workload, secp);
  const { batches, inputCount, signatureCount, tweakCount } = work;
  const blockMb = batches.reduce((sum, { block }) => sum + block.totalSize, 0) / 1e6;
  console.log(
    `\n${workload.name}: ${batches.length} blocks, ${blockMb.toFixed(1)} MB, ${inputCount} inputs, ` +
      `${signatureCount} signatures, ${tweakCount} taproot commitments`,
  );
  const candidates = await openCandidates(secp);
  const shareMs = Array.from({ length: 9 }, () => timeMs(() => batches.forEach(shareBatch)));
  const limits: number[] = [];
  for (let round = 0; round <= rounds; round++) {
    limits.push((1000 * signatureCount) / measureLimit(secp, 1).ecdsa);
    for (const { samples, verifier } of candidates) {
      const sample = await runRound(verifier, batches);
      if (round > 0) samples.push(sample);
    }
  }
  const limitMs = median(limits);
  print('', 'clock ms', 'best ms', 'clock ÷ limit', 'processor ms', '÷ limit');
  for (const { name, coreCount, samples } of candidates) {
    const wallMs = median(samples.map((sample) => sample.wallMs));
    const bestMs = Math.min(...samples.map((sample) => sample.wallMs));
    const processorMs = median(samples.map((sample) => sample.processorMs));
    const ratios = [(coreCount * wallMs) / limitMs, processorMs / limitMs].map((ratio) => ratio.toFixed(2));
    print(name, wallMs.toFixed(0), bestMs.toFixed(0), ratios[0]!, processorMs.toFixed(0), ratios[1]!);
  }
  console.log(`spent outputs into shared memory: ${(median(shareMs) / blockMb).toFixed(3)} ms per MB of block`);
  for (const { verifier } of candidates) await verifier.close();
}

async function main(): Promise<void> {
  const folder = openVectorFolder(vectorsPath());
  if (folder === null) {
    console.log(absenceNotice(vectorsPath()));
    return;
  }
  const rounds = Number(process.argv[2] ?? 7);
  const secp = loadSecp256k1().backend;
  const limit = measureLimit(secp);
  console.log(
    `${limit.name}: ${Math.round(limit.ecdsa)} ECDSA, ${Math.round(limit.schnorr)} Schnorr per second and core`,
  );
  console.log(`limit: signatures ÷ ECDSA rate ÷ cores in use, of ${availableParallelism()}; Node ${process.version}`);
  const block = needFile(folder, 'blocks/with-prevouts/normalized/testnet3-928816.json.gz');
  needFile(folder, 'blocks/mainnet/runs/831328-831335/0831328.bin.gz');
  const workloads = [loadSpendingBlock(folder, block)!, loadRun(folder, 'blocks/mainnet/runs/831328-831335', 831_328)];
  for (const workload of workloads) await benchWorkload(workload, secp, rounds);
}

await main();
