// Judges of blocks: CheckBlock cases, blocks with the outputs they spend, runs of blocks from a genesis block or from the middle of
// a chain, branches, and single blocks. Which is which follows from folder and shape; names only find companions, except that
// nothing but the name tells the invalid CheckBlock cases from the valid ones.

import { checkBlock, contextualCheckBlock } from '../../../src/kernel/consensus/block-check.ts';
import { MAX_FUTURE_BLOCK_TIME_SEC } from '../../../src/kernel/consensus/header-check.ts';
import { createNetworkParams, type NetworkName } from '../../../src/kernel/consensus/networks/all.ts';
import { formatReject } from '../../../src/kernel/consensus/reject.ts';
import { checkTransaction } from '../../../src/kernel/consensus/tx-check.ts';
import { checkWitnessCommitment } from '../../../src/kernel/consensus/witness-commitment.ts';
import { readU32 } from '../../../src/kernel/encoding/numbers.ts';
import { type Block, decodeBlock } from '../../../src/kernel/primitives/block.ts';
import { formatHash, parseTxid } from '../../../src/kernel/primitives/hashes.ts';
import { decodeTransaction } from '../../../src/kernel/primitives/transaction.ts';
import { InputVerifier } from '../../../src/kernel/script/verify.ts';
import { equalBytes, fromHex } from '../../../src/kernel/util/bytes.ts';
import { getCurve } from '../curve.ts';
import {
  type CaseOutcome,
  compareOutcome,
  isInside,
  type Judge,
  type VectorFile,
  type VectorFolder,
  verdictOutcome,
} from '../judge.ts';
import { KnownBranch } from '../known-branch.ts';
import { FloatingRun, findNetwork, Ledger, type PartialOutcome } from '../ledger-run.ts';
import { isArrayOf, isHex, isObject, parseHexLines } from '../shape.ts';
import { decodeFile, readCoinbaseHeight, recogniseSpendingFile } from '../spending-block.ts';
import { validateSpendingBlock } from '../validate-spending-block.ts';

// --- consensus/checkblock: [comment, is a header, check proof of work, time, bytes]

type CheckBlockRow = readonly [comment: string, isHeader: boolean, checksWork: boolean, nowSec: number, hex: string];

function isCheckBlockRow(row: unknown): row is CheckBlockRow {
  return (
    Array.isArray(row) &&
    row.length === 5 &&
    typeof row[1] === 'boolean' &&
    typeof row[2] === 'boolean' &&
    typeof row[3] === 'number' &&
    isHex(row[4], 160)
  );
}

/** What is wrong with the block of a row, in Core's words, or null. */
export function judgeCheckBlockRow([, , checksWork, nowSec, hex]: CheckBlockRow): string | null {
  const decoded = decodeBlock(fromHex(hex));
  if (!decoded.ok) return decoded.error.message;
  if (decoded.value.header.timeSec > nowSec + MAX_FUTURE_BLOCK_TIME_SEC) return 'time-too-new';
  const { consensus } = createNetworkParams('main');
  return checkBlock(decoded.value, consensus, { skipProofOfWork: !checksWork })?.reason ?? null;
}

/** What a file's name says of all its cases; null when it says nothing, and then they must agree with the first. */
function expectsFailure(name: string): boolean | null {
  if (name.includes('invalid')) return true;
  return name.includes('valid') ? false : null;
}

const checkBlockJudge: Judge = {
  name: 'CheckBlock cases',
  matches: (file) => {
    const rows = isInside(file, 'consensus') ? file.tryJson() : undefined;
    return Array.isArray(rows) && rows.some(isCheckBlockRow);
  },
  *run(file) {
    const rows = (file.json() as readonly unknown[]).filter(isCheckBlockRow);
    const verdicts = rows.map(judgeCheckBlockRow);
    const mustFail = expectsFailure(file.name) ?? verdicts[0] !== null;
    for (const [i, wrong] of verdicts.entries()) {
      yield verdictOutcome(rows[i]![0], mustFail ? (wrong === null ? 'valid, expected an error' : null) : wrong);
    }
  },
};

// --- consensus/big-tx: a transaction as large as they come, named by its txid where the name is one

const bigTxJudge: Judge = {
  name: 'large transactions',
  matches: (file) => isInside(file, 'consensus/big-tx') && decodeTransaction(file.bytes()).ok,
  *run(file) {
    const decoded = decodeTransaction(file.bytes());
    if (!decoded.ok) throw decoded.error;
    const reject = checkTransaction(decoded.value);
    yield verdictOutcome('rules of a transaction by itself', reject === null ? null : formatReject(reject));
    const named = parseTxid(file.name.split('.')[0]!);
    if (named !== null) yield compareOutcome('txid', formatHash(decoded.value.txid), formatHash(named));
  },
};

