// Witnesses that are made to cost time or memory: whatever they hold, the verdict comes within seconds and within a small multiple
// of their size. The bounds are wide, since other work may share the machine; what they would catch is a factor, not a percent.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nobleSecp256k1 } from '../../src/kernel/crypto/secp256k1-noble.ts';
import { sha256 } from '../../src/kernel/crypto/sha256.ts';
import { SpentOutputs } from '../../src/kernel/primitives/spent-outputs.ts';
import { SCRIPT_VERIFY } from '../../src/kernel/script/flags.ts';
import { OP } from '../../src/kernel/script/opcodes.ts';
import { encodePush } from '../../src/kernel/script/script.ts';
import type { ScriptError } from '../../src/kernel/script/script-error.ts';
import { createTaprootOutput } from '../../src/kernel/script/taproot-builder.ts';
import { InputVerifier } from '../../src/kernel/script/verify.ts';
import { concatBytes, joinBytes } from '../../src/kernel/util/bytes.ts';
import { assumeGoodSignatures } from '../bench/recorder.ts';
import { fakeTxid, makeTx, pay, spend } from '../model/block-builder.ts';

const FLAGS = SCRIPT_VERIFY.P2SH | SCRIPT_VERIFY.WITNESS | SCRIPT_VERIFY.TAPROOT;

/** Nearly the whole weight of a block. */
const BYTES = 3_900_000;

/** Hashing is the dearest thing a script can do for its size, so a quarter will do to see that it is bearable. */
const HASHED_BYTES = 1_000_000;

/** Processor time; on a quiet machine the worst of these takes half a second. */
const SECONDS_MAX = 10;

/** Memory in use afterwards, before any collection, as a multiple of the witness; the witness itself is made before. */
const MEMORY_FACTOR_MAX = 10;

/** Less than this is noise of the machine. */
const MEMORY_BYTES_MIN = 100_000;

const KEY = nobleSecp256k1.createPublicKey(new Uint8Array(32).fill(3), true)!.subarray(1);
const verifier = new InputVerifier(assumeGoodSignatures(nobleSecp256k1));
const ELEMENT = encodePush(new Uint8Array(520).fill(7));

/** `head`, then `pattern` as often as fits, then `tail`. */
function filled(pattern: Uint8Array, head: Uint8Array, tail: Uint8Array, length = BYTES): Uint8Array {
  const count = Math.floor((length - head.length - tail.length) / pattern.length);
  const script = new Uint8Array(head.length + count * pattern.length + tail.length);
  script.set(head);
  for (let i = 0; i < count; i++) script.set(pattern, head.length + i * pattern.length);
  script.set(tail, head.length + count * pattern.length);
  return script;
}

