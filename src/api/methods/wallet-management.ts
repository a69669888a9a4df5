// Methods that make, load, unload and describe wallets (Core wallet/rpc/wallet.cpp).

import type { Result } from '../../kernel/util/result.ts';
import type { Wallet } from '../../wallet/wallet/wallet.ts';
import type { WalletFault } from '../../wallet/wallet/wallet-fault.ts';
import { findMnemonicRoot } from '../../wallet/wallet/wallet-keys.ts';
import type { ManagedWallet } from '../../wallet/wallet/wallet-manager.ts';
import type { Arguments } from '../arguments.ts';
import type { RpcContext } from '../context.ts';
import { RPC_CODE, RpcError } from '../errors.ts';
import { type JsonOutput, type JsonRecord, jsonDouble } from '../json/json-value.ts';
import type { MethodSpec } from '../schema.ts';
import { field, maybe, NOTHING, object, optional, param, result } from '../schema-words.ts';
import type { ParameterSpec, ResultSpec } from '../signature.ts';
import {
  formatLastProcessed,
  LAST_PROCESSED_FIELD,
  requireLoaded,
  requireName,
  requireWallet,
  requireWallets,
} from './wallet-lookup.ts';
import { readSignerDescriptors } from './wallet-signer.ts';

/** Core's codes of the kinds of failure. */
const CODE_OF_FAULT: Readonly<Record<WalletFault['kind'], number>> = Object.freeze({
  'not-found': RPC_CODE.WALLET_NOT_FOUND,
  'already-loaded': RPC_CODE.WALLET_ALREADY_LOADED,
  'already-exists': RPC_CODE.WALLET_ALREADY_EXISTS,
  'bad-parameter': RPC_CODE.INVALID_PARAMETER,
  encryption: RPC_CODE.WALLET_ENCRYPTION_FAILED,
  failed: RPC_CODE.WALLET_ERROR,
});

/** The wallet and what to warn of, or an error with Core's code. */
export function formatManaged(managed: Result<ManagedWallet, WalletFault>): JsonRecord {
  if (!managed.ok) throw new RpcError(CODE_OF_FAULT[managed.error.kind], managed.error.message);
  const { wallet, warnings } = managed.value;
  return { name: wallet.name, ...formatNotes(warnings) };
}

function formatNotes(warnings: readonly string[]): JsonRecord {
  return warnings.length === 0 ? {} : { warnings };
}

/** What a call says about loading the wallet at the next start: null leaves it as it is. */
export function readStartup(args: Arguments): boolean | null {
  return args.flag('load_on_startup', null);
}

async function createWallet(context: RpcContext, args: Arguments): Promise<JsonOutput> {
  const wallets = requireWallets(context);
  const passphrase = args.text('passphrase', null);
  if (!args.flag('descriptors', true)) {
    throw new RpcError(
      RPC_CODE.WALLET_ERROR,
      'descriptors argument must be set to "true"; it is no longer possible to create a legacy wallet.',
    );
  }
  const hasPrivateKeys = !args.flag('disable_private_keys', false);
  const hasDevice = args.flag('external_signer', false);
  if (hasDevice && hasPrivateKeys) {
    throw new RpcError(RPC_CODE.WALLET_ERROR, 'Private keys must be disabled when using an external signer');
  }
  const created = await wallets.create({
    name: args.text('wallet_name'),
    hasPrivateKeys,
    isBlank: args.flag('blank', false),
    avoidsReuse: args.flag('avoid_reuse', false),
    passphrase: passphrase === '' ? null : passphrase,
    loadsOnStartup: readStartup(args),
    root: null,
    birthTimeSec: null,
    ...(hasDevice ? { deviceDescriptors: await readSignerDescriptors(context) } : {}),
  });
  if (passphrase !== '' || !created.ok) return formatManaged(created);
  const note = 'Empty string given as passphrase, wallet will not be encrypted.';
  return formatManaged({ ok: true, value: { ...created.value, warnings: [note, ...created.value.warnings] } });
}

async function loadWallet(context: RpcContext, args: Arguments): Promise<JsonOutput> {
  return formatManaged(await requireWallets(context).load(args.text('filename'), readStartup(args)));
}

async function unloadWallet(context: RpcContext, args: Arguments): Promise<JsonOutput> {
  const wallet = requireLoaded(context, requireName(context, args.text('wallet_name', null)));
  if (wallet.scan !== null) {
    throw new RpcError(RPC_CODE.WALLET_ERROR, 'Wallet is currently rescanning. Abort existing rescan or wait.');
  }
  const warnings = await requireWallets(context).unload(wallet, readStartup(args));
  if (warnings === null) throw new RpcError(RPC_CODE.MISC_ERROR, 'Requested wallet already unloaded');
  return formatNotes(warnings);
}

function listWallets(context: RpcContext): JsonOutput {
  return requireWallets(context)
    .list()
    .map(({ name }) => name);
}

