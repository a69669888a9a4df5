// What a wallet needs of this machine besides its files: chance of the system, scrypt and PBKDF2 on its threads, time.

import { pbkdf2, randomFillSync, scrypt } from 'node:crypto';
import { promisify } from 'node:util';
import type { ScryptCost, WalletHost } from '../../wallet/ports.ts';
import { hostClock, hostTimers } from './host-time.ts';

const KEY_BYTES = 32;

/** Rounds and length of seeds (BIP39). */
const SEED_ROUNDS = 2048;
const SEED_BYTES = 64;

/** Node counts no more than this beyond the blocks of scrypt. */
const SPARE_BYTES: number = 2 ** 20;

const deriveBits = promisify(pbkdf2);

/** This machine. */
export const nodeWalletHost: WalletHost = Object.freeze({
  secureRandom: (bytes: Uint8Array): void => {
    randomFillSync(bytes);
  },
  deriveKey: (passphrase: Uint8Array, salt: Uint8Array, { n, r, p }: ScryptCost) =>
    new Promise<Uint8Array>((resolve, reject) => {
      const options = { N: n, r, p, maxmem: 128 * r * (n + p) + SPARE_BYTES };
      scrypt(passphrase, salt, KEY_BYTES, options, (error, key) => (error === null ? resolve(key) : reject(error)));
    }),
  deriveSeed: (password: Uint8Array, salt: Uint8Array) => deriveBits(password, salt, SEED_ROUNDS, SEED_BYTES, 'sha512'),
  nowSec: () => Math.floor(hostClock.wallMs() / 1000),
  after: (delayMs: number, run: () => void) => hostTimers.after(delayMs, run),
  yieldToHost: () => hostTimers.yieldToHost(),
});
