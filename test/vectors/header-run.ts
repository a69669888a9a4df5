// Runs of headers as they lie in files: who they belong to, at which height they begin, and whether each of them follows the
// rules as far as the run itself shows the context. A run from a genesis block is judged in full. One that starts in the middle
// is judged by link and proof of work from the first header, by time from the twelfth, by retarget from the first whole period.

import { computeMedianTimePast, MemoryHeaderBranch } from '../../src/kernel/consensus/header-branch.ts';
import { checkHeader, checkNextHeader } from '../../src/kernel/consensus/header-check.ts';
import { createNetworkParams, NETWORK_NAMES, type NetworkName } from '../../src/kernel/consensus/networks/all.ts';
import type { ChainParams } from '../../src/kernel/consensus/params.ts';
import { permittedDifficultyTransition } from '../../src/kernel/consensus/pow.ts';
import { formatReject } from '../../src/kernel/consensus/reject.ts';
import type { BlockHeader } from '../../src/kernel/primitives/header.ts';
import { equalBytes, isZeroBytes } from '../../src/kernel/util/bytes.ts';
import type { VectorFile } from './judge.ts';

/** Headers that follow one another, and where that is. */
export interface HeaderRun {
  readonly params: ChainParams;
  readonly headers: readonly BlockHeader[];
  /** Height of the first header, or null when neither the run nor its difficulty tells. */
  readonly firstHeight: number | null;
  /** The height is true, not only right within its difficulty period. */
  readonly isHeightExact: boolean;
}

/** Every timestamp lies before this clock: files of headers are history. */
export const END_OF_TIME_SEC: number = 2 ** 32 - 1;

/** Headers of context that the median time past takes. */
const MEDIAN_TIME_SPAN = 11;

/** Folder names of the vectors for networks whose name differs. */
const FOLDER_NAMES: ReadonlyMap<string, NetworkName> = new Map([
  ['mainnet', 'main'],
  ['testnet3', 'test'],
]);

/** The network that the last part of a file's folder names; the main network where it names none. */
export function networkOfFolder(file: VectorFile): NetworkName {
  const last = file.folder.slice(file.folder.lastIndexOf('/') + 1);
  return FOLDER_NAMES.get(last) ?? NETWORK_NAMES.find((name) => name === last) ?? 'main';
}

/** Finds network and height of headers: by their genesis block, or else by the folder and the places where bits change. */
export function locateRun(headers: readonly BlockHeader[], network: NetworkName): HeaderRun {
  const first = headers[0]!;
  for (const name of NETWORK_NAMES) {
    const params = createNetworkParams(name);
    const { genesisHash } = params.consensus;
    if (equalBytes(first.blockHash, genesisHash)) return { params, headers, firstHeight: 0, isHeightExact: true };
    if (equalBytes(first.previousBlockHash, genesisHash))
      return { params, headers, firstHeight: 1, isHeightExact: true };
  }
  const params = createNetworkParams(network);
  const { interval, allowMinDifficultyBlocks } = params.consensus.pow;
  const change = headers.findIndex((header, i) => i > 0 && header.bits !== headers[i - 1]!.bits);
  if (change < 0 || allowMinDifficultyBlocks) return { params, headers, firstHeight: null, isHeightExact: false };
  // Low enough that no rule counts that begins at a height of history, which this is not.
  return { params, headers, firstHeight: interval - (change % interval), isHeightExact: false };
}

/** What is wrong with each header of a run, in order; null: nothing. */
export function* checkRun(run: HeaderRun): Generator<string | null> {
  if (run.firstHeight === 0 || run.isHeightExact) yield* checkRunFromGenesis(run);
  else yield* checkRunFromMiddle(run);
}

function* checkRunFromGenesis(run: HeaderRun): Generator<string | null> {
  const { genesis, consensus } = run.params;
  const branch = new MemoryHeaderBranch([genesis.header]);
  for (const [i, header] of run.headers.entries()) {
    if (i === 0 && run.firstHeight === 0) {
      yield equalBytes(header.serialized(), genesis.header.serialized()) ? null : 'not the genesis block';
      continue;
    }
    const reject = checkNextHeader(header, branch, consensus, END_OF_TIME_SEC);
    yield reject === null ? null : formatReject(reject);
    branch.append(header);
  }
}

function* checkRunFromMiddle(run: HeaderRun): Generator<string | null> {
  const firstHeight = run.firstHeight ?? 0;
  const branch = new MemoryHeaderBranch([], firstHeight);
  for (const header of run.headers) {
    const before = branch.height - firstHeight + 1;
    yield before === 0 ? checkAlone(header, run) : checkWithin(header, branch, before, run);
    branch.append(header);
  }
}

function checkAlone(header: BlockHeader, run: HeaderRun): string | null {
  if (isZeroBytes(header.previousBlockHash)) return 'a genesis block of no known network';
  const reject = checkHeader(header, run.params.consensus.pow);
  return reject === null ? null : formatReject(reject);
}

/** Checks a header with `before` headers of context. */
function checkWithin(header: BlockHeader, branch: MemoryHeaderBranch, before: number, run: HeaderRun): string | null {
  const { consensus } = run.params;
  const { pow } = consensus;
  const height = branch.height + 1;
  const isRetarget = height % pow.interval === 0;
  const canJudgeBits = run.firstHeight !== null && (!isRetarget || before >= pow.interval);
  if (before >= MEDIAN_TIME_SPAN && canJudgeBits) {
    const reject = checkNextHeader(header, branch, consensus, END_OF_TIME_SEC);
    return reject === null ? null : formatReject(reject);
  }
  const alone = checkAlone(header, run);
  if (alone !== null) return alone;
  if (!equalBytes(header.previousBlockHash, branch.blockHash(branch.height))) return 'prev-blk-not-found';
  if (before >= MEDIAN_TIME_SPAN && header.timeSec <= computeMedianTimePast(branch)) return 'time-too-old';
  if (run.firstHeight === null) return null;
  return permittedDifficultyTransition(pow, height, branch.bits(branch.height), header.bits) ? null : 'bad-diffbits';
}
