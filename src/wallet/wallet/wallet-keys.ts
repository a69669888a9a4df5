// The keys of a wallet: its first passphrase, new roots, their words, descriptors of others (Core EncryptWallet,
// SetupDescriptorScriptPubKeyMans, AddWalletDescriptor).

import { toHex } from '../../kernel/util/bytes.ts';
import { err, ok, type Result } from '../../kernel/util/result.ts';
import type { Steps } from '../../kernel/util/steps.ts';
import { collectSecrets, type DescriptorSecrets, walkHardenedSteps } from '../books/descriptor-secrets.ts';
import type { DescriptorImport } from '../books/script-book.ts';
import { WalletDescriptor } from '../books/wallet-descriptor.ts';
import { type Descriptor, isRanged } from '../descriptor/descriptor.ts';
import { KeyRing } from '../descriptor/key-ring.ts';
import { toExtendedPublicKey } from '../keys/extended-key.ts';
import type { Mnemonic } from '../keys/mnemonic.ts';
import type { HdRootRecord } from '../store/records.ts';
import { mnemonicId, nameExtendedKey } from '../store/secret-codec.ts';
import type { SecretFault } from '../store/wallet-secrets.ts';
import { addRoot, createMnemonicRoot, createRandomRoot } from './new-wallet.ts';
import type { Wallet } from './wallet.ts';
import type { WalletDraft } from './wallet-draft.ts';

/**
 * Gives a wallet its first passphrase; it is locked then. Unless it is blank it gets a new root, so that keys which lay on the disk in
 * the clear are used for nothing new; only where words stand for the root it stays, since they would be worth nothing otherwise.
 * False: that failed.
 */
export function encryptWallet(wallet: Wallet, passphrase: string): Promise<boolean> {
  return wallet.run(async () => {
    if (!(await wallet.encryptNow(passphrase))) return false;
    const { flags, store, secrets, host, secp, chain, books } = wallet;
    if (flags.isBlank || findMnemonicRoot(wallet) !== null) return true;
    if ((await secrets.unlock(passphrase)) !== null) return false;
    try {
      const root = createRandomRoot(host, secp);
      await wallet.changeNow(function* (draft) {
        for (const before of store.all('hd-root')) draft.put({ ...before, isActive: false });
        yield* addRoot({ secrets, scripts: books.scripts, chain, secp }, root, host.nowSec(), draft);
      });
    } finally {
      wallet.lockNow();
    }
    return true;
  });
}

/** The root that stands for words; null: the wallet was not made of words. */
export function findMnemonicRoot({ store }: Wallet): HdRootRecord | null {
  return store.all('hd-root').find(({ source, isActive }) => source === 'mnemonic' && isActive) ?? null;
}

/** The words of a wallet, as they must be written down to get it back. */
export interface WalletWords {
  readonly mnemonic: Mnemonic;
  /** With these words alone another wallet comes about: a passphrase of their own belongs to them, which is kept nowhere. */
  readonly needsPassphrase: boolean;
}

/** Reads the words that a root stands for. Within a command. */
export async function readWords(
  { secrets, host, secp }: Wallet,
  root: HdRootRecord,
): Promise<Result<WalletWords, SecretFault>> {
  const stored = secrets.read(mnemonicId(root.id));
  if (!stored.ok) return stored;
  if (stored.value.form !== 'mnemonic') return err('missing');
  const { mnemonic } = stored.value;
  const plain = await createMnemonicRoot(mnemonic, '', host, secp);
  const needsPassphrase = plain === null || nameExtendedKey(toExtendedPublicKey(plain.key, secp)) !== root.id;
  return ok({ mnemonic, needsPassphrase });
}

/** Puts the secrets of a descriptor into the draft. */
export function putSecrets({ secrets }: Wallet, { extendedKeys, keys }: DescriptorSecrets, draft: WalletDraft): void {
  for (const key of extendedKeys) draft.put(secrets.seal({ form: 'extended-key', key }));
  for (const key of keys) draft.put(secrets.seal({ form: 'single-key', key }));
}

/** A descriptor of others on its way into the wallet. */
export interface ImportedDescriptor extends Omit<DescriptorImport, 'secrets'> {
  /** What reading its text brought to light. */
  readonly ring: KeyRing;
  /** A name for its address, where it has one; null: none. */
  readonly label: string | null;
}

/** Adds a descriptor, or widens the range of a known one; the value is its id, the error Core's sentence. Within a command. */
export function importDescriptor(wallet: Wallet, imported: ImportedDescriptor): Promise<Result<string, string>> {
  const { scripts, transactions, addresses } = wallet.books;
  const { ring, label, ...request } = imported;
  const found = collectSecrets(request.descriptor, ring);
  const hasSecrets = found.extendedKeys.length > 0 || found.keys.length > 0;
  return wallet.changeNow(function* (draft) {
    const added = yield* scripts.add({ ...request, secrets: hasSecrets ? found : null }, draft.books);
    if (!added.ok) return added;
    if (hasSecrets) putSecrets(wallet, found, draft);
    if (label !== null && !isRanged(request.descriptor)) {
      for (const script of scripts.scripts(added.value)) addresses.set(toHex(script), label, 'receive', draft.books);
    }
    transactions.adoptOutputs(draft.books);
    return added;
  });
}

/** Whether private keys of a descriptor are missing in a ring; one whose hardened steps need them cannot even be expanded. */
export function* findMissingSecret(
  { chain, secp }: Wallet,
  descriptor: Descriptor,
  ring: KeyRing,
): Steps<'none' | 'some' | 'not-expandable'> {
  const secrets = collectSecrets(descriptor, ring);
  const expandable = walkHardenedSteps(descriptor, secrets, secp);
  const data = {
    given: descriptor,
    expandable,
    createdSec: 0,
    rangeStart: 0,
    rangeEnd: 1,
    nextIndex: 0,
    activeFor: null,
  };
  const probe = new WalletDescriptor(data, chain.params.prefixes, secp);
  if ((yield* probe.deriveNext(secrets)) === null) return 'not-expandable';
  return (yield* probe.addSecrets(0, secrets, new KeyRing())) ? 'none' : 'some';
}
