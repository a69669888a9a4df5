// From words to the root of keys, with nothing but Node's own functions (BIP39, BIP32): what a wallet that knows the words must come to.

import { createHash, createHmac, pbkdf2Sync } from 'node:crypto';

/** BIP39: how often the words are stretched. */
const ROUNDS = 2048;

/** Version of extended secret keys of test networks (`tprv`), then depth, fingerprint and number of a root: all zero. */
const HEAD = '04358394000000000000000000';

const BASE58 = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz';

/** The root as `tprv…`. */
export function rootOfWords(words: string, passphrase = ''): string {
  const salt = `mnemonic${passphrase}`.normalize('NFKD');
  const seed = pbkdf2Sync(words.normalize('NFKD'), salt, ROUNDS, 64, 'sha512');
  const digest = createHmac('sha512', 'Bitcoin seed').update(seed).digest();
  return base58Check(
    Buffer.concat([Buffer.from(HEAD, 'hex'), digest.subarray(32), Buffer.of(0), digest.subarray(0, 32)]),
  );
}

function sha256(bytes: Uint8Array): Buffer {
  return createHash('sha256').update(bytes).digest();
}

/** Only for what begins with a byte that is not zero. */
function base58Check(body: Buffer): string {
  const bytes = Buffer.concat([body, sha256(sha256(body)).subarray(0, 4)]);
  let text = '';
  for (let value = BigInt(`0x${bytes.toString('hex')}`); value > 0n; value /= 58n) {
    text = BASE58[Number(value % 58n)] + text;
  }
  return text;
}
