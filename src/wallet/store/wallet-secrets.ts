// The secrets of a wallet: their records, plain or encrypted, and the vault that stands before them once there is a passphrase. What is
// read is not kept: whoever asks holds it for as long as a signature takes.

import type { Secp256k1 } from '../../kernel/crypto/secp256k1.ts';
import { assert } from '../../kernel/util/assert.ts';
import { concatBytes, fromHex, toHex } from '../../kernel/util/bytes.ts';
import { err, ok, type Result } from '../../kernel/util/result.ts';
import type { DescriptorSecrets } from '../books/descriptor-secrets.ts';
import { type Descriptor, type KeyExpression, keysOf } from '../descriptor/descriptor.ts';
import type { RingSecret } from '../descriptor/key-ring.ts';
import { computeFingerprint, type ExtendedSecretKey, toExtendedPublicKey } from '../keys/extended-key.ts';
import { Vault, type VaultFault, type VaultHost } from '../vault/vault.ts';
import type { SecretRecord } from './records.ts';
import { decodeSecret, encodeSecret, extendedKeyId, type StoredSecret, secretId, singleKeyId } from './secret-codec.ts';
import type { WalletStore } from './wallet-store.ts';

/** Why a secret cannot be read. */
export type SecretFault = 'missing' | 'locked' | 'wrong passphrase or corrupted';

/** The secrets of one wallet. */
export class WalletSecrets {
  readonly #store: WalletStore;
  readonly #secp: Secp256k1;
  readonly #host: VaultHost;
  /** Null: the wallet has no passphrase. */
  #vault: Vault | null;
  /** Ids of extended keys by their fingerprints. Some may not have been stored. */
  readonly #byFingerprint: Map<string, Set<string>> = new Map();

  private constructor(store: WalletStore, vault: Vault | null, secp: Secp256k1, host: VaultHost) {
    this.#store = store;
    this.#vault = vault;
    this.#secp = secp;
    this.#host = host;
    for (const record of store.all('secret')) this.#note(record);
  }

  /** The secrets in a store, locked if there is a passphrase. */
  static open(store: WalletStore, secp: Secp256k1, host: VaultHost): Result<WalletSecrets, VaultFault> {
    const encryption = store.get('encryption', 'encryption');
    if (encryption === null) return ok(new WalletSecrets(store, null, secp, host));
    const vault = Vault.load(encryption.key, store.identity, host);
    return vault.ok ? ok(new WalletSecrets(store, vault.value, secp, host)) : vault;
  }

  get isEncrypted(): boolean {
    return this.#vault !== null;
  }

  /** True when secrets can neither be read nor added. */
  get isLocked(): boolean {
    return this.#vault?.isLocked === true;
  }

  /** Takes the passphrase; null when it is right. There must be one. */
  async unlock(passphrase: string): Promise<VaultFault | null> {
    return this.#vault === null ? 'wrong passphrase or corrupted' : await this.#vault.unlock(passphrase);
  }

  lock(): void {
    this.#vault?.lock();
  }

  /** The record of a secret, to be stored; it is encrypted if the wallet is, which must not be locked then. */
  seal(stored: StoredSecret): SecretRecord {
    const bytes = encodeSecret(stored);
    const record = this.#sealBytes(secretId(stored, this.#secp), bytes, fingerprintOf(stored, this.#secp), this.#vault);
    bytes.fill(0);
    this.#note(record);
    return record;
  }

  /** True when there is a secret with this id, readable or not. */
  has(id: string): boolean {
    return this.#store.get('secret', id) !== null;
  }

