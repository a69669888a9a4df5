// A look at the host before the first wallet is opened: chance that is none, a key derivation that a careless replacement has turned
// into zeros (CVE-2025-6545), a cipher that does not agree with its specification. A wallet made on such a host could be emptied by
// anyone, or never be opened elsewhere; so none is made (K01, K12). It takes a few milliseconds.

import { xchacha20poly1305 } from '@noble/ciphers/chacha.js';
import { equalBytes, fromHex, toHex } from '../../kernel/util/bytes.ts';
import { encodeUtf8 } from '../../kernel/util/utf8.ts';
import { drawEntropy } from '../keys/entropy.ts';
import { computeMnemonicSeed, toMnemonic } from '../keys/mnemonic.ts';
import { HostFaultError, type ScryptCost, type WalletHost } from '../ports.ts';

/** RFC 7914 section 12, the first 32 bytes of the first two outputs. */
const SCRYPT_CASES: readonly (readonly [passphrase: string, salt: string, cost: ScryptCost, key: string])[] = [
  ['', '', { n: 16, r: 1, p: 1 }, '77d6576238657b203b19ca42c18a0497f16b4844e3074ae8dfdffa3fede21442'],
  ['password', 'NaCl', { n: 1024, r: 8, p: 16 }, 'fdbabe1c9d3472007856e7190d01e9fe7c6ad7cbc8237830e77376634b373162'],
];

/** BIP39: the seed of entropy zero and the passphrase TREZOR. */
const SEED =
  'c55257c360c07c72029aebc1b53c05ed0362ada38ead3e3e9efa3708e53495531f09a6987599d18264c1e1c92f2cf141630c7a3c4ab7c81b2f001698e7463b04';

/** draft-irtf-cfrg-xchacha-03, A.3.1: the tag. */
const CIPHER_TAG = 'c0875924c1c7987947deafd8780acf49';

/** Throws a HostFaultError when keys of this host would be worth nothing. */
export async function checkWalletHost(host: WalletHost): Promise<void> {
  drawEntropy(host.secureRandom, 32);
  for (const [passphrase, salt, cost, expected] of SCRYPT_CASES) {
    const key = await host.deriveKey(encodeUtf8(passphrase), encodeUtf8(salt), cost);
    if (!equalBytes(key, fromHex(expected))) throw new HostFaultError('key-derivation', 'scrypt gives a wrong key');
  }
  const mnemonic = toMnemonic(new Uint8Array(16), 'english');
  const seed = await computeMnemonicSeed(mnemonic, 'TREZOR', host.deriveSeed);
  if (toHex(seed) !== SEED) throw new HostFaultError('key-derivation', 'PBKDF2 gives a wrong seed');
  checkCipher();
}

function checkCipher(): void {
  const text =
    "Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the future, sunscreen would be it.";
  const key = Uint8Array.from({ length: 32 }, (_, i) => 0x80 + i);
  const nonce = Uint8Array.from({ length: 24 }, (_, i) => 0x40 + i);
  const cipher = xchacha20poly1305(key, nonce, fromHex('50515253c0c1c2c3c4c5c6c7'));
  const sealed = cipher.encrypt(encodeUtf8(text));
  if (toHex(sealed.slice(-16)) !== CIPHER_TAG)
    throw new HostFaultError('cipher', 'XChaCha20-Poly1305 gives a wrong tag');
}
