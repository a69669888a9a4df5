// Files below `headers/` about difficulty alone: pairs of bits and targets, targets by height, checkpoints with targets or work,
// and the cases of an SPV library for headers and hashes.

import type { HeaderBranch } from '../../../src/kernel/consensus/header-branch.ts';
import { checkHeader } from '../../../src/kernel/consensus/header-check.ts';
import { createNetworkParams } from '../../../src/kernel/consensus/networks/all.ts';
import { getNextWorkRequired, permittedDifficultyTransition } from '../../../src/kernel/consensus/pow.ts';
import {
  computeWork,
  decodeCompact,
  deriveTarget,
  encodeCompact,
  readTarget,
} from '../../../src/kernel/consensus/target.ts';
import { hash160, ripemd160 } from '../../../src/kernel/crypto/hash160.ts';
import { sha256, sha256d } from '../../../src/kernel/crypto/sha256.ts';
import { asBlockHash, formatHash, parseBlockHash } from '../../../src/kernel/primitives/hashes.ts';
import { BlockHeader, HEADER_BYTES } from '../../../src/kernel/primitives/header.ts';
import { concatBytes, equalBytes, fromHex, reversedBytes, toHex } from '../../../src/kernel/util/bytes.ts';
import { networkOfFolder } from '../header-run.ts';
import {
  type CaseOutcome,
  compareOutcome,
  isInside,
  type Judge,
  type VectorFile,
  type VectorFolder,
  verdictOutcome,
} from '../judge.ts';
import { isHex, isObject, isText, type JsonObject, listAt, numberAt, textAt } from '../shape.ts';

const MAIN = createNetworkParams('main').consensus;
const INTERVAL = MAIN.pow.interval;

/** Target of difficulty 1, to which difficulties of explorers relate. */
const DIFFICULTY_1_TARGET = 0xffffn << 208n;

function hexBits(bits: number): string {
  return bits.toString(16).padStart(8, '0');
}

// --- bits and targets --------------------------------------------------------------------------------------------------

const pairsJudge: Judge = {
  name: 'difficulty: bits and targets',
  matches: (file) => isInside(file, 'headers') && isObject(file.tryJson(), 'bits_to_target', 'target_to_bits'),
  *run(file) {
    const json = file.json() as JsonObject;
    for (const item of listAt(json, 'bits_to_target') as readonly JsonObject[]) {
      const { magnitude } = decodeCompact(Number(textAt(item, 'input')));
      yield compareOutcome(`bits ${textAt(item, 'input')}`, magnitude, BigInt(textAt(item, 'expected_output')));
    }
    for (const item of listAt(json, 'target_to_bits') as readonly JsonObject[]) {
      const bits = encodeCompact(BigInt(textAt(item, 'input')));
      yield compareOutcome(`target ${textAt(item, 'input')}`, bits, Number(textAt(item, 'expected_output')));
    }
  },
};

// --- targets by height ---------------------------------------------------------------------------------------------------

const HISTORY_LINE = /^[0-9]+,[0-9]+$/;

/** Lines `height,target`: each target is what bits can say, is one for a whole period, and moves within the clamps. */
const historyJudge: Judge = {
  name: 'difficulty: targets by height',
  matches: (file) => isInside(file, 'headers') && HISTORY_LINE.test(file.text().slice(0, 100).split(/\r?\n/)[0] ?? ''),
  *run(file, folder) {
    const known = knownBits(folder);
    let before: { readonly period: number; readonly bits: number } | null = null;
    for (const line of file.text().split(/\r?\n/)) {
      if (line === '') continue;
      if (!HISTORY_LINE.test(line)) throw new TypeError(`no height and target: ${line.slice(0, 40)}`);
      const [height, target] = line.split(',') as [string, string];
      const bits = encodeCompact(BigInt(target));
      const period = Math.floor(Number(height) / INTERVAL);
      yield verdictOutcome(`height ${height}`, checkHistory(BigInt(target), bits, period, before, known));
      before = { period, bits };
    }
  },
};

