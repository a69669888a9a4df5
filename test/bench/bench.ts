// npm run bench: how near the kernel comes to its limits, on real blocks. Every figure is a median of interleaved rounds and
// stands beside the limit that it is measured against: the bare hash, or the curve called in a bare loop.

import { hashKernel, STAGING_BYTES } from '../../src/kernel/crypto/hash-kernel.ts';
import type { Secp256k1 } from '../../src/kernel/crypto/secp256k1.ts';
import { nobleSecp256k1 } from '../../src/kernel/crypto/secp256k1-noble.ts';
import { scanBlock } from '../../src/kernel/primitives/block.ts';
import { InputVerifier } from '../../src/kernel/script/verify.ts';
import { secp256k1Loaders } from '../../src/platform/node/secp256k1.ts';
import { absenceNotice, openVectorFolder, vectorsPath } from '../vectors/folder.ts';
import type { VectorFolder } from '../vectors/judge.ts';
import { compareMs, garbageBytes, median, timeMs } from './measure.ts';
import { assumeGoodSignatures, Recording, recordQuestions } from './recorder.ts';
import { measureRawLibrary } from './secp-raw.ts';
import { loadRun, loadSpendingBlock, needFile, readBlock, type Workload } from './workloads.ts';

const SCANNED: readonly string[] = [
  'blocks/mainnet/single/block413567.raw.gz',
  'blocks/mainnet/single/block_481824_complete.bin.gz',
  'blocks/mainnet/single/block-758000.bin.gz',
  'blocks/mainnet/runs/831328-831335/0831328.bin.gz',
];

/** To reach, from the project's goals. */
const GOALS = { scanMsPerMb: 0.3, txidsToHash: 1.5, verifyToRaw: 0.8 };

function print(...cells: readonly (string | number)[]): void {
  console.log(cells.map((cell, i) => (i === 0 ? String(cell).padEnd(42) : String(cell).padStart(14))).join(''));
}

function title(text: string): void {
  console.log(`\n${text}`);
}

/** Double hashes of all transactions, and the compressions they need: the limit of computing txids. */
function countCompressions(sizes: readonly number[]): number {
  return sizes.reduce((sum, size) => sum + Math.ceil((size + 9) / 64) + 1, 0);
}

/** Rounds of scanning and hashing. */
const ROUNDS = 41;

function benchBlocks(folder: VectorFolder): void {
  title(`scan and txids (goals: scan ≤ ${GOALS.scanMsPerMb} ms per MB, txids ≤ ${GOALS.txidsToHash}× bare hashing)`);
  print('block', 'MB', 'txs', 'scan ms/MB', 'txids ms', 'bare ms', 'ratio');
  const kernel = hashKernel();
  for (const path of SCANNED) {
    const file = folder.find(path);
    if (file === undefined) continue;
    const bytes = file.bytes();
    const block = readBlock(bytes);
    const sizes = Array.from({ length: block.txCount }, (_, i) => block.transaction(i).strippedSize);
    const batches = Math.floor((countCompressions(sizes) * 64) / STAGING_BYTES);
    const rest = countCompressions(sizes) - (batches * STAGING_BYTES) / 64;
    // A block computes its txids once: every round gets one that has not.
    const fresh = Array.from({ length: ROUNDS + 1 }, () => scanBlock(bytes, false));
    const [scanMs, txidsMs, bareMs] = compareMs(ROUNDS, [
      () => scanBlock(bytes, false),
      () => fresh.pop()!.txids(),
      () => {
        for (let i = 0; i < batches; i++) kernel.compress(STAGING_BYTES / 64);
        kernel.compress(rest);
      },
    ]) as [number, number, number];
    const mb = bytes.length / 1e6;
    print(
      file.name.slice(0, 40),
      mb.toFixed(2),
      block.txCount,
      (scanMs / mb).toFixed(3),
      txidsMs.toFixed(2),
      bareMs.toFixed(2),
      (txidsMs / bareMs).toFixed(2),
    );
  }
}

/** Verifies every input; anything but success ends the benchmark. */
function verifyAll(workload: Workload, verifier: InputVerifier): void {
  for (const { transaction, spent } of workload.spends) {
    verifier.setTransaction(transaction, spent);
    for (let i = 0; i < transaction.inputCount; i++) {
      const error = verifier.verifyInput(i, workload.flags);
      if (error !== null) throw new Error(`${workload.name}: input ${i} failed with ${error}`);
    }
  }
}

