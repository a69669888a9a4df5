import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fromHex } from '../../kernel/util/bytes.ts';
import { createRng } from '../../kernel/util/prng.ts';
import { isValidAsmap, lookUpAsmap } from './asmap.ts';
import { parseIpv6 } from './ip-text.ts';

/** 128 ranges with numbers of up to 20 bits, of Core's asmap_test_vectors. */
const MAP = fromHex(
  'fd38d50f7d5d665357f64bba6bfc190d6078a7e68e5d3ac032edf47f8b5755f87881bfd3633d9aa7c1fa279b3' +
    '6fe26c63bbc9de44e0f04e5a382d8e1cddbe1c26653bc939d4327f287e8b4d1f8aff33176787cb0ff7cb28e3f' +
    'daef0f8f47357f801c9f7ff7a99f7f9c9f99de7f3156ae00f23eb27a303bc486aa3ccc31ec19394c2f8a53ddd' +
    'ea3cc56257f3b7e9b1f488be9c1137db823759aa4e071eef2e984aaf97b52d5f88d0f373dd190fe45e06efef1' +
    'df7278be680a73a74c76db4dd910f1d30752c57fe2bc9f079f1a1e1b036c2a69219f11c5e11980a3fa51f4f82' +
    'd36373de73b1863a8c27e36ae0e4f705be3d76ecff038a75bc0f92ba7e7f6f4080f1c47c34d095367ecf4406c' +
    '1e3bbc17ba4d6f79ea3f031b876799ac268b1e0ea9babf0f9a8e5f6c55e363c6363df46afc696d7afceaf49b6' +
    'e62df9e9dc27e70664cafe5c53df66dd0b8237678ada90e73f05ec60e6f6e96c3cbb1ea2f9dece115d5bdba10' +
    '33e53662a7d72a29477b5beb35710591d3e23e5f0379baea62ffdee535bcdf879cbf69b88d7ea37c8015381cf' +
    '63dc33d28f757a4a5e15d6a08',
);

/** Addresses and their systems, from the same place. */
const SYSTEMS: readonly (readonly [string, number])[] = [
  ['0:1559:183:3728:224c:65a5:62e6:e991', 961_340],
  ['d0:d493:faa0:8609:e927:8b75:293c:f5a4', 961_340],
  ['2a0:26f:8b2c:2ee7:c7d1:3b24:4705:3f7f', 693_761],
  ['a77:7cd4:4be5:a449:89f2:3212:78c6:ee38', 0],
  ['1336:1ad6:2f26:4fe3:d809:7321:6e0d:4615', 672_176],
  ['1d56:abd0:a52f:a8d5:d5a7:a610:581d:d792', 499_880],
  ['378e:7290:54e5:bd36:4760:971c:e9b9:570d', 0],
  ['406c:820b:272a:c045:b74e:fc0a:9ef2:cecc', 248_495],
  ['46c2:ae07:9d08:2d56:d473:2bc7:57e3:20ac', 248_495],
  ['50d2:3db6:52fa:2e7:12ec:5bc4:1bd1:49f9', 124_471],
  ['53e1:1812:ffa:dccf:f9f2:64be:75fa:795', 539_993],
  ['544d:eeba:3990:35d1:ad66:f9a3:576d:8617', 374_443],
  ['6a53:40dc:8f1d:3ffa:efeb:3aa3:df88:b94b', 435_070],
  ['87aa:d1c9:9edb:91e7:aab1:9eb9:baa0:de18', 244_121],
  ['9f00:48fa:88e3:4b67:a6f3:e6d2:5cc1:5be2', 862_116],
  ['c49f:9cc6:86ad:ba08:4580:315e:dbd1:8a62', 969_411],
  ['dff5:8021:61d:b17d:406d:7888:fdac:4a20', 969_411],
  ['e888:6791:2960:d723:bcfd:47e1:2d8c:599f', 824_019],
  ['ffff:d499:8c4b:4941:bc81:d5b9:b51e:85a8', 824_019],
];

/** The bytes of a program that is written bit by bit, lowest bit first. */
function program(bits: string): Uint8Array {
  const digits = bits.replaceAll(' ', '');
  const bytes = new Uint8Array(Math.ceil(digits.length / 8));
  for (let i = 0; i < digits.length; i++) bytes[i >>> 3]! |= Number(digits[i]) << (i & 7);
  return bytes;
}

