// Public descriptors read the slow way, as a witness against the wallet: its own base58, its own BIP32 derivation on the bare curve, its
// own scripts. Shares no code with src. Knows the shapes that wallets of tests have (BIP44, 49, 84, 86 and sorted multisig), nothing else.

import { createHash, createHmac } from 'node:crypto';
import { schnorr, secp256k1 } from '@noble/curves/secp256k1.js';
import { ripemd160 } from '@noble/hashes/legacy.js';

const { Point } = secp256k1;

/** A public key with what its children follow from. */
export interface Branch {
  readonly key: Uint8Array;
  readonly chainCode: Uint8Array;
}

/** A key of a descriptor: fixed, or the parent of one key per index. */
interface KeyExpression {
  readonly parent: Branch;
  readonly isRanged: boolean;
}

/** Makes the script of an index. */
type ScriptMaker = (index: number) => Uint8Array;

const BASE58 = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz';

/** Version, depth, fingerprint and number stand before chain code and key (BIP32); four bytes of checksum follow. */
const CHAIN_CODE_AT = 13;
const KEY_AT = 45;
const EXTENDED_KEY_BYTES = 78;

function sha256(...parts: readonly Uint8Array[]): Buffer {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest();
}

function hash160(bytes: Uint8Array): Uint8Array {
  return ripemd160(sha256(bytes));
}

/** An extended key; `key` of a secret one is a zero byte and the secret. */
export function decodeExtendedKey(text: string): Branch {
  let value = 0n;
  for (const letter of text) value = value * 58n + BigInt(BASE58.indexOf(letter));
  const bytes = Buffer.from(value.toString(16).padStart(2 * (EXTENDED_KEY_BYTES + 4), '0'), 'hex');
  const body = bytes.subarray(0, EXTENDED_KEY_BYTES);
  const isWhole = sha256(sha256(body)).subarray(0, 4).equals(bytes.subarray(EXTENDED_KEY_BYTES));
  if (!isWhole) throw new Error(`${text} is no extended key`);
  return { key: body.subarray(KEY_AT), chainCode: body.subarray(CHAIN_CODE_AT, KEY_AT) };
}

/** A child that its parent's public key is enough for. */
function deriveChild({ key, chainCode }: Branch, index: number): Branch {
  const data = Buffer.alloc(37);
  data.set(key);
  data.writeUInt32BE(index, 33);
  const digest = createHmac('sha512', chainCode).update(data).digest();
  const shift = Point.BASE.multiply(BigInt(`0x${digest.toString('hex', 0, 32)}`));
  return { key: Point.fromBytes(key).add(shift).toBytes(true), chainCode: digest.subarray(32) };
}

function readKey(text: string): KeyExpression {
  const [base, ...steps] = text.replace(/^\[[^\]]*\]/, '').split('/');
  if (/^0[23][0-9a-f]{64}$/.test(base!)) {
    return { parent: { key: Buffer.from(base!, 'hex'), chainCode: new Uint8Array(32) }, isRanged: false };
  }
  const isRanged = steps.at(-1) === '*';
  let parent = decodeExtendedKey(base!);
  for (const step of isRanged ? steps.slice(0, -1) : steps) parent = deriveChild(parent, Number(step));
  return { parent, isRanged };
}

function keyAt({ parent, isRanged }: KeyExpression, index: number): Uint8Array {
  return isRanged ? deriveChild(parent, index).key : parent.key;
}

function concat(...parts: readonly (Uint8Array | number)[]): Uint8Array {
  return Buffer.concat(parts.map((part) => (typeof part === 'number' ? Buffer.of(part) : part)));
}

function payToScriptHash(script: Uint8Array): Uint8Array {
  return concat(0xa9, 0x14, hash160(script), 0x87);
}

/** A taproot output with a key and no scripts (BIP86). */
function payToTaproot(key: Uint8Array): Uint8Array {
  const internal = key.subarray(1);
  const tag = sha256(Buffer.from('TapTweak'));
  const tweak = BigInt(`0x${sha256(tag, tag, internal).toString('hex')}`);
  const even = schnorr.utils.lift_x(BigInt(`0x${Buffer.from(internal).toString('hex')}`));
  return concat(0x51, 0x20, even.add(Point.BASE.multiply(tweak)).toBytes(true).subarray(1));
}

function payToSortedMultisig(required: number, keys: readonly Uint8Array[]): Uint8Array {
  const sorted = [...keys].sort((a, b) => Buffer.compare(a, b));
  const script = concat(0x50 + required, ...sorted.flatMap((key) => [0x21, key]), 0x50 + keys.length, 0xae);
  return concat(0, 0x20, sha256(script));
}

/** What may stand in a wallet of a test, with the text of its key or keys. */
const SHAPES: readonly (readonly [pattern: RegExp, make: (match: RegExpExecArray) => ScriptMaker])[] = [
  [/^pkh\(([^()]+)\)$/, single((key) => concat(0x76, 0xa9, 0x14, hash160(key), 0x88, 0xac))],
  [/^sh\(wpkh\(([^()]+)\)\)$/, single((key) => payToScriptHash(concat(0, 0x14, hash160(key))))],
  [/^wpkh\(([^()]+)\)$/, single((key) => concat(0, 0x14, hash160(key)))],
  [/^tr\(([^(),]+)\)$/, single(payToTaproot)],
  [
    /^wsh\(sortedmulti\((\d+),([^()]+)\)\)$/,
    ([, required, list]) => {
      const keys = list!.split(',').map(readKey);
      return (index) =>
        payToSortedMultisig(
          Number(required),
          keys.map((key) => keyAt(key, index)),
        );
    },
  ],
];

function single(make: (key: Uint8Array) => Uint8Array): (match: RegExpExecArray) => ScriptMaker {
  return ([, text]) => {
    const expression = readKey(text!);
    return (index) => make(keyAt(expression, index));
  };
}

/** A public descriptor whose scripts are derived when they are asked for, each once. */
export class DescriptorScripts {
  readonly #make: ScriptMaker;
  readonly #scripts: string[] = [];

  constructor(text: string) {
    const plain = text.replace(/#.*$/, '').replaceAll("'", 'h');
    for (const [pattern, make] of SHAPES) {
      const match = pattern.exec(plain);
      if (match === null) continue;
      this.#make = make(match);
      return;
    }
    throw new Error(`${text} is a shape that this witness does not know`);
  }

  /** Scripts of the indexes from 0 up to `count`, without it, in hexadecimal. */
  first(count: number): readonly string[] {
    while (this.#scripts.length < count) {
      this.#scripts.push(Buffer.from(this.#make(this.#scripts.length)).toString('hex'));
    }
    return this.#scripts.slice(0, count);
  }
}