// --- blocks/with-prevouts

const spendingJudge: Judge = {
  name: 'blocks with prevouts',
  matches: (file) => isInside(file, 'blocks/with-prevouts'),
  *run(file, folder) {
    const recognised = recogniseSpendingFile(file, folder);
    if (recognised === null) throw new TypeError('a form of block with prevouts that nobody here can read');
    if (recognised.kind === 'companion') yield { name: `belongs to ${recognised.of}`, ok: true };
    else yield* validateSpendingBlock(recognised.read());
  },
};

// --- runs from a genesis block, and branches

function decodeAll(items: readonly Uint8Array[]): Block[] | null {
  const blocks: Block[] = [];
  for (const bytes of items) {
    const decoded = bytes.length > 80 ? decodeBlock(bytes) : null;
    if (decoded === null || !decoded.ok) return null;
    blocks.push(decoded.value);
  }
  return blocks;
}

/** The blocks of a file of magic, length, block, again and again; null for another form. */
function splitFramed(bytes: Uint8Array): Uint8Array[] | null {
  const items: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; ) {
    if (bytes.length - at < 8 || readU32(bytes, at) !== readU32(bytes, 0)) return null;
    const end = at + 8 + readU32(bytes, at + 4);
    if (end > bytes.length) return null;
    items.push(bytes.subarray(at + 8, end));
    at = end;
  }
  return items;
}

const isBlockHex = (value: unknown): value is string => isHex(value, 162);
const isBlockRow = (value: unknown): value is { readonly block: string } =>
  isObject(value, 'block') && isBlockHex(value['block']);
const isBranch = (value: unknown): value is readonly string[] => isArrayOf(value, isBlockHex) && value.length > 0;

function readJsonBranches(json: unknown): Uint8Array[][] | null {
  if (!Array.isArray(json) || json.length === 0) return null;
  const rows: readonly unknown[] = json;
  if (rows.every(isBlockRow)) return [rows.map((row) => fromHex((row as { readonly block: string }).block))];
  if (isBranch(rows)) return [rows.map(fromHex)];
  return isArrayOf(rows, isBranch) ? rows.map((branch) => branch.map(fromHex)) : null;
}

/** The branches of a file, each a list of blocks; null when it is nothing of the kind. */
function readBranches(file: VectorFile): Block[][] | null {
  if (!isInside(file, 'blocks') || isInside(file, 'blocks/with-prevouts')) return null;
  const json = file.tryJson();
  const lists =
    json === undefined ? [splitFramed(file.bytes()) ?? parseHexLines(file.text()) ?? []] : readJsonBranches(json);
  const branches = (lists ?? []).map(decodeAll);
  if (branches.length === 0 || branches.some((branch) => branch === null || branch.length === 0)) return null;
  return branches as Block[][];
}

const ledgerJudge: Judge = {
  name: 'runs of blocks from the genesis block',
  matches: (file) => {
    const branches = readBranches(file);
    return branches !== null && findNetwork(branches[0]![0]!) !== null;
  },
  *run(file) {
    const branches = readBranches(file)!;
    const network = findNetwork(branches[0]![0]!)!;
    const ledger = new Ledger(network);
    for (const branch of branches) yield* connectBranch(ledger, branch);
  },
};

/** Connects every block of a branch, from where it leaves the chain that is connected. */
function* connectBranch(ledger: Ledger, branch: readonly Block[]): Generator<CaseOutcome> {
  for (const block of branch) {
    if (block === branch[0]) {
      const wrong = ledger.rewindTo(
        block.header.previousBlockHash.every((byte) => byte === 0) ? (branch[1] ?? block) : block,
      );
      if (wrong !== null) yield verdictOutcome('branch', wrong);
    }
    if (ledger.isTip(block)) {
      yield { name: `height ${ledger.branch.height}: the genesis block`, ok: true };
      continue;
    }
    const height = ledger.branch.height + 1;
    const wrong = ledger.connectTwice(block);
    yield verdictOutcome(`height ${height}`, wrong);
    if (wrong !== null) return;
  }
}

// --- runs that begin anywhere

/** Stands for the height of a block from before BIP34: no rule that a run can be held to changed below it. */
const UNKNOWN_HEIGHT = 1000;

const floatingJudge: Judge = {
  name: 'runs of blocks from anywhere',
  matches: (file) =>
    networkOf(file) !== undefined && (readBranches(file)?.every((branch) => branch.length > 1) ?? false),
  *run(file) {
    for (const branch of readBranches(file)!) yield* checkFloatingBranch(branch, networkOf(file)!);
  },
};

