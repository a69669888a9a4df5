// Methods about single coins of a wallet: which there are, and which are left alone (Core wallet/rpc/coins.cpp).

import { MAX_MONEY } from '../../kernel/primitives/amount.ts';
import { formatHash, parseTxid, type Txid } from '../../kernel/primitives/hashes.ts';
import { toHex } from '../../kernel/util/bytes.ts';
import type { AvailableCoin } from '../../wallet/books/available-coin.ts';
import type { WalletTransaction } from '../../wallet/books/wallet-transaction.ts';
import type { Wallet } from '../../wallet/wallet/wallet.ts';
import { amountFromValue, valueFromAmount } from '../amount.ts';
import { type Arguments, asFlag, asHash, asInt64, asInteger, asObject, asText } from '../arguments.ts';
import type { RpcContext } from '../context.ts';
import { RPC_CODE, RpcError } from '../errors.ts';
import type { JsonObject, JsonOutput, JsonRecord, JsonValue } from '../json/json-value.ts';
import { checkFields } from '../object-check.ts';
import type { MethodSpec } from '../schema.ts';
import { field, maybe, object, optional, param, result } from '../schema-words.ts';
import { mapInTurns } from '../turns.ts';
import { requireAddress } from './wallet-addresses.ts';
import { requireWallet } from './wallet-lookup.ts';
import { option, refuseParameter } from './wallet-spend-options.ts';

/** Confirmations that nothing has (Core DEFAULT_MAX_DEPTH). */
const DEPTH_MAX = 9_999_999;

/** What amounts and other conditions coins must meet. */
function readQuery(value: JsonValue) {
  const query: JsonObject = value === null ? new Map() : asObject(value);
  checkFields(
    query,
    { maximumCount: 'number', include_immature_coinbase: 'bool' },
    { allowsNull: true, isStrict: true, others: ['minimumAmount', 'maximumAmount', 'minimumSumAmount'] },
  );
  const amount = (name: string, fallback: number): number =>
    query.has(name) ? amountFromValue(option(query, name)) : fallback;
  return {
    minAmountSat: amount('minimumAmount', 0),
    maxAmountSat: amount('maximumAmount', MAX_MONEY),
    minSumSat: amount('minimumSumAmount', MAX_MONEY),
    maxCount: query.has('maximumCount') ? asInt64(option(query, 'maximumCount')) : 0,
    includesImmatureCoinbase: query.has('include_immature_coinbase')
      ? asFlag(option(query, 'include_immature_coinbase'))
      : false,
  };
}

/** Scripts of addresses that are asked for, hexadecimal; none: all. */
function readAddresses(context: RpcContext, args: Arguments): ReadonlySet<string> {
  const scripts: Set<string> = new Set();
  for (const value of args.list('addresses', [])) {
    const text = asText(value);
    const scriptHex = toHex(requireAddress(context, text, `Invalid Bitcoin address: ${text}`));
    if (scripts.has(scriptHex)) refuseParameter(`Invalid parameter, duplicated address: ${text}`);
    scripts.add(scriptHex);
  }
  return scripts;
}

function listUnspent(context: RpcContext, args: Arguments): Promise<JsonOutput> {
  const wallet = requireWallet(context);
  const minDepth = args.integer('minconf', 1);
  const maxDepth = args.integer('maxconf', DEPTH_MAX);
  const wanted = readAddresses(context, args);
  const includesUnsafe = args.flag('include_unsafe', true);
  const query = readQuery(args.value('query_options'));
  return wallet.runSynchronised(() => {
    const filter = { ...query, minDepth, maxDepth, includesUnsafe, includesUsedAddresses: true };
    const coins = wallet.books.coins
      .available(filter)
      .filter(({ scriptHex }) => wanted.size === 0 || wanted.has(scriptHex));
    return mapInTurns(context, coins, (coin) => formatCoin(wallet, coin));
  });
}

