import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { absenceNotice, areVectorsRequired, openVectorFolder, vectorsPath } from '../../../test/vectors/folder.ts';
import { type Coin, CoinRef } from '../consensus/coin.ts';
import { nobleSecp256k1 } from '../crypto/secp256k1-noble.ts';
import { DecodeError, decodeResult } from '../encoding/decode-error.ts';
import { ByteReader } from '../encoding/reader.ts';
import { concatBytes, fromHex, toHex } from '../util/bytes.ts';
import type { Result } from '../util/result.ts';
import { CoinCodec } from './coin-codec.ts';

const codec = new CoinCodec(nobleSecp256k1);

function encodeHex(coin: Coin): string {
  return toHex(codec.encodeCoin(new CoinRef().pointAtCopy(coin)));
}

function decodeHex(hex: string): Result<Coin, DecodeError> {
  const bytes = fromHex(hex);
  return decodeResult(() => {
    const reader = new ByteReader(bytes);
    const coin = codec.readCoin(reader, new CoinRef()).toCoin();
    reader.finish('coin');
    return coin;
  });
}

function decoded(hex: string): Coin {
  const result = decodeHex(hex);
  assert.ok(result.ok, hex);
  return result.value;
}

function describe(coin: Coin): readonly unknown[] {
  return [coin.height, coin.isCoinbase, coin.valueSat, toHex(coin.scriptPubKey)];
}

/** The generator of the curve and its double: points whose y is even and odd. */
const G_X = '79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798';
const G_Y = '483ada7726a3c4655da4fbfc0e1108a8fd17b448a68554199c47d08ffb10d4b8';
const NEGATED_G_Y = 'b7c52588d95c3b9aa25b0403f1eef75702e84bb7597aabe663b82f6f04ef2777';

/** An x that is no coordinate of a point. */
const OFF_CURVE_X = 'eefdea4cdb677750a420fee807eacf21eb9898ae79b9768766e4faa04a2d4a34';

test('coins of the main network read as Core reads them', () => {
  const facts: readonly (readonly [hex: string, ...coin: readonly unknown[]])[] = [
    [
      '97f23c835800816115944e077fe7c803cfa57f29b36bf87c1d35',
      203998,
      false,
      60_000_000_000,
      '76a914816115944e077fe7c803cfa57f29b36bf87c1d3588ac',
    ],
    [
      '8ddf77bbd123008c988f1a4a4de2161e0f50aac7f17e7f9555caa4',
      120891,
      true,
      110_397,
      '76a9148c988f1a4a4de2161e0f50aac7f17e7f9555caa488ac',
    ],
    ['000006', 0, false, 0, ''],
  ];
  for (const [hex, ...coin] of facts) {
    assert.deepEqual(describe(decoded(hex)), coin);
    assert.equal(encodeHex(decoded(hex)), hex);
  }
});

test('each kind of script has its form', () => {
  const hash = '00112233445566778899aabbccddeeff01234567';
  const facts: readonly (readonly [name: string, script: string, compressed: string])[] = [
    ['P2PKH', `76a914${hash}88ac`, `00${hash}`],
    ['P2SH', `a914${hash}87`, `01${hash}`],
    ['P2PK, even', `2102${G_X}ac`, `02${G_X}`],
    ['P2PK, odd', `2103${G_X}ac`, `03${G_X}`],
    ['P2PK of a full key, even', `4104${G_X}${G_Y}ac`, `04${G_X}`],
    ['P2PK of a full key, odd', `4104${G_X}${NEGATED_G_Y}ac`, `05${G_X}`],
    ['P2PK, compressed, on no point: the key is not looked at', `2102${OFF_CURVE_X}ac`, `02${OFF_CURVE_X}`],
    ['P2PK of a full key on no point', `4104${OFF_CURVE_X}${G_Y}ac`, `494104${OFF_CURVE_X}${G_Y}ac`],
    ['P2PK of a hybrid key', `4106${G_X}${G_Y}ac`, `494106${G_X}${G_Y}ac`],
    ['P2PK with another opcode', `2102${G_X}ad`, `292102${G_X}ad`],
    ['P2PKH with an operation more', `76a914${hash}88ac61`, `2076a914${hash}88ac61`],
    ['P2WPKH', `0014${hash}`, `1c0014${hash}`],
    ['P2TR', `5120${G_X}`, `285120${G_X}`],
    ['a script of 121 bytes', '51'.repeat(121), `7f${'51'.repeat(121)}`],
    ['a script of 122 bytes', '51'.repeat(122), `8000${'51'.repeat(122)}`],
    ['the longest script', '51'.repeat(10_000), `cd16${'51'.repeat(10_000)}`],
  ];
  for (const [name, script, compressed] of facts) {
    const coin = { valueSat: 0, scriptPubKey: fromHex(script), height: 0, isCoinbase: false };
    assert.equal(encodeHex(coin), `0000${compressed}`, name);
    assert.equal(toHex(decoded(`0000${compressed}`).scriptPubKey), script, name);
  }
});