async function listWalletFolder(context: RpcContext): Promise<JsonOutput> {
  const names = await requireWallets(context).listStored();
  return { wallets: names.map((name) => ({ name, warnings: [] })) };
}

/** The version of Core's last kind of wallets, for programs that ask. */
const WALLET_VERSION = 169_900;

async function getWalletInfo(context: RpcContext): Promise<JsonOutput> {
  const wallet = requireWallet(context);
  return wallet.runSynchronised(() => {
    const { flags, scan, books } = wallet;
    const { scripts, view } = books;
    return {
      walletname: wallet.name,
      walletversion: WALLET_VERSION,
      format: 'tally',
      txcount: view.ordered.length,
      keypoolsize: scripts.poolSize('receive'),
      keypoolsize_hd_internal: scripts.poolSize('change'),
      unlocked_until: wallet.hasPassphrase ? wallet.unlockedUntilSec : undefined,
      private_keys_enabled: flags.hasPrivateKeys,
      avoid_reuse: flags.avoidsReuse,
      scanning:
        scan === null
          ? false
          : {
              duration: wallet.host.nowSec() - scan.startSec,
              progress: jsonDouble(scan.progress),
            },
      descriptors: true,
      external_signer: flags.hasExternalSigner === true,
      blank: flags.isBlank,
      has_words: findMnemonicRoot(wallet) !== null,
      birthtime: findBirth(wallet) ?? undefined,
      flags: listFlags(wallet),
      ...formatLastProcessed(wallet),
    };
  });
}

/** Since when it may have been paid: a transaction may show that it is older than its keys were said to be. */
function findBirth({ books }: Wallet): number | null {
  const { birthSec } = books.scripts;
  let earliestSec = birthSec ?? Number.POSITIVE_INFINITY;
  for (const { timeSmartSec } of books.view.ordered) earliestSec = Math.min(earliestSec, timeSmartSec);
  return Number.isFinite(earliestSec) ? earliestSec : null;
}

/** Flags, and which of them can be changed (Core MUTABLE_WALLET_FLAGS). */
const FLAG_NAMES: readonly string[] = [
  'avoid_reuse',
  'blank',
  'descriptor_wallet',
  'disable_private_keys',
  'external_signer',
  'key_origin_metadata',
  'last_hardened_xpub_cached',
];
const MUTABLE_FLAG = 'avoid_reuse';

const REUSE_CAVEAT =
  'You need to rescan the blockchain in order to correctly mark used destinations in the past. Until this is done, some destinations may be considered unused, even if the opposite is the case.';

/** The flags that are set, in the order of Core's bits. */
function listFlags({ flags }: Wallet): readonly string[] {
  const { avoidsReuse, hasExternalSigner, hasPrivateKeys, isBlank } = flags;
  return [
    ...(avoidsReuse ? [MUTABLE_FLAG] : []),
    'last_hardened_xpub_cached',
    ...(hasPrivateKeys ? [] : ['disable_private_keys']),
    ...(isBlank ? ['blank'] : []),
    'descriptor_wallet',
    ...(hasExternalSigner === true ? ['external_signer'] : []),
  ];
}

function refuseFlag(message: string): never {
  throw new RpcError(RPC_CODE.INVALID_PARAMETER, message);
}

async function setWalletFlag(context: RpcContext, args: Arguments): Promise<JsonOutput> {
  const wallet = requireWallet(context);
  const name = args.text('flag');
  const value = args.flag('value', true);
  if (!FLAG_NAMES.includes(name)) refuseFlag(`Unknown wallet flag: ${name}`);
  if (name !== MUTABLE_FLAG) refuseFlag(`Wallet flag is immutable: ${name}`);
  await wallet.run(async () => {
    if (wallet.flags.avoidsReuse === value) refuseFlag(`Wallet flag is already set to ${value}: ${name}`);
    await wallet.setFlags({ avoidsReuse: value });
  });
  return { flag_name: name, flag_state: value, warnings: value ? REUSE_CAVEAT : undefined };
}

function refuseMigration(): never {
  throw new RpcError(
    RPC_CODE.WALLET_ERROR,
    'Error: This wallet is already a descriptor wallet; wallets of other kinds cannot be read, nor migrated, by this program',
  );
}

const NOTES: ResultSpec = maybe('warnings', 'array', 'What to know', { inner: [result('string', '')] });

const STARTUP: ParameterSpec = optional(
  'load_on_startup',
  'boolean',
  'Whether the wallet is loaded at the next start; left as it is without this',
);

/** What is answered when a wallet is loaded. */
export const MANAGED_FIELDS: readonly ResultSpec[] = [object([field('name', 'string', 'Its name'), NOTES])];

/** Parameter of methods that load a wallet. */
export const STARTUP_PARAMETER: ParameterSpec = STARTUP;

