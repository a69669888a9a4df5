// Methods that list the descriptors and root keys of a wallet, and make new ones out of the latter (Core wallet/rpc/backup.cpp,
// wallet/rpc/wallet.cpp).

import { formatPrivateDescriptor } from '../../wallet/books/descriptor-secrets.ts';
import type { WalletDescriptor } from '../../wallet/books/wallet-descriptor.ts';
import { createAccountDescriptor } from '../../wallet/descriptor/account.ts';
import { addDescriptorChecksum } from '../../wallet/descriptor/checksum.ts';
import { type Descriptor, keysOf } from '../../wallet/descriptor/descriptor.ts';
import { formatDescriptor } from '../../wallet/descriptor/format.ts';
import {
  type ExtendedPublicKey,
  type ExtendedSecretKey,
  formatExtendedPublicKey,
  formatExtendedSecretKey,
  parseExtendedPublicKey,
  parseExtendedSecretKey,
  toExtendedPublicKey,
} from '../../wallet/keys/extended-key.ts';
import { extendedKeyId } from '../../wallet/store/secret-codec.ts';
import { createRandomRoot } from '../../wallet/wallet/new-wallet.ts';
import type { Wallet } from '../../wallet/wallet/wallet.ts';
import type { Arguments } from '../arguments.ts';
import { asFlag, asText } from '../arguments.ts';
import type { RpcContext } from '../context.ts';
import { RPC_CODE, RpcError } from '../errors.ts';
import type { JsonOutput } from '../json/json-value.ts';
import type { MethodSpec } from '../schema.ts';
import { field, maybe, object, optional, param, result } from '../schema-words.ts';
import { ensureUnlocked, NEEDS_PASSPHRASE, requireWallet } from './wallet-lookup.ts';
import { option, parseAddressType, readOptions } from './wallet-spend-options.ts';

function refuse(message: string): never {
  throw new RpcError(RPC_CODE.WALLET_ERROR, message);
}

function refuseKey(message: string): never {
  throw new RpcError(RPC_CODE.INVALID_ADDRESS_OR_KEY, message);
}

/** The text with the private keys that the wallet has. */
function privateText({ secrets, secp, chain }: Wallet, { given }: WalletDescriptor): string {
  const { prefixes } = chain.params;
  const known = secrets.secretsOf(given);
  const text =
    known === null ? formatDescriptor(given, prefixes) : formatPrivateDescriptor(given, known, prefixes, secp);
  return addDescriptorChecksum(text);
}

function listDescriptors(context: RpcContext, args: Arguments): Promise<JsonOutput> {
  const wallet = requireWallet(context);
  const isPrivate = args.flag('private', false);
  if (isPrivate && !wallet.flags.hasPrivateKeys) {
    refuse("Can't get private descriptor string for watch-only wallets");
  }
  return wallet.run(() => {
    if (isPrivate) ensureUnlocked(wallet);
    const all = [...wallet.books.scripts.descriptors()].map((descriptor) => {
      const { createdSec, activeFor, isRanged, rangeStart, rangeEnd, nextIndex } = descriptor;
      return {
        desc: isPrivate ? privateText(wallet, descriptor) : descriptor.publicText,
        timestamp: createdSec,
        active: activeFor !== null,
        internal: activeFor === null ? undefined : activeFor === 'change',
        range: isRanged ? [rangeStart, rangeEnd - 1] : undefined,
        next: isRanged ? nextIndex : undefined,
        next_index: isRanged ? nextIndex : undefined,
      };
    });
    all.sort((a, b) => (a.desc < b.desc ? -1 : 1));
    return { wallet_name: wallet.name, descriptors: all };
  });
}

// --- root keys --------------------------------------------------------------------------------------------------------------------------

/** Extended keys in a descriptor as it was given. */
function extendedKeysOf(descriptor: Descriptor): readonly ExtendedPublicKey[] {
  return keysOf(descriptor).flatMap((key) => (key.kind === 'derived' ? [key.root] : []));
}

function formatPublic({ chain }: Wallet, key: ExtendedPublicKey): string {
  return formatExtendedPublicKey(key, chain.params.prefixes.extendedPublicKey);
}

/** The private side of an extended key; null when the wallet does not have it. */
function findSecret({ secrets }: Wallet, key: ExtendedPublicKey): ExtendedSecretKey | null {
  const stored = secrets.read(extendedKeyId(key));
  return stored.ok && stored.value.form === 'extended-key' ? stored.value.key : null;
}