function memoryInUse(): number {
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

/** Verdict on an input with this witness, measured. */
function verify(scriptPubKey: Uint8Array, witness: readonly Uint8Array[]): ScriptError | null {
  const transaction = makeTx([spend({ txid: fakeTxid(1), index: 0 }, { witness })], [pay(1)]);
  const spent = SpentOutputs.pack([{ valueSat: 1, scriptPubKey }]);
  const before = memoryInUse();
  const clock = process.cpuUsage();
  verifier.setTransaction(transaction, spent);
  const error = verifier.verifyInput(0, FLAGS);
  const { user } = process.cpuUsage(clock);
  assert.ok(user < SECONDS_MAX * 1e6, `${user / 1e6} s`);
  const grown = memoryInUse() - before;
  assert.ok(grown < MEMORY_FACTOR_MAX * Math.max(transaction.totalSize, MEMORY_BYTES_MIN), `${grown} bytes`);
  return error;
}

/** Verdict on a tapscript with the items below it. */
function verifyTapscript(
  script: Uint8Array,
  items: readonly Uint8Array[] = [],
  above: readonly Uint8Array[] = [],
): ScriptError | null {
  const { scriptPubKey, leaves } = createTaprootOutput(nobleSecp256k1, KEY, [{ depth: 0, script, leafVersion: 0xc0 }])!;
  return verify(scriptPubKey, [...items, script, leaves[0]!.controlBlock, ...above]);
}

const DROP_TRUE = Uint8Array.of(OP.OP_DROP, OP.OP_1);

for (const name of ['OP_RIPEMD160', 'OP_SHA1', 'OP_SHA256', 'OP_HASH160', 'OP_HASH256'] as const) {
  test(`C25: a tapscript full of ${name} over an element of 520 bytes comes to its end`, () => {
    const pattern = Uint8Array.of(OP.OP_DUP, OP[name], OP.OP_DROP);
    assert.equal(verifyTapscript(filled(pattern, ELEMENT, DROP_TRUE, HASHED_BYTES)), null);
  });
}

const cases: readonly (readonly [name: string, script: Uint8Array, expected: ScriptError | null])[] = [
  ['OP_HASH160 upon OP_HASH160', filled(Uint8Array.of(OP.OP_HASH160), ELEMENT, DROP_TRUE, HASHED_BYTES), null],
  [
    'elements of 520 bytes pushed and dropped',
    filled(concatBytes(ELEMENT, Uint8Array.of(OP.OP_DROP)), Uint8Array.of(), Uint8Array.of(OP.OP_1)),
    null,
  ],
  [
    'OP_ROLL through a thousand elements',
    filled(
      concatBytes(encodePush(Uint8Array.of(0xe3, 0x03)), Uint8Array.of(OP.OP_ROLL)),
      new Uint8Array(996).fill(OP.OP_1),
      Uint8Array.of(OP.OP_1),
    ),
    'CLEANSTACK',
  ],
  [
    'conditions opened and never closed',
    filled(Uint8Array.of(OP.OP_1, OP.OP_IF), Uint8Array.of(), Uint8Array.of()),
    'UNBALANCED_CONDITIONAL',
  ],
  [
    'branches that are not taken',
    filled(
      Uint8Array.of(OP.OP_IF, OP.OP_ELSE, OP.OP_ENDIF),
      Uint8Array.of(OP.OP_0, OP.OP_IF),
      Uint8Array.of(OP.OP_ENDIF, OP.OP_1),
    ),
    null,
  ],
  ['OP_CODESEPARATOR', filled(Uint8Array.of(OP.OP_CODESEPARATOR), Uint8Array.of(), Uint8Array.of(OP.OP_1)), null],
  [
    'copies of the longest element without end',
    filled(Uint8Array.of(OP.OP_DUP), ELEMENT, Uint8Array.of()),
    'STACK_SIZE',
  ],
  [
    'a push that ends with the script',
    filled(Uint8Array.of(OP.OP_NOP), Uint8Array.of(), Uint8Array.of(OP.OP_PUSHDATA4, 0xff, 0xff, 0xff)),
    'BAD_OPCODE',
  ],
];

for (const [name, script, expected] of cases) {
  test(`C25: a tapscript of ${script.length} bytes, ${name}, gets its verdict`, () => {
    assert.equal(verifyTapscript(script), expected);
  });
}

test('C25: signature checks beyond the budget of the witness end the script', () => {
  const check = concatBytes(Uint8Array.of(OP.OP_DUP), encodePush(KEY), Uint8Array.of(OP.OP_CHECKSIGVERIFY));
  const script = filled(check, Uint8Array.of(), DROP_TRUE, 1_000_000);
  // 36 bytes a check, and 50 are to be paid
  assert.equal(verifyTapscript(script, [new Uint8Array(64)]), 'TAPSCRIPT_VALIDATION_WEIGHT');
});

test('C25: an annex of millions of bytes is hashed once for all signatures', () => {
  const annex = new Uint8Array(BYTES).fill(0x50);
  const check = concatBytes(Uint8Array.of(OP.OP_DUP), encodePush(KEY), Uint8Array.of(OP.OP_CHECKSIGVERIFY));
  const script = filled(check, Uint8Array.of(), DROP_TRUE, 20_000);
  assert.equal(verifyTapscript(script, [new Uint8Array(64)], [annex]), null);
});

test('C25: a witness script of version 0 may start on a stack far above its limit, and fails at its first operation', () => {
  const script = Uint8Array.of(OP.OP_NOP);
  const program = concatBytes(Uint8Array.of(OP.OP_0, 32), sha256(script));
  const items = Array.from({ length: 200_000 }, () => Uint8Array.of(1));
  assert.equal(verify(program, [...items, script]), 'STACK_SIZE');
  assert.equal(verify(program, [Uint8Array.of(1), script]), null, 'and the next input starts on a stack of its own');
});

test('C25: a witness item of millions of bytes that is no script is refused before it is copied', () => {
  const script = Uint8Array.of(OP.OP_DROP, OP.OP_1);
  assert.equal(verifyTapscript(script, [new Uint8Array(BYTES)]), 'PUSH_SIZE');
  const program = concatBytes(Uint8Array.of(OP.OP_0, 32), sha256(script));
  assert.equal(verify(program, [new Uint8Array(BYTES), script]), 'PUSH_SIZE');
  assert.equal(verify(program, [joinBytes([script, new Uint8Array(BYTES)])]), 'WITNESS_PROGRAM_MISMATCH');
});
