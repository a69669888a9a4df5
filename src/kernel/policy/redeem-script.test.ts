import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { encodePush } from '../script/script.ts';
import { concatBytes, toHex } from '../util/bytes.ts';
import { checkPushes, findRedeemScript } from './redeem-script.ts';

/** Runs pushes on a stack of arrays, the plain way; the top, null when there is none, or how it failed. */
function evaluate(script: Uint8Array): Uint8Array | null | string {
  const stack: Uint8Array[] = [];
  let at = 0;
  while (at < script.length) {
    const opcode = script[at++]!;
    let length = opcode;
    const width = opcode >= 0x4c && opcode <= 0x4e ? 1 << (opcode - 0x4c) : 0;
    if (width > 0) {
      if (at + width > script.length) return 'BAD_OPCODE';
      length = 0;
      for (let k = width - 1; k >= 0; k--) length = length * 256 + script[at + k]!;
      at += width;
    }
    if (opcode > 0x4e) length = 0;
    if (at + length > script.length) return 'BAD_OPCODE';
    if (length > 520) return 'PUSH_SIZE';
    if (opcode > 0x60) return 'SIG_PUSHONLY';
    if (opcode === 0x50) return 'BAD_OPCODE';
    if (opcode === 0x4f) stack.push(Uint8Array.of(0x81));
    else if (opcode > 0x50) stack.push(Uint8Array.of(opcode - 0x50));
    else stack.push(script.subarray(at, at + length));
    at += length;
    if (stack.length > 1_000) return 'STACK_SIZE';
  }
  return stack.at(-1) ?? null;
}

function assertLikeEvaluation(script: Uint8Array): void {
  const expected = evaluate(script);
  // inside a larger buffer, as scripts always are
  const bytes = concatBytes(Uint8Array.of(9, 9), script, Uint8Array.of(9));
  const [start, end] = [2, 2 + script.length];
  const error = checkPushes(bytes, start, end);
  assert.equal(error, typeof expected === 'string' ? expected : null, toHex(script));
  if (error !== null || typeof expected === 'string') return;
  const found = findRedeemScript(bytes, start, end);
  if (expected === null) assert.equal(found, -1);
  else if (found === end) assert.ok(expected.length <= 1, 'only a small number is taken for nothing');
  else assert.equal(toHex(bytes.subarray(found, end)), toHex(expected));
}

test('the redeemScript is what running the pushes leaves on top', () => {
  for (const lengths of [[0], [1, 75], [76], [255, 256], [520], [519, 521], [521]]) {
    assertLikeEvaluation(concatBytes(...lengths.map((length) => encodePush(new Uint8Array(length).fill(7)))));
  }
  for (const opcode of [0x4f, 0x50, 0x51, 0x60, 0x61, 0x76]) assertLikeEvaluation(Uint8Array.of(1, 2, opcode));
  for (const script of [[], [0x4c], [0x4d, 1], [0x4e, 0xff, 0xff, 0xff, 0xff], [2, 1], [0x4d, 1, 0, 5]]) {
    assertLikeEvaluation(Uint8Array.from(script));
  }
  assertLikeEvaluation(new Uint8Array(1_000));
  assertLikeEvaluation(new Uint8Array(1_001));
});

test('whatever bytes a scriptSig has, it fails as running it would', () => {
  const op = fc.oneof(fc.integer({ min: 0, max: 0x61 }), fc.integer({ min: 0, max: 255 }));
  fc.assert(
    fc.property(fc.array(op, { maxLength: 40 }), (bytes) => assertLikeEvaluation(Uint8Array.from(bytes))),
    { numRuns: 2_000 },
  );
});
