// Making a wallet: its file comes into being whole, with keys and encryption, or not at all (K05). It is put together in memory, where
// plain secrets meet no disk (K02), and written once.

import type { Secp256k1 } from '../../kernel/crypto/secp256k1.ts';
import { assert } from '../../kernel/util/assert.ts';
import type { Rng } from '../../kernel/util/prng.ts';
import { err, ok, type Result } from '../../kernel/util/result.ts';
import { runSteps } from '../books/change-list.ts';
import type { AddressUse, BookSteps } from '../books/records.ts';
import type { ScriptBook } from '../books/script-book.ts';
import { WalletBooks } from '../books/wallet-books.ts';
import type { ChainSource } from '../chain-source.ts';
import { createAccountDescriptors } from '../descriptor/account.ts';
import type { Descriptor } from '../descriptor/descriptor.ts';
import { drawEntropy } from '../keys/entropy.ts';
import {
  createRootKey,
  type ExtendedSecretKey,
  formatExtendedPublicKey,
  toExtendedPublicKey,
} from '../keys/extended-key.ts';
import { computeMnemonicSeed, type Mnemonic } from '../keys/mnemonic.ts';
import type { WalletFolder, WalletHost } from '../ports.ts';
import { MemoryWalletFolder } from '../store/memory-home.ts';
import { WALLET_FILE } from '../store/record-log.ts';
import type { HdRootRecord, WalletRecord } from '../store/records.ts';
import { nameExtendedKey } from '../store/secret-codec.ts';
import { WALLET_ID_BYTES } from '../store/wallet-file.ts';
import { WalletSecrets } from '../store/wallet-secrets.ts';
import { WalletStore } from '../store/wallet-store.ts';
import { WalletDraft } from './wallet-draft.ts';
import type { WalletSettings } from './wallet-settings.ts';

/** A root of keys, and the words behind it if there are some. */
export interface WalletRoot {
  readonly key: ExtendedSecretKey;
  readonly mnemonic: Mnemonic | null;
  readonly source: HdRootRecord['source'];
}

/** A descriptor without private keys that a new wallet gives out addresses of. */
export interface WatchedDescriptor {
  /** Ranged. */
  readonly descriptor: Descriptor;
  readonly use: AddressUse;
}

/** What a new wallet is to be. */
export interface NewWalletOptions {
  readonly hasPrivateKeys: boolean;
  readonly isBlank: boolean;
  readonly avoidsReuse: boolean;
  readonly passphrase: string | null;
  /** Null: a new one, unless the wallet is to be blank or has no private keys. */
  readonly root: WalletRoot | null;
  /** Since when its keys may have been paid; null: now. */
  readonly birthTimeSec: number | null;
  /** Of a wallet whose keys are on a device: what the device says that they are. */
  readonly deviceDescriptors?: readonly WatchedDescriptor[];
}

/** What it is made with. */
export interface NewWalletParts {
  readonly chain: ChainSource;
  readonly host: WalletHost;
  readonly secp: Secp256k1;
  readonly settings: WalletSettings;
  readonly rng: Rng;
  /** The version of the program, as Core writes versions. */
  readonly clientVersion: number;
}

/** Bytes of chance in a root (Core: the bytes of a random key). */
const ROOT_SEED_BYTES = 32;

/** A root from the chance of the host. */
export function createRandomRoot(host: WalletHost, secp: Secp256k1): WalletRoot {
  const seed = drawEntropy(host.secureRandom, ROOT_SEED_BYTES);
  const key = createRootKey(seed, secp);
  seed.fill(0);
  assert(key !== null, 'wallet: one seed in 2^127 has no key');
  return { key, mnemonic: null, source: 'random' };
}

/** The root of words and their passphrase; null in the one case in 2^127 that they have none. */
export async function createMnemonicRoot(
  mnemonic: Mnemonic,
  passphrase: string,
  host: WalletHost,
  secp: Secp256k1,
): Promise<WalletRoot | null> {
  const seed = await computeMnemonicSeed(mnemonic, passphrase, host.deriveSeed);
  const key = createRootKey(seed, secp);
  seed.fill(0);
  return key === null ? null : { key, mnemonic, source: 'mnemonic' };
}