/** The methods of this file. */
export const WALLET_MANAGEMENT_METHODS: readonly MethodSpec[] = Object.freeze([
  {
    name: 'createwallet',
    category: 'wallet',
    description: 'Makes a new wallet and loads it.',
    parameters: [
      param('wallet_name', 'string', 'The name'),
      param('disable_private_keys', 'boolean', 'It never holds a private key and only watches', { default: false }),
      param('blank', 'boolean', 'It begins without keys', { default: false }),
      optional('passphrase', 'string', 'Its private keys are encrypted with this'),
      param('avoid_reuse', 'boolean', 'Coins of addresses that were spent from are told apart and left alone', {
        default: false,
      }),
      param('descriptors', 'boolean', 'Must be true', { default: true }),
      STARTUP,
      param(
        'external_signer',
        'boolean',
        'Its keys are on a device that the program of -signer speaks to; with disable_private_keys',
        {
          default: false,
        },
      ),
    ],
    results: MANAGED_FIELDS,
    examples: ['"testwallet"'],
    run: createWallet,
  },
  {
    name: 'loadwallet',
    category: 'wallet',
    description: 'Loads a wallet that exists.',
    parameters: [param('filename', 'string', 'Its name'), STARTUP],
    results: MANAGED_FIELDS,
    examples: ['"walletname"'],
    run: loadWallet,
  },
  {
    name: 'unloadwallet',
    category: 'wallet',
    description: 'Unloads a wallet: that of the path, or the named one.',
    parameters: [
      param('wallet_name', 'string', 'Its name', { defaultHint: 'the wallet name from the RPC endpoint' }),
      STARTUP,
    ],
    results: [object([NOTES])],
    examples: ['wallet_name'],
    run: unloadWallet,
  },
  {
    name: 'listwallets',
    category: 'wallet',
    description: 'Lists the wallets that are loaded.',
    parameters: [],
    results: [result('array', '', { inner: [result('string', 'The name of a wallet')] })],
    examples: [''],
    run: listWallets,
  },
  {
    name: 'listwalletdir',
    category: 'wallet',
    description: 'Lists the wallets in the folder of wallets.',
    parameters: [],
    results: [
      object([
        field('wallets', 'array', '', { inner: [object([field('name', 'string', 'The name of a wallet'), NOTES])] }),
      ]),
    ],
    examples: [''],
    run: listWalletFolder,
  },
  {
    name: 'getwalletinfo',
    category: 'wallet',
    description: 'Describes a wallet.',
    parameters: [],
    results: [
      object([
        field('walletname', 'string', 'Its name'),
        field('walletversion', 'number', 'A number for programs that expect one'),
        field('format', 'string', 'The format of its file'),
        field('txcount', 'number', 'Transactions in it'),
        field('keypoolsize', 'number', 'Addresses for others that are known ahead'),
        maybe('keypoolsize_hd_internal', 'number', 'Addresses for change that are known ahead'),
        maybe('unlocked_until', 'time', 'Until when its keys can be used; 0: they are locked (with a passphrase only)'),
        field('private_keys_enabled', 'boolean', 'Whether it may hold private keys'),
        field('avoid_reuse', 'boolean', 'Whether coins of addresses that were spent from are told apart'),
        field('scanning', 'object', 'The scan that is going on, or false', {
          skipsTypeCheck: true,
          inner: [
            field('duration', 'number', 'Seconds since it began'),
            field('progress', 'number', 'How much of it is done, 0 to 1'),
          ],
        }),
        field('descriptors', 'boolean', 'Always true'),
        field('external_signer', 'boolean', 'Whether its keys are on a device'),
        field('blank', 'boolean', 'Whether it was made without keys and has none yet'),
        field('has_words', 'boolean', 'Whether it was made of words; showmnemonic shows them'),
        maybe('birthtime', 'time', 'Since when it may have been paid'),
        field('flags', 'array', 'Its flags', { inner: [result('string', 'The name of a flag')] }),
        LAST_PROCESSED_FIELD,
      ]),
    ],
    examples: [''],
    run: getWalletInfo,
  },
  {
    name: 'setwalletflag',
    category: 'wallet',
    description: 'Changes a flag of a wallet.',
    parameters: [
      param('flag', 'string', `The name of the flag. Can be changed: ${MUTABLE_FLAG}`),
      param('value', 'boolean', 'What it becomes', { default: true }),
    ],
    results: [
      object([
        field('flag_name', 'string', 'The flag'),
        field('flag_state', 'boolean', 'What it is now'),
        maybe('warnings', 'string', 'What to know about the change'),
      ]),
    ],
    examples: ['avoid_reuse'],
    run: setWalletFlag,
  },
  {
    name: 'migratewallet',
    category: 'wallet',
    description: 'Refused: there are no wallets of other kinds here.',
    parameters: [
      param('wallet_name', 'string', 'The name', { defaultHint: 'the wallet name from the RPC endpoint' }),
      optional('passphrase', 'string', 'The passphrase'),
      param('load_wallet', 'boolean', 'Whether to load it', { default: true }),
    ],
    results: NOTHING,
    examples: [''],
    run: refuseMigration,
  },
]);
