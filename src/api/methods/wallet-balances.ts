// Methods that tell what a wallet has and what it was paid (Core wallet/rpc/coins.cpp, wallet/rpc/transactions.cpp).

import { fromHex, toHex } from '../../kernel/util/bytes.ts';
import { formatAddress } from '../../wallet/address.ts';
import type { Received, ReceivedOptions } from '../../wallet/books/balances.ts';
import type { Wallet } from '../../wallet/wallet/wallet.ts';
import { valueFromAmount } from '../amount.ts';
import type { Arguments } from '../arguments.ts';
import type { RpcContext } from '../context.ts';
import { RPC_CODE, RpcError } from '../errors.ts';
import { readAddress } from '../format/address.ts';
import type { JsonOutput } from '../json/json-value.ts';
import type { MethodSpec } from '../schema.ts';
import { field, maybe, object, optional, param, result } from '../schema-words.ts';
import { mapInTurns } from '../turns.ts';
import { requireAddress } from './wallet-addresses.ts';
import {
  formatLastProcessed,
  LAST_PROCESSED_FIELD,
  readAvoidReuse,
  readLabel,
  requireWallet,
} from './wallet-lookup.ts';

function getBalance(context: RpcContext, args: Arguments): Promise<JsonOutput> {
  const wallet = requireWallet(context);
  return wallet.runSynchronised(() => {
    if (args.text('dummy', '*') !== '*') {
      throw new RpcError(RPC_CODE.METHOD_DEPRECATED, 'dummy first argument must be excluded or set to "*".');
    }
    const minDepth = args.integer('minconf', 0);
    const avoidsReuse = readAvoidReuse(wallet, args.value('avoid_reuse'));
    const { trustedSat } = wallet.books.balances.total({ minDepth, includesUsedAddresses: !avoidsReuse });
    return valueFromAmount(trustedSat);
  });
}

function getBalances(context: RpcContext): Promise<JsonOutput> {
  const wallet = requireWallet(context);
  return wallet.runSynchronised(() => {
    const balance = wallet.books.balances.total({ includesNonmempool: true });
    return {
      mine: {
        trusted: valueFromAmount(balance.trustedSat),
        untrusted_pending: valueFromAmount(balance.untrustedPendingSat),
        immature: valueFromAmount(balance.immatureSat),
        nonmempool: valueFromAmount(balance.nonmempoolSat),
        used: wallet.flags.avoidsReuse ? valueFromAmount(balance.usedSat) : undefined,
      },
      ...formatLastProcessed(wallet),
    };
  });
}

// --- what was received --------------------------------------------------------------------------------------------------------------

function readReceived(args: Arguments): ReceivedOptions {
  return {
    minDepth: args.integer('minconf', 1),
    includesImmatureCoinbase: args.flag('include_immature_coinbase', false),
  };
}

function sumReceived({ books }: Wallet, scriptHexes: readonly string[], options: ReceivedOptions): JsonOutput {
  const own = scriptHexes.filter((scriptHex) => books.scripts.isMine(fromHex(scriptHex)));
  if (own.length === 0) throw new RpcError(RPC_CODE.WALLET_ERROR, 'Address not found in wallet');
  return valueFromAmount(books.balances.received(own, options).valueSat);
}

function getReceivedByAddress(context: RpcContext, args: Arguments): Promise<JsonOutput> {
  const wallet = requireWallet(context);
  return wallet.runSynchronised(() => {
    const script = requireAddress(context, args.text('address'));
    return sumReceived(wallet, [toHex(script)], readReceived(args));
  });
}

function getReceivedByLabel(context: RpcContext, args: Arguments): Promise<JsonOutput> {
  const wallet = requireWallet(context);
  return wallet.runSynchronised(() => {
    const scriptHexes = wallet.books.addresses.scriptsOf(readLabel(args.value('label')));
    if (scriptHexes.length === 0) throw new RpcError(RPC_CODE.WALLET_ERROR, 'Label not found in wallet');
    return sumReceived(wallet, scriptHexes, readReceived(args));
  });
}

/** What an address has received. */
interface ReceivedRow {
  readonly scriptHex: string;
  readonly label: string;
  readonly received: Received;
}

/** What each address with a label has received; others than own ones nothing. */
function* listReceived({ books }: Wallet, args: Arguments, filter: string | null): Generator<ReceivedRow, void, void> {
  const { addresses, balances, scripts } = books;
  const options = readReceived(args);
  const includesEmpty = args.flag('include_empty', false);
  for (const [scriptHex, { label }] of addresses.entries()) {
    if (filter !== null && scriptHex !== filter) continue;
    const own = scripts.isMine(fromHex(scriptHex)) ? [scriptHex] : [];
    const received = balances.received(own, options);
    if (received.depth !== null || includesEmpty) yield { scriptHex, label, received };
  }
}

function listReceivedByAddress(context: RpcContext, args: Arguments): Promise<JsonOutput> {
  const wallet = requireWallet(context);
  const { prefixes } = context.params;
  return wallet.runSynchronised(() => {
    const text = args.text('address_filter', '');
    const filter = text === '' ? null : readAddress(text, prefixes).script;
    if (text !== '' && filter === null) {
      throw new RpcError(RPC_CODE.WALLET_ERROR, 'address_filter parameter was invalid');
    }
    const rows = listReceived(wallet, args, filter === null ? null : toHex(filter));
    return mapInTurns(context, rows, ({ scriptHex, label, received }) => ({
      address: formatAddress(fromHex(scriptHex), prefixes) ?? scriptHex,
      amount: valueFromAmount(received.valueSat),
      confirmations: received.depth ?? 0,
      label,
      txids: received.txids,
    }));
  });
}