function getHdKeys(context: RpcContext, args: Arguments): Promise<JsonOutput> {
  const wallet = requireWallet(context);
  const options = readOptions(args);
  const isActiveOnly = asFlag(option(options, 'active_only') ?? false);
  const showsPrivate = asFlag(option(options, 'private') ?? false);
  return wallet.run(() => {
    if (showsPrivate) ensureUnlocked(wallet);
    const found: Map<string, { readonly key: ExtendedPublicKey; readonly users: Set<WalletDescriptor> }> = new Map();
    for (const descriptor of wallet.books.scripts.descriptors()) {
      if (isActiveOnly && descriptor.activeFor === null) continue;
      for (const key of extendedKeysOf(descriptor.given)) {
        const text = formatPublic(wallet, key);
        const entry = found.get(text) ?? { key, users: new Set() };
        entry.users.add(descriptor);
        found.set(text, entry);
      }
    }
    const sorted = [...found].sort(([a], [b]) => (a < b ? -1 : 1));
    return sorted.map(([xpub, { key, users }]) => {
      const secret = showsPrivate ? findSecret(wallet, key) : null;
      const descriptors = [...users].map((one) => ({ desc: one.publicText, active: one.activeFor !== null }));
      descriptors.sort((a, b) => (a.desc < b.desc ? -1 : 1));
      const { extendedSecretKey } = wallet.chain.params.prefixes;
      return {
        xpub,
        has_private: wallet.secrets.has(extendedKeyId(key)),
        xprv: secret === null ? undefined : formatExtendedSecretKey(secret, extendedSecretKey),
        descriptors,
      };
    });
  });
}

/** The root that the active descriptors share. */
function findActiveRoot(wallet: Wallet): ExtendedPublicKey {
  const roots: Map<string, ExtendedPublicKey> = new Map();
  for (const descriptor of wallet.books.scripts.descriptors()) {
    if (descriptor.activeFor === null) continue;
    for (const key of extendedKeysOf(descriptor.given)) roots.set(formatPublic(wallet, key), key);
  }
  const [only, ...others] = roots.values();
  if (only !== undefined && others.length === 0) return only;
  return refuseKey("Unable to determine which HD key to use from active descriptors. Please specify with 'hdkey'");
}

function createWalletDescriptor(context: RpcContext, args: Arguments): Promise<JsonOutput> {
  const wallet = requireWallet(context);
  const { chain, secp, books } = wallet;
  const typeText = args.text('type');
  const type = parseAddressType(typeText);
  if (type === null) refuseKey(`Unknown address type '${typeText}'`);
  const options = readOptions(args);
  const internal = option(options, 'internal');
  const hdKey = option(options, 'hdkey');
  return wallet.run(async () => {
    ensureUnlocked(wallet);
    const root =
      hdKey === null
        ? findActiveRoot(wallet)
        : parseExtendedPublicKey(asText(hdKey), chain.params.prefixes.extendedPublicKey, secp);
    if (root === null) return refuseKey('Unable to parse HD key. Please provide a valid xpub');
    const secret = findSecret(wallet, root);
    if (secret === null) refuseKey(`Private key for ${formatPublic(wallet, root)} is not known`);
    const uses =
      internal === null ? (['receive', 'change'] as const) : ([asFlag(internal) ? 'change' : 'receive'] as const);
    const place = { isTestChain: chain.params.name !== 'main', accountNumber: 0 };
    const ids = await wallet.changeNow(function* (draft) {
      const added: string[] = [];
      for (const use of uses) {
        const descriptor = createAccountDescriptor(root, place, type, use);
        if (hasDescriptor(wallet, descriptor)) continue;
        const request = {
          descriptor,
          secrets: { extendedKeys: [secret], keys: [] },
          createdSec: wallet.host.nowSec(),
          rangeStart: 0,
          rangeEnd: 0,
          nextIndex: null,
          activeFor: use,
        };
        const id = yield* books.scripts.add(request, draft.books);
        if (id.ok) added.push(id.value);
      }
      if (added.length > 0 && wallet.flags.isBlank) draft.put({ ...wallet.flags, isBlank: false });
      return added;
    });
    if (ids.length === 0) refuse('Descriptor already exists');
    return { descs: ids.flatMap((id) => books.scripts.descriptor(id) ?? []).map(({ publicText }) => publicText) };
  });
}

function hasDescriptor({ books, chain }: Wallet, descriptor: Descriptor): boolean {
  const text = formatDescriptor(descriptor, chain.params.prefixes);
  for (const known of books.scripts.descriptors()) if (known.text === text) return true;
  return false;
}

