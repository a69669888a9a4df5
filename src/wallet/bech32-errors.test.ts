import assert from 'node:assert/strict';
import test from 'node:test';
import { bech32 } from '@scure/base';
import fc from 'fast-check';
import { locateBech32Errors } from './bech32-errors.ts';

test('one or two mistyped characters are found, and told apart by the checksum they break', () => {
  const table: readonly (readonly [text: string, message: string, positions: readonly number[]])[] = [
    ['bcrt1q049edschfnwystcqnsvyfpj23mpsg3jcedq9xv', 'Invalid Bech32 checksum', [9]],
    ['bcrt1qax9suht3qv95sw33xavx8crpxduefdrsvgsklu', 'Invalid Bech32 checksum', [22, 43]],
    ['BCRT1QPLMTZKC2XHARPPZDLNPAQL78RSHJ68U32RAH7R', 'Invalid Bech32 checksum', [38]],
    ['bcrt1ptmp74ayg7p24uslctssvjm06q5phz4yrxucgnv', 'Invalid Bech32 checksum', [5]],
    ['bcrtq049ldschfnwystcqnsvyfpj23mpsg3jcedq9xv', 'Missing separator', []],
    ['bcrt1q04oldschfnwystcqnsvyfpj23mpsg3jcedq9xv', 'Invalid Base 32 character', [8]],
    ['1qqqqqqq', 'Invalid separator position', [0]],
    ['bcrt1qqqq', 'Invalid separator position', [4]],
    ['bcrt1Qqqqqqqqqq', 'Invalid character or mixed case', [5]],
    ['bcrt1q q', 'Invalid character or mixed case', [6]],
  ];
  for (const [text, message, positions] of table) {
    assert.deepEqual(locateBech32Errors(text), { message, positions }, text);
  }
});

test('what is too long is told where it becomes so, without any other work', () => {
  const fault = locateBech32Errors(`bcrt1${'q'.repeat(88)}`);
  assert.equal(fault.message, 'Bech32 string too long');
  assert.deepEqual(fault.positions, [90, 91, 92]);
});

test('any single error in any text is found where it is', () => {
  const letters = 'qpzry9x8gf2tvdw0s3jn54khce6mua7l';
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 0, max: 31 }), { minLength: 5, maxLength: 70 }),
      fc.nat(),
      fc.integer({ min: 1, max: 31 }),
      (words, place, shift) => {
        const text = bech32.encode('bc', words);
        const at = 3 + (place % (text.length - 3));
        const letter = letters[(letters.indexOf(text[at]!) + shift) % 32]!;
        const fault = locateBech32Errors(text.slice(0, at) + letter + text.slice(at + 1));
        assert.deepEqual(fault, { message: 'Invalid Bech32 checksum', positions: [at] });
      },
    ),
    { numRuns: 50 },
  );
});
