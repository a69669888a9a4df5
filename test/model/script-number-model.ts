// The numeric operations written a second time, slowly and plainly, over bigint and lists, to be compared with the script
// machine. A number is read digit by digit in base 256 and written by trying lengths; nothing is shared with the code under test.

/** What a numeric operation does: the elements it leaves, or the error that ends the script. */
export type ModelResult = { readonly stack: readonly (readonly number[])[] } | { readonly error: string };

/** The number in these bytes, or null when they are no operand. */
export function modelReadNumber(bytes: readonly number[], lengthMax: number, requireMinimal: boolean): bigint | null {
  if (bytes.length > lengthMax) return null;
  if (bytes.length === 0) return 0n;
  const digits = [...bytes];
  const top = digits.pop()!;
  let magnitude = BigInt(top % 128);
  for (const digit of digits.reverse()) magnitude = magnitude * 256n + BigInt(digit);
  const value = top >= 128 ? -magnitude : magnitude;
  const isMinimal = modelWriteNumber(value).length === bytes.length;
  return requireMinimal && !isMinimal ? null : value;
}

/** The shortest bytes of a number: the first length at which magnitude and sign fit. */
export function modelWriteNumber(value: bigint): number[] {
  if (value === 0n) return [];
  const magnitude = value < 0n ? -value : value;
  let length = 1;
  while (magnitude >= 1n << BigInt(8 * length - 1)) length++;
  const withSign = value < 0n ? magnitude + (1n << BigInt(8 * length - 1)) : magnitude;
  return Array.from({ length }, (_, i) => Number((withSign >> BigInt(8 * i)) & 255n));
}

type Unary = (a: bigint) => bigint;
type Binary = (a: bigint, b: bigint) => bigint;

function truth(value: boolean): bigint {
  return value ? 1n : 0n;
}

/** By name, as in scripts. */
export const MODEL_UNARY: Readonly<Record<string, Unary>> = {
  '1ADD': (a) => a + 1n,
  '1SUB': (a) => a - 1n,
  NEGATE: (a) => -a,
  ABS: (a) => (a < 0n ? -a : a),
  NOT: (a) => truth(a === 0n),
  '0NOTEQUAL': (a) => truth(a !== 0n),
};

/** By name, as in scripts; the upper operand is the second. */
export const MODEL_BINARY: Readonly<Record<string, Binary>> = {
  ADD: (a, b) => a + b,
  SUB: (a, b) => a - b,
  BOOLAND: (a, b) => truth(a !== 0n && b !== 0n),
  BOOLOR: (a, b) => truth(a !== 0n || b !== 0n),
  NUMEQUAL: (a, b) => truth(a === b),
  NUMEQUALVERIFY: (a, b) => truth(a === b),
  NUMNOTEQUAL: (a, b) => truth(a !== b),
  LESSTHAN: (a, b) => truth(a < b),
  GREATERTHAN: (a, b) => truth(a > b),
  LESSTHANOREQUAL: (a, b) => truth(a <= b),
  GREATERTHANOREQUAL: (a, b) => truth(a >= b),
  MIN: (a, b) => (a < b ? a : b),
  MAX: (a, b) => (a > b ? a : b),
};

/** Names of all operations of the model. */
export const MODEL_OPERATIONS: readonly string[] = [
  ...Object.keys(MODEL_UNARY),
  ...Object.keys(MODEL_BINARY),
  'WITHIN',
];

/** Executes one operation on a stack, bottom first. */
export function modelExecute(
  name: string,
  stack: readonly (readonly number[])[],
  requireMinimal: boolean,
): ModelResult {
  const arity = name === 'WITHIN' ? 3 : name in MODEL_BINARY ? 2 : 1;
  if (stack.length < arity) return { error: 'INVALID_STACK_OPERATION' };
  const below = stack.slice(0, stack.length - arity);
  const operands = stack.slice(stack.length - arity).map((bytes) => modelReadNumber(bytes, 4, requireMinimal));
  if (operands.includes(null)) return { error: 'SCRIPTNUM' };
  const [a, b, c] = operands as bigint[];
  const result =
    arity === 3 ? truth(b! <= a! && a! < c!) : arity === 2 ? MODEL_BINARY[name]!(a!, b!) : MODEL_UNARY[name]!(a!);
  if (name !== 'NUMEQUALVERIFY') return { stack: [...below, modelWriteNumber(result)] };
  return result === 1n ? { stack: below } : { error: 'NUMEQUALVERIFY' };
}
