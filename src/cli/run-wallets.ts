// The wallets of a program, made from its settings: which folder, which are loaded at start, what is run when a transaction changes (Core
// wallet/load.cpp, wallet/init.cpp).

import { realpathSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import { isJsonArray, type JsonValue } from '../api/json/json-value.ts';
import { numericVersion } from '../api/methods/peers.ts';
import { WalletBridge } from '../api/wallet-bridge.ts';
import type { Chainstate } from '../kernel/chain/chainstate.ts';
import type { ChainParams } from '../kernel/consensus/params.ts';
import type { Secp256k1 } from '../kernel/crypto/secp256k1.ts';
import { formatHash } from '../kernel/primitives/hashes.ts';
import type { IndexService } from '../node/app/index-service.ts';
import type { MempoolService } from '../node/app/mempool-service.ts';
import type { Node } from '../node/app/node.ts';
import type { Clock, Timers } from '../node/ports.ts';
import { createHostRng } from '../platform/node/host-rng.ts';
import { NodeWalletHome } from '../platform/node/wallet-files.ts';
import { nodeWalletHost } from '../platform/node/wallet-host.ts';
import { HostFaultError } from '../wallet/ports.ts';
import { checkWalletHost } from '../wallet/vault/self-test.ts';
import type { Wallet } from '../wallet/wallet/wallet.ts';
import { type StartupList, WalletManager } from '../wallet/wallet/wallet-manager.ts';
import { isFolder } from './data-folder.ts';
import { PROGRAM_NAME, StartupError } from './error-text.ts';
import type { Logger } from './log.ts';
import { runNotification } from './notify.ts';
import type { Settings } from './settings.ts';
import type { SettingsFile } from './settings-file.ts';
import { readVersion } from './version.ts';
import type { WalletNewsDesk } from './wallet-news.ts';
import { readWalletSettings } from './wallet-options.ts';

/** What wallets are run with. */
export interface WalletRun {
  readonly settings: Settings;
  readonly settingsFile: SettingsFile | null;
  readonly params: ChainParams;
  /** Folder of the network. */
  readonly folder: string;
  readonly log: Logger;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly secp: Secp256k1;
  /** Tells the person at the terminal what looks like a mistake. */
  readonly warn: (text: string) => void;
}

/** What they stand on. */
export interface WalletGround {
  readonly chain: Chainstate;
  readonly node: Node;
  readonly pool: MempoolService;
  readonly indexes: IndexService;
  /** Hears what becomes of the wallets. */
  readonly walletNews: WalletNewsDesk;
}

const WALLETS_FOLDER = 'wallets';

const BAD_VALUE =
  "Invalid value detected for '-wallet' or '-nowallet'. '-wallet' requires a string value, while '-nowallet' accepts only '1' to disable all wallets";

/** Opens the wallets of the settings; their owner closes them before the node stops. Null with -disablewallet. Rejects with a StartupError. */
export async function startWallets(run: WalletRun, ground: WalletGround): Promise<WalletManager | null> {
  const { settings, log } = run;
  if (isWalletDisabled(settings)) {
    for (const name of settings.getAll('wallet')) {
      log.info(`Parameter interaction: -disablewallet -> ignoring -wallet=${name}`);
    }
    log.info('Wallet disabled!');
    return null;
  }
  checkValues(run);
  await checkHost();
  const folder = locateWallets(settings, run.folder);
  log.info(`Using wallet directory ${folder}`);
  const startup = new StartupWallets(run.settingsFile);
  const manager = createManager(run, ground, { folder, startup });
  try {
    await loadAll(run, manager, startup);
  } catch (error) {
    await manager.close();
    throw error;
  }
  return manager;
}

/** No wallet is made or opened where keys would be worth nothing (P05). */
async function checkHost(): Promise<void> {
  try {
    await checkWalletHost(nodeWalletHost);
  } catch (cause) {
    if (!(cause instanceof HostFaultError)) throw cause;
    throw new StartupError(`Wallets cannot be kept on this machine: ${cause.message}`, { cause });
  }
}

/** Whether the program keeps no wallets. */
export function isWalletDisabled(settings: Settings): boolean {
  return settings.getFlag('disablewallet') ?? false;
}

function createManager(
  run: WalletRun,
  ground: WalletGround,
  { folder, startup }: { readonly folder: string; readonly startup: StartupList },
): WalletManager {
  const { settings, params, log, clock, timers, secp } = run;
  const nowSec = (): number => Math.floor(clock.wallMs() / 1000);
  const bridge = new WalletBridge({ ...ground, params, nowSec });
  const command = settings.getText('walletnotify') ?? '';
  const manager = new WalletManager({
    chain: bridge,
    home: new NodeWalletHome(folder, PROGRAM_NAME, (line) => log.warn(line)),
    host: {
      ...nodeWalletHost,
      nowSec,
      after: (delayMs, action) => timers.after(delayMs, action),
    },
    secp,
    rng: createHostRng(),
    clientVersion: numericVersion(readVersion()),
    readSettings: () => readWalletSettings(settings, bridge.relayMinFeeRate()),
    startup,
    log: {
      info: (line) => log.info(line),
      warn: (line) => log.warn(line),
      scan: (line) => log.debug('scan', line),
    },
    onTransactions: (wallet, { met }) => {
      ground.walletNews.transactionsChanged(wallet.name);
      if (command !== '') for (const txid of met) notify(command, wallet, txid, log);
    },
    onLockChanged: ({ name, isLocked }) => ground.walletNews.lockChanged(name, isLocked),
    onListChanged: () => ground.walletNews.listChanged(manager.list().map(({ name }) => name)),
  });
  return manager;
}

// --- the settings -------------------------------------------------------------------------------------------------------------------

/** Names are texts; nothing else makes sense. */
function checkValues({ settings, settingsFile }: WalletRun): void {
  const stored = settingsFile?.values.get('wallet') ?? null;
  const isText = (value: JsonValue): boolean => typeof value === 'string';
  const isStoredGood = stored === null || (isJsonArray(stored) ? stored.every(isText) : isText(stored));
  const given = [...settings.sources.config.values(), settings.sources.commandLine].flatMap(
    (values) => values.get('wallet') ?? [],
  );
  if (!isStoredGood || given.includes(true)) throw new StartupError(BAD_VALUE);
}

/** The folder that holds the wallets. */
function locateWallets(settings: Settings, networkFolder: string): string {
  const given = settings.getText('walletdir');
  if (given === undefined) {
    const usual = join(networkFolder, WALLETS_FOLDER);
    return isFolder(usual) ? usual : networkFolder;
  }
  let path: string;
  try {
    path = realpathSync(given);
  } catch {
    throw new StartupError(`Specified -walletdir "${given}" does not exist`);
  }
  if (!isFolder(path)) throw new StartupError(`Specified -walletdir "${given}" is not a directory`);
  if (!isAbsolute(given)) throw new StartupError(`Specified -walletdir "${given}" is a relative path`);
  return path;
}

async function loadAll(
  { settings, warn, log }: WalletRun,
  manager: WalletManager,
  startup: StartupWallets,
): Promise<void> {
  log.info('init message: Verifying wallet(s)…');
  const unlisted = settings.isSet('wallet') ? [] : await findUnnamed(manager);
  startup.beginWith(unlisted);
  const names = settings.isSet('wallet') ? settings.getAll('wallet') : unlisted;
  const loaded: Set<string> = new Set();
  for (const name of names) {
    if (loaded.has(name)) {
      warn(`Ignoring duplicate -wallet ${name}.`);
      continue;
    }
    loaded.add(name);
    log.info('init message: Loading wallet…');
    const managed = await manager.load(name, null);
    if (managed.ok) {
      for (const warning of managed.value.warnings) warn(warning);
      continue;
    }
    const message = managed.error.message.replace(/^Wallet (?:loading|file verification) failed\. /, '');
    if (managed.error.kind !== 'not-found') throw new StartupError(message);
    warn(`Skipping -wallet path that doesn't exist. ${message}`);
  }
}

/** A wallet without a name that older programs have left is loaded as it was then. */
async function findUnnamed(manager: WalletManager): Promise<readonly string[]> {
  const stored = await manager.listStored();
  return stored.filter((name) => name === '');
}

/** The list in the settings file. */
class StartupWallets implements StartupList {
  readonly #file: SettingsFile | null;
  /** Wallets that are loaded as long as there is no list. */
  #unlisted: readonly string[] = [];

  constructor(file: SettingsFile | null) {
    this.#file = file;
  }

  /** Notes which wallets were loaded though there is no list: they stay when it begins. */
  beginWith(names: readonly string[]): void {
    this.#unlisted = names;
  }

  async set(walletName: string, isLoaded: boolean): Promise<void> {
    if (this.#file === null) throw new Error('there is no settings file');
    const first = this.#unlisted.length > 0 ? this.#unlisted : null;
    await this.#file.update('wallet', (value) => changeList(value ?? first, walletName, isLoaded));
  }
}

/** The list with or without a wallet; null: it stays as it is. */
function changeList(value: JsonValue, walletName: string, isLoaded: boolean): JsonValue {
  const list = isJsonArray(value) ? value : null;
  if (isLoaded) return list?.includes(walletName) === true ? null : [...(list ?? []), walletName];
  // An empty list keeps a wallet without a name from being loaded by itself.
  if (list === null) return walletName === '' && value === null ? [] : null;
  return list.includes(walletName) ? list.filter((name) => name !== walletName) : null;
}

// --- -walletnotify ------------------------------------------------------------------------------------------------------------------

function notify(command: string, wallet: Wallet, txid: string, log: Logger): void {
  const state = wallet.books.view.get(txid)?.state;
  if (state === undefined) return;
  const isConfirmed = state.kind === 'confirmed';
  const block = isConfirmed ? formatHash(state.blockHash) : 'unconfirmed';
  const filled = command
    .replaceAll('%s', () => txid)
    .replaceAll('%b', () => block)
    .replaceAll('%h', () => String(isConfirmed ? state.height : -1))
    .replaceAll('%w', () => quoteForShell(wallet.name));
  runNotification(filled, log);
}

/** In single quotes, so that a shell takes no letter of it for its own (Core ShellEscape). */
function quoteForShell(text: string): string {
  return `'${text.replaceAll("'", () => `'"'"'`)}'`;
}
