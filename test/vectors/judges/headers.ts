// Files below `headers/` that hold runs of headers: raw 80-byte records, hexadecimal lines, JSON with decoded headers, and light
// client states with the next header. Every header is a case.

import type { HeaderBranch } from '../../../src/kernel/consensus/header-branch.ts';
import { checkHeader } from '../../../src/kernel/consensus/header-check.ts';
import { createNetworkParams } from '../../../src/kernel/consensus/networks/all.ts';
import { getNextWorkRequired } from '../../../src/kernel/consensus/pow.ts';
import { computeWork, decodeCompact, encodeCompact } from '../../../src/kernel/consensus/target.ts';
import { asBlockHash, formatHash, parseBlockHash, parseMerkleRoot } from '../../../src/kernel/primitives/hashes.ts';
import { BlockHeader, buildHeader, HEADER_BYTES } from '../../../src/kernel/primitives/header.ts';
import { parseHex } from '../../../src/kernel/util/bytes.ts';
import { checkRun, locateRun, networkOfFolder } from '../header-run.ts';
import { type CaseOutcome, compareOutcome, isInside, type Judge, type VectorFile, verdictOutcome } from '../judge.ts';
import { isArrayOf, isObject, type JsonObject, listAt, numberAt, textAt } from '../shape.ts';
import { judges as difficultyJudges } from './difficulty.ts';

function* judgeRun(headers: readonly BlockHeader[], file: VectorFile, label: string): Generator<CaseOutcome> {
  const run = locateRun(headers, networkOfFolder(file));
  let i = 0;
  for (const wrong of checkRun(run)) {
    const place = run.isHeightExact ? `height ${run.firstHeight! + i}` : `header ${i}`;
    yield verdictOutcome(`${label}${place} ${formatHash(headers[i]!.blockHash)}`, wrong);
    i++;
  }
}

/** Whether bytes are no text: a header of any network but one has a zero byte in its first 80. */
function isBinary(bytes: Uint8Array): boolean {
  return bytes.subarray(0, HEADER_BYTES).includes(0);
}

const rawJudge: Judge = {
  name: 'headers: raw run',
  matches: (file) => {
    if (!isInside(file, 'headers')) return false;
    const bytes = file.bytes();
    return bytes.length >= HEADER_BYTES && bytes.length % HEADER_BYTES === 0 && isBinary(bytes);
  },
  *run(file) {
    const bytes = file.bytes();
    const headers: BlockHeader[] = [];
    for (let at = 0; at < bytes.length; at += HEADER_BYTES) headers.push(new BlockHeader(bytes, at));
    yield* judgeRun(headers, file, '');
  },
};

const LINE = /^(?:([a-z]+):)?([0-9a-f]{160})$/i;

function nonEmptyLines(text: string): string[] {
  return text.split(/\r?\n/).filter((line) => line !== '');
}

/** Lines of 80 bytes; a word before a colon names a branch of its own, such as `fork:`. */
const linesJudge: Judge = {
  name: 'headers: hexadecimal lines',
  matches: (file) =>
    isInside(file, 'headers') && !isBinary(file.bytes()) && LINE.test(nonEmptyLines(file.text())[0] ?? ''),
  *run(file) {
    const branches = new Map<string, BlockHeader[]>();
    for (const line of nonEmptyLines(file.text())) {
      const match = LINE.exec(line);
      if (match === null) throw new TypeError(`no header: ${line.slice(0, 40)}`);
      const name = match[1] ?? '';
      const parsed = parseHex(match[2]!);
      if (!parsed.ok) throw new TypeError(`no hexadecimal: ${line.slice(0, 40)}`);
      const headers = branches.get(name) ?? [];
      branches.set(name, headers);
      headers.push(new BlockHeader(parsed.value));
    }
    for (const [name, headers] of branches) yield* judgeRun(headers, file, name === '' ? '' : `${name}: `);
  },
};

function isDecodedHeader(value: unknown): value is JsonObject {
  return isObject(value, 'block_hash', 'prev_block_hash', 'merkle_root', 'version', 'time', 'bits', 'nonce');
}

function headerOf(value: JsonObject, previousBlockHash: string, merkleRoot: string): BlockHeader {
  const previous = parseBlockHash(previousBlockHash);
  const root = parseMerkleRoot(merkleRoot);
  if (previous === null || root === null) throw new TypeError('no hash');
  return buildHeader({
    version: numberAt(value, 'version'),
    previousBlockHash: previous,
    merkleRoot: root,
    timeSec: numberAt(value, 'time'),
    bits: numberAt(value, 'bits'),
    nonce: numberAt(value, 'nonce'),
  });
}

