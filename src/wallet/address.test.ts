import assert from 'node:assert/strict';
import { test } from 'node:test';
import { base58, bech32, bech32m } from '@scure/base';
import fc from 'fast-check';
import { sha256d } from '../kernel/crypto/sha256.ts';
import { concatBytes, fromHex, toHex } from '../kernel/util/bytes.ts';
import { type AddressPrefixes, describeAddressError, formatAddress, parseAddress } from './address.ts';

const MAIN: AddressPrefixes = { pubKeyHash: 0, scriptHash: 5, bech32Hrp: 'bc' };
const TEST: AddressPrefixes = { pubKeyHash: 111, scriptHash: 196, bech32Hrp: 'tb' };
const REGTEST: AddressPrefixes = { pubKeyHash: 111, scriptHash: 196, bech32Hrp: 'bcrt' };

/** Published pairs: the key 1 as many projects test it, BIP173, BIP350, and Core's anchor output. */
const PAIRS: readonly (readonly [address: string, script: string, prefixes: AddressPrefixes])[] = [
  ['1BgGZ9tcN4rm9KBzDn7KprQz87SZ26SAMH', '76a914751e76e8199196d454941c45d1b3a323f1433bd688ac', MAIN],
  ['mrCDrCybB6J1vRfbwM5hemdJz73FwDBC8r', '76a914751e76e8199196d454941c45d1b3a323f1433bd688ac', TEST],
  ['3LRW7jeCvQCRdPF8S3yUCfRAx4eqXFmdcr', 'a914cd7b44d0b03f2d026d1e586d7ae18903b0d385f687', MAIN],
  ['2NByiBUaEXrhmqAsg7BbLpcQSAQs1EDwt5w', 'a914cd7b44d0b03f2d026d1e586d7ae18903b0d385f687', REGTEST],
  ['bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4', '0014751e76e8199196d454941c45d1b3a323f1433bd6', MAIN],
  [
    'tb1qrp33g0q5c5txsp9arysrx4k6zdkfs4nce4xj0gdcccefvpysxf3q0sl5k7',
    '00201863143c14c5166804bd19203356da136c985678cd4d27a1b8c6329604903262',
    TEST,
  ],
  [
    'bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqzk5jj0',
    '512079be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798',
    MAIN,
  ],
  ['bc1zw508d6qejxtdg4y5r3zarvaryvaxxpcs', '5210751e76e8199196d454941c45d1b3a323', MAIN],
  ['bc1sw50qgdz25j', '6002751e', MAIN],
  ['bc1pfeessrawgf', '51024e73', MAIN],
];

function kindOf(text: string, prefixes: AddressPrefixes): string {
  const parsed = parseAddress(text, prefixes);
  return parsed.ok ? 'accepted' : parsed.error.kind;
}

/** A witness address with any version, program and checksum, valid or not. */
function forge(version: number, programLength: number, codec: typeof bech32, hrp = 'bc'): string {
  return codec.encode(hrp, [version, ...codec.toWords(new Uint8Array(programLength))], false);
}

test('addresses stand for their scripts and scripts for their addresses', () => {
  for (const [address, script, prefixes] of PAIRS) {
    const parsed = parseAddress(address, prefixes);
    assert.equal(parsed.ok ? toHex(parsed.value) : parsed.error.kind, script, address);
    assert.equal(formatAddress(fromHex(script), prefixes), address);
  }
});

test('scripts without an address have none', () => {
  const scripts = [
    '',
    '51',
    '6a0100',
    '76a914751e76e8199196d454941c45d1b3a323f1433bd688',
    '0001ff',
    `5101ff`,
    `5129${'00'.repeat(41)}`,
  ];
  for (const script of scripts) assert.equal(formatAddress(fromHex(script), MAIN), null, script);
  assert.equal(formatAddress(fromHex(`0015${'00'.repeat(21)}`), MAIN), null, 'version 0 has 20 or 32 bytes');
});

