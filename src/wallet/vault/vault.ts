// The passphrase of a wallet. A random master key encrypts secrets; it is itself sealed under a key that scrypt makes of the passphrase,
// so that another passphrase seals one key anew and not all secrets. The associated data of each ciphertext bind it to its wallet, its
// ledger, its place and, for the master key, to the cost of scrypt: nothing can be swapped or made cheap (K03). (Core crypter.cpp uses
// SHA-512 and AES-CBC.) A wrong passphrase and a damaged ciphertext get one answer.

import { assert } from '../../kernel/util/assert.ts';
import { concatBytes, fromHex, isZeroBytes, toHex } from '../../kernel/util/bytes.ts';
import { err, ok, type Result } from '../../kernel/util/result.ts';
import { encodeUtf8 } from '../../kernel/util/utf8.ts';
import { drawEntropy } from '../keys/entropy.ts';
import { HostFaultError, type ScryptCost, type WalletHost } from '../ports.ts';
import { AEAD_KEY_BYTES, AEAD_OVERHEAD_BYTES, seal, unseal } from './aead.ts';
import { DEFAULT_COST, isAcceptableCost } from './cost.ts';

/** Length of salts: as long as the key, so that chance alone makes them differ. */
const SALT_BYTES = 32;

/** The master key as it is stored. */
export interface SealedKey {
  readonly cost: ScryptCost;
  /** 32 bytes, hexadecimal. */
  readonly salt: string;
  /** Nonce, ciphertext and tag, hexadecimal. */
  readonly sealed: string;
}

/** What everything that is encrypted is bound to. */
export interface VaultBinding {
  readonly walletId: Uint8Array;
  readonly genesisHash: Uint8Array;
}

/** Why something could not be done. */
export type VaultFault =
  /** One answer for both: which of them it is would help who tries passphrases or tampers. */
  | 'wrong passphrase or corrupted'
  | 'empty passphrase'
  /** The cost of scrypt in a file lies outside what is accepted: too cheap, or made to exhaust memory. */
  | 'unacceptable cost'
  | 'locked';

/** What a vault needs of its host. */
export type VaultHost = Pick<WalletHost, 'secureRandom' | 'deriveKey'>;

/** The secrets of one wallet behind its passphrase. */
export class Vault {
  readonly #binding: VaultBinding;
  readonly #host: VaultHost;
  #sealedKey: SealedKey;
  /** Null while locked. */
  #masterKey: Uint8Array | null;

  private constructor(sealedKey: SealedKey, masterKey: Uint8Array | null, binding: VaultBinding, host: VaultHost) {
    this.#sealedKey = sealedKey;
    this.#masterKey = masterKey;
    this.#binding = binding;
    this.#host = host;
  }

  /** A vault with a new master key, unlocked. */
  static async create(
    passphrase: string,
    binding: VaultBinding,
    host: VaultHost,
    cost: ScryptCost = DEFAULT_COST,
  ): Promise<Result<Vault, VaultFault>> {
    const masterKey = drawEntropy(host.secureRandom, AEAD_KEY_BYTES);
    const sealedKey = await sealMasterKey(masterKey, passphrase, cost, binding, host);
    return sealedKey.ok ? ok(new Vault(sealedKey.value, masterKey, binding, host)) : sealedKey;
  }

  /** The vault of a stored key, locked. */
  static load(sealedKey: SealedKey, binding: VaultBinding, host: VaultHost): Result<Vault, VaultFault> {
    if (!isAcceptableCost(sealedKey.cost)) return err('unacceptable cost');
    return ok(new Vault(sealedKey, null, binding, host));
  }

  /** What is to be stored. */
  get sealedKey(): SealedKey {
    return this.#sealedKey;
  }

  get isLocked(): boolean {
    return this.#masterKey === null;
  }