/** A list of decoded headers, or a list of such lists. */
const decodedJudge: Judge = {
  name: 'headers: decoded batches',
  matches: (file) => {
    if (!isInside(file, 'headers')) return false;
    const json = file.tryJson();
    return Array.isArray(json) && json.length > 0 && isDecodedHeader(json.flat()[0]);
  },
  *run(file) {
    const values: readonly unknown[] = (file.json() as readonly unknown[]).flat();
    if (!isArrayOf(values, isDecodedHeader)) throw new TypeError('an item that is no decoded header');
    const headers = values.map((value) =>
      headerOf(value, textAt(value, 'prev_block_hash'), textAt(value, 'merkle_root')),
    );
    for (const [i, value] of values.entries()) {
      yield compareOutcome(`hash ${i}`, formatHash(headers[i]!.blockHash), textAt(value, 'block_hash'));
    }
    yield* judgeRun(headers, file, '');
  },
};

/** A light client's state, the headers after it, and the state they lead to. */
const lightJudge: Judge = {
  name: 'headers: light client states',
  matches: (file) => isInside(file, 'headers') && isObject(file.tryJson(), 'chain_state', 'blocks', 'expected'),
  *run(file) {
    const json = file.json() as JsonObject;
    const state = json['chain_state'];
    const expected = json['expected'];
    if (!isObject(state, 'best_block_hash') || !isObject(expected)) throw new TypeError('no chain state');
    yield* judgeLightBlocks(state, listAt(json, 'blocks'), expected);
  },
};

function* judgeLightBlocks(
  state: JsonObject,
  blocks: readonly unknown[],
  expected: JsonObject,
): Generator<CaseOutcome> {
  const { pow } = createNetworkParams('main').consensus;
  let height = numberAt(state, 'block_height');
  let tip = textAt(state, 'best_block_hash');
  let work = BigInt(textAt(state, 'total_work'));
  let target = BigInt(textAt(state, 'current_target'));
  let times = listAt(state, 'prev_timestamps') as readonly number[];
  let epochStartSec = numberAt(state, 'epoch_start_time');
  for (const block of blocks) {
    if (!isObject(block, 'header', 'data') || !isObject(block['header']) || !isObject(block['data'])) {
      throw new TypeError('no block');
    }
    const header = headerOf(block['header'], tip, textAt(block['data'], 'merkle_root'));
    height++;
    const name = `height ${height}`;
    yield verdictOutcome(`${name}: proof of work`, checkHeader(header, pow)?.reason ?? null);
    const medianSec = [...times].sort((a, b) => a - b)[times.length >> 1]!;
    yield verdictOutcome(`${name}: time`, header.timeSec > medianSec ? null : 'time-too-old');
    const required = requiredBits(height, target, epochStartSec, times.at(-1)!);
    yield compareOutcome(`${name}: bits`, header.bits, required);
    if (height % pow.interval === 0) epochStartSec = header.timeSec;
    target = decodeCompact(header.bits).magnitude;
    work += computeWork(header.bits);
    times = [...times.slice(times.length >= 11 ? 1 : 0), header.timeSec];
    tip = formatHash(header.blockHash);
  }
  yield compareOutcome('best block hash', tip, textAt(expected, 'best_block_hash'));
  yield compareOutcome('block height', height, numberAt(expected, 'block_height'));
  yield compareOutcome('total work', String(work), textAt(expected, 'total_work'));
  yield compareOutcome('current target', String(target), textAt(expected, 'current_target'));
  yield compareOutcome('epoch start', epochStartSec, numberAt(expected, 'epoch_start_time'));
  yield compareOutcome('last times', times.join(), listAt(expected, 'prev_timestamps').join());
}

/** The bits that follow from a state: a branch on which only the first and the last header of the period are true. */
function requiredBits(height: number, target: bigint, epochStartSec: number, lastSec: number): number {
  const { pow } = createNetworkParams('main').consensus;
  const bits = encodeCompact(target);
  const last = height - 1;
  const branch: HeaderBranch = {
    height: last,
    timeSec: (h) => (h === last ? lastSec : epochStartSec),
    bits: () => bits,
    version: () => 1,
    blockHash: () => asBlockHash(new Uint8Array(32)),
  };
  return getNextWorkRequired(branch, lastSec + 600, pow);
}

/** Every judge of header files, runs first. */
export const judges: readonly Judge[] = [rawJudge, linesJudge, decodedJudge, lightJudge, ...difficultyJudges];
