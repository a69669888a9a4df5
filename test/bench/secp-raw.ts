// Verifications per second of every secp256k1 backend, ECDSA and Schnorr, beside libsecp256k1 called in a bare loop from C
// (compiled on the spot where a C compiler and the library are there). Seconds of processor time, medians of interleaved
// rounds, so that a busy machine spoils the ratios little. A backend that remembers keys has seen those of the samples after the
// first round, and may be faster than the bare loop.

import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Secp256k1 } from '../../src/kernel/crypto/secp256k1.ts';
import { nobleSecp256k1 } from '../../src/kernel/crypto/secp256k1-noble.ts';
import { sha256 } from '../../src/kernel/crypto/sha256.ts';
import { concatBytes } from '../../src/kernel/util/bytes.ts';
import { openSecpLibrary } from '../../src/platform/node/secp-library.ts';
import { findProjectRoot } from '../vectors/folder.ts';
import { garbageBytes, median } from './measure.ts';

/** Verifications of each kind whose garbage is counted. */
const GARBAGE_CALLS = 8192;

/** What is verified: the same signatures for everyone. */
interface Sample {
  readonly signature: Uint8Array;
  readonly digest: Uint8Array;
  readonly key: Uint8Array;
  readonly schnorrSignature: Uint8Array;
  readonly keyX: Uint8Array;
}

/** Verifications per second of processor time. */
export interface Rates {
  readonly ecdsa: number;
  readonly schnorr: number;
}

interface Candidate {
  readonly name: string;
  measure(): Rates;
}

/**
 * As many as a round takes, so that none comes twice: no chain repeats a signature, and a processor that sees 64 of them again and
 * again learns their branches by heart and is 5 to 8 % too fast. As many as secp-raw.c has room for.
 */
const SAMPLE_COUNT = 4096;

/** JavaScript is fifty times slower and learns nothing that matters. */
const NOBLE_SAMPLE_COUNT = 64;

function makeSample(signer: Secp256k1, index: number): Sample {
  const secret = sha256(Uint8Array.of(index & 0xff, index >>> 8, 1));
  const digest = sha256(Uint8Array.of(index & 0xff, index >>> 8, 2));
  const key = signer.createPublicKey(secret, true)!;
  return {
    signature: signer.signEcdsa(digest, secret)!,
    digest,
    key,
    schnorrSignature: signer.signSchnorr(digest, secret, new Uint8Array(32))!,
    keyX: key.slice(1),
  };
}

function processorSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

/** Runs `verify` over the samples; a refusal ends the benchmark. */
function rateOf(samples: readonly Sample[], verify: (sample: Sample) => boolean): number {
  const start = processorSeconds();
  for (const sample of samples) {
    if (!verify(sample)) throw new Error('a good signature was refused');
  }
  return samples.length / (processorSeconds() - start);
}

function candidateOf(backend: Secp256k1, samples: readonly Sample[]): Candidate {
  const own = backend === nobleSecp256k1 ? samples.slice(0, NOBLE_SAMPLE_COUNT) : samples;
  return {
    name: backend.name,
    measure: () => ({
      ecdsa: rateOf(own, (s) => backend.verifyEcdsa(s.signature, s.digest, s.key)),
      schnorr: rateOf(own, (s) => backend.verifySchnorr(s.schnorrSignature, s.digest, s.keyX)),
    }),
  };
}

/** The bare loop in C, or why there is none. */
function buildRawLoop(samples: readonly Sample[], folder: string): Candidate | string {
  const library = openSecpLibrary(process.env['TALLY_SECP256K1'], process.platform);
  if (!library.ok) return `the system's libsecp256k1 ${library.error.detail}`;
  const program = join(folder, 'secp-raw');
  const source = join(findProjectRoot(), 'test', 'bench', 'secp-raw.c');
  const compiled = spawnSync('cc', ['-O2', '-o', program, source, '-ldl'], { encoding: 'utf8' });
  if (compiled.status !== 0) return compiled.error === undefined ? compiled.stderr : 'no C compiler (cc)';
  const data = join(folder, 'samples');
  const records = samples.map((s) => concatBytes(s.signature, s.digest, s.key, s.schnorrSignature, s.keyX));
  writeFileSync(data, concatBytes(...records));
  return {
    name: 'libsecp256k1 in a bare loop in C',
    measure: () => {
      const printed = execFileSync(program, [library.value.path, data, '1'], { encoding: 'utf8' });
      const [ecdsa, schnorr] = printed.trim().split(' ').map(Number) as [number, number];
      return { ecdsa, schnorr };
    },
  };
}