function checkHistory(
  target: bigint,
  bits: number,
  period: number,
  before: { readonly period: number; readonly bits: number } | null,
  known: ReadonlyMap<number, number>,
): string | null {
  if (deriveTarget(bits, MAIN.pow.limit) !== target) return `bits ${hexBits(bits)} are not exactly this target`;
  const expected = known.get(period * INTERVAL);
  if (expected !== undefined && expected !== bits) return `expected bits ${hexBits(expected)}, got ${hexBits(bits)}`;
  if (before === null || period > before.period + 1) return null;
  const isPermitted = permittedDifficultyTransition(
    MAIN.pow,
    period === before.period ? 1 : period * INTERVAL,
    before.bits,
    bits,
  );
  return isPermitted ? null : `no step from ${hexBits(before.bits)} to ${hexBits(bits)}`;
}

// --- checkpoints with work -----------------------------------------------------------------------------------------------

interface WorkCheckpoint {
  readonly work: bigint;
  readonly height: number;
  readonly header: BlockHeader;
}

const CHECKPOINT_TITLE = 'TXT CHECKPOINTS 1';
/** Bytes of the chain work in an entry: twelve, or all 32. */
const WORK_BYTES: readonly number[] = [12, 32];

/** Entries of a text of checkpoints: base64 of work, height (both big-endian) and header. */
function parseWorkCheckpoints(text: string): WorkCheckpoint[] {
  const [, signatureCount, count, ...rest] = text.split(/\r?\n/);
  const lines = rest.slice(Number(signatureCount)).filter((line) => line !== '');
  if (lines.length !== Number(count)) throw new TypeError(`${lines.length} entries, not ${count}`);
  return lines.map((line) => {
    const bytes = new Uint8Array(Buffer.from(line, 'base64'));
    const workBytes = bytes.length - 4 - HEADER_BYTES;
    if (!WORK_BYTES.includes(workBytes)) throw new TypeError(`an entry of ${bytes.length} bytes`);
    return {
      work: BigInt(`0x${toHex(bytes.subarray(0, workBytes))}`),
      height: Number(`0x${toHex(bytes.subarray(workBytes, workBytes + 4))}`),
      header: new BlockHeader(bytes, workBytes + 4),
    };
  });
}

/** The first retarget block of the main network: whoever has it is of that network. */
const MAIN_2016 = parseBlockHash('00000000a141216a896c54f211301c436e557a8d55900637bbdce14c6c7bddef')!;

function isOfMainNetwork(checkpoints: readonly WorkCheckpoint[]): boolean {
  const first = checkpoints[0];
  return first !== undefined && equalBytes(first.header.blockHash, MAIN_2016);
}

function isWorkCheckpoints(file: VectorFile): boolean {
  return isInside(file, 'headers') && file.text().slice(0, CHECKPOINT_TITLE.length) === CHECKPOINT_TITLE;
}

/** Each header proves its work; on the main network the chain work between two of them is that of their bits to the unit. */
const workCheckpointsJudge: Judge = {
  name: 'difficulty: checkpoints with work',
  matches: isWorkCheckpoints,
  *run(file) {
    const checkpoints = parseWorkCheckpoints(file.text());
    const isMain = isOfMainNetwork(checkpoints);
    let before: { readonly height: number; readonly bits: number; readonly work: bigint } = {
      height: 0,
      bits: MAIN.pow.limit.bits,
      work: computeWork(MAIN.pow.limit.bits),
    };
    for (const { work, height, header } of checkpoints) {
      const name = `height ${height}`;
      yield verdictOutcome(`${name}: proof of work`, checkHeader(header, MAIN.pow)?.reason ?? null);
      yield compareOutcome(`${name}: place in its period`, height % INTERVAL, 0);
      if (isMain && height === before.height + INTERVAL) {
        const expected = before.work + BigInt(INTERVAL - 1) * computeWork(before.bits) + computeWork(header.bits);
        yield compareOutcome(`${name}: chain work`, work, expected);
        const isPermitted = permittedDifficultyTransition(MAIN.pow, height, before.bits, header.bits);
        yield verdictOutcome(
          `${name}: step`,
          isPermitted ? null : `from ${hexBits(before.bits)} to ${hexBits(header.bits)}`,
        );
      } else {
        yield verdictOutcome(`${name}: chain work`, work > before.work ? null : 'not more than before');
      }
      before = { height, bits: header.bits, work };
    }
  },
};

/** Bits of the main network by height of the period's first block, as far as files of the same folder tell. */
function knownBits(folder: VectorFolder): ReadonlyMap<number, number> {
  const known = new Map<number, number>([[0, MAIN.pow.limit.bits]]);
  for (const file of folder.files) {
    if (!isWorkCheckpoints(file)) continue;
    const checkpoints = parseWorkCheckpoints(file.text());
    if (isOfMainNetwork(checkpoints)) for (const { height, header } of checkpoints) known.set(height, header.bits);
  }
  return known;
}

