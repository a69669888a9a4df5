// The examination every secp256k1 backend passes before it is used: known good, bad and odd signatures, keys and tweaks,
// among them the corners where implementations differ (hybrid keys, high S, r above the order, sums at infinity). The
// values are public vectors (RFC 6979 style "Satoshi Nakamoto", BIP340, BIP341) or were computed apart from our code.

import { concatBytes, equalBytes, fromHex } from '../util/bytes.ts';
import { normalizeS, parseSignatureLax } from './der.ts';
import type { Secp256k1 } from './secp256k1.ts';

interface SelfTestCase {
  readonly name: string;
  readonly holds: (backend: Secp256k1) => boolean;
}

const ORDER = fromHex('fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141');
const ORDER_MINUS_1 = fromHex('fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364140');
const ZERO = new Uint8Array(32);
const ONE = fromHex('0000000000000000000000000000000000000000000000000000000000000001');
const TWO = fromHex('0000000000000000000000000000000000000000000000000000000000000002');

const G_X = '79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798';
const G_Y = '483ada7726a3c4655da4fbfc0e1108a8fd17b448a68554199c47d08ffb10d4b8';
const G = fromHex(`02${G_X}`);
const DOUBLE_G_X = fromHex('c6047f9441ed7d6d3045406e95c07cd85c778e4b8cef3ca7abac09b95c709ee5');

/** SHA-256 of "Satoshi Nakamoto", and its deterministic signature with the secret 1. */
const DIGEST = fromHex('a0dc65ffca799873cbea0ac274015b9526505daaaed385155425f7337704883e');
const R = '934b1ea10a4b3c1757e2b0c017d0b6143ce3c9a7e6a4a49860d7a6ab210ee3d8';
const S = '2442ce9d2b916064108014783e923ec36b49743e2ffa1c4496f01a512aafd9e5';
const HIGH_S = 'dbbd3162d46e9f9bef7feb87c16dc13b4f6568a87f4e83f728e2443ba586675c';
const SIGNATURE = fromHex(R + S);

/** BIP340 test vector 1. */
const BIP340_SECRET = fromHex('b7e151628aed2a6abf7158809cf4f3c762e7160f38b4da56a784d9045190cfef');
const BIP340_KEY = fromHex('dff1d77f2a671c5f36183726db2341be58feae1da2deced843240f7b502ba659');
const BIP340_MESSAGE = fromHex('243f6a8885a308d313198a2e03707344a4093822299f31d0082efa98ec4e6c89');
const BIP340_R = '6896bd60eeae296db48a229ff71dfe071bde413e6d43f917dc8dcf8c78de3341';
const BIP340_S = '8906d11ac976abccb20b091292bff4ea897efcb639ea871cfa95f6de339e4b0a';
const BIP340_SIGNATURE = fromHex(BIP340_R + BIP340_S);

/** BIP341 wallet vectors: the first key path, and the first script path, whose output key has an odd y. */
const BIP341_SECRET = fromHex('6b973d88838f27366ed61c9ad6367663045cb456e28335c109e30717ae0c6baa');
const BIP341_INTERNAL = fromHex('d6889cb081036e0faefa3a35157ad71086b123b2b144b649798b494c300a961d');
const BIP341_TWEAK = fromHex('b86e7be8f39bab32a6f2c0443abbc210f0edac0e2c53d501b36b64437d9c6c70');
const BIP341_TWEAKED_SECRET = fromHex('2405b971772ad26915c8dcdf10f238753a9b837e5f8e6a86fd7c0cce5b7296d9');
const BIP341_OUTPUT = fromHex('53a1f6e454df1aa2776a2814a721372d6258050de330b3c6d10ee8f4e0dda343');
const BIP341_ODD_INTERNAL = fromHex('187791b6f712a8ea41c8ecdd0ee77fab3e85263b37e1ec18a3651926b3a6cf27');
const BIP341_ODD_TWEAK = fromHex('cbd8679ba636c1110ea247542cfbd964131a6be84f873f7f3b62a777528ed001');
const BIP341_ODD_OUTPUT = fromHex('147c9c57132f6e7ecddba9800bb0c4449251c92a1e60371ee77557b6620f3ea3');

/** x = 5 belongs to no point. */
const NO_POINT = fromHex('0000000000000000000000000000000000000000000000000000000000000005');