test('capital letters are as good as small ones in witness addresses, a mixture is refused (K09)', () => {
  const address = 'bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4';
  assert.equal(kindOf(address.toUpperCase(), MAIN), 'accepted');
  assert.equal(kindOf(`B${address.slice(1)}`, MAIN), 'mixed-case');
  assert.equal(kindOf(`bc1Q${address.slice(4)}`, MAIN), 'mixed-case');
});

test('an address of another network is refused and named as such (K09)', () => {
  for (const [address, , prefixes] of PAIRS) {
    const other = prefixes === MAIN ? TEST : MAIN;
    assert.equal(kindOf(address, other), 'wrong-network', address);
  }
  assert.equal(kindOf('bcrt1qjh3dnrafy8f2zszh5sdqn6c3ycfljh930yza9nt72v30dkw8mlvscn82zx', MAIN), 'wrong-network');
  const parsed = parseAddress('tb1qw508d6qejxtdg4y5r3zarvary0c5xw7kxpjzsx', MAIN);
  assert.deepEqual(parsed, { ok: false, error: { kind: 'wrong-network', got: 'tb', expected: 'bc' } });
});

test('each witness version has one checksum: bech32 for 0, bech32m for the others (K09)', () => {
  for (let version = 0; version <= 16; version++) {
    const [right, wrong] = version === 0 ? [bech32, bech32m] : [bech32m, bech32];
    assert.equal(kindOf(forge(version, 32, right), MAIN), 'accepted', `version ${version}`);
    assert.equal(kindOf(forge(version, 32, wrong), MAIN), 'wrong-checksum-kind', `version ${version}`);
  }
  assert.equal(kindOf(forge(17, 32, bech32m), MAIN), 'bad-version');
});

test('program lengths: 20 and 32 for version 0, 2 to 40 for the others', () => {
  for (let length = 0; length <= 41; length++) {
    const ofZero = length === 20 || length === 32 ? 'accepted' : 'bad-program-length';
    const ofOne = length >= 2 && length <= 40 ? 'accepted' : 'bad-program-length';
    assert.equal(kindOf(forge(0, length, bech32), MAIN), ofZero, `version 0, ${length} bytes`);
    assert.equal(kindOf(forge(1, length, bech32m), MAIN), ofOne, `version 1, ${length} bytes`);
  }
});

test('what is wrong with a text is told', () => {
  const kinds: readonly (readonly [text: string, kind: string])[] = [
    ['', 'empty'],
    ['x', 'bad-checksum'],
    [' 1BgGZ9tcN4rm9KBzDn7KprQz87SZ26SAMH', 'bad-character'],
    ['1BgGZ9tcN4rm9KBzDn7KprQz87SZ26SAMI', 'bad-character'],
    ['1BgGZ9tcN4rm9KBzDn7KprQz87SZ26SAMh', 'bad-checksum'],
    ['3QJmV3qfvL9SuYo34YihAf3sRCW3qSinyC3', 'bad-checksum'],
    ['bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t5', 'bad-checksum'],
    ['bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3tb', 'bad-character'],
    ['bcqw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4', 'no-separator'],
    ['bc1gmk9yu', 'no-data'],
    ['bc1zw508d6qejxtdg4y5r3zarvaryvqyzf3du', 'wrong-checksum-kind'],
    ['tb1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vpggkg4j', 'wrong-network'],
    [`bc1${'q'.repeat(88)}`, 'too-long'],
    ['bc1q\u0161508d6', 'bad-character'],
  ];
  for (const [text, kind] of kinds) assert.equal(kindOf(text, MAIN), kind, text);
  assert.equal(kindOf('tb1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vpggkg4j', TEST), 'bad-padding');
  const overlong = parseAddress('7SeEnXWPaCCALbVrTnszCVGfRU8cGfx', MAIN);
  assert.equal(overlong.ok ? '' : overlong.error.kind, 'bad-length');
});