function presentBackends(): Secp256k1[] {
  const backends: Secp256k1[] = [];
  for (const loader of secp256k1Loaders(process.env['TALLY_SECP256K1'])) {
    const loaded = loader.load();
    if (loaded.ok) backends.push(loaded.value);
    else console.log(`${loader.backend}: passed over (${loaded.error.detail})`);
  }
  return backends;
}

/** A JavaScript backend needs minutes for what the library does in a second: it gets the first inputs only. */
function shorten(workload: Workload, inputsMax: number): Workload {
  const spends: Workload['spends'][number][] = [];
  let inputCount = 0;
  for (const spend of workload.spends) {
    if (inputCount >= inputsMax) break;
    spends.push(spend);
    inputCount += spend.transaction.inputCount;
  }
  return { ...workload, spends, inputCount };
}

/** How often a workload is run to reach so many inputs: a time of a few milliseconds says nothing. */
function repeatsFor(workload: Workload, inputsMin: number): number {
  return Math.ceil(inputsMin / workload.inputCount);
}

function benchVerification(workload: Workload, secp: Secp256k1, inputsMin: number): void {
  const recording = new Recording();
  verifyAll(workload, new InputVerifier(recordQuestions(secp, recording)));
  const verifier = new InputVerifier(secp);
  const repeats = repeatsFor(workload, inputsMin);
  const [fullMs, rawMs] = compareMs(5, [
    () => {
      for (let i = 0; i < repeats; i++) verifyAll(workload, verifier);
    },
    () => {
      for (let i = 0; i < repeats; i++) recording.replay(secp);
    },
  ]) as [number, number];
  const signatures = repeats * recording.signatureCount;
  print(
    workload.name,
    workload.inputCount,
    recording.signatureCount,
    Math.round((signatures * 1000) / fullMs),
    Math.round((signatures * 1000) / rawMs),
    (rawMs / fullMs).toFixed(2),
  );
}

function benchOverhead(workload: Workload): void {
  const verifier = new InputVerifier(assumeGoodSignatures(nobleSecp256k1));
  const run = (): void => verifyAll(workload, verifier);
  const repeats = repeatsFor(workload, 20_000);
  const runMany = (): void => {
    for (let i = 0; i < repeats; i++) run();
  };
  runMany();
  const ms = median(Array.from({ length: 7 }, () => timeMs(runMany))) / repeats;
  const garbage = garbageBytes(2 * repeats, run);
  print(
    workload.name,
    workload.inputCount,
    ((ms * 1000) / workload.inputCount).toFixed(2),
    garbage === null ? 'unknown' : (garbage / workload.inputCount).toFixed(1),
  );
}

function main(): void {
  const folder = openVectorFolder(vectorsPath());
  if (folder === null) {
    console.log(absenceNotice(vectorsPath()));
    return;
  }
  console.log(`SHA-256: ${hashKernel().name}; Node ${process.version}`);
  benchBlocks(folder);

  const normalized = 'blocks/with-prevouts/normalized';
  const workloads = folder.files
    .filter((file) => file.folder === normalized)
    .map((file) => loadSpendingBlock(folder, file))
    .filter((workload) => workload !== null && workload.inputCount >= 50) as Workload[];
  needFile(folder, 'blocks/mainnet/runs/831328-831335/0831328.bin.gz');
  workloads.push(loadRun(folder, 'blocks/mainnet/runs/831328-831335', 831_328));

  title('around the curve: script, sighash and everything but signatures (which count as good)');
  print('transactions of', 'inputs', 'µs/input', 'garbage B/input');
  for (const workload of workloads) benchOverhead(workload);

  for (const secp of presentBackends()) {
    title(`full script verification with ${secp.name} (goal: ≥ ${GOALS.verifyToRaw} of the backend in a bare loop)`);
    print('transactions of', 'inputs', 'signatures', 'verified/s', 'bare loop/s', 'ratio');
    const [inputsMin, inputsMax] = secp === nobleSecp256k1 ? [1, 150] : [2_000, 25_000];
    for (const workload of workloads) benchVerification(shorten(workload, inputsMax), secp, inputsMin);
  }
  measureRawLibrary(presentBackends());
}

main();
