import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { AssertionError } from '../../kernel/util/assert.ts';
import { JsonBytes } from './json-bytes.ts';
import { JSON_DEPTH_MAX, JSON_VALUES_MAX, JsonParser, parseJson } from './json-parser.ts';
import {
  JsonNumber,
  type JsonObject,
  type JsonOutput,
  JsonSequence,
  JsonText,
  type JsonValue,
  jsonDouble,
  jsonKind,
  type RepeatingObject,
  WrittenJson,
  writtenKeys,
} from './json-value.ts';
import { formatJson, JSON_PIECE_LENGTH, writeJson, writeJsonPieces } from './json-writer.ts';

function read(text: string): JsonValue {
  const parsed = parseJson(text);
  assert.ok(parsed.ok, text);
  return parsed.value;
}

function faultOf(text: string): string | null {
  const parsed = parseJson(text);
  return parsed.ok ? null : parsed.error.kind;
}

/** What the language makes of a value of ours. */
function plain(value: JsonValue): unknown {
  if (value instanceof JsonNumber) return Number(value.text);
  if (Array.isArray(value)) return value.map(plain);
  if (value instanceof Map) return Object.fromEntries([...value].map(([key, field]) => [key, plain(field)]));
  return value;
}

test('R10: what is read equals what the language reads, for any text that it writes', () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 6 }), fc.integer({ min: 0, max: 4 }), (value, indent) => {
      const text = JSON.stringify(value, null, indent);
      // A lone surrogate is an escape in that text, and refused here.
      fc.pre(!/\\ud[89a-f]/.test(text));
      fc.pre(!/"__proto__"/.test(text));
      assert.deepEqual(plain(read(text)), JSON.parse(text));
    }),
  );
});

test('what is written is read back as the same', () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 6 }), (value) => {
      const text = JSON.stringify(value);
      fc.pre(!/\\ud[89a-f]/.test(text));
      const once = read(text);
      assert.deepEqual(read(formatJson(once)), once);
      assert.deepEqual(read(formatJson(once, 2)), once);
    }),
  );
});

test('R10: texts that are no JSON are refused, wherever they break', () => {
  for (const text of [
    '',
    ' ',
    '[',
    ']',
    '{',
    '[1,]',
    '[,1]',
    '{"a"}',
    '{"a":}',
    '{"a":1,}',
    '{1:2}',
    '01',
    '1.',
    '.5',
    '+1',
    '-',
    '1e',
    '0x1',
    'NaN',
    'Infinity',
    'tru',
    'nullx',
    '"',
    '"\n"',
    '"\\x"',
    '"\\u12g4"',
    "'a'",
    '1 2',
    '[1]]',
    '[1}',
    '\ufeff{}',
    '{"a":1 "b":2}',
    '/* */1',
  ]) {
    assert.equal(faultOf(text), 'syntax', JSON.stringify(text));
  }
});

test('R10: numbers stay the text that was written, however large', () => {
  for (const text of ['1e400', '9007199254740993', '-0', '0.10', '1E-8', '123456789012345678901234567890']) {
    assert.deepEqual(read(text), new JsonNumber(text));
    assert.equal(formatJson(read(text)), text);
  }
});

test('R10: 512 levels are read, 513 and a million are refused, without a stack', () => {
  const nested = (depth: number): string => '['.repeat(depth) + ']'.repeat(depth);
  assert.equal(JSON_DEPTH_MAX, 512);
  assert.equal(faultOf(nested(511)), null);
  assert.equal(faultOf(nested(512)), null);
  assert.equal(faultOf(nested(513)), 'depth');
  assert.equal(faultOf(nested(1_000_000)), 'depth');
  assert.equal(faultOf('{"a":'.repeat(1_000_000)), 'depth');
  assert.equal(formatJson(read(nested(512))), nested(512));
});

test('R10: a key that stands twice is refused', () => {
  assert.equal(faultOf('{"a":1,"b":2,"a":3}'), 'duplicate-key');
  assert.equal(faultOf('{"a":1,"\\u0061":3}'), 'duplicate-key');
  assert.equal(faultOf('[{"a":1},{"a":1}]'), null);
});

test('R10: objects that repeat keys are noted for who asks, with the first value of each key', () => {
  const repeating: RepeatingObject[] = [];
  const parser = new JsonParser('{"x":{"a":1,"b":{"a":5},"a":[2],"c":3,"\\u0061":4,"d":6},"y":{"a":7}}', repeating);
  const result = parser.step(1_000);
  assert.ok(result?.ok);
  const x = (result.value as JsonObject).get('x') as JsonObject;
  assert.deepEqual(repeating, [x]);
  assert.deepEqual(writtenKeys(x), ['a', 'b', 'a', 'c', 'a', 'd']);
  assert.equal(formatJson(x), '{"a":1,"b":{"a":5},"c":3,"d":6}');
  assert.deepEqual(writtenKeys((result.value as JsonObject).get('y') as JsonObject), ['a']);
});