/** Holds blocks that follow one another to every rule that needs nothing from before the first of them. */
function* checkFloatingBranch(branch: readonly Block[], network: NetworkName): Generator<CaseOutcome> {
  const run = new FloatingRun(network);
  const firstHeight = readCoinbaseHeight(branch[0]!) ?? UNKNOWN_HEIGHT;
  for (const [i, block] of branch.entries()) {
    const isLinked = i === 0 || equalBytes(block.header.previousBlockHash, branch[i - 1]!.header.blockHash);
    const { wrong, txCount } = isLinked
      ? run.add(block, firstHeight + i)
      : { wrong: 'follows another block', txCount: 0 };
    yield verdictOutcome(`block ${i} and ${txCount} transactions whose coins the run makes`, wrong);
  }
}

// --- single blocks, and runs of single files

const NETWORK_OF_FOLDER: readonly (readonly [folder: string, network: NetworkName])[] = [
  ['blocks/mainnet', 'main'],
  ['blocks/testnet3', 'test'],
  ['blocks/testnet4', 'testnet4'],
  ['blocks/signet', 'signet'],
  ['blocks/regtest', 'regtest'],
  ['p2p', 'main'],
];

/** A block in bytes, framed or not, or in hexadecimal text. */
function readSingle(file: VectorFile): Block | null {
  const raw = decodeFile(file);
  if (raw !== null) return raw;
  const lines = file.bytes().length < 20_000_000 ? parseHexLines(file.text()) : null;
  return lines?.length === 1 ? (decodeAll(lines)?.[0] ?? null) : null;
}

function networkOf(file: VectorFile): NetworkName | undefined {
  return NETWORK_OF_FOLDER.find(([folder]) => isInside(file, folder))?.[1];
}

const singleJudge: Judge = {
  name: 'single blocks',
  matches: (file) => networkOf(file) !== undefined && readSingle(file) !== null,
  *run(file, folder) {
    const block = readSingle(file)!;
    const network = networkOf(file)!;
    yield verdictOutcome('block', checkSingle(block, network));
    const inRun = findInRun(file, folder, network);
    if (inRun !== null) {
      yield verdictOutcome(`${inRun.txCount} transactions, whose coins the run makes`, inRun.wrong);
    }
  },
};

/** Checks what a block shows by itself, and against its height where its coinbase names it. */
export function checkSingle(block: Block, network: NetworkName): string | null {
  const { consensus } = createNetworkParams(network);
  const reject = checkBlock(block, consensus, { verifier: new InputVerifier(getCurve()) });
  if (reject !== null) return formatReject(reject);
  const height = readCoinbaseHeight(block);
  if (height === null || height === 0) {
    const unexpected = checkWitnessCommitment(block, true);
    return unexpected === null ? null : formatReject(unexpected);
  }
  const medians = new Map([[height - 1, block.header.timeSec - 1]]);
  const contextual = contextualCheckBlock(block, new KnownBranch(block.header, height, consensus, medians), consensus);
  return contextual === null ? null : formatReject(contextual);
}

/** What was found about each file of a folder whose files follow one another. */
type RunOutcomes = ReadonlyMap<VectorFile, PartialOutcome>;

const runsOfFolder = new WeakMap<VectorFolder, Map<string, RunOutcomes>>();

function findInRun(file: VectorFile, folder: VectorFolder, network: NetworkName): PartialOutcome | null {
  const known = runsOfFolder.get(folder) ?? new Map<string, RunOutcomes>();
  runsOfFolder.set(folder, known);
  const outcomes = known.get(file.folder) ?? runFolder([file, ...folder.siblings(file)], network);
  known.set(file.folder, outcomes);
  return outcomes.get(file) ?? null;
}

/** Orders the files of a folder by their links and checks those that follow one another. */
function runFolder(files: readonly VectorFile[], network: NetworkName): RunOutcomes {
  const outcomes = new Map<VectorFile, PartialOutcome>();
  const entries = files.flatMap((file) => {
    const block = readSingle(file);
    const height = block === null ? null : readCoinbaseHeight(block);
    file.release();
    return block === null || height === null ? [] : [{ file, block, height }];
  });
  entries.sort((a, b) => a.height - b.height);
  let run: FloatingRun | null = null;
  entries.forEach(({ file, block, height }, i) => {
    const isLinked = (a: Block | undefined, b: Block | undefined): boolean =>
      a !== undefined && b !== undefined && equalBytes(b.header.previousBlockHash, a.header.blockHash);
    const follows = isLinked(entries[i - 1]?.block, block);
    if (!follows) run = isLinked(block, entries[i + 1]?.block) ? new FloatingRun(network) : null;
    if (run !== null) outcomes.set(file, run.add(block, height));
  });
  return outcomes;
}

export const judges: readonly Judge[] = [
  checkBlockJudge,
  bigTxJudge,
  spendingJudge,
  ledgerJudge,
  floatingJudge,
  singleJudge,
];
