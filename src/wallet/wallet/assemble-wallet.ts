// A wallet out of its file: the secrets behind their passphrase, the books put back record by record, and what holds them together.

import type { Secp256k1 } from '../../kernel/crypto/secp256k1.ts';
import type { Rng } from '../../kernel/util/prng.ts';
import { ok, type Result } from '../../kernel/util/result.ts';
import { runSteps } from '../books/change-list.ts';
import { BookRecordError } from '../books/record-error.ts';
import type { TransactionNews } from '../books/records.ts';
import { WalletBooks } from '../books/wallet-books.ts';
import type { ChainSource } from '../chain-source.ts';
import type { WalletFolder, WalletHost, WalletLock } from '../ports.ts';
import { BOOK_KINDS } from '../store/records.ts';
import { WalletSecrets } from '../store/wallet-secrets.ts';
import type { WalletStore } from '../store/wallet-store.ts';
import type { WalletLog } from './walked-wallet.ts';
import { Wallet } from './wallet.ts';
import { fault, type WalletFault } from './wallet-fault.ts';
import type { WalletSettings } from './wallet-settings.ts';

/** What every wallet of a program stands on. */
export interface WalletGround {
  readonly chain: ChainSource;
  readonly host: WalletHost;
  readonly secp: Secp256k1;
  /** For salts and for what chance decides in payments; keys come from the host. */
  readonly rng: Rng;
  /** The version of the program, as Core writes versions. */
  readonly clientVersion: number;
  readonly log: WalletLog;
  /** Hears of transactions that there is something to tell of. */
  readonly onTransactions: (wallet: Wallet, news: TransactionNews) => void;
  /** The secrets of a wallet can be used from now on, or no longer. */
  readonly onLockChanged?: (wallet: Wallet) => void;
}

/** A wallet on its way in. */
export interface WalletPlace {
  readonly name: string;
  readonly folder: WalletFolder;
  readonly lock: WalletLock;
  /** It was made a moment ago. */
  readonly isNew: boolean;
}

/**
 * The wallet of a file that was opened, with its books put back; it follows nothing yet. The error says why what is stored is of no use.
 */
export async function assembleWallet(
  { name, lock, isNew }: WalletPlace,
  store: WalletStore,
  settings: WalletSettings,
  ground: WalletGround,
): Promise<Result<Wallet, WalletFault>> {
  const { chain, host, secp, rng, log, clientVersion, onTransactions } = ground;
  const secrets = WalletSecrets.open(store, secp, host);
  if (!secrets.ok) return fault('failed', `Wallet loading failed. ${store.path}: ${secrets.error}`);
  const wallet = store.get('wallet', 'wallet');
  if (wallet === null) return fault('failed', `Wallet loading failed. ${store.path} holds no wallet.`);
  const flags = {
    avoidsReuse: wallet.avoidsReuse,
    spendsUnconfirmedChange: settings.spend.spendsUnconfirmedChange,
  };
  const books = new WalletBooks({ prefixes: chain.params.prefixes, keypoolSize: settings.keypoolSize }, flags, {
    secp,
    rng: rng.fork(`wallet ${name}`),
    secretsOf: (id) => {
      const descriptor = books.scripts.descriptor(id);
      return descriptor === null ? null : secrets.value.secretsOf(descriptor.given);
    },
  });
  try {
    await runSteps(books.restore(BOOK_KINDS.flatMap((kind) => store.all(kind))), host.yieldToHost);
  } catch (error) {
    if (!(error instanceof BookRecordError)) throw error;
    return fault('failed', `Wallet loading failed. ${store.path}: ${error.message}`);
  }
  const own = { rng: rng.fork(`payments of ${name}`), secrets: secrets.value, books };
  const onLockChanged = (changed: Wallet): void => ground.onLockChanged?.(changed);
  const told = { log, onTransactions, onLockChanged, clientVersion };
  const parts = { name, chain, host, secp, settings, store, lock, ...told, ...own };
  const { lastClientVersion } = wallet;
  if (!isNew && lastClientVersion !== undefined) log.info(`[${name}] Last client version = ${lastClientVersion}`);
  if (store.isTorn) {
    log.warn(`Wallet "${name}": its file ended in the middle of a write that nobody was told of; that is left out`);
  }
  return ok(new Wallet(parts));
}
