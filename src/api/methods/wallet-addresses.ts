// Methods that give out addresses and name them (Core wallet/rpc/addresses.cpp).

import { fromHex, toHex } from '../../kernel/util/bytes.ts';
import { formatAddress } from '../../wallet/address.ts';
import type { AddressType } from '../../wallet/books/available-coin.ts';
import type { AddressPurpose, AddressUse } from '../../wallet/books/records.ts';
import { groupAddresses } from '../../wallet/wallet/address-groups.ts';
import type { Wallet } from '../../wallet/wallet/wallet.ts';
import { valueFromAmount } from '../amount.ts';
import { type Arguments, asInteger, asText } from '../arguments.ts';
import type { RpcContext } from '../context.ts';
import { RPC_CODE, RpcError } from '../errors.ts';
import { readAddress } from '../format/address.ts';
import type { JsonOutput, JsonValue } from '../json/json-value.ts';
import type { MethodSpec } from '../schema.ts';
import { field, NOTHING, object, optional, param, result } from '../schema-words.ts';
import { mapInTurns } from '../turns.ts';
import { ensureUnlocked, NEEDS_PASSPHRASE, readLabel, requireWallet } from './wallet-lookup.ts';
import { parseAddressType } from './wallet-spend-options.ts';

const TYPE_LIST = '"legacy", "p2sh-segwit", "bech32", "bech32m"';

/** The script of an address of this ledger; throws for other texts. */
export function requireAddress({ params }: RpcContext, text: string, message = 'Invalid Bitcoin address'): Uint8Array {
  const { script } = readAddress(text, params.prefixes);
  if (script !== null) return script;
  throw new RpcError(RPC_CODE.INVALID_ADDRESS_OR_KEY, message);
}

/** A type of addresses; throws for other texts. */
function readType(value: JsonValue, fallback: AddressType): AddressType {
  if (value === null) return fallback;
  const type = parseAddressType(asText(value));
  if (type !== null) return type;
  throw new RpcError(RPC_CODE.INVALID_ADDRESS_OR_KEY, `Unknown address type '${asText(value)}'`);
}

function ensureAddresses({ books }: Wallet, use: AddressUse): void {
  for (const { activeFor } of books.scripts.descriptors()) if (activeFor === use) return;
  throw new RpcError(RPC_CODE.WALLET_ERROR, 'Error: This wallet has no available keys');
}

/** A new address, stored before it is told. */
async function giveAddress(wallet: Wallet, type: AddressType, use: AddressUse, label: string | null): Promise<string> {
  const { scripts, addresses } = wallet.books;
  const given = await wallet.changeNow(function* (draft) {
    const next = yield* scripts.newAddress(type, use, draft.books);
    if (next.ok && label !== null) addresses.set(toHex(next.value.script), label, 'receive', draft.books);
    return next;
  });
  if (!given.ok) throw new RpcError(RPC_CODE.WALLET_KEYPOOL_RAN_OUT, given.error);
  const address = formatAddress(given.value.script, wallet.chain.params.prefixes);
  return address ?? toHex(given.value.script);
}

function getNewAddress(context: RpcContext, args: Arguments): Promise<JsonOutput> {
  const wallet = requireWallet(context);
  return wallet.run(() => {
    ensureAddresses(wallet, 'receive');
    const label = readLabel(args.value('label'));
    const type = readType(args.value('address_type'), wallet.settings.addressType);
    return giveAddress(wallet, type, 'receive', label);
  });
}

function getRawChangeAddress(context: RpcContext, args: Arguments): Promise<JsonOutput> {
  const wallet = requireWallet(context);
  const { changeType, addressType } = wallet.settings;
  return wallet.run(() => {
    ensureAddresses(wallet, 'change');
    return giveAddress(wallet, readType(args.value('address_type'), changeType ?? addressType), 'change', null);
  });
}

async function setLabel(context: RpcContext, args: Arguments): Promise<JsonOutput> {
  const wallet = requireWallet(context);
  const script = requireAddress(context, args.text('address'));
  const label = readLabel(args.value('label'));
  const { scripts, addresses } = wallet.books;
  await wallet.run(() =>
    wallet.editNow((draft) => {
      addresses.set(toHex(script), label, scripts.isMine(script) ? 'receive' : 'send', draft.books);
    }),
  );
  return null;
}

function getAddressesByLabel(context: RpcContext, args: Arguments): Promise<JsonOutput> {
  const wallet = requireWallet(context);
  const label = readLabel(args.value('label'));
  const { addresses } = wallet.books;
  return wallet.run(async () => {
    const found: Map<string, JsonOutput> = new Map();
    await mapInTurns(context, addresses.scriptsOf(label), (scriptHex) => {
      const address = formatAddress(fromHex(scriptHex), context.params.prefixes);
      if (address !== null) found.set(address, { purpose: addresses.get(scriptHex)?.purpose ?? 'unknown' });
    });
    if (found.size > 0) return found;
    throw new RpcError(RPC_CODE.WALLET_INVALID_LABEL_NAME, `No addresses with label ${label}`);
  });
}

const PURPOSES: readonly AddressPurpose[] = ['receive', 'send', 'refund'];