test('every error has words for a person', () => {
  const texts = [
    '',
    'x',
    'I',
    'bc1',
    'BC1q',
    'bc1gmk9yu',
    `bc1${'q'.repeat(88)}`,
    'mrCDrCybB6J1vRfbwM5hemdJz73FwDBC8r',
  ];
  for (const text of [...texts, forge(17, 32, bech32m), forge(0, 21, bech32), forge(0, 32, bech32m)]) {
    const parsed = parseAddress(text, MAIN);
    assert.ok(!parsed.ok, text);
    assert.match(describeAddressError(parsed.error), /^[a-z].{10,}[^.]$/);
  }
});

test('no typing error of one character is accepted (K09)', () => {
  const letters = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz0lIO ';
  for (const [address, , prefixes] of PAIRS) {
    for (let at = 0; at < address.length; at++) {
      const isAccepted = (text: string): boolean => text !== address && parseAddress(text, prefixes).ok;
      assert.ok(!isAccepted(address.slice(0, at) + address.slice(at + 1)), `without character ${at} of ${address}`);
      for (const letter of letters) {
        assert.ok(
          !isAccepted(address.slice(0, at) + letter + address.slice(at + 1)),
          `${letter} at ${at} of ${address}`,
        );
      }
    }
  }
});

test('a q inserted before a final p is refused: bech32m does not have the weakness of bech32 (K09)', () => {
  for (const [address, , prefixes] of PAIRS) {
    if (!address.includes('1q') && !address.includes('1p') && !address.includes('1z')) continue;
    for (let at = prefixes.bech32Hrp.length + 1; at <= address.length; at++) {
      assert.ok(!parseAddress(`${address.slice(0, at)}q${address.slice(at)}`, prefixes).ok, `q at ${at} of ${address}`);
    }
  }
});

test('a text of a megabyte is refused at once (R15)', () => {
  const before = process.cpuUsage();
  for (const text of ['1'.repeat(1 << 20), `bc1${'q'.repeat(1 << 20)}`, `tb1${'q'.repeat(1 << 20)}`]) {
    assert.equal(kindOf(text, MAIN), 'too-long');
  }
  assert.ok(process.cpuUsage(before).user < 500_000, 'took more than half a second');
});

test('any text gives a script or an error, never an exception', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.stringMatching(/^(?:bc|tb|bcrt)1[\w]{0,90}$/)), (text) => {
      const parsed = parseAddress(text, MAIN);
      if (parsed.ok) assert.notEqual(formatAddress(parsed.value, MAIN), null);
    }),
    { numRuns: 2000 },
  );
});

test('every program comes back from its address', () => {
  const programs = fc.tuple(fc.integer({ min: 1, max: 16 }), fc.uint8Array({ minLength: 2, maxLength: 40 }));
  fc.assert(
    fc.property(programs, ([version, program]) => {
      const script = Uint8Array.of(0x50 + version, program.length, ...program);
      const address = formatAddress(script, REGTEST);
      assert.ok(address !== null);
      const parsed = parseAddress(address, REGTEST);
      assert.deepEqual(parsed.ok ? parsed.value : null, script);
    }),
  );
});

test('addresses are those that another library writes, zeros in front of hashes included', () => {
  const prefixes = fc.constantFrom(MAIN, TEST, REGTEST);
  const hashes = fc.tuple(fc.nat({ max: 20 }), fc.uint8Array({ minLength: 20, maxLength: 20 })).map(([zeros, hash]) => {
    return hash.fill(0, 0, zeros);
  });
  const base58Check = (version: number, hash: Uint8Array): string => {
    const payload = concatBytes(Uint8Array.of(version), hash);
    return base58.encode(concatBytes(payload, sha256d(payload).subarray(0, 4)));
  };
  fc.assert(
    fc.property(prefixes, hashes, (network, hash) => {
      const hex = toHex(hash);
      const address = (script: string): string | null => formatAddress(fromHex(script), network);
      assert.equal(address(`76a914${hex}88ac`), base58Check(network.pubKeyHash, hash));
      assert.equal(address(`a914${hex}87`), base58Check(network.scriptHash, hash));
      const words = [0, ...bech32.toWords(hash)];
      assert.equal(address(`0014${hex}`), bech32.encode(network.bech32Hrp, words));
    }),
  );
});