test('R10: keys of prototypes are keys like others and change nothing', () => {
  const value = read('{"__proto__":{"polluted":true},"constructor":1,"hasOwnProperty":2}');
  assert.ok(value instanceof Map);
  assert.deepEqual([...value.keys()], ['__proto__', 'constructor', 'hasOwnProperty']);
  assert.equal(({} as Record<string, unknown>)['polluted'], undefined);
  assert.equal(formatJson(value), '{"__proto__":{"polluted":true},"constructor":1,"hasOwnProperty":2}');
});

test('R10: lone surrogates are refused, pairs are read', () => {
  assert.equal(faultOf('"\\ud800"'), 'surrogate');
  assert.equal(faultOf('"\\udc00"'), 'surrogate');
  assert.equal(faultOf('"\\udc00\\ud800"'), 'surrogate');
  assert.equal(faultOf('"\\ud83d\\ud83d\\ude00"'), 'surrogate');
  assert.equal(read('"\\ud83d\\ude00"'), '\u{1f600}');
  assert.equal(read('"a\\n\\t\\"\\\\\\/\\u00e9z"'), 'a\n\t"\\/\u00e9z');
});

test('R10: more values than memory is good for are refused', () => {
  const text = `[${'0,'.repeat(JSON_VALUES_MAX)}0]`;
  assert.equal(faultOf(text), 'too-many-values');
});

test('a text can be read in pieces', () => {
  const text = `[${Array.from({ length: 1000 }, (_, i) => `{"n":${i}}`).join(',')}]`;
  const parser = new JsonParser(text);
  let stepCount = 0;
  for (;;) {
    stepCount++;
    const result = parser.step(100);
    if (result === null) continue;
    assert.ok(result.ok);
    assert.equal((result.value as readonly JsonValue[]).length, 1000);
    break;
  }
  assert.ok(stepCount > 10, `${stepCount}`);
});

test('control characters are written as escapes, and nothing else is changed', () => {
  assert.equal(
    formatJson('\u0000\u001f\b\f\n\r\t"\\\u007f/\u2028é'),
    '"\\u0000\\u001f\\b\\f\\n\\r\\t\\"\\\\\\u007f/\u2028é"',
  );
});

test('objects keep their order, leave out what is undefined, and take keys from maps', () => {
  const value: JsonOutput = {
    b: 1,
    a: undefined,
    c: new Map<string, JsonOutput>([
      ['2', true],
      ['1', null],
    ]),
  };
  assert.equal(formatJson(value), '{"b":1,"c":{"2":true,"1":null}}');
  assert.equal(formatJson(value, 2), '{\n  "b": 1,\n  "c": {\n    "2": true,\n    "1": null\n  }\n}');
});

test('a large answer is made in pieces of bounded length while it is written', () => {
  let madeCount = 0;
  function* items(): Generator<JsonOutput> {
    for (let i = 0; i < 100_000; i++) {
      madeCount++;
      yield { n: i };
    }
  }
  const pieces = writeJson(new JsonSequence(items()));
  const first = pieces.next().value as string;
  assert.ok(first.length >= JSON_PIECE_LENGTH && first.length < JSON_PIECE_LENGTH + 100);
  assert.ok(madeCount < 10_000, `${madeCount} were made for the first piece`);
  let text = first;
  for (const piece of pieces) text += piece;
  assert.equal((read(text) as readonly JsonValue[]).length, 100_000);
});

test('doubles are written with 16 digits as Core writes them', () => {
  assert.equal(jsonDouble(4.656542373906925e-10).text, '4.656542373906925e-10');
  assert.equal(jsonDouble(1).text, '1');
  assert.equal(jsonDouble(0).text, '0');
  assert.equal(jsonDouble(0.1).text, '0.1');
  assert.equal(jsonDouble(0.30000000000000004).text, '0.3');
  assert.equal(jsonDouble(146472570619930.78).text, '146472570619930.8');
  assert.equal(jsonDouble(1e22).text, '1e+22');
  assert.equal(jsonDouble(0.0001).text, '0.0001');
  assert.equal(jsonDouble(0.00001).text, '1e-05');
});

/** Steps that a text takes with a budget of 100 values, and what comes of it. */
function readInSteps(text: string): { stepCount: number; value: JsonValue } {
  const parser = new JsonParser(text);
  for (let stepCount = 1; ; stepCount++) {
    const result = parser.step(100);
    if (result === null) continue;
    assert.ok(result.ok);
    return { stepCount, value: result.value };
  }
}