function flipped(bytes: Uint8Array, at: number): Uint8Array {
  const copy = bytes.slice();
  copy[at] = copy[at]! ^ 1;
  return copy;
}

function sameBytes(actual: Uint8Array | null, expected: Uint8Array): boolean {
  return actual !== null && equalBytes(actual, expected);
}

function verifiesDer(backend: Secp256k1, der: string): boolean {
  const bytes = fromHex(der);
  const signature = new Uint8Array(64);
  if (!parseSignatureLax(bytes, 0, bytes.length, signature)) return false;
  normalizeS(signature);
  return backend.verifyEcdsa(signature, DIGEST, G);
}

function ecdsa(backend: Secp256k1, rs: string, digest: string, key: string): boolean {
  return backend.verifyEcdsa(fromHex(rs), fromHex(digest), fromHex(key));
}

function hex32(tail: string): string {
  return tail.padStart(64, '0');
}

const CASES: readonly SelfTestCase[] = [
  { name: 'ecdsa accepts a good signature', holds: (b) => b.verifyEcdsa(SIGNATURE, DIGEST, G) },
  {
    name: 'ecdsa accepts an uncompressed key',
    holds: (b) => b.verifyEcdsa(SIGNATURE, DIGEST, fromHex(`04${G_X}${G_Y}`)),
  },
  { name: 'ecdsa accepts a hybrid key', holds: (b) => b.verifyEcdsa(SIGNATURE, DIGEST, fromHex(`06${G_X}${G_Y}`)) },
  {
    name: 'ecdsa refuses a hybrid key of the wrong parity',
    holds: (b) => !b.verifyEcdsa(SIGNATURE, DIGEST, fromHex(`07${G_X}${G_Y}`)),
  },
  { name: 'ecdsa refuses another digest', holds: (b) => !b.verifyEcdsa(SIGNATURE, flipped(DIGEST, 31), G) },
  { name: 'ecdsa refuses another r', holds: (b) => !b.verifyEcdsa(flipped(SIGNATURE, 31), DIGEST, G) },
  { name: 'ecdsa refuses another s', holds: (b) => !b.verifyEcdsa(flipped(SIGNATURE, 63), DIGEST, G) },
  { name: 'ecdsa refuses a high s', holds: (b) => !b.verifyEcdsa(fromHex(R + HIGH_S), DIGEST, G) },
  { name: 'ecdsa refuses zeros', holds: (b) => !b.verifyEcdsa(new Uint8Array(64), DIGEST, G) },
  {
    name: 'ecdsa refuses r and s of the order',
    holds: (b) => !b.verifyEcdsa(concatBytes(ORDER, SIGNATURE.subarray(32)), DIGEST, G),
  },
  { name: 'strict DER verifies', holds: (b) => verifiesDer(b, `3045022100${R}0220${S}`) },
  { name: 'DER with a high s verifies', holds: (b) => verifiesDer(b, `3046022100${R}022100${HIGH_S}`) },
  { name: 'DER with a negative r verifies', holds: (b) => verifiesDer(b, `30440220${R}0220${S}`) },
  {
    name: 'DER with long lengths, padding and a tail verifies',
    holds: (b) => verifiesDer(b, `3081ff02820023000000${R}02840000002100${S}ffff`),
  },
  {
    name: 'ecdsa accepts r when the point has r + n',
    holds: (b) =>
      ecdsa(
        b,
        hex32('02') + hex32('b48ca794ce6ed0acb683eeebad28faab9e7027a2'),
        'a0dc65ffca799873cbea0ac274015b9526505daaaed385155425f7337704883e',
        '02a44d358516f9a0c0402a1180d0a80deb3848af64239a1c9841fe6c9680f05689',
      ),
  },
  {
    name: 'ecdsa refuses a sum at infinity',
    holds: (b) =>
      !ecdsa(
        b,
        hex32('05') + hex32('07'),
        'a0dc65ffca799873cbea0ac274015b9526505daaaed385155425f7337704883e',
        '02f113f2b9dea9421607505bc04a3cfe21c9c86d6ddc5858e5e512c0ffc105917b',
      ),
  },
  {
    name: 'ecdsa adds equal points',
    holds: (b) =>
      ecdsa(
        b,
        'a3f6152bafa7c45fd8485a87594f4d650205bf20a06474471be11c54eb19876b' +
          '1a72789a15daa0a66ae3fe08e6789d107a6d7bf6741c4ee6adfb83dd3bf5f2ba',
        'a5e64198243306e7739ac4ce11b1ea0ab5f63e2c84e5d7d436d56e5d57275492',
        '03e1fe434d345bf33083abb6280f4f44ac5fb22934977813c20c015f2b43d3fab8',
      ),
  },
  {
    name: 'ecdsa reduces a digest above the order',
    holds: (b) =>
      ecdsa(
        b,
        'e22fbe15c0af8ccc5780c0735f84dbe9a790badee8245c06c7ca37331cb36980' +
          '7e6d09dce9bab22a9a3b27e3bd9e4305c6fc970c7ac8f693e49e8e6b3b9b2908',
        'ff'.repeat(32),
        '02fe8d1eb1bcb3432b1db5833ff5f2226d9cb5e65cee430558c18ed3a3c86ce1af',
      ),
  },
  {
    name: 'ecdsa accepts a digest of zero',
    holds: (b) =>
      ecdsa(
        b,
        'ed3bace23c5e17652e174c835fb72bf53ee306b3406a26890221b4cef7500f88' +
          '11b7c89c7583adaa7ee0d355e5a3f8dd2b79509b110b1a599fac1e52d352d2ec',
        '00'.repeat(32),
        '02fe8d1eb1bcb3432b1db5833ff5f2226d9cb5e65cee430558c18ed3a3c86ce1af',
      ),
  },
  {
    name: 'wrong lengths are refused',
    holds: (b) =>
      !b.verifyEcdsa(SIGNATURE.subarray(1), DIGEST, G) &&
      !b.verifyEcdsa(SIGNATURE, DIGEST.subarray(1), G) &&
      !b.verifyEcdsa(SIGNATURE, DIGEST, G.subarray(0, 32)) &&
      !b.verifyEcdsa(SIGNATURE, DIGEST, new Uint8Array(0)) &&
      !b.verifyEcdsa(SIGNATURE, DIGEST, concatBytes(G, Uint8Array.of(0))) &&
      !b.verifySchnorr(BIP340_SIGNATURE.subarray(1), BIP340_MESSAGE, BIP340_KEY) &&
      !b.verifySchnorr(BIP340_SIGNATURE, BIP340_MESSAGE, G),
  },
  {
    name: 'schnorr accepts a good signature',
    holds: (b) => b.verifySchnorr(BIP340_SIGNATURE, BIP340_MESSAGE, BIP340_KEY),
  },
  {
    name: 'schnorr accepts a message of no bytes',
    holds: (b) =>
      b.verifySchnorr(
        fromHex(
          '71535db165ecd9fbbc046e5ffaea61186bb6ad436732fccc25291a55895464cf' +
            '6069ce26bf03466228f19a3a62db8a649f2d560fac652827d1af0574e427ab63',
        ),
        new Uint8Array(0),
        fromHex('778caa53b4393ac467774d09497a87224bf9fab6f6e68b23086497324d6fd117'),
      ),
  },
  {
    name: 'schnorr refuses another message, r or s',
    holds: (b) =>
      !b.verifySchnorr(BIP340_SIGNATURE, flipped(BIP340_MESSAGE, 0), BIP340_KEY) &&
      !b.verifySchnorr(flipped(BIP340_SIGNATURE, 31), BIP340_MESSAGE, BIP340_KEY) &&
      !b.verifySchnorr(flipped(BIP340_SIGNATURE, 63), BIP340_MESSAGE, BIP340_KEY),
  },
  {
    name: 'schnorr refuses an odd R',
    holds: (b) =>
      !b.verifySchnorr(
        fromHex(
          'fff97bd5755eeea420453a14355235d382f6472f8568a18b2f057a1460297556' +
            '3cc27944640ac607cd107ae10923d9ef7a73c643e166be5ebeafa34b1ac553e2',
        ),
        BIP340_MESSAGE,
        BIP340_KEY,
      ),
  },
  {
    name: 'schnorr refuses a key off the curve',
    holds: (b) => !b.verifySchnorr(BIP340_SIGNATURE, BIP340_MESSAGE, NO_POINT),
  },
  {
    name: 'schnorr refuses s of the order',
    holds: (b) => !b.verifySchnorr(concatBytes(fromHex(BIP340_R), ORDER), BIP340_MESSAGE, BIP340_KEY),
  },
  {
    name: 'a taproot tweak checks',
    holds: (b) =>
      b.checkXOnlyTweak(BIP341_ODD_OUTPUT, 1, BIP341_ODD_INTERNAL, BIP341_ODD_TWEAK) &&
      !b.checkXOnlyTweak(BIP341_ODD_OUTPUT, 0, BIP341_ODD_INTERNAL, BIP341_ODD_TWEAK) &&
      !b.checkXOnlyTweak(BIP341_OUTPUT, 1, BIP341_ODD_INTERNAL, BIP341_ODD_TWEAK) &&
      !b.checkXOnlyTweak(BIP341_ODD_OUTPUT, 1, NO_POINT, BIP341_ODD_TWEAK) &&
      !b.checkXOnlyTweak(BIP341_ODD_OUTPUT, 1, BIP341_ODD_INTERNAL, ORDER),
  },
  {
    name: 'a taproot tweak is computed',
    holds: (b) => {
      const output = b.tweakXOnly(BIP341_ODD_INTERNAL, BIP341_ODD_TWEAK);
      return output !== null && output.parity === 1 && sameBytes(output.x, BIP341_ODD_OUTPUT);
    },
  },
  {
    name: 'a taproot secret is tweaked',
    holds: (b) =>
      b.tweakXOnly(BIP341_INTERNAL, BIP341_TWEAK) !== null &&
      sameBytes(b.tweakXOnlySecret(BIP341_SECRET, BIP341_TWEAK), BIP341_TWEAKED_SECRET),
  },
  {
    name: 'keys are created and converted',
    holds: (b) =>
      sameBytes(b.createPublicKey(ONE, true), G) &&
      sameBytes(b.createPublicKey(ONE, false), fromHex(`04${G_X}${G_Y}`)) &&
      sameBytes(b.convertPublicKey(G, false), fromHex(`04${G_X}${G_Y}`)) &&
      b.createPublicKey(ZERO, true) === null &&
      b.createPublicKey(ORDER, true) === null,
  },
  {
    name: 'keys are judged',
    holds: (b) =>
      b.isValidPublicKey(G) &&
      b.isValidXOnlyPublicKey(G.subarray(1)) &&
      b.isValidSecret(ORDER_MINUS_1) &&
      !b.isValidSecret(ZERO) &&
      !b.isValidSecret(ORDER) &&
      !b.isValidPublicKey(concatBytes(Uint8Array.of(2), NO_POINT)) &&
      !b.isValidPublicKey(concatBytes(Uint8Array.of(5), G.subarray(1))) &&
      !b.isValidXOnlyPublicKey(NO_POINT),
  },
  {
    name: 'keys and secrets are tweaked',
    holds: (b) =>
      sameBytes(b.tweakPublicKey(G, ONE), concatBytes(Uint8Array.of(2), DOUBLE_G_X)) &&
      sameBytes(b.tweakSecret(ONE, ONE), TWO) &&
      b.tweakPublicKey(G, ORDER_MINUS_1) === null &&
      b.tweakSecret(ONE, ORDER_MINUS_1) === null &&
      b.tweakSecret(ONE, ORDER) === null,
  },
  { name: 'ecdsa signs as RFC 6979 says', holds: (b) => sameBytes(b.signEcdsa(DIGEST, ONE), SIGNATURE) },
  {
    name: 'schnorr signs as BIP340 says',
    holds: (b) => sameBytes(b.signSchnorr(BIP340_MESSAGE, BIP340_SECRET, ONE), BIP340_SIGNATURE),
  },
  {
    name: 'a shared point is computed',
    holds: (b) => sameBytes(b.ecdhX(G, TWO), DOUBLE_G_X) && b.ecdhX(G, ORDER) === null,
  },
];

/** Runs every case; the name of the first that fails, or null when the backend may be used. An exception is a failure. */
export function selfTestSecp256k1(backend: Secp256k1): string | null {
  for (const { name, holds } of CASES) {
    try {
      if (!holds(backend)) return name;
    } catch (error) {
      return `${name} (${error instanceof Error ? error.message : 'exception'})`;
    }
  }
  return null;
}
