// Runs inside the browser: the same compiled kernel as everywhere, a block with its prevouts, and a verdict. Nothing here knows
// Node; what the test wants to see comes back as plain data.

import { CoinsOverlay } from '../../src/kernel/consensus/coins-overlay.ts';
import { formatReject } from '../../src/kernel/consensus/reject.ts';
import { validateBlock } from '../../src/kernel/consensus/validate-block.ts';
import { hashKernel } from '../../src/kernel/crypto/hash-kernel.ts';
import type { Secp256k1 } from '../../src/kernel/crypto/secp256k1.ts';
import { nobleSecp256k1 } from '../../src/kernel/crypto/secp256k1-noble.ts';
import { selfTestSecp256k1 } from '../../src/kernel/crypto/secp256k1-self-test.ts';
import { createWasmSecp256k1 } from '../../src/kernel/crypto/secp256k1-wasm.ts';
import { decodeBlock } from '../../src/kernel/primitives/block.ts';
import { InputVerifier } from '../../src/kernel/script/verify.ts';
import { TEST_RNG } from '../model/block-builder.ts';
import type { VectorFile } from '../vectors/judge.ts';
import { recogniseSpendingFile, type SpendingBlock } from '../vectors/spending-block.ts';
import { prepareSurroundings } from '../vectors/surroundings.ts';

/** What the page found out. */
export interface PageReport {
  readonly secp256k1: string;
  readonly sha256: string;
  readonly verdict: string;
  readonly feesSat: number;
  readonly scriptJobs: number;
  /** The verdict after one bit of a signature has been turned. */
  readonly verdictWhenChanged: string;
  readonly milliseconds: number;
}

/** The backend in WebAssembly where its file has been built, else JavaScript. */
async function loadSecp256k1(): Promise<Secp256k1> {
  const response = await fetch('/build/secp256k1.wasm');
  if (!response.ok) return nobleSecp256k1;
  const loaded = createWasmSecp256k1(new Uint8Array(await response.arrayBuffer()));
  return loaded.ok && selfTestSecp256k1(loaded.value) === null ? loaded.value : nobleSecp256k1;
}

async function fetchSource(path: string): Promise<SpendingBlock> {
  const json: unknown = await (await fetch(`/${path}`)).json();
  const at = path.lastIndexOf('/');
  const file = { path, folder: path.slice(0, at), name: path.slice(at + 1), json: () => json, tryJson: () => json };
  const folder = { files: [], find: () => undefined, siblings: () => [] };
  const recognised = recogniseSpendingFile(file as unknown as VectorFile, folder);
  if (recognised?.kind !== 'block') throw new Error(`${path} is no block with prevouts`);
  return recognised.read();
}

function judge(source: SpendingBlock, secp: Secp256k1): ReturnType<typeof validateBlock> {
  const verifier = new InputVerifier(secp);
  const { params, branch, coins } = prepareSurroundings(source, verifier);
  const overlay = new CoinsOverlay(coins, TEST_RNG);
  return validateBlock(source.block, overlay, branch, params, { verifier });
}

/** The same block with one bit of a witness turned; the witness commitment still covers the witness, so that breaks first. */
function changeWitness(source: SpendingBlock): SpendingBlock {
  const bytes = source.block.serialized().slice();
  const last = source.block.transaction(source.block.txCount - 1);
  bytes[last.end - 6] = bytes[last.end - 6]! ^ 1;
  const changed = decodeBlock(bytes);
  if (!changed.ok) throw changed.error;
  return { ...source, block: changed.value };
}

/** Judges the block at `path` twice, once as it is and once changed. */
export async function judgeBlock(path: string): Promise<PageReport> {
  const secp = await loadSecp256k1();
  const source = await fetchSource(path);
  const start = performance.now();
  const valid = judge(source, secp);
  const milliseconds = performance.now() - start;
  const changed = judge(changeWitness(source), secp);
  return {
    secp256k1: secp.name,
    sha256: hashKernel().name,
    verdict: valid.ok ? 'valid' : formatReject(valid.error),
    feesSat: valid.ok ? valid.value.feesSat : 0,
    scriptJobs: valid.ok ? valid.value.scriptJobs.length : 0,
    verdictWhenChanged: changed.ok ? 'valid' : changed.error.reason,
    milliseconds,
  };
}