test('a long string, many escapes and many blanks are read in steps, too', () => {
  const long = 'x'.repeat(1_000_000);
  const plainString = readInSteps(`["${long}"]`);
  assert.deepEqual(plainString.value, [long]);
  // A step has 100 values of 64 characters.
  assert.ok(plainString.stepCount >= 156, `${plainString.stepCount}`);
  const escapes = readInSteps(`"${'\\n\\u0041z'.repeat(100_000)}"`);
  assert.equal(escapes.value, '\nAz'.repeat(100_000));
  assert.ok(escapes.stepCount >= 78, `${escapes.stepCount}`);
  const onlyEscapes = readInSteps(`"${'\\n'.repeat(100_000)}"`);
  assert.equal(onlyEscapes.value, '\n'.repeat(100_000));
  assert.ok(onlyEscapes.stepCount >= 200, `${onlyEscapes.stepCount}`);
  const blanks = readInSteps(`[1,${' '.repeat(1_000_000)}2]`);
  assert.deepEqual(blanks.value, [new JsonNumber('1'), new JsonNumber('2')]);
  assert.ok(blanks.stepCount >= 156, `${blanks.stepCount}`);
});

test('what is read does not depend on where the steps end', () => {
  const text = '{"\\ud83d\\ude00 key" : ["\\\\ \\" a\\u00e9", -1.5e3 , {"" : null}] , "b":"" }';
  const whole = read(text);
  for (let budget = 1; budget < 12; budget++) {
    const padded = text.replaceAll(' ', ' '.repeat(37 * budget));
    const parser = new JsonParser(padded);
    let result = parser.step(1);
    while (result === null) result = parser.step(1);
    assert.ok(result.ok);
    assert.equal(formatJson(result.value), formatJson(read(padded)));
  }
  assert.deepEqual(readInSteps(text).value, whole);
});

test('long strings are written in short pieces that break no character', () => {
  for (const text of ['x'.repeat(300_000), '\u{1f600}'.repeat(100_000), `y${'\u{1f600}'.repeat(100_000)}`]) {
    const pieces = [...writeJson([text, 1])];
    assert.ok(pieces.length >= 3, `${pieces.length}`);
    for (const piece of pieces) {
      assert.ok(piece.length <= 2 * JSON_PIECE_LENGTH, `${piece.length}`);
      assert.equal(Buffer.from(piece, 'utf8').toString('utf8'), piece);
    }
    assert.deepEqual(read(pieces.join('')), [text, new JsonNumber('1')]);
  }
});

test('a text that is made while it is written is quoted as a whole', () => {
  function* words(): Generator<string> {
    yield 'a"';
    yield '';
    yield '\n';
  }
  assert.equal(formatJson({ t: new JsonText(words()), n: new JsonText([]) }), '{"t":"a\\"\\n","n":""}');
});

test('what is written already stands between what is not, piece by piece, and as text where text is asked for', () => {
  const written = (...pieces: readonly string[]): WrittenJson =>
    new WrittenJson(
      'array',
      pieces.map((piece) => new TextEncoder().encode(piece)),
    );
  const value = { a: 1, b: written('[1,', '{"x":"y"}', ']'), c: [written('[]'), written('[2]'), 'é'] };
  assert.equal(formatJson(value), '{"a":1,"b":[1,{"x":"y"}],"c":[[],[2],"é"]}');
  const pieces = [...writeJsonPieces(value)].filter((piece) => typeof piece !== 'string');
  assert.deepEqual(
    pieces.map((piece) => Buffer.from(piece).toString()),
    ['[1,', '{"x":"y"}', ']', '[]', '[2]'],
  );
  assert.equal(formatJson([written(`["${'x'.repeat(100_000)}"]`)]).length, 100_006);
  assert.equal(jsonKind(value.b), 'array');
});

test('bytes of JSON hold numbers, amounts and hashes as they are read', () => {
  const out = new JsonBytes();
  out.openObject('');
  for (const value of [0, 9, 10, 4_294_967_295, Number.MAX_SAFE_INTEGER]) out.integerField(`n${value}`, value);
  for (const valueSat of [0, 1, -1, 100_000_000, -123_456_789, Number.MAX_SAFE_INTEGER]) {
    out.amountField(`a${valueSat}`, valueSat);
  }
  out.hashField(
    'hash',
    Uint8Array.from({ length: 33 }, (_, i) => i),
    1,
  );
  out.openArray('list');
  out.flagField('', true);
  out.flagField('', false);
  out.closeArray();
  out.closeObject();
  const shown = Buffer.from(out.take()).toString();
  assert.equal(
    shown,
    '{"n0":0,"n9":9,"n10":10,"n4294967295":4294967295,"n9007199254740991":9007199254740991,"a0":0.00000000,"a1":0.00000001,"a-1":-0.00000001,"a100000000":1.00000000,"a-123456789":-1.23456789,"a9007199254740991":90071992.54740991,"hash":"201f1e1d1c1b1a191817161514131211100f0e0d0c0b0a090807060504030201","list":[true,false]}',
  );
  assert.equal(out.length, 0);
  assert.throws(() => out.integerField('', -1), AssertionError);
});