function printRow(name: string, ...cells: readonly string[]): void {
  console.log(name.padEnd(34), cells.map((cell) => cell.padStart(13)).join(''));
}

function ratioTo(limit: number | undefined, rate: number): string {
  return limit === undefined ? 'unknown' : (rate / limit).toFixed(2);
}

/** Bytes of garbage per verification, of both kinds on average. Indexed loops, since iterators would be counted, too. */
function garbageOf(backend: Secp256k1, samples: readonly Sample[]): string {
  const verifyAll = (): void => {
    for (let i = 0; i < GARBAGE_CALLS; i++) {
      const sample = samples[i % samples.length]!;
      backend.verifyEcdsa(sample.signature, sample.digest, sample.key);
      backend.verifySchnorr(sample.schnorrSignature, sample.digest, sample.keyX);
    }
  };
  verifyAll();
  const garbage = garbageBytes(1, verifyAll);
  return garbage === null ? 'unknown' : (garbage / (2 * GARBAGE_CALLS)).toFixed(1);
}

function measureIn(folder: string, backends: readonly Secp256k1[], rounds: number): void {
  const samples = Array.from({ length: SAMPLE_COUNT }, (_, index) => makeSample(backends[0]!, index));
  const raw = buildRawLoop(samples, folder);
  const candidates = backends.map((backend) => candidateOf(backend, samples));
  if (typeof raw === 'string') console.log(`no bare loop to compare with: ${raw}`);
  else candidates.unshift(raw);

  const measured = candidates.map((): Rates[] => []);
  for (let round = 0; round <= rounds; round++) {
    candidates.forEach((candidate, i) => {
      const rates = candidate.measure();
      if (round > 0) measured[i]!.push(rates);
    });
  }
  const medians = measured.map((rates) => ({
    ecdsa: median(rates.map(({ ecdsa }) => ecdsa)),
    schnorr: median(rates.map(({ schnorr }) => schnorr)),
  }));
  const limit = typeof raw === 'string' ? undefined : medians[0];
  printRow(`verified per second (Node ${process.version})`, 'ECDSA', 'Schnorr', 'ratio', 'ratio', 'garbage B');
  candidates.forEach(({ name }, i) => {
    const { ecdsa, schnorr } = medians[i]!;
    const backend = backends.find((one) => one.name === name);
    const garbage = backend === undefined || backend === nobleSecp256k1 ? '' : garbageOf(backend, samples);
    const ratios = [ratioTo(limit?.ecdsa, ecdsa), ratioTo(limit?.schnorr, schnorr)];
    printRow(name, String(Math.round(ecdsa)), String(Math.round(schnorr)), ...ratios, garbage);
  });
}

/** Prints a row for the bare loop and one for each of `backends`, of which there must be one. */
export function measureRawLibrary(backends: readonly Secp256k1[], rounds = 7): void {
  const folder = mkdtempSync(join(tmpdir(), 'secp-bench-'));
  try {
    measureIn(folder, backends, rounds);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A limit, and by what it was measured. */
export type Limit = Rates & { readonly name: string };

/**
 * What the curve alone allows on this machine: by the bare loop in C, or by `backend` where none can be built. The best of some
 * rounds: a limit is what the machine can do, and whatever disturbs a round makes it slower.
 */
export function measureLimit(backend: Secp256k1, rounds = 7): Limit {
  const folder = mkdtempSync(join(tmpdir(), 'secp-bench-'));
  try {
    const samples = Array.from({ length: SAMPLE_COUNT }, (_, index) => makeSample(backend, index));
    const raw = buildRawLoop(samples, folder);
    const candidate = typeof raw === 'string' ? candidateOf(backend, samples) : raw;
    const measured = Array.from({ length: rounds }, () => candidate.measure());
    return {
      name: candidate.name,
      ecdsa: Math.max(...measured.map(({ ecdsa }) => ecdsa)),
      schnorr: Math.max(...measured.map(({ schnorr }) => schnorr)),
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The higher of two limits of one machine, measured at different times. */
export function higherLimit(a: Limit, b: Limit): Limit {
  return { name: a.name, ecdsa: Math.max(a.ecdsa, b.ecdsa), schnorr: Math.max(a.schnorr, b.schnorr) };
}
