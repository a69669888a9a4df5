// Writes the bytes of small WebAssembly modules: typed expressions, functions, one memory. It exists so that hot
// kernels can be generated at first use by loops in TypeScript, with no build step and no binary under version control. It
// covers what those kernels need (WebAssembly core specification 2.0) and checks nothing: the engine validates the module.

import type { Brand } from '../util/brand.ts';

/** The value types in use. */
export type ValueType = 'i32' | 'i64' | 'v128';

/** Code in pieces, joined when it is appended to a body: composing expressions copies nothing. */
type Code = readonly (number | Code)[];

/** Code that leaves one value of type `T` on the stack. */
export type Value<T extends ValueType> = Brand<Code, T>;

/** A variable or parameter of a function. */
export interface Local<T extends ValueType> {
  readonly type: T;
  readonly index: number;
}

/** A function of the module under construction, to be called or exported. */
export interface FunctionRef {
  readonly index: number;
}

const TYPE_CODES: Readonly<Record<ValueType, number>> = { i32: 0x7f, i64: 0x7e, v128: 0x7b };

function unsignedLeb(value: number): number[] {
  const bytes: number[] = [];
  let rest = value >>> 0;
  while (rest >= 0x80) {
    bytes.push((rest & 0x7f) | 0x80);
    rest >>>= 7;
  }
  bytes.push(rest);
  return bytes;
}

function signedLeb(value: number): number[] {
  const bytes: number[] = [];
  let rest = value | 0;
  for (;;) {
    const byte = rest & 0x7f;
    rest >>= 7;
    if ((rest === 0 && (byte & 0x40) === 0) || (rest === -1 && (byte & 0x40) !== 0)) {
      bytes.push(byte);
      return bytes;
    }
    bytes.push(byte | 0x80);
  }
}

function appendFlat(target: number[], code: Code): void {
  for (let i = 0; i < code.length; i++) {
    const piece = code[i]!;
    if (typeof piece === 'number') target.push(piece);
    else appendFlat(target, piece);
  }
}

function code<T extends ValueType>(bytes: Code): Value<T> {
  return bytes as unknown as Value<T>;
}

function binary<T extends ValueType>(...opcode: readonly number[]): Binary<T> {
  return (a, b) => code<T>([a, b, opcode]);
}

/** Vector instructions have a prefix byte and an opcode in LEB128. */
function vector(opcode: number): number[] {
  return [0xfd, ...unsignedLeb(opcode)];
}

function shiftVector(opcode: number): Shift {
  return (a, bits) => code<'v128'>([a, i32.constant(bits), vector(opcode)]);
}

/** The value of a local. */
export function get<T extends ValueType>(local: Local<T>): Value<T> {
  return code<T>([0x20, unsignedLeb(local.index)]);
}

/** Assigns a local and leaves the value: for use inside an expression. */
export function tee<T extends ValueType>(local: Local<T>, value: Value<T>): Value<T> {
  return code<T>([value, 0x22, unsignedLeb(local.index)]);
}

type Binary<T extends ValueType> = (a: Value<T>, b: Value<T>) => Value<T>;
type Shift = (a: Value<'v128'>, bits: number) => Value<'v128'>;

/** 32-bit integers. Offsets of loads are constants that are added to the address. */
export const i32: {
  readonly constant: (value: number) => Value<'i32'>;
  readonly add: Binary<'i32'>;
  readonly sub: Binary<'i32'>;
  readonly and: Binary<'i32'>;
  readonly or: Binary<'i32'>;
  readonly xor: Binary<'i32'>;
  readonly shl: Binary<'i32'>;
  readonly shiftRight: Binary<'i32'>;
  readonly rotateLeft: Binary<'i32'>;
  readonly rotateRight: Binary<'i32'>;
  /** 1 where a <= b, unsigned, else 0. */
  readonly isAtMost: Binary<'i32'>;
  readonly load: (address: Value<'i32'>, offset: number) => Value<'i32'>;
} = {
  constant: (value) => code([0x41, signedLeb(value)]),
  add: binary(0x6a),
  sub: binary(0x6b),
  and: binary(0x71),
  or: binary(0x72),
  xor: binary(0x73),
  shl: binary(0x74),
  shiftRight: binary(0x76),
  rotateLeft: binary(0x77),
  rotateRight: binary(0x78),
  isAtMost: binary(0x4d),
  load: (address, offset) => code([address, 0x28, 2, unsignedLeb(offset)]),
};

/** 64-bit integers: only what clearing memory needs. */
export const i64: { readonly zero: Value<'i64'> } = { zero: code([0x42, 0]) };

/** Four 32-bit integers side by side. */
export const i32x4: {
  readonly add: Binary<'v128'>;
  readonly and: Binary<'v128'>;
  readonly xor: Binary<'v128'>;
  readonly shiftLeft: Shift;
  readonly shiftRight: Shift;
  /** The bytes of `a` (0-15) and `b` (16-31) that `lanes` names, in that order. */
  readonly shuffle: (a: Value<'v128'>, b: Value<'v128'>, lanes: readonly number[]) => Value<'v128'>;
  /** 16 bytes of memory; no alignment is promised. */
  readonly load: (address: Value<'i32'>, offset: number) => Value<'v128'>;
  /** One integer in all four lanes. */
  readonly splat: (value: Value<'i32'>) => Value<'v128'>;
  /** All bits of a lane set where a <= b, unsigned, else none. */
  readonly isAtMost: Binary<'v128'>;
  /** 1 when any bit is set, else 0. */
  readonly isAny: (value: Value<'v128'>) => Value<'i32'>;
} = {
  add: binary(...vector(0xae)),
  and: binary(...vector(0x4e)),
  xor: binary(...vector(0x51)),
  shiftLeft: shiftVector(0xab),
  shiftRight: shiftVector(0xad),
  shuffle: (a, b, lanes) => code([a, b, vector(0x0d), lanes]),
  load: (address, offset) => code([address, vector(0x00), 0, unsignedLeb(offset)]),
  splat: (value) => code([value, vector(0x11)]),
  isAtMost: binary(...vector(0x3e)),
  isAny: (value) => code([value, vector(0x53)]),
};