/** Makes the file of a new wallet in a folder that has none; the error says why the passphrase is of no use. */
export async function createWalletFile(
  folder: WalletFolder,
  options: NewWalletOptions,
  parts: NewWalletParts,
): Promise<Result<null, string>> {
  const { chain, host } = parts;
  const workshop = new MemoryWalletFolder(folder.path);
  const genesis = chain.blockAt(0);
  assert(genesis !== null, 'wallet: the chain has a first block');
  const createdSec = host.nowSec();
  const identity = {
    walletId: drawEntropy(host.secureRandom, WALLET_ID_BYTES),
    genesisHash: genesis.blockHash,
    createdSec,
  };
  const { hasPrivateKeys, isBlank, avoidsReuse } = options;
  const flags = { hasPrivateKeys, isBlank, avoidsReuse, lastClientVersion: parts.clientVersion };
  const device = options.deviceDescriptors === undefined ? {} : { hasExternalSigner: true };
  const record: WalletRecord = { kind: 'wallet', id: 'wallet', ...flags, ...device };
  const store = await WalletStore.create(workshop, identity, [record]);
  const filled = await fill(store, options, parts);
  if (!filled.ok) return filled;
  await folder.create(WALLET_FILE, await store.exportFile());
  for (const bytes of workshop.files.values()) bytes.fill(0);
  return ok(null);
}

async function fill(
  store: WalletStore,
  options: NewWalletOptions,
  parts: NewWalletParts,
): Promise<Result<null, string>> {
  const { chain, host, secp, settings, rng } = parts;
  const opened = WalletSecrets.open(store, secp, host);
  assert(opened.ok, 'wallet: there is no passphrase yet');
  const secrets = opened.value;
  if (options.passphrase !== null) {
    const encrypted = await secrets.encrypt(options.passphrase);
    if (!encrypted.ok) return err(encrypted.error);
    const fault = await secrets.unlock(options.passphrase);
    if (fault !== null) return err(fault);
  }
  const { prefixes } = chain.params;
  const { keypoolSize, spend } = settings;
  const flags = { avoidsReuse: options.avoidsReuse, spendsUnconfirmedChange: spend.spendsUnconfirmedChange };
  const books = new WalletBooks({ prefixes, keypoolSize }, flags, { secp, rng, secretsOf: () => null });
  const draft = new WalletDraft();
  const root = options.root ?? (options.hasPrivateKeys && !options.isBlank ? createRandomRoot(host, secp) : null);
  if (root !== null) {
    const createdSec = options.birthTimeSec ?? host.nowSec();
    await runSteps(
      addRoot({ secrets, scripts: books.scripts, chain, secp }, root, createdSec, draft),
      host.yieldToHost,
    );
  }
  for (const watched of options.deviceDescriptors ?? []) {
    const added = await runSteps(addWatched(books.scripts, watched, host.nowSec(), draft), host.yieldToHost);
    if (!added.ok) return added;
  }
  books.transactions.skipTo(findFirstBlock(chain, options.birthTimeSec), draft.books);
  await store.commit(draft.finish().changes);
  secrets.lock();
  return ok(null);
}

/** A new wallet begins at the tip; one with a past at the first block, from where it skips what is older than it. */
function findFirstBlock(chain: ChainSource, birthTimeSec: number | null) {
  const first = birthTimeSec === null ? null : chain.blockAt(0);
  return first ?? chain.tip();
}

function* addWatched(
  scripts: ScriptBook,
  { descriptor, use }: WatchedDescriptor,
  createdSec: number,
  draft: WalletDraft,
): BookSteps<Result<string, string>> {
  const range = { rangeStart: 0, rangeEnd: 0, nextIndex: null };
  const secrets = { extendedKeys: [], keys: [] };
  return yield* scripts.add({ descriptor, secrets, createdSec, ...range, activeFor: use }, draft.books);
}

/** What a root is added to. */
export interface RootPlace {
  readonly secrets: WalletSecrets;
  readonly scripts: ScriptBook;
  readonly chain: ChainSource;
  readonly secp: Secp256k1;
}

/** Adds a root with the descriptors of its first account, which new addresses come from then. */
export function* addRoot(place: RootPlace, root: WalletRoot, createdSec: number, draft: WalletDraft): BookSteps<void> {
  const { secrets, scripts, chain, secp } = place;
  const { key, mnemonic, source } = root;
  const publicKey = toExtendedPublicKey(key, secp);
  const id = nameExtendedKey(publicKey);
  draft.put(secrets.seal({ form: 'extended-key', key }));
  if (mnemonic !== null) draft.put(secrets.seal({ form: 'mnemonic', mnemonic, rootName: id }));
  const publicText = formatExtendedPublicKey(publicKey, chain.params.prefixes.extendedPublicKey);
  draft.put({ kind: 'hd-root', id, publicText, source, createdSec, isActive: true, isBackedUp: false });
  const account = { isTestChain: chain.params.name !== 'main', accountNumber: 0 };
  for (const { descriptor, use } of createAccountDescriptors(publicKey, account)) {
    const request = {
      descriptor,
      secrets: { extendedKeys: [key], keys: [] },
      createdSec,
      rangeStart: 0,
      rangeEnd: 0,
      nextIndex: null,
      activeFor: use,
    };
    const added = yield* scripts.add(request, draft.books);
    assert(added.ok, 'wallet: the descriptors of an account can be expanded');
  }
}