function addHdKey(context: RpcContext, args: Arguments): Promise<JsonOutput> {
  const wallet = requireWallet(context);
  const { chain, secp, host, books, secrets } = wallet;
  if (!wallet.flags.hasPrivateKeys) refuse('addhdkey is not available for wallets without private keys');
  return wallet.run(async () => {
    ensureUnlocked(wallet);
    const key = args.has('hdkey') ? readSecretKey(wallet, args.text('hdkey')) : createRandomRoot(host, secp).key;
    const root = toExtendedPublicKey(key, secp);
    const descriptor: Descriptor = {
      type: 'unused',
      key: { kind: 'derived', root, paths: [[]], range: 'none', usesApostrophe: false, origin: null },
      isInTree: false,
    };
    if (hasDescriptor(wallet, descriptor)) refuse('HD key already exists');
    await wallet.changeNow(function* (draft) {
      const request = {
        descriptor,
        secrets: { extendedKeys: [key], keys: [] },
        createdSec: host.nowSec(),
        rangeStart: 0,
        rangeEnd: 1,
        nextIndex: null,
        activeFor: null,
      };
      const added = yield* books.scripts.add(request, draft.books);
      if (!added.ok) refuse(added.error);
      draft.put(secrets.seal({ form: 'extended-key', key }));
    });
    return { xpub: formatExtendedPublicKey(root, chain.params.prefixes.extendedPublicKey) };
  });
}

function readSecretKey({ chain, secp }: Wallet, text: string): ExtendedSecretKey {
  const { extendedSecretKey, extendedPublicKey } = chain.params.prefixes;
  const key = parseExtendedSecretKey(text, extendedSecretKey, secp);
  if (key !== null) return key;
  const isPublic = parseExtendedPublicKey(text, extendedPublicKey, secp) !== null;
  return refuseKey(
    isPublic
      ? 'Extended public key (xpub) provided, but extended private key (xprv) is required'
      : 'Could not parse HD key',
  );
}

const DESCRIPTOR_USE = [
  field('desc', 'string', 'The descriptor with public keys'),
  field('active', 'boolean', 'Whether new addresses come from it'),
];

/** The methods of this file. */
export const WALLET_DESCRIPTOR_METHODS: readonly MethodSpec[] = Object.freeze([
  {
    name: 'listdescriptors',
    category: 'wallet',
    description: 'Lists the descriptors of a wallet.',
    parameters: [param('private', 'boolean', 'Whether to show private keys', { default: false })],
    results: [
      object([
        field('wallet_name', 'string', 'Name of the wallet'),
        field('descriptors', 'array', 'The descriptors in the order of their texts', {
          inner: [
            object([
              field('desc', 'string', 'The descriptor'),
              field('timestamp', 'number', 'Since when it may have been paid'),
              field('active', 'boolean', 'Whether new addresses come from it'),
              maybe('internal', 'boolean', 'Whether these are for change; of active ones'),
              maybe('range', 'array-fixed', 'First and last position, of a row', {
                inner: [result('number', 'The first'), result('number', 'The last')],
              }),
              maybe('next', 'number', 'The same as next_index'),
              maybe('next_index', 'number', 'Position of the next address, of a row'),
            ]),
          ],
        }),
      ]),
    ],
    examples: ['', 'true'],
    run: listDescriptors,
  },
  {
    name: 'gethdkeys',
    category: 'wallet',
    description: 'Lists the extended keys of a wallet (BIP32) and the descriptors that use them.',
    parameters: [
      optional('options', 'named-options', '', {
        inner: [
          param('active_only', 'boolean', 'Whether only those of active descriptors', { default: false }),
          param('private', 'boolean', 'Whether to show private keys', { default: false }),
        ],
      }),
    ],
    results: [
      result('array', '', {
        inner: [
          object([
            field('xpub', 'string', 'The extended public key'),
            field('has_private', 'boolean', 'Whether the wallet has the private key'),
            maybe('xprv', 'string', 'The extended private key, if it was asked for'),
            field('descriptors', 'array', 'Descriptors that use it', { inner: [object(DESCRIPTOR_USE)] }),
          ]),
        ],
      }),
    ],
    examples: [''],
    run: getHdKeys,
  },
  {
    name: 'createwalletdescriptor',
    category: 'wallet',
    description: `Makes the descriptor of a type of addresses that the wallet has none of yet.\n${NEEDS_PASSPHRASE}`,
    parameters: [
      param('type', 'string', 'The type: "legacy", "p2sh-segwit", "bech32", "bech32m"'),
      optional('options', 'named-options', '', {
        inner: [
          param('internal', 'boolean', 'Only the one for change, or only the other one', {
            defaultHint: 'Both external and internal will be generated unless this parameter is specified',
          }),
          param('hdkey', 'string', 'The extended public key whose private key the wallet has', {
            defaultHint: 'The HD key used by all other active descriptors',
          }),
        ],
      }),
    ],
    results: [object([field('descs', 'array', 'The new descriptors', { inner: [result('string', '')] })])],
    examples: ['bech32m'],
    run: createWalletDescriptor,
  },
  {
    name: 'addhdkey',
    category: 'wallet',
    description: `Adds a root key (BIP32), which createwalletdescriptor can use.\n${NEEDS_PASSPHRASE}`,
    parameters: [
      param('hdkey', 'string', 'The extended private key', { defaultHint: 'Automatically generated new key' }),
    ],
    results: [object([field('xpub', 'string', 'The extended public key')])],
    examples: ['xprv'],
    run: addHdKey,
  },
]);
