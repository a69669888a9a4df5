// The coins of a wallet in pages, for people to look at: the greatest first, with the sums over all of them. Core's listunspent gives
// everything at once, with what programs want to know of each coin.

import { formatHash } from '../../kernel/primitives/hashes.ts';
import type { AvailableCoin } from '../../wallet/books/available-coin.ts';
import { ALL_COINS } from '../../wallet/books/coins.ts';
import type { Wallet } from '../../wallet/wallet/wallet.ts';
import { valueFromAmount } from '../amount.ts';
import type { Arguments } from '../arguments.ts';
import type { RpcContext } from '../context.ts';
import type { JsonOutput, JsonRecord } from '../json/json-value.ts';
import type { MethodSpec } from '../schema.ts';
import { field, maybe, OURS, object, param } from '../schema-words.ts';
import { mapInTurns } from '../turns.ts';
import { requireWallet } from './wallet-lookup.ts';
import { refuseParameter } from './wallet-spend-options.ts';

/** Coins on one page at most. */
const COUNT_MAX = 10_000;

/** The greatest first; equal ones in an order that stays. */
function compareCoins(a: AvailableCoin, b: AvailableCoin): number {
  if (a.valueSat !== b.valueSat) return b.valueSat - a.valueSat;
  return a.name < b.name ? -1 : 1;
}

function listCoins(context: RpcContext, args: Arguments): Promise<JsonOutput> {
  const wallet = requireWallet(context);
  const count = args.integer('count', 100);
  const skip = args.integer('skip', 0);
  const includesHeld = args.flag('include_held', true);
  if (count < 0 || count > COUNT_MAX) refuseParameter(`count must be from 0 to ${COUNT_MAX}`);
  if (skip < 0) refuseParameter('skip must not be negative');
  return wallet.runSynchronised(async () => {
    const filter = { ...ALL_COINS, includesLocked: includesHeld, includesImmatureCoinbase: includesHeld };
    const coins = [...wallet.books.coins.available(filter)];
    // Sums have no order.
    if (count > 0) coins.sort(compareCoins);
    const free = coins.filter(({ isLocked, isImmature, isSafe }) => isSafe && !isLocked && !isImmature);
    const page = coins.slice(skip, skip + count);
    return {
      coins: await mapInTurns(context, page, (coin) => formatCoin(wallet, coin)),
      ...formatSum(coins),
      available: formatSum(free),
    };
  });
}

function formatSum(coins: readonly AvailableCoin[]): JsonRecord {
  const sumSat = coins.reduce((sum, { valueSat }) => sum + valueSat, 0);
  return { count: coins.length, amount: valueFromAmount(sumSat) };
}

function formatCoin({ books }: Wallet, coin: AvailableCoin): JsonRecord {
  const { outpoint, scriptPubKey, scriptHex } = coin;
  return {
    txid: formatHash(outpoint.txid),
    vout: outpoint.index,
    address: books.descriptions.of(scriptPubKey)?.address ?? undefined,
    label: books.addresses.labelOf(scriptHex) ?? undefined,
    amount: valueFromAmount(coin.valueSat),
    confirmations: coin.depth,
    mature: !coin.isImmature,
    safe: coin.isSafe,
    locked: coin.isLocked,
  };
}

/** The methods of this file. */
export const WALLET_COIN_LIST_METHODS: readonly MethodSpec[] = Object.freeze([
  {
    ...OURS,
    name: 'listcoins',
    description: 'Lists the coins of a wallet in pages, the greatest first, with their sums.',
    parameters: [
      param('count', 'number', `Most coins, up to ${COUNT_MAX}; 0: only the sums`, { default: 100 }),
      param('skip', 'number', 'Coins that are passed by', { default: 0 }),
      param('include_held', 'boolean', 'Whether coins count that cannot be spent now: young rewards, locked ones', {
        default: true,
      }),
    ],
    results: [
      object([
        field('coins', 'array', 'The coins of the page', {
          inner: [
            object([
              field('txid', 'hex', 'The transaction id'),
              field('vout', 'number', 'Number of the output'),
              maybe('address', 'string', 'The address'),
              maybe('label', 'string', 'Its name'),
              field('amount', 'amount', 'The value in BTC'),
              field('confirmations', 'number', 'The confirmations; 0: it waits in the memory pool'),
              field('mature', 'boolean', 'Whether it is no young reward'),
              field('safe', 'boolean', 'Whether nobody else can take it away'),
              field('locked', 'boolean', 'Whether it is left alone (lockunspent)'),
            ]),
          ],
        }),
        field('count', 'number', 'How many coins there are on all pages'),
        field('amount', 'amount', 'What they are worth together, in BTC'),
        field('available', 'object', 'Those of them that a payment may be made of: mature, safe and not locked', {
          inner: [field('count', 'number', 'How many'), field('amount', 'amount', 'What they are worth, in BTC')],
        }),
      ]),
    ],
    examples: ['', '50 100 false'],
    run: listCoins,
  },
]);
