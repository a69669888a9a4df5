// Walking scripts, pushes and predicates.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { concatBytes, fromHex, toHex } from '../util/bytes.ts';
import { OP } from './opcodes.ts';
import {
  decodeSmallInteger,
  encodePush,
  encodeSmallInteger,
  hasValidOps,
  isMinimalPush,
  isP2a,
  isP2pkh,
  isP2sh,
  isP2tr,
  isP2wpkh,
  isP2wsh,
  isPushOnly,
  isUnspendable,
  lastPushStart,
  nextOpPosition,
  pushLength,
  ScriptCursor,
  witnessProgramVersion,
} from './script.ts';

/** The operations of a script as `opcode:data`, and `bad` where a push runs past the end. */
function walk(hex: string): string[] {
  const bytes = concatBytes(fromHex('4dffff'), fromHex(hex), fromHex('51'));
  const cursor = new ScriptCursor().reset(bytes, 3, bytes.length - 1);
  const seen: string[] = [];
  while (cursor.next()) {
    seen.push(`${cursor.opcode.toString(16)}:${toHex(bytes.subarray(cursor.dataStart, cursor.dataEnd))}`);
  }
  if (cursor.bad) seen.push('bad');
  return seen;
}

/** Runs a predicate on the script in the middle of other bytes. */
function holds(predicate: (bytes: Uint8Array, start: number, end: number) => boolean, script: Uint8Array): boolean {
  const bytes = concatBytes(Uint8Array.of(0x51, 0x20), script, Uint8Array.of(0x87, 0xac));
  return predicate(bytes, 2, 2 + script.length);
}

describe('walking a script', () => {
  test('operations come with their data, whatever form the push has', () => {
    assert.deepEqual(walk(''), []);
    assert.deepEqual(walk('00'), ['0:']);
    assert.deepEqual(walk('0276a94c01074d0200aabb4e01000000cc5160ba'), [
      '2:76a9',
      '4c:07',
      '4d:aabb',
      '4e:cc',
      '51:',
      '60:',
      'ba:',
    ]);
  });

  test('a push or its length field that runs past the end ends the walk as bad', () => {
    for (const cut of ['01', '0201', '4c', '4c0201', '4d', '4d01', '4dffff01', '4e', '4effffff', '4effffffff01']) {
      assert.deepEqual(walk(`51${cut}`), ['51:', 'bad'], cut);
    }
  });

  test('the end bounds the walk, not the buffer behind it', () => {
    const bytes = fromHex('02aabb');
    assert.equal(nextOpPosition(bytes, 0, 3), 3);
    assert.equal(nextOpPosition(bytes, 0, 2), -1);
  });

  test('a cursor may be asked again at the end, and starts over on another script', () => {
    const cursor = new ScriptCursor(fromHex('51'), 0, 1);
    assert.ok(cursor.next());
    assert.ok(!cursor.next());
    assert.ok(!cursor.next());
    assert.ok(!cursor.bad);
    assert.ok(!cursor.reset(fromHex('05'), 0, 1).next() && cursor.bad);
    assert.ok(!cursor.next() && cursor.bad);
    assert.ok(cursor.reset(fromHex('52'), 0, 1).next() && !cursor.bad);
  });

  test('on any bytes the walk takes each byte once and ends', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 700 }), (bytes) => {
        const cursor = new ScriptCursor(bytes);
        let expectedStart = 0;
        while (cursor.next()) {
          assert.equal(cursor.opStart, expectedStart);
          assert.ok(cursor.dataStart > cursor.opStart && cursor.dataEnd >= cursor.dataStart);
          assert.equal(cursor.position, cursor.dataEnd);
          expectedStart = cursor.position;
        }
        assert.equal(cursor.bad, expectedStart < bytes.length);
        assert.equal(cursor.position, bytes.length);
      }),
    );
  });
});

describe('pushes', () => {
  test('a push takes the shortest length field', () => {
    assert.equal(toHex(encodePush(new Uint8Array(0))), '00');
    assert.equal(toHex(encodePush(fromHex('07'))), '0107');
    assert.equal(toHex(encodePush(new Uint8Array(75)).subarray(0, 2)), '4b00');
    assert.equal(toHex(encodePush(new Uint8Array(76)).subarray(0, 3)), '4c4c00');
    assert.equal(toHex(encodePush(new Uint8Array(255)).subarray(0, 3)), '4cff00');
    assert.equal(toHex(encodePush(new Uint8Array(256)).subarray(0, 4)), '4d000100');
    assert.equal(toHex(encodePush(new Uint8Array(65_536)).subarray(0, 6)), '4e0000010000');
  });

  test('what is pushed comes back, and its length was foretold', () => {
    for (const length of [0, 1, 75, 76, 255, 256, 520, 521, 65_535, 65_536]) {
      const data = new Uint8Array(length).fill(0xab);
      const script = encodePush(data);
      assert.equal(script.length, pushLength(length));
      const cursor = new ScriptCursor(script);
      assert.ok(cursor.next());
      assert.equal(cursor.dataLength, length);
      assert.ok(!cursor.next() && !cursor.bad);
    }
  });

  test('minimal pushes are those of BIP62', () => {
    const cases: readonly (readonly [string, boolean])[] = [
      ['00', true],
      ['4c00', false],
      ['0100', true],
      ['0101', false],
      ['0110', false],
      ['0111', true],
      ['0181', false],
      ['0180', true],
      ['4c0111', false],
      [`4b${'07'.repeat(75)}`, true],
      [`4c4b${'07'.repeat(75)}`, false],
      [`4c4c${'07'.repeat(76)}`, true],
      [`4d4c00${'07'.repeat(76)}`, false],
      [`4cff${'07'.repeat(255)}`, true],
      [`4dff00${'07'.repeat(255)}`, false],
      [`4d0001${'07'.repeat(256)}`, true],
      [`4e00010000${'07'.repeat(256)}`, false],
    ];
    for (const [hex, expected] of cases) {
      const bytes = fromHex(hex);
      const cursor = new ScriptCursor(bytes);
      assert.ok(cursor.next());
      assert.equal(isMinimalPush(cursor.opcode, bytes, cursor.dataStart, cursor.dataEnd), expected, hex.slice(0, 20));
    }
  });

  test('small integers have opcodes of their own', () => {
    assert.equal(encodeSmallInteger(0), 0x00);
    assert.equal(encodeSmallInteger(1), 0x51);
    assert.equal(encodeSmallInteger(16), 0x60);
    for (let value = 0; value <= 16; value++) assert.equal(decodeSmallInteger(encodeSmallInteger(value)), value);
  });
});