function listReceivedByLabel(context: RpcContext, args: Arguments): Promise<JsonOutput> {
  const wallet = requireWallet(context);
  return wallet.runSynchronised(async () => {
    const sums: Map<string, { valueSat: number; depth: number | null }> = new Map();
    await mapInTurns(context, listReceived(wallet, args, null), ({ label, received }) => {
      const { valueSat, depth } = sums.get(label) ?? { valueSat: 0, depth: null };
      const least = depth === null || (received.depth !== null && received.depth < depth) ? received.depth : depth;
      sums.set(label, { valueSat: valueSat + received.valueSat, depth: least });
    });
    return [...sums]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([label, { valueSat, depth }]) => ({ amount: valueFromAmount(valueSat), confirmations: depth ?? 0, label }));
  });
}

const MIN_DEPTH = param('minconf', 'number', 'Confirmations that payments must have', { default: 1 });
const IMMATURE = param('include_immature_coinbase', 'boolean', 'Whether rewards count that are too young to be spent', {
  default: false,
});
const UNUSED = param('include_watchonly', 'boolean', 'No longer used', { default: false });

/** The methods of this file. */
export const WALLET_BALANCE_METHODS: readonly MethodSpec[] = Object.freeze([
  {
    name: 'getbalance',
    category: 'wallet',
    description: 'Tells what a wallet has to spend: what is confirmed, and its own change.',
    parameters: [
      optional('dummy', 'string', 'Must be left out, or "*"'),
      param('minconf', 'number', 'Confirmations that transactions must have', { default: 0 }),
      UNUSED,
      param('avoid_reuse', 'boolean', 'Leaves out addresses that were spent from (with the flag avoid_reuse only)', {
        default: true,
      }),
    ],
    results: [result('amount', 'The sum in BTC')],
    examples: ['', '"*" 6'],
    run: getBalance,
  },
  {
    name: 'getbalances',
    category: 'wallet',
    description: 'Tells what a wallet has, by how sure it is.',
    parameters: [],
    results: [
      object([
        field('mine', 'object', 'In BTC', {
          inner: [
            field('trusted', 'amount', 'Confirmed, and own change'),
            field('untrusted_pending', 'amount', 'From others, waiting in the memory pool'),
            field('immature', 'amount', 'Rewards that are too young to be spent'),
            field('nonmempool', 'amount', 'Spent by transactions that are in neither chain nor memory pool, negative'),
            maybe('used', 'amount', 'On addresses that were spent from (with the flag avoid_reuse only)'),
          ],
        }),
        LAST_PROCESSED_FIELD,
      ]),
    ],
    examples: [''],
    run: getBalances,
  },
  {
    name: 'getreceivedbyaddress',
    category: 'wallet',
    description: 'Tells what was paid to an address, spent since or not.',
    parameters: [param('address', 'string', 'The address'), MIN_DEPTH, IMMATURE],
    results: [result('amount', 'The sum in BTC')],
    examples: ['"bc1q09vm5lfy0j5reeulh4x5752q25uqqvz34hufdl" 6'],
    run: getReceivedByAddress,
  },
  {
    name: 'getreceivedbylabel',
    category: 'wallet',
    description: 'Tells what was paid to all addresses of a name.',
    parameters: [param('label', 'string', 'The name'), MIN_DEPTH, IMMATURE],
    results: [result('amount', 'The sum in BTC')],
    examples: ['"tabby" 6 true'],
    run: getReceivedByLabel,
  },
  {
    name: 'listreceivedbyaddress',
    category: 'wallet',
    description: 'Lists what was paid to each address.',
    parameters: [
      MIN_DEPTH,
      param('include_empty', 'boolean', 'Whether to list addresses that nothing was paid to', { default: false }),
      UNUSED,
      optional('address_filter', 'string', 'Only this address'),
      IMMATURE,
    ],
    results: [
      result('array', '', {
        inner: [
          object([
            field('address', 'string', 'The address'),
            field('amount', 'amount', 'What it was paid, in BTC'),
            field('confirmations', 'number', 'Confirmations of the last payment'),
            field('label', 'string', 'Its name'),
            field('txids', 'array', '', { inner: [result('hex', 'A transaction that paid')] }),
          ]),
        ],
      }),
    ],
    examples: ['', '6 true'],
    run: listReceivedByAddress,
  },
  {
    name: 'listreceivedbylabel',
    category: 'wallet',
    description: 'Lists what was paid to each name.',
    parameters: [
      MIN_DEPTH,
      param('include_empty', 'boolean', 'Whether to list names that nothing was paid to', { default: false }),
      UNUSED,
      IMMATURE,
    ],
    results: [
      result('array', '', {
        inner: [
          object([
            field('amount', 'amount', 'What was paid, in BTC'),
            field('confirmations', 'number', 'Confirmations of the last payment'),
            field('label', 'string', 'The name'),
          ]),
        ],
      }),
    ],
    examples: ['', '6 true'],
    run: listReceivedByLabel,
  },
]);