function listLabels(context: RpcContext, args: Arguments): Promise<JsonOutput> {
  const wallet = requireWallet(context);
  const text = args.text('purpose', '');
  const purpose = PURPOSES.find((one) => one === text) ?? null;
  if (text !== '' && purpose === null) {
    throw new RpcError(
      RPC_CODE.INVALID_PARAMETER,
      "Invalid 'purpose' argument, must be a known purpose string, typically 'send', or 'receive'.",
    );
  }
  return wallet.run(() => wallet.books.addresses.labels(purpose));
}

function listAddressGroupings(context: RpcContext): Promise<JsonOutput> {
  const wallet = requireWallet(context);
  const { balances, addresses } = wallet.books;
  return wallet.runSynchronised(() => {
    const sums = balances.byAddress();
    return mapInTurns(context, groupAddresses(wallet.books), (group) =>
      group.map((scriptHex) => {
        const label = addresses.labelOf(scriptHex);
        const address = formatAddress(fromHex(scriptHex), context.params.prefixes) ?? scriptHex;
        const amount = valueFromAmount(sums.get(scriptHex) ?? 0);
        return label === null ? [address, amount] : [address, amount, label];
      }),
    );
  });
}

async function refillKeypool(context: RpcContext, args: Arguments): Promise<JsonOutput> {
  const wallet = requireWallet(context);
  const value = args.value('newsize');
  const size = value === null ? 0 : asInteger(value);
  if (size < 0) throw new RpcError(RPC_CODE.INVALID_PARAMETER, 'Invalid parameter, expected valid size.');
  const { scripts, transactions } = wallet.books;
  await wallet.run(async () => {
    ensureUnlocked(wallet);
    await wallet.changeNow(function* (draft) {
      yield* scripts.topUp(draft.books, size === 0 ? wallet.settings.keypoolSize : size);
      transactions.adoptOutputs(draft.books);
    });
    if (scripts.poolSize('receive') + scripts.poolSize('change') < size) {
      throw new RpcError(RPC_CODE.WALLET_ERROR, 'Error refreshing keypool.');
    }
  });
  return null;
}

/** The methods of this file. */
export const WALLET_ADDRESS_METHODS: readonly MethodSpec[] = Object.freeze([
  {
    name: 'getnewaddress',
    category: 'wallet',
    description: 'Gives out a new address to be paid at.',
    parameters: [
      param('label', 'string', 'A name for the address', { default: '' }),
      param('address_type', 'string', `Its type: ${TYPE_LIST}`, { defaultHint: 'set by -addresstype' }),
    ],
    results: [result('string', 'The address')],
    examples: [''],
    run: getNewAddress,
  },
  {
    name: 'getrawchangeaddress',
    category: 'wallet',
    description: 'Gives out a new address for change, for raw transactions.',
    parameters: [param('address_type', 'string', `Its type: ${TYPE_LIST}`, { defaultHint: 'set by -changetype' })],
    results: [result('string', 'The address')],
    examples: [''],
    run: getRawChangeAddress,
  },
  {
    name: 'setlabel',
    category: 'wallet',
    description: 'Names an address, of the wallet or of somebody else.',
    parameters: [param('address', 'string', 'The address'), param('label', 'string', 'The name')],
    results: NOTHING,
    examples: ['"bc1q09vm5lfy0j5reeulh4x5752q25uqqvz34hufdl" "tabby"'],
    run: setLabel,
  },
  {
    name: 'getaddressesbylabel',
    category: 'wallet',
    description: 'Lists the addresses of a name.',
    parameters: [param('label', 'string', 'The name')],
    results: [
      result('object-dynamic', 'Addresses', {
        inner: [object([field('purpose', 'string', 'send or receive')], { key: 'address', description: 'An address' })],
      }),
    ],
    examples: ['"tabby"'],
    run: getAddressesByLabel,
  },
  {
    name: 'listlabels',
    category: 'wallet',
    description: 'Lists all names of addresses, or of those for one purpose.',
    parameters: [optional('purpose', 'string', 'send or receive; empty: both')],
    results: [result('array', '', { inner: [result('string', 'A name')] })],
    examples: ['', 'receive'],
    run: listLabels,
  },
  {
    name: 'listaddressgroupings',
    category: 'wallet',
    description:
      'Lists addresses that everybody can see to have one owner, since they were inputs or change of one transaction.',
    parameters: [],
    results: [
      result('array', '', {
        inner: [
          result('array', '', {
            inner: [
              result('array-fixed', '', {
                inner: [
                  result('string', 'The address'),
                  result('amount', 'What it holds, in BTC'),
                  result('string', 'Its name', { isOptional: true }),
                ],
              }),
            ],
          }),
        ],
      }),
    ],
    examples: [''],
    run: listAddressGroupings,
  },
  {
    name: 'keypoolrefill',
    category: 'wallet',
    description: `Has so many new addresses of each row known ahead.\n${NEEDS_PASSPHRASE}`,
    parameters: [param('newsize', 'number', 'How many', { defaultHint: '1000, or as set by -keypool' })],
    results: NOTHING,
    examples: [''],
    run: refillKeypool,
  },
]);