describe('predicates on output scripts', () => {
  const hash20 = '11'.repeat(20);
  const hash32 = '22'.repeat(32);
  const predicates = { isP2sh, isP2pkh, isP2wpkh, isP2wsh, isP2tr, isP2a };
  const examples: Readonly<Record<keyof typeof predicates, string>> = {
    isP2sh: `a914${hash20}87`,
    isP2pkh: `76a914${hash20}88ac`,
    isP2wpkh: `0014${hash20}`,
    isP2wsh: `0020${hash32}`,
    isP2tr: `5120${hash32}`,
    isP2a: '51024e73',
  };

  test('each template is recognised by its predicate alone', () => {
    for (const [name, predicate] of Object.entries(predicates)) {
      for (const [example, hex] of Object.entries(examples)) {
        assert.equal(holds(predicate, fromHex(hex)), name === example, `${name} of ${example}`);
      }
    }
  });

  test('a template with a byte more, a byte less or another byte in its frame is none', () => {
    const frames: Readonly<Record<keyof typeof predicates, readonly number[]>> = {
      isP2sh: [0, 1, 22],
      isP2pkh: [0, 1, 2, 23, 24],
      isP2wpkh: [0, 1],
      isP2wsh: [0, 1],
      isP2tr: [0, 1],
      isP2a: [0, 1, 2, 3],
    };
    for (const name of Object.keys(predicates) as (keyof typeof predicates)[]) {
      const script = fromHex(examples[name]);
      assert.ok(!holds(predicates[name], concatBytes(script, Uint8Array.of(0))), name);
      assert.ok(!holds(predicates[name], script.subarray(0, -1)), name);
      for (const at of frames[name]) {
        const changed = script.slice();
        changed[at] = changed[at]! ^ 0x40;
        assert.ok(!holds(predicates[name], changed), `${name}, byte ${at}`);
      }
    }
  });

  test('witness programs have a version of 0 to 16 and one direct push of 2 to 40 bytes', () => {
    const version = (hex: string): number => {
      const script = fromHex(hex);
      return witnessProgramVersion(script, 0, script.length);
    };
    assert.equal(version('0002aabb'), 0);
    assert.equal(version('5102aabb'), 1);
    assert.equal(version('6002aabb'), 16);
    assert.equal(version(`6028${'aa'.repeat(40)}`), 16);
    for (const none of ['', '51', '5101aa', `6029${'aa'.repeat(41)}`, '4f02aabb', '5002aabb', '6102aabb', '0102aabb']) {
      assert.equal(version(none), -1, none);
    }
    assert.equal(version('0002aabbcc'), -1);
    assert.equal(version('004c02aabb'), -1);
  });

  test('push-only scripts may hold OP_RESERVED and OP_1NEGATE but no later opcode and no cut push', () => {
    for (const hex of ['', '00', '4f5060', '02abab', '4c02abab']) assert.ok(holds(isPushOnly, fromHex(hex)), hex);
    for (const hex of ['61', '5161', '0261', 'ac', '4c']) assert.ok(!holds(isPushOnly, fromHex(hex)), hex);
  });

  test('the last push of a push-only script is the redeemScript', () => {
    const last = (hex: string): string | null => {
      const script = fromHex(hex);
      const start = lastPushStart(script, 0, script.length);
      return start < 0 ? null : toHex(script.subarray(start));
    };
    assert.equal(last(''), '');
    assert.equal(last('0051'), '');
    assert.equal(last('0003aabbcc'), 'aabbcc');
    assert.equal(last('03aabbcc4c0151'), '51');
    assert.equal(last('03aabbcc4d020051ae'), '51ae');
    assert.equal(last('61'), null);
    assert.equal(last('ac03aabbcc'), null);
    assert.equal(last('0003aabb'), null);
  });

  test('unspendable are scripts that begin with OP_RETURN or are longer than 10,000 bytes', () => {
    assert.ok(holds(isUnspendable, fromHex('6a')));
    assert.ok(!holds(isUnspendable, fromHex('516a')));
    assert.ok(!holds(isUnspendable, new Uint8Array(0)));
    assert.ok(!holds(isUnspendable, new Uint8Array(10_000).fill(OP.OP_1)));
    assert.ok(holds(isUnspendable, new Uint8Array(10_001).fill(OP.OP_1)));
  });

  test('valid operations are known opcodes and pushes of at most 520 bytes', () => {
    assert.ok(holds(hasValidOps, fromHex('00ac51b9')));
    assert.ok(!holds(hasValidOps, fromHex('ba')));
    assert.ok(!holds(hasValidOps, fromHex('ff')));
    assert.ok(!holds(hasValidOps, fromHex('4c')));
    assert.ok(holds(hasValidOps, encodePush(new Uint8Array(520))));
    assert.ok(!holds(hasValidOps, encodePush(new Uint8Array(521))));
  });
});
