// The hash operations: the top element gives way to its hash.

import { hash160Into, ripemd160Into, sha1Into } from '../crypto/hash160.ts';
import { sha256dInto, sha256Into } from '../crypto/sha256.ts';
import { OP } from './opcodes.ts';
import type { ScriptError } from './script-error.ts';
import type { ScriptStacks } from './stack.ts';

/** Executes OP_RIPEMD160, OP_SHA1, OP_SHA256, OP_HASH160 or OP_HASH256. */
export function executeHash(stacks: ScriptStacks, opcode: number): ScriptError | null {
  const stack = stacks.main;
  if (stack.depth < 1) return 'INVALID_STACK_OPERATION';
  stack.depth--;
  const start = stack.starts[stack.depth]!;
  const end = start + stack.lengths[stack.depth]!;
  const is256 = opcode === OP.OP_SHA256 || opcode === OP.OP_HASH256;
  const target = stacks.pushUnwritten(is256 ? 32 : 20);
  const { bytes } = stacks;
  switch (opcode) {
    case OP.OP_HASH160:
      hash160Into(bytes, start, end, bytes, target);
      return null;
    case OP.OP_SHA256:
      sha256Into(bytes, start, end, bytes, target);
      return null;
    case OP.OP_HASH256:
      sha256dInto(bytes, start, end, bytes, target);
      return null;
    case OP.OP_RIPEMD160:
      ripemd160Into(bytes, start, end, bytes, target);
      return null;
    default: // OP_SHA1
      sha1Into(bytes, start, end, bytes, target);
      return null;
  }
}