// --- checkpoints with targets --------------------------------------------------------------------------------------------

/** Integers of this many digits would be rounded as numbers of JSON. */
const LONG_INTEGER = /([[,]\s*)([0-9]{16,})/g;

function isTargetCheckpoint(value: unknown): value is readonly [string, number] {
  return Array.isArray(value) && value.length === 2 && isHex(value[0], 64) && typeof value[1] === 'number';
}

/**
 * Pairs of the hash of a period's last block and the exact target of the next period: the hash reaches its own target, the next
 * target compresses to the bits that are known, and moves within the clamps. Test networks give no targets.
 */
const targetCheckpointsJudge: Judge = {
  name: 'difficulty: checkpoints with targets',
  matches: (file) => {
    const json = isInside(file, 'headers') ? file.tryJson() : undefined;
    return Array.isArray(json) && isTargetCheckpoint(json[0]);
  },
  *run(file, folder) {
    const pairs = JSON.parse(file.text().replace(LONG_INTEGER, '$1"$2"')) as [string, string | number][];
    const known = networkOfFolder(file) === 'main' ? knownBits(folder) : new Map<number, number>();
    let bits = MAIN.pow.limit.bits;
    for (const [i, [hash, text]] of pairs.entries()) {
      const next = (i + 1) * INTERVAL;
      const blockHash = parseBlockHash(hash);
      if (blockHash === null) throw new TypeError(`no hash: ${hash}`);
      const isReached = readTarget(blockHash) <= decodeCompact(bits).magnitude;
      yield verdictOutcome(`height ${next - 1}`, isReached ? null : `above the target of ${hexBits(bits)}`);
      const target = BigInt(text);
      if (target === 0n) continue;
      const nextBits = encodeCompact(target);
      const expected = known.get(next) ?? nextBits;
      yield compareOutcome(`height ${next}: bits`, hexBits(nextBits), hexBits(expected));
      const isPermitted = permittedDifficultyTransition(MAIN.pow, next, bits, nextBits);
      yield verdictOutcome(
        `height ${next}: step`,
        isPermitted ? null : `from ${hexBits(bits)} to ${hexBits(nextBits)}`,
      );
      bits = nextBits;
    }
  },
};

// --- cases of an SPV library ---------------------------------------------------------------------------------------------

function bytesOf(text: unknown): Uint8Array {
  if (!isText(text) || !text.startsWith('0x')) throw new TypeError('no hexadecimal');
  return fromHex(text.slice(2));
}

/** Bits in the byte order of the wire, as that library writes them. */
function bitsOf(text: unknown): number {
  return Number(`0x${toHex(reversedBytes(bytesOf(text)))}`);
}

function headerAt(value: unknown): BlockHeader {
  const bytes = bytesOf(value);
  if (bytes.length !== HEADER_BYTES) throw new TypeError(`a header of ${bytes.length} bytes`);
  return new BlockHeader(bytes);
}

/** Retarget over the first and last header of a period; expected are the bits of the header after them. */
function spvRetarget(input: readonly JsonObject[]): number {
  const [first, last] = input as [JsonObject, JsonObject];
  const height = 2 * INTERVAL - 1;
  const branch: HeaderBranch = {
    height,
    timeSec: (h) => numberAt(h === height ? last : first, 'timestamp'),
    bits: () => bitsOf(first['nbits']),
    version: () => 1,
    blockHash: () => asBlockHash(new Uint8Array(32)),
  };
  return getNextWorkRequired(branch, numberAt(last, 'timestamp') + 600, MAIN.pow);
}

/** Difficulties of a chain added up, or what is wrong with it. */
function spvChain(bytes: Uint8Array): bigint | string {
  if (bytes.length % HEADER_BYTES !== 0) return 'bad length';
  let total = 0n;
  let before: BlockHeader | null = null;
  for (let at = 0; at < bytes.length; at += HEADER_BYTES) {
    const header = new BlockHeader(bytes, at);
    if (before !== null && !equalBytes(header.previousBlockHash, before.blockHash)) return 'no chain';
    const target = deriveTarget(header.bits, createNetworkParams('regtest').consensus.pow.limit);
    if (target === null || readTarget(header.blockHash) > target) return 'low work';
    total += DIFFICULTY_1_TARGET / target;
    before = header;
  }
  return total;
}

type SpvAnswer = (input: unknown) => unknown;

/** The questions of that library that a kernel has answers to; its views over inputs and outputs are another design. */
const SPV_ANSWERS: Readonly<Record<string, SpvAnswer>> = {
  hash160: (input) => `0x${toHex(hash160(bytesOf(input)))}`,
  hash256: (input) => `0x${toHex(sha256d(bytesOf(input)))}`,
  sha256: (input) => `0x${toHex(sha256(bytesOf(input)))}`,
  ripemd160: (input) => `0x${toHex(ripemd160(bytesOf(input)))}`,
  hash256MerkleStep: (input) => {
    const [left, right] = input as [unknown, unknown];
    return `0x${toHex(sha256d(concatBytes(bytesOf(left), bytesOf(right))))}`;
  },
  extractMerkleRootLE: (input) => `0x${toHex(headerAt(input).merkleRoot)}`,
  extractPrevBlockLE: (input) => `0x${toHex(headerAt(input).previousBlockHash)}`,
  extractTimestamp: (input) => headerAt(input).timeSec,
  extractTarget: (input) => `0x${decodeCompact(headerAt(input).bits).magnitude.toString(16).padStart(64, '0')}`,
  workHash: (input) => `0x${toHex(headerAt(input).blockHash)}`,
  work: (input) => String(readTarget(headerAt(input).blockHash)),
  validateHeaderPrevHash: (input) => {
    const { header, prevHash } = input as JsonObject;
    return equalBytes(headerAt(header).previousBlockHash, bytesOf(prevHash));
  },
  validateHeaderChain: (input) => Number(spvChain(bytesOf(input))),
  calculateTxId: (input) => {
    const { version, vin, vout, locktime } = input as JsonObject;
    return `0x${toHex(sha256d(concatBytes(...[version, vin, vout, locktime].map(bytesOf))))}`;
  },
};

const spvJudge: Judge = {
  name: 'difficulty: cases of an SPV library',
  matches: (file) => isInside(file, 'headers') && isObject(file.tryJson(), 'retargetAlgorithm', 'validateHeaderChain'),
  *run(file) {
    const json = file.json() as JsonObject;
    for (const [i, item] of (listAt(json, 'retargetAlgorithm') as readonly JsonObject[]).entries()) {
      yield* judgeSpvRetarget(`retargetAlgorithm ${i}`, item);
    }
    for (const [i, item] of (listAt(json, 'validateHeaderChainError') as readonly JsonObject[]).entries()) {
      const comment = textAt(item, 'comment');
      const found = spvChain(bytesOf(item['input']));
      const wrong = typeof found === 'string' ? null : 'the chain is accepted';
      yield verdictOutcome(`validateHeaderChainError ${i}`, wrong, comment);
    }
    for (const [name, answer] of Object.entries(SPV_ANSWERS)) {
      for (const [i, item] of (listAt(json, name) as readonly JsonObject[]).entries()) {
        yield compareOutcome(`${name} ${i}`, answer(item['input']), item['output']);
      }
    }
  },
};

function* judgeSpvRetarget(name: string, item: JsonObject): Generator<CaseOutcome> {
  const input = listAt(item, 'input') as readonly JsonObject[];
  const after = input[2];
  if (!isObject(after, 'nbits')) throw new TypeError('no header after the period');
  const bits = spvRetarget(input);
  yield compareOutcome(`${name}: bits`, hexBits(bits), hexBits(bitsOf(after['nbits'])));
  const difficulty = Number(DIFFICULTY_1_TARGET / decodeCompact(bits).magnitude);
  yield compareOutcome(`${name}: difficulty`, difficulty, item['output']);
  for (const value of input) {
    if (!isText(value['hex'])) continue;
    const blockHash = `0x${formatHash(headerAt(value['hex']).blockHash)}`;
    yield compareOutcome(`${name}: hash at ${String(value['height'])}`, blockHash, value['hash']);
  }
}

/** Every judge of files about difficulty. */
export const judges: readonly Judge[] = [
  pairsJudge,
  targetCheckpointsJudge,
  workCheckpointsJudge,
  historyJudge,
  spvJudge,
];