test('the longest height is read and a longer one refused', () => {
  const coin = { valueSat: 1, scriptPubKey: new Uint8Array(0), height: 0x7fffffff, isCoinbase: true };
  assert.equal(encodeHex(coin), '8efefefe7f0106');
  assert.deepEqual(decoded('8efefefe7f0106'), coin);
  assert.ok(!decodeHex('8efeff80000106').ok);
});

test('a script too long to be spent reads as OP_RETURN', () => {
  assert.equal(toHex(decoded(`0000cd17${'51'.repeat(10_001)}`).scriptPubKey), '6a');
});

test('bytes that no program wrote are refused', () => {
  const hostile: readonly (readonly [name: string, hex: string])[] = [
    ['nothing', ''],
    ['a script beyond the end', '000007'],
    ['a script of 3,000,000,000 bytes', '00008a95c0bb00'],
    ['a script of more bytes than a number counts', `0000${'ff'.repeat(20)}00`],
    ['a full key on no point, even', `000004${OFF_CURVE_X}`],
    ['a full key on no point, odd', `000005${OFF_CURVE_X}`],
    ['a hash cut short', `000000${'11'.repeat(19)}`],
    ['bytes behind the coin', '00000600'],
  ];
  for (const [name, hex] of hostile) {
    const result = decodeHex(hex);
    assert.ok(!result.ok && result.error instanceof DecodeError, name);
  }
});

const vectors = openVectorFolder(vectorsPath());
const skip = vectors === null && !areVectorsRequired() ? absenceNotice(vectorsPath()) : false;

test('the 732 coins of the main network that btcd keeps are read, and written as they were', { skip }, () => {
  const file = vectors!.find('blocks/with-prevouts/btcd/277647.utxostore')!;
  const reader = new ByteReader(file.bytes());
  let count = 0;
  for (; reader.remaining > 0; count++) {
    reader.skip(36, 'outpoint');
    const hex = toHex(reader.view(reader.u32('length'), 'coin'));
    assert.equal(encodeHex(decoded(hex)), hex);
  }
  assert.equal(count, 732);
});

const hash20 = fc.uint8Array({ minLength: 20, maxLength: 20 });
const bytes32 = fc.uint8Array({ minLength: 32, maxLength: 32 });
const scripts = fc.oneof(
  hash20.map((hash) => concatBytes(fromHex('76a914'), hash, fromHex('88ac'))),
  hash20.map((hash) => concatBytes(fromHex('a914'), hash, fromHex('87'))),
  bytes32.map((x) => concatBytes(fromHex('2103'), x, fromHex('ac'))),
  bytes32.map((x) => concatBytes(fromHex('4104'), x, x, fromHex('ac'))),
  fc.uint8Array({ maxLength: 200 }),
  fc.integer({ min: 200, max: 10_000 }).map((length) => new Uint8Array(length).fill(0x61)),
);
const coins: fc.Arbitrary<Coin> = fc.record(
  {
    valueSat: fc.integer({ min: 0, max: 2_100_000_000_000_000 }),
    scriptPubKey: scripts,
    height: fc.integer({ min: 0, max: 0x7fffffff }),
    isCoinbase: fc.boolean(),
  },
  { noNullPrototype: true },
);

test('every coin is read back as it was written', () => {
  fc.assert(
    fc.property(coins, (coin) => {
      assert.deepEqual(describe(decoded(encodeHex(coin))), describe(coin));
    }),
  );
});

test('S07: any bytes read as a coin that is written the same, or are refused', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
      const hex = toHex(bytes);
      const result = decodeHex(hex);
      // a hybrid or plain spelling of a template reads, but no program writes it so: its length kind is 6 and more
      if (result.ok) assert.deepEqual(describe(decoded(encodeHex(result.value))), describe(result.value));
      else assert.ok(result.error instanceof DecodeError);
    }),
    { numRuns: 3000 },
  );
});