function formatCoin(wallet: Wallet, coin: AvailableCoin): JsonRecord {
  const { books, chain } = wallet;
  const { outpoint, scriptPubKey, scriptHex, depth, isSolvable } = coin;
  const description = books.descriptions.of(scriptPubKey);
  const family = depth === 0 ? chain.mempoolFamily(outpoint.txid) : null;
  const { avoidsReuse } = wallet.flags;
  return {
    txid: formatHash(outpoint.txid),
    vout: outpoint.index,
    address: description?.address ?? undefined,
    label: books.addresses.labelOf(scriptHex) ?? undefined,
    redeemScript: description?.redeemScript ?? undefined,
    witnessScript: description?.witnessScript ?? undefined,
    scriptPubKey: scriptHex,
    amount: valueFromAmount(coin.valueSat),
    confirmations: depth,
    ancestorcount: family?.ancestorCount,
    ancestorsize: family?.ancestorVsize,
    ancestorfees: family?.ancestorFeesSat,
    spendable: true,
    solvable: isSolvable,
    desc: description?.descriptor ?? undefined,
    parent_descs: description?.parents ?? [],
    reused: avoidsReuse ? coin.isReused : undefined,
    safe: coin.isSafe,
  };
}

// --- coins that are left alone --------------------------------------------------------------------------------------------------------

function lockUnspent(context: RpcContext, args: Arguments): Promise<JsonOutput> {
  const wallet = requireWallet(context);
  const { locks } = wallet.books;
  return wallet.runSynchronised(async () => {
    const unlocks = args.flag('unlock');
    const persists = args.flag('persistent', false);
    const given = args.list('transactions', null);
    const names = given === null ? (unlocks ? [...locks.names()] : []) : readNames(wallet, given, unlocks, persists);
    await wallet.editNow((draft) => {
      for (const name of names) {
        if (unlocks) locks.unlock(name, draft.books);
        else locks.lock(name, persists, draft.books);
      }
    });
    return true;
  });
}

/** All are checked before the first is locked. */
function readNames(wallet: Wallet, given: readonly JsonValue[], unlocks: boolean, persists: boolean) {
  const { view, locks } = wallet.books;
  return given.map((value) => {
    const { txid, index } = readOutpoint(asObject(value));
    const known = view.find(txid);
    if (known === null) refuseParameter('Invalid parameter, unknown transaction');
    if (index >= known.transaction.outputCount) refuseParameter('Invalid parameter, vout index out of bounds');
    const name = `${known.txidText}:${index}`;
    const output = view.ownOutput(known.txidText, index);
    if (output !== null && view.isSpent(output)) refuseParameter('Invalid parameter, expected unspent output');
    const isLocked = locks.isLocked(name);
    if (unlocks && !isLocked) refuseParameter('Invalid parameter, expected locked output');
    if (!unlocks && isLocked && !persists) refuseParameter('Invalid parameter, output already locked');
    return name;
  });
}

function readOutpoint(value: JsonObject): { readonly txid: Txid; readonly index: number } {
  checkFields(value, { txid: 'string', vout: 'number' });
  const txid = asHash(option(value, 'txid'), 'txid');
  const index = asInteger(option(value, 'vout'));
  if (index < 0) refuseParameter('Invalid parameter, vout cannot be negative');
  return { txid, index };
}

function listLockUnspent(context: RpcContext): Promise<JsonOutput> {
  const wallet = requireWallet(context);
  return wallet.run(() =>
    [...wallet.books.locks.names()]
      .map((name) => ({ txid: name.slice(0, name.indexOf(':')), vout: Number(name.slice(name.indexOf(':') + 1)) }))
      .filter(({ txid }) => parseTxid(txid) !== null),
  );
}

/** Throws unless a transaction is one of the wallet. */
export function requireTransaction({ books }: Wallet, txid: Txid): WalletTransaction {
  const known = books.view.find(txid);
  if (known !== null) return known;
  throw new RpcError(RPC_CODE.INVALID_ADDRESS_OR_KEY, 'Invalid or non-wallet transaction id');
}

const OUTPOINT_FIELDS = [param('txid', 'hex', 'The transaction id'), param('vout', 'number', 'Number of the output')];