/** The body of one function: statements in the order of the calls. */
export class FunctionEmitter {
  readonly #parameterCount: number;
  readonly #locals: ValueType[] = [];
  readonly #body: number[] = [];

  constructor(parameterCount: number) {
    this.#parameterCount = parameterCount;
  }

  /** A new variable, zero at entry. */
  local<T extends ValueType>(type: T): Local<T> {
    this.#locals.push(type);
    return { type, index: this.#parameterCount + this.#locals.length - 1 };
  }

  set<T extends ValueType>(local: Local<T>, value: Value<T>): void {
    this.#append([value, 0x21, unsignedLeb(local.index)]);
  }

  store32(address: Value<'i32'>, offset: number, value: Value<'i32'>): void {
    this.#store(address, offset, value, [0x36, 2]);
  }

  /** No alignment is promised. */
  store64(address: Value<'i32'>, offset: number, value: Value<'i64'>): void {
    this.#store(address, offset, value, [0x37, 0]);
  }

  store128(address: Value<'i32'>, offset: number, value: Value<'v128'>): void {
    this.#store(address, offset, value, [...vector(0x0b), 0]);
  }

  call(target: FunctionRef, ...operands: readonly Value<ValueType>[]): void {
    this.#append([...operands, 0x10, unsignedLeb(target.index)]);
  }

  /** Runs `body` as often as `counter` says (unsigned), counting it down to zero. */
  repeat(counter: Local<'i32'>, body: () => void): void {
    this.#append([0x02, 0x40, 0x03, 0x40]); // block, loop
    this.#append([get(counter), 0x45, 0x0d, 1]); // leave the block when zero
    body();
    this.set(counter, i32.sub(get(counter), i32.constant(1)));
    this.#append([0x0c, 0, 0x0b, 0x0b]); // again; end, end
  }

  /** Directly inside of {@link repeat}: leaves the loop when the condition is not zero; the counter stays as it is. */
  leaveWhen(condition: Value<'i32'>): void {
    this.#append([condition, 0x0d, 1]);
  }

  /** The finished body with its locals, as the code section wants it. */
  finish(): number[] {
    const groups: number[] = [];
    for (const type of this.#locals) groups.push(1, TYPE_CODES[type]);
    const length = unsignedLeb(this.#locals.length);
    const size = length.length + groups.length + this.#body.length + 1;
    return [...unsignedLeb(size), ...length, ...groups].concat(this.#body, 0x0b);
  }

  #append(code: Code): void {
    appendFlat(this.#body, code);
  }

  #store(address: Value<'i32'>, offset: number, value: Code, opcode: Code): void {
    this.#append([address, value, opcode, unsignedLeb(offset)]);
  }
}

/** Maps the types of parameters to their locals. */
type Parameters<T extends readonly ValueType[]> = { [K in keyof T]: Local<T[K]> };

/** A module with one exported memory, named `memory`. */
export class ModuleEmitter {
  readonly #pages: number;
  readonly #signatures: ValueType[][] = [];
  readonly #bodies: number[][] = [];
  readonly #exports: { readonly name: string; readonly index: number }[] = [];

  /** `pages` of 64 KiB; the memory has this size for ever. */
  constructor(pages: number) {
    this.#pages = pages;
  }

  /** Adds a function without result; `build` writes its body. A name exports it. */
  define<const T extends readonly ValueType[]>(
    name: string | null,
    parameters: T,
    build: (emitter: FunctionEmitter, ...locals: Parameters<T>) => void,
  ): FunctionRef {
    const emitter = new FunctionEmitter(parameters.length);
    const locals = parameters.map((type, index) => ({ type, index })) as unknown as Parameters<T>;
    build(emitter, ...locals);
    const index = this.#bodies.length;
    this.#signatures.push([...parameters]);
    this.#bodies.push(emitter.finish());
    if (name !== null) this.#exports.push({ name, index });
    return { index };
  }

  /** The binary module. */
  finish(): Uint8Array {
    const types = this.#signatures.map((types) => [0x60, ...counted(types.map((type) => [TYPE_CODES[type]])), 0]);
    const memory = [1, ...unsignedLeb(this.#pages), ...unsignedLeb(this.#pages)];
    const exports = this.#exports.map(({ name, index }) => [...text(name), 0, ...unsignedLeb(index)]);
    return new Uint8Array(
      [0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0].concat(
        section(1, counted(types)),
        section(3, counted(this.#bodies.map((_, index) => unsignedLeb(index)))),
        section(5, counted([memory])),
        section(7, counted([[...text('memory'), 2, 0], ...exports])),
        section(10, counted(this.#bodies)),
      ),
    );
  }
}

function counted(items: readonly (readonly number[])[]): number[] {
  return unsignedLeb(items.length).concat(...items);
}

function text(ascii: string): number[] {
  return [...unsignedLeb(ascii.length), ...Array.from(ascii, (character) => character.charCodeAt(0))];
}

function section(id: number, content: readonly number[]): number[] {
  return [id, ...unsignedLeb(content.length)].concat(content);
}