  /** Reads a secret. */
  read(id: string): Result<StoredSecret, SecretFault> {
    const record = this.#store.get('secret', id);
    if (record === null) return err('missing');
    const bytes = this.#open(record);
    if (!bytes.ok) return bytes;
    const stored = decodeSecret(id, bytes.value, this.#secp);
    bytes.value.fill(0);
    return stored === null ? err('wrong passphrase or corrupted') : ok(stored);
  }

  /** The secrets from which those of a descriptor follow, as far as there are some; null while they are locked. */
  secretsOf(descriptor: Descriptor): DescriptorSecrets | null {
    if (this.isLocked) return null;
    const ids = new Set(keysOf(descriptor).flatMap((key) => this.#candidates(key)));
    const extendedKeys: ExtendedSecretKey[] = [];
    const keys: RingSecret[] = [];
    for (const id of ids) {
      const stored = this.read(id);
      if (!stored.ok) continue;
      if (stored.value.form === 'extended-key') extendedKeys.push(stored.value.key);
      if (stored.value.form === 'single-key') keys.push(stored.value.key);
    }
    return { extendedKeys, keys };
  }

  /**
   * Gives the wallet a passphrase, which it must not have: all secrets are encrypted, and the file is written anew so that nothing of
   * before remains. The wallet is locked then. False: the old file could not be overwritten.
   */
  async encrypt(passphrase: string): Promise<Result<boolean, VaultFault>> {
    assert(this.#vault === null, 'wallet secrets: there is no passphrase yet');
    const created = await Vault.create(passphrase, this.#store.identity, this.#host);
    if (!created.ok) return created;
    const vault = created.value;
    const records = this.#store.all('secret').map((record) => {
      const bytes = fromHex(record.data);
      const sealed = this.#sealBytes(record.id, bytes, record.fingerprint, vault);
      bytes.fill(0);
      return sealed;
    });
    const encryption = { kind: 'encryption', id: 'encryption', key: vault.sealedKey } as const;
    vault.lock();
    const isWiped = await this.#store.rewrite({ puts: [encryption, ...records], deletes: [] });
    this.#vault = vault;
    return ok(isWiped);
  }

  /** Another passphrase; the file is written anew, so that the old one opens nothing any more. False: as for encrypt. */
  async changePassphrase(passphrase: string, newPassphrase: string): Promise<Result<boolean, VaultFault>> {
    const vault = this.#vault;
    if (vault === null) return err('wrong passphrase or corrupted');
    const key = await vault.changePassphrase(passphrase, newPassphrase);
    if (!key.ok) return key;
    const encryption = { kind: 'encryption', id: 'encryption', key: key.value } as const;
    const isWiped = await this.#store.rewrite({ puts: [encryption], deletes: [] });
    vault.adopt(key.value);
    return ok(isWiped);
  }

  #note({ id, fingerprint }: SecretRecord): void {
    if (fingerprint === null) return;
    const ids = this.#byFingerprint.get(fingerprint) ?? new Set();
    this.#byFingerprint.set(fingerprint, ids.add(id));
  }

  #sealBytes(id: string, bytes: Uint8Array, fingerprint: string | null, vault: Vault | null): SecretRecord {
    const data = vault === null ? bytes : vault.encryptSecret(id, bytes);
    return { kind: 'secret', id, fingerprint, isEncrypted: vault !== null, data: toHex(data) };
  }

  #open({ id, isEncrypted, data }: SecretRecord): Result<Uint8Array, SecretFault> {
    // A plain secret among encrypted ones, or the other way round, was not put there by a wallet.
    if (isEncrypted !== this.isEncrypted) return err('wrong passphrase or corrupted');
    if (this.#vault === null) return ok(fromHex(data));
    const opened = this.#vault.decryptSecret(id, fromHex(data));
    if (opened.ok) return opened;
    return err(opened.error === 'locked' ? 'locked' : 'wrong passphrase or corrupted');
  }

  /** Ids of secrets from which that of a key may follow: its own, or one that its origin names. */
  #candidates(key: KeyExpression): readonly string[] {
    const own =
      key.kind === 'derived'
        ? [extendedKeyId(key.root)]
        : key.isXOnly
          ? [2, 3].map((parity) => singleKeyId(concatBytes(Uint8Array.of(parity), key.publicKey.subarray(1))))
          : [singleKeyId(key.publicKey)];
    const named = key.origin === null ? [] : (this.#byFingerprint.get(toHex(key.origin.fingerprint)) ?? []);
    return [...own, ...named];
  }
}

function fingerprintOf(stored: StoredSecret, secp: Secp256k1): string | null {
  if (stored.form !== 'extended-key') return null;
  return toHex(computeFingerprint(toExtendedPublicKey(stored.key, secp).publicKey));
}
