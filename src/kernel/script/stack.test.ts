// The arena under the stacks: a random walk against plain arrays, and the bound on memory.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { toHex } from '../util/bytes.ts';
import { ScriptStacks } from './stack.ts';

/** A move on both the stacks and their twin of plain arrays. */
type Move =
  | { readonly kind: 'push'; readonly bytes: Uint8Array }
  | { readonly kind: 'number'; readonly value: number }
  | { readonly kind: 'boolean'; readonly value: boolean }
  | { readonly kind: 'copy' | 'roll' | 'drop' | 'toAlt' | 'room'; readonly place: number };

const move: fc.Arbitrary<Move> = fc.oneof(
  fc.record({ kind: fc.constant('push' as const), bytes: fc.uint8Array({ maxLength: 520 }) }),
  fc.record({ kind: fc.constant('number' as const), value: fc.integer({ min: -3, max: 20 }) }),
  fc.record({ kind: fc.constant('boolean' as const), value: fc.boolean() }),
  fc.record({
    kind: fc.constantFrom('copy' as const, 'roll' as const, 'drop' as const, 'toAlt' as const, 'room' as const),
    place: fc.nat(5),
  }),
);

const SMALL_NUMBERS: Readonly<Record<number, string>> = {
  [-3]: '83',
  [-2]: '82',
  [-1]: '81',
  0: '',
  1: '01',
  2: '02',
  3: '03',
  4: '04',
  5: '05',
  6: '06',
  7: '07',
  8: '08',
  9: '09',
  10: '0a',
  11: '0b',
  12: '0c',
  13: '0d',
  14: '0e',
  15: '0f',
  16: '10',
  17: '11',
  18: '12',
  19: '13',
  20: '14',
};

function apply(stacks: ScriptStacks, twin: { main: string[]; alt: string[] }, step: Move): void {
  stacks.makeRoomForOperation();
  const { main, alt } = twin;
  switch (step.kind) {
    case 'push':
      stacks.push(step.bytes, 0, step.bytes.length);
      main.push(toHex(step.bytes));
      return;
    case 'number':
      stacks.pushNumber(step.value);
      main.push(SMALL_NUMBERS[step.value]!);
      return;
    case 'boolean':
      stacks.pushBoolean(step.value);
      main.push(step.value ? '01' : '');
      return;
    case 'room':
      // Far more than is free: forces the arena to grow, and later to be cleaned.
      stacks.makeRoom(step.place * 300_000);
      return;
  }
  if (main.length <= step.place) return;
  if (step.kind === 'copy') {
    stacks.main.pushCopyOf(step.place);
    main.push(main[main.length - 1 - step.place]!);
  } else if (step.kind === 'roll') {
    stacks.main.roll(step.place);
    main.push(...main.splice(main.length - 1 - step.place, 1));
  } else if (step.kind === 'drop') {
    stacks.main.depth--;
    main.pop();
  } else {
    stacks.alt.push(stacks.main.starts[stacks.main.depth - 1]!, stacks.main.lengths[stacks.main.depth - 1]!);
    stacks.main.depth--;
    alt.push(main.pop()!);
  }
}

describe('the stacks', () => {
  test('hold what plain arrays hold, however often the arena is moved', () => {
    fc.assert(
      fc.property(fc.array(move, { maxLength: 120 }), (steps) => {
        const stacks = new ScriptStacks();
        const twin = { main: [] as string[], alt: [] as string[] };
        for (const step of steps) {
          apply(stacks, twin, step);
          assert.deepEqual(stacks.copyElements(stacks.main).map(toHex), twin.main);
        }
        assert.deepEqual(stacks.copyElements(stacks.alt).map(toHex), twin.alt);
      }),
      { numRuns: 300 },
    );
  });

  test('a million pushes of 520 bytes with few alive stay within two megabytes, and within the same few arrays', () => {
    const stacks = new ScriptStacks();
    const element = new Uint8Array(520);
    const arenas = new Set<Uint8Array>();
    for (let i = 0; i < 1_000_000; i++) {
      stacks.makeRoomForOperation();
      stacks.push(element, 0, 520);
      arenas.add(stacks.bytes);
      if (stacks.main.depth > 900) stacks.main.depth = 0;
    }
    assert.ok(stacks.bytes.length <= 2 * 1024 * 1024, String(stacks.bytes.length));
    assert.ok(arenas.size <= 10, `${arenas.size} arrays`);
  });

  test('memory that only a hostile input needed is given back', () => {
    const stacks = new ScriptStacks();
    for (let i = 0; i < 100_000; i++) {
      stacks.makeRoom(100);
      stacks.push(new Uint8Array(100), 0, 100);
    }
    assert.equal(stacks.main.depth, 100_000);
    assert.ok(stacks.bytes.length >= 10_000_000);
    stacks.reset();
    assert.ok(stacks.bytes.length <= 2 * 1024 * 1024);
    assert.ok(stacks.main.starts.length < 10_000);
    stacks.pushSmallNumber(16);
    assert.deepEqual(stacks.copyElements(stacks.main).map(toHex), ['10']);
  });

  test('truth is any byte that is not zero, but for a sign on the last', () => {
    const stacks = new ScriptStacks();
    const isTrue = (...bytes: number[]) => {
      stacks.push(Uint8Array.from(bytes), 0, bytes.length);
      return stacks.isTrue(0);
    };
    assert.deepEqual([isTrue(), isTrue(0), isTrue(0x80), isTrue(0, 0), isTrue(0, 0x80)], new Array(5).fill(false));
    assert.deepEqual(
      [isTrue(1), isTrue(0x80, 0), isTrue(0, 0x81), isTrue(0, 1), isTrue(0xff)],
      new Array(5).fill(true),
    );
  });
});