  /** Takes a passphrase; null when it is right. A vault that is unlocked stays so whatever is tried. */
  async unlock(passphrase: string): Promise<VaultFault | null> {
    const opened = await unsealMasterKey(this.#sealedKey, passphrase, this.#binding, this.#host);
    if (!opened.ok) return opened.error;
    this.lock();
    this.#masterKey = opened.value;
    return null;
  }

  /** Forgets the master key, as far as the language lets one forget. */
  lock(): void {
    this.#masterKey?.fill(0);
    this.#masterKey = null;
  }

  /** Seals the master key under another passphrase. What is returned is to be stored, and then adopted. */
  async changePassphrase(
    passphrase: string,
    newPassphrase: string,
    cost: ScryptCost = DEFAULT_COST,
  ): Promise<Result<SealedKey, VaultFault>> {
    const opened = await unsealMasterKey(this.#sealedKey, passphrase, this.#binding, this.#host);
    if (!opened.ok) return opened;
    const masterKey = opened.value;
    try {
      return await sealMasterKey(masterKey, newPassphrase, cost, this.#binding, this.#host);
    } finally {
      masterKey.fill(0);
    }
  }

  /** Goes by what changePassphrase has returned, once it is stored. */
  adopt(sealedKey: SealedKey): void {
    this.#sealedKey = sealedKey;
  }

  /** Encrypts a secret for the record with this name; the vault must be unlocked. */
  encryptSecret(id: string, bytes: Uint8Array): Uint8Array {
    assert(this.#masterKey !== null, 'vault: it is unlocked');
    return seal(this.#masterKey, bytes, bindSecret(this.#binding, id), this.#host.secureRandom);
  }

  /** Decrypts the secret of a record. */
  decryptSecret(id: string, sealed: Uint8Array): Result<Uint8Array, VaultFault> {
    if (this.#masterKey === null) return err('locked');
    const bytes = unseal(this.#masterKey, sealed, bindSecret(this.#binding, id));
    return bytes === null ? err('wrong passphrase or corrupted') : ok(bytes);
  }
}

async function sealMasterKey(
  masterKey: Uint8Array,
  passphrase: string,
  cost: ScryptCost,
  binding: VaultBinding,
  host: VaultHost,
): Promise<Result<SealedKey, VaultFault>> {
  if (passphrase === '') return err('empty passphrase');
  if (!isAcceptableCost(cost)) return err('unacceptable cost');
  const salt = drawEntropy(host.secureRandom, SALT_BYTES);
  const key = await derive(passphrase, salt, cost, host);
  const sealed = seal(key, masterKey, bindMasterKey(binding, cost, salt), host.secureRandom);
  key.fill(0);
  return ok({ cost, salt: toHex(salt), sealed: toHex(sealed) });
}

async function unsealMasterKey(
  { cost, salt: saltHex, sealed }: SealedKey,
  passphrase: string,
  binding: VaultBinding,
  host: VaultHost,
): Promise<Result<Uint8Array, VaultFault>> {
  if (passphrase === '') return err('empty passphrase');
  const salt = fromHex(saltHex);
  const key = await derive(passphrase, salt, cost, host);
  const masterKey = unseal(key, fromHex(sealed), bindMasterKey(binding, cost, salt));
  key.fill(0);
  return masterKey === null ? err('wrong passphrase or corrupted') : ok(masterKey);
}

/** After every passphrase: HMAC fills short keys up with zeros, so that without it zeros at the end would make no difference. */
const PASSPHRASE_END: Uint8Array = Uint8Array.of(1);

/** Text that looks the same gives the same key, however the keyboard composes it (NFKD, as BIP39 has it). */
async function derive(passphrase: string, salt: Uint8Array, cost: ScryptCost, host: VaultHost): Promise<Uint8Array> {
  const text = encodeUtf8(passphrase.normalize('NFKD'));
  const bytes = concatBytes(text, PASSPHRASE_END);
  text.fill(0);
  const key = await host.deriveKey(bytes, salt, cost);
  bytes.fill(0);
  if (key.length === AEAD_KEY_BYTES && !isZeroBytes(key)) return key;
  throw new HostFaultError('key-derivation', 'scrypt of this machine gives no key');
}

/** First thing in all associated data; the number is that of this way to put them together. */
const MASTER_KEY_LABEL: Uint8Array = encodeUtf8('tallystick/1/master-key');
const SECRET_LABEL: Uint8Array = encodeUtf8('tallystick/1/secret');

function bindMasterKey({ walletId, genesisHash }: VaultBinding, { n, r, p }: ScryptCost, salt: Uint8Array): Uint8Array {
  return concatBytes(MASTER_KEY_LABEL, walletId, genesisHash, encodeUtf8(`/${n}/${r}/${p}/`), salt);
}

function bindSecret({ walletId, genesisHash }: VaultBinding, id: string): Uint8Array {
  return concatBytes(SECRET_LABEL, walletId, genesisHash, encodeUtf8(id));
}

/** Bytes of a sealed master key. */
export const SEALED_KEY_BYTES: number = AEAD_KEY_BYTES + AEAD_OVERHEAD_BYTES;

/** Bytes of its salt. */
export const VAULT_SALT_BYTES: number = SALT_BYTES;
