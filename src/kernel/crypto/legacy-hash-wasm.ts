// RIPEMD-160 and SHA-1 for the generated WebAssembly module: their compression functions, unrolled. In JavaScript a block of
// them takes five times as long as one of SHA-256, which a hostile script full of OP_RIPEMD160 would turn into many seconds.

import { emitStateWord, stateWord, swapped } from './hash-wasm-parts.ts';
import {
  RIPEMD160_LEFT_CONSTANTS,
  RIPEMD160_LEFT_SHIFTS,
  RIPEMD160_LEFT_WORDS,
  RIPEMD160_RIGHT_CONSTANTS,
  RIPEMD160_RIGHT_SHIFTS,
  RIPEMD160_RIGHT_WORDS,
  SHA1_CONSTANTS,
} from './ripemd160-constants.ts';
import {
  type FunctionEmitter,
  type FunctionRef,
  get,
  i32,
  type Local,
  type ModuleEmitter,
  type Value,
} from './wasm-emitter.ts';

type Word = Value<'i32'>;
type Variable = Local<'i32'>;
type Five = readonly [Variable, Variable, Variable, Variable, Variable];

const BLOCK_BYTES = 64;

function fiveLocals(emitter: FunctionEmitter): Five {
  const local = (): Variable => emitter.local('i32');
  return [local(), local(), local(), local(), local()];
}

/** The variables as step `t` names them: a step renames instead of moving, and after every fifth all are back in place. */
function rotated(variables: Five, t: number): Five {
  const name = (index: number): Variable => variables[(index - (t % 5) + 5) % 5]!;
  return [name(0), name(1), name(2), name(3), name(4)];
}

function rotateLeft(value: Word, bits: number): Word {
  return i32.rotateLeft(value, i32.constant(bits));
}

function not(value: Word): Word {
  return i32.xor(value, i32.constant(-1));
}

/** The five boolean functions of RIPEMD-160, in the order of the left line. */
function mixRipemd160(which: number, x: Word, y: Word, z: Word): Word {
  if (which === 0) return i32.xor(i32.xor(x, y), z);
  if (which === 1) return i32.xor(z, i32.and(x, i32.xor(y, z))); // x ? y : z
  if (which === 2) return i32.xor(i32.or(x, not(y)), z);
  if (which === 3) return i32.xor(y, i32.and(z, i32.xor(x, y))); // z ? x : y
  return i32.xor(x, i32.or(y, not(z)));
}

/** One step of a line of RIPEMD-160. */
function emitRipemd160Step(
  emitter: FunctionEmitter,
  [a, b, c, d, e]: Five,
  mixer: number,
  word: Word,
  constant: number,
  shift: number,
): void {
  let sum = i32.add(i32.add(get(a), word), mixRipemd160(mixer, get(b), get(c), get(d)));
  if (constant !== 0) sum = i32.add(sum, i32.constant(constant));
  emitter.set(a, i32.add(rotateLeft(sum, shift), get(e)));
  emitter.set(c, rotateLeft(get(c), 10));
}

/** compress(from, blockCount): the blocks at `from` onto the state, by RIPEMD-160. */
export function defineRipemd160Compress(module: ModuleEmitter): FunctionRef {
  return module.define(null, ['i32', 'i32'], (emitter, from, blockCount) => {
    const left = fiveLocals(emitter);
    const right = fiveLocals(emitter);
    const first = emitter.local('i32');
    emitter.repeat(blockCount, () => {
      left.forEach((variable, i) => {
        emitter.set(variable, stateWord(i));
        emitter.set(right[i]!, get(variable));
      });
      for (let t = 0; t < 80; t++) {
        const round = Math.floor(t / 16);
        const leftWord = i32.load(get(from), 4 * RIPEMD160_LEFT_WORDS[t]!);
        const rightWord = i32.load(get(from), 4 * RIPEMD160_RIGHT_WORDS[t]!);
        const leftConstant = RIPEMD160_LEFT_CONSTANTS[round]!;
        const rightConstant = RIPEMD160_RIGHT_CONSTANTS[round]!;
        emitRipemd160Step(emitter, rotated(left, t), round, leftWord, leftConstant, RIPEMD160_LEFT_SHIFTS[t]!);
        emitRipemd160Step(emitter, rotated(right, t), 4 - round, rightWord, rightConstant, RIPEMD160_RIGHT_SHIFTS[t]!);
      }
      emitter.set(first, stateWord(0));
      for (let i = 0; i < 5; i++) {
        const onto = i < 4 ? stateWord(i + 1) : get(first);
        const lines = i32.add(get(left[(i + 2) % 5]!), get(right[(i + 3) % 5]!));
        emitStateWord(emitter, i, i32.add(onto, lines));
      }
      emitter.set(from, i32.add(get(from), i32.constant(BLOCK_BYTES)));
    });
  });
}

/** What SHA-1 adds in step `t` besides words and variables. */
function mixSha1(t: number, x: Word, y: Word, z: Word): Word {
  const constant = i32.constant(SHA1_CONSTANTS[Math.floor(t / 20)]!);
  if (t < 20) return i32.add(i32.xor(z, i32.and(x, i32.xor(y, z))), constant);
  if (t >= 40 && t < 60) return i32.add(i32.or(i32.and(x, y), i32.and(z, i32.or(x, y))), constant);
  return i32.add(i32.xor(i32.xor(x, y), z), constant);
}

/** compress(from, blockCount): the blocks at `from` onto the state, by SHA-1. */
export function defineSha1Compress(module: ModuleEmitter): FunctionRef {
  return module.define(null, ['i32', 'i32'], (emitter, from, blockCount) => {
    const variables = fiveLocals(emitter);
    const words = Array.from({ length: 16 }, () => emitter.local('i32'));
    const word = (t: number): Variable => words[t % 16]!;
    const swap = emitter.local('i32');
    emitter.repeat(blockCount, () => {
      variables.forEach((variable, i) => {
        emitter.set(variable, stateWord(i));
      });
      words.forEach((each, i) => {
        emitter.set(each, swapped(swap, i32.load(get(from), 4 * i)));
      });
      for (let t = 0; t < 80; t++) {
        if (t >= 16) {
          const mixed = i32.xor(i32.xor(get(word(t - 3)), get(word(t - 8))), i32.xor(get(word(t - 14)), get(word(t))));
          emitter.set(word(t), rotateLeft(mixed, 1));
        }
        const [a, b, c, d, e] = rotated(variables, t);
        const sum = i32.add(i32.add(get(e), get(word(t))), mixSha1(t, get(b), get(c), get(d)));
        emitter.set(e, i32.add(sum, rotateLeft(get(a), 5)));
        emitter.set(b, rotateLeft(get(b), 30));
      }
      variables.forEach((variable, i) => {
        emitStateWord(emitter, i, i32.add(get(variable), stateWord(i)));
      });
      emitter.set(from, i32.add(get(from), i32.constant(BLOCK_BYTES)));
    });
  });
}