/** The methods of this file. */
export const WALLET_COIN_METHODS: readonly MethodSpec[] = Object.freeze([
  {
    name: 'listunspent',
    category: 'wallet',
    description: 'Lists the coins of a wallet.',
    parameters: [
      param('minconf', 'number', 'Confirmations at least', { default: 1 }),
      param('maxconf', 'number', 'Confirmations at most', { default: DEPTH_MAX }),
      param('addresses', 'array', 'Only coins of these addresses', {
        default: [],
        inner: [optional('address', 'string', 'An address')],
      }),
      param('include_unsafe', 'boolean', 'Whether to list coins that are not safe to spend; see safe', {
        default: true,
      }),
      optional('query_options', 'named-options', '', {
        oneline: 'query_options',
        inner: [
          param('minimumAmount', 'amount', 'Least value of a coin in BTC', { default: '0.00' }),
          param('maximumAmount', 'amount', 'Greatest value of a coin in BTC', { defaultHint: 'unlimited' }),
          param('maximumCount', 'number', 'Most coins', { defaultHint: 'unlimited' }),
          param('minimumSumAmount', 'amount', 'Ends when the coins are worth this together, in BTC', {
            defaultHint: 'unlimited',
          }),
          param('include_immature_coinbase', 'boolean', 'Whether to list rewards that are too young', {
            default: false,
          }),
        ],
      }),
    ],
    results: [
      result('array', '', {
        inner: [
          object([
            field('txid', 'hex', 'The transaction id'),
            field('vout', 'number', 'Number of the output'),
            maybe('address', 'string', 'The address'),
            maybe('label', 'string', 'Its name'),
            field('scriptPubKey', 'string', 'The output script'),
            field('amount', 'amount', 'The value in BTC'),
            field('confirmations', 'number', 'The confirmations'),
            maybe(
              'ancestorcount',
              'number',
              'Its transaction and the ancestors of that in the memory pool, if it is there',
            ),
            maybe('ancestorsize', 'number', 'Virtual size of them all'),
            maybe('ancestorfees', 'number', 'Fees of them all in satoshis, with what an operator added'),
            maybe('redeemScript', 'hex', 'The script behind a script hash'),
            maybe('witnessScript', 'string', 'The script behind a witness program'),
            field('spendable', 'boolean', 'Always true'),
            field('solvable', 'boolean', 'Whether the wallet knows how to spend it, keys apart'),
            maybe('reused', 'boolean', 'Whether its address was spent from (with the flag avoid_reuse only)'),
            maybe('desc', 'string', 'A descriptor of how it is spent'),
            field('parent_descs', 'array', 'Descriptors of the wallet that it comes from', {
              inner: [result('string', 'A descriptor')],
            }),
            field(
              'safe',
              'boolean',
              'Whether nobody else can take it away: confirmed, or own change that replaces nothing',
            ),
          ]),
        ],
      }),
    ],
    examples: ['', "6 9999999 '[]' true '{\"minimumAmount\":0.005}'"],
    run: listUnspent,
  },
  {
    name: 'lockunspent',
    category: 'wallet',
    description:
      'Locks coins, so that they are not chosen, or unlocks them. Without a list all are unlocked.\nLocks are forgotten when the wallet is unloaded, unless they are to persist.',
    parameters: [
      param('unlock', 'boolean', 'true unlocks, false locks'),
      param('transactions', 'array', 'The coins', {
        default: [],
        inner: [optional('', 'object', '', { inner: OUTPOINT_FIELDS })],
      }),
      param('persistent', 'boolean', 'Whether locks are stored', { default: false }),
    ],
    results: [result('boolean', 'Whether it was done')],
    examples: ['false "[{\\"txid\\":\\"mytxid\\",\\"vout\\":1}]"'],
    run: lockUnspent,
  },
  {
    name: 'listlockunspent',
    category: 'wallet',
    description: 'Lists the coins that are locked.',
    parameters: [],
    results: [
      result('array', '', {
        inner: [object([field('txid', 'hex', 'The transaction id'), field('vout', 'number', 'Number of the output')])],
      }),
    ],
    examples: [''],
    run: listLockUnspent,
  },
]);
