import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { asBlockHash } from '../kernel/primitives/hashes.ts';
import { type EventCursor, formatCursor, parseCursor } from './event-cursor.ts';

const PLAIN = { noNullPrototype: true } as const;
const HASH = fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => asBlockHash(bytes));
const POSITION = fc.option(fc.record({ height: fc.nat({ max: 999_999_999 }), blockHash: HASH }, PLAIN));
const CURSOR: fc.Arbitrary<EventCursor> = fc.record(
  {
    position: POSITION,
    safe: POSITION,
    run: fc.uint8Array({ minLength: 8, maxLength: 8 }).map((bytes) => Buffer.from(bytes).toString('hex')),
    sequence: fc.option(fc.nat()),
  },
  PLAIN,
);

test('a cursor is what it was before it was written, and may stand in a URL', () => {
  fc.assert(
    fc.property(CURSOR, (cursor) => {
      const text = formatCursor(cursor);
      assert.equal(encodeURIComponent(text), text);
      assert.deepEqual(parseCursor(text), cursor);
    }),
  );
});

test('a text that is no cursor is none, whatever it is', () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      const parsed = parseCursor(text);
      assert.ok(parsed === null || formatCursor(parsed) === text || text === 'start');
    }),
  );
  fc.assert(
    fc.property(CURSOR, fc.nat(), fc.string({ minLength: 1, maxLength: 1 }), (cursor, at, letter) => {
      const text = formatCursor(cursor);
      const place = at % text.length;
      const parsed = parseCursor(text.slice(0, place) + letter + text.slice(place + 1));
      assert.ok(parsed === null || formatCursor(parsed).length > 0);
    }),
  );
});