/** RETURN of a number of the first class, and of 1. */
const RETURN_3 = '0 0 000000000000010';
const RETURN_1 = '0 0 000000000000000';
const DEFAULT_1 = '111 0 000000000000000';
/** Over {@link RETURN_1}, which has the smallest size that there is. */
const JUMP_17 = '10 0 00000';

test("E03: a map gives every address the system that Core's vectors name", () => {
  assert.equal(isValidAsmap(MAP), true);
  for (const [text, system] of SYSTEMS) assert.equal(lookUpAsmap(MAP, parseIpv6(text)!), system, text);
});

test('each instruction does what it says', () => {
  const zeros = new Uint8Array(16);
  const ones = new Uint8Array(16).fill(0xff);
  const one = program(RETURN_3);
  assert.equal(isValidAsmap(one), true);
  assert.equal(lookUpAsmap(one, ones), 3);
  const fork = program(`${JUMP_17} ${RETURN_1} ${RETURN_3}`);
  assert.equal(isValidAsmap(fork), true);
  assert.equal(lookUpAsmap(fork, zeros), 1);
  assert.equal(lookUpAsmap(fork, ones), 3);
  // pattern 2 of the first class: one bit, which has to be 0
  const match = program(`${DEFAULT_1} 110 0 0 ${RETURN_3}`);
  assert.equal(isValidAsmap(match), true);
  assert.equal(lookUpAsmap(match, zeros), 3);
  assert.equal(lookUpAsmap(match, ones), 1);
});

test('E09: what is no map is refused: nothing, ends too early, dead code, crossing jumps, too long paths', () => {
  const refused: readonly (readonly [string, Uint8Array])[] = [
    ['nothing', new Uint8Array(0)],
    ['zeros', new Uint8Array(8)],
    ['ones', new Uint8Array(1000).fill(0xff)],
    ['no RETURN', program(DEFAULT_1)],
    ['RETURN of what is the default', program(`${DEFAULT_1} ${RETURN_1}`)],
    ['two defaults', program(`${DEFAULT_1} ${DEFAULT_1} 110 0 0 ${RETURN_1}`)],
    ['dead code', program(`${RETURN_1} ${RETURN_1}`)],
    ['padding of a byte', program(`${RETURN_1} 0000000 00000000`)],
    ['padding that is not zero', program(`${RETURN_1} 1`)],
    ['a jump beyond the end', program(`10 0 11111 ${RETURN_1}`)],
    ['a jump into an instruction', program(`10 0 00001 ${RETURN_1} ${RETURN_3}`)],
    ['crossing jumps', program(`10 0 01000 ${JUMP_17} ${RETURN_1} ${RETURN_1} ${RETURN_1}`)],
    ['two short matches', program(`110 0 0 110 0 0 ${RETURN_1}`)],
    ['more bits than an address has', program(`${'110 1111111 00000000 '.repeat(17)}${RETURN_1}`)],
  ];
  for (const [what, bytes] of refused) assert.equal(isValidAsmap(bytes), false, what);
  assert.equal(isValidAsmap(program(`${'110 1111111 00000000 '.repeat(16)}${RETURN_1}`)), true);
  for (let length = 0; length < MAP.length; length++) assert.equal(isValidAsmap(MAP.subarray(0, length)), false);
});

test('E09: flipped bits make a map that is refused, or one whose every lookup ends with a number', () => {
  const rng = createRng(7);
  let accepted = 0;
  for (let round = 0; round < 3000; round++) {
    const bytes = MAP.slice();
    for (let flips = 1 + rng.below(3); flips > 0; flips--) bytes[rng.below(bytes.length)]! ^= 1 << rng.below(8);
    if (!isValidAsmap(bytes)) continue;
    accepted++;
    for (let i = 0; i < 20; i++) {
      const system = lookUpAsmap(bytes, rng.bytes(16));
      assert.ok(Number.isInteger(system) && system >= 0 && system < 2 ** 25, `${system}`);
    }
  }
  assert.ok(accepted > 100, `${accepted} maps were still maps`);
});
