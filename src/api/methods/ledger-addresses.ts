// What an address has, had and can spend, out of the index of addresses (option -addressindex), with what the memory pool would change
// told apart. Core has no such methods: its wallets know their own addresses only.

import { formatHash } from '../../kernel/primitives/hashes.ts';
import type { AddressIndex, NumberedPayment } from '../../node/index/address-index.ts';
import type { UnspentRow } from '../../node/index/address-rows.ts';
import type { Arguments } from '../arguments.ts';
import type { RpcContext } from '../context.ts';
import { RPC_CODE, RpcError } from '../errors.ts';
import { readAddress } from '../format/address.ts';
import type { JsonOutput, JsonRecord } from '../json/json-value.ts';
import type { MethodSpec } from '../schema.ts';
import { field, maybe, OURS, object, optional, param } from '../schema-words.ts';
import type { ResultSpec } from '../signature.ts';
import { readBounded } from './ledger-blocks.ts';
import { findPending, type PendingPayment } from './ledger-pending.ts';

/** Payments of a page where a call names no number, and at most. */
const COUNT_DEFAULT = 50;
const COUNT_MAX = 1000;

/** Coins that are listed where a call names no number, and at most. */
const LIMIT_DEFAULT = 100;
const LIMIT_MAX = 10_000;

/** Coins of an address that are looked for among what the memory pool spends; of one that has more, some may be overlooked. */
const PENDING_COINS_MAX = 10_000;

/** The address of a call with its script; throws with Core's words when it is none. */
function readSubject(
  { params }: RpcContext,
  args: Arguments,
): { readonly address: string; readonly script: Uint8Array } {
  const address = args.text('address');
  const { script, fault } = readAddress(address, params.prefixes);
  if (script === null) throw new RpcError(RPC_CODE.INVALID_ADDRESS_OR_KEY, `Invalid address: ${fault.message}`);
  return { address, script };
}

/** The index, as far as the chain is now; throws where there is none, or it is behind. */
async function requireAddresses({ indexes }: RpcContext): Promise<AddressIndex> {
  const isSynced = await indexes.catchUp('addresses');
  if (indexes.addresses === null) {
    throw new RpcError(RPC_CODE.MISC_ERROR, 'Addresses are not indexed. Use -addressindex to enable address queries');
  }
  if (isSynced) return indexes.addresses;
  throw new RpcError(RPC_CODE.MISC_ERROR, 'Addresses are still in the process of being indexed');
}

async function findPendingOf(
  context: RpcContext,
  addresses: AddressIndex,
  script: Uint8Array,
): Promise<readonly PendingPayment[]> {
  if (context.pool === null || context.pool.mempool.size === 0) return [];
  return findPending(context, script, await addresses.readUnspent(script, PENDING_COINS_MAX));
}

async function getAddressBalance(context: RpcContext, args: Arguments): Promise<JsonOutput> {
  const { address, script } = readSubject(context, args);
  const addresses = await requireAddresses(context);
  const { balanceSat, paymentCount, unspentCount } = await addresses.readAccount(script);
  const { height } = context.chain;
  const pending = await findPendingOf(context, addresses, script);
  return {
    address,
    confirmedSat: balanceSat,
    pendingSat: pending.reduce((sum, { receivedSat, spentSat }) => sum + receivedSat - spentSat, 0),
    historyCount: paymentCount,
    unspentCount,
    height,
  };
}

async function getAddressHistory(context: RpcContext, args: Arguments): Promise<JsonOutput> {
  const { address, script } = readSubject(context, args);
  const count = readBounded(args, 'count', COUNT_DEFAULT, 1, COUNT_MAX);
  const addresses = await requireAddresses(context);
  const { paymentCount } = await addresses.readAccount(script);
  const before = Math.min(args.integer('before', paymentCount), paymentCount);
  if (before < 0) throw new RpcError(RPC_CODE.INVALID_PARAMETER, 'before is negative');
  const payments = await addresses.readPayments(script, before, count);
  const isFirstPage = before === paymentCount;
  const pending = isFirstPage ? await findPendingOf(context, addresses, script) : [];
  return {
    address,
    total: paymentCount,
    confirmed: payments.map((payment) => describePayment(context, payment)),
    next: before > count ? before - count : undefined,
    pending: pending.map(describePending),
  };
}

function describePayment({ chain }: RpcContext, payment: NumberedPayment): JsonRecord {
  const { number, txid, height, receivedSat, spentSat, balanceSat } = payment;
  const entry = height <= chain.height ? chain.active.at(height) : null;
  return {
    number,
    txid: formatHash(txid),
    height,
    blockHash: entry === null ? undefined : formatHash(chain.index.blockHash(entry)),
    time: entry === null ? undefined : chain.index.timeSec(entry),
    changeSat: receivedSat - spentSat,
    receivedSat,
    spentSat,
    balanceAfterSat: balanceSat,
  };
}

function describePending({ entry, receivedSat, spentSat }: PendingPayment): JsonRecord {
  return {
    txid: formatHash(entry.transaction.txid),
    time: entry.timeSec,
    changeSat: receivedSat - spentSat,
    receivedSat,
    spentSat,
    feeSat: entry.feeSat,
    vsize: entry.vsize,
  };
}

async function getAddressUnspent(context: RpcContext, args: Arguments): Promise<JsonOutput> {
  const { address, script } = readSubject(context, args);
  const limit = readBounded(args, 'limit', LIMIT_DEFAULT, 1, LIMIT_MAX);
  const addresses = await requireAddresses(context);
  const { unspentCount } = await addresses.readAccount(script);
  const coins = await addresses.readUnspent(script, limit);
  return { address, total: unspentCount, unspent: coins.map(describeCoin) };
}

function describeCoin({ outpoint, valueSat, height, isCoinbase }: UnspentRow): JsonRecord {
  return { txid: formatHash(outpoint.txid), vout: outpoint.index, valueSat, height, isCoinbase };
}

const ADDRESS = param('address', 'string', 'The address');

const CHANGE_FIELDS: readonly ResultSpec[] = [
  field('changeSat', 'number', 'What the address has more after it, in satoshis'),
  field('receivedSat', 'number', 'What it pays to the address'),
  field('spentSat', 'number', 'What it takes from the address'),
];

/** The methods of this file. */
export const LEDGER_ADDRESS_METHODS: readonly MethodSpec[] = Object.freeze([
  {
    ...OURS,
    name: 'getaddressbalance',
    description: 'Tells what an address has. Needs -addressindex.',
    parameters: [ADDRESS],
    results: [
      object([
        field('address', 'string', 'The address'),
        field('confirmedSat', 'number', 'What it has by the blocks of the chain, in satoshis'),
        field('pendingSat', 'number', 'What the transactions of the memory pool would add, or take away'),
        field('historyCount', 'number', 'Transactions of the chain that pay it or take from it'),
        field('unspentCount', 'number', 'Coins that it can spend by the blocks of the chain'),
        field('height', 'number', 'Height of the chain'),
      ]),
    ],
    examples: ['"myaddress"'],
    run: getAddressBalance,
  },
  {
    ...OURS,
    name: 'getaddresshistory',
    description:
      'Lists the transactions that pay an address or take from it, the last ones first. Needs -addressindex.',
    parameters: [
      ADDRESS,
      param('count', 'number', `How many of the chain, 1 to ${COUNT_MAX}`, { default: COUNT_DEFAULT }),
      optional('before', 'number', 'Only those with a lower number: what the page before has as next'),
    ],
    results: [
      object([
        field('address', 'string', 'The address'),
        field('total', 'number', 'How many there are on the chain'),
        field('confirmed', 'array', 'Transactions of the chain', {
          inner: [
            object([
              field('number', 'number', 'Its number among those of the address, from 0'),
              field('txid', 'hex', 'The transaction'),
              field('height', 'number', 'Height of its block'),
              maybe('blockHash', 'hex', 'Hash of its block'),
              maybe('time', 'time', 'Time of its block, in seconds since 1970'),
              ...CHANGE_FIELDS,
              field('balanceAfterSat', 'number', 'What the address had after it'),
            ]),
          ],
        }),
        maybe('next', 'number', 'What to give as before for the next page, if there is one'),
        field('pending', 'array', 'Transactions of the memory pool; on the first page only', {
          inner: [
            object([
              field('txid', 'hex', 'The transaction'),
              field('time', 'time', 'When it came, in seconds since 1970'),
              ...CHANGE_FIELDS,
              field('feeSat', 'number', 'What it pays to the miner'),
              field('vsize', 'number', 'Its virtual size'),
            ]),
          ],
        }),
      ]),
    ],
    examples: ['"myaddress"', '"myaddress" 20 480'],
    run: getAddressHistory,
  },
  {
    ...OURS,
    name: 'getaddressunspent',
    description: 'Lists the coins of the chain that an address can spend. Needs -addressindex.',
    parameters: [ADDRESS, param('limit', 'number', `How many at most, 1 to ${LIMIT_MAX}`, { default: LIMIT_DEFAULT })],
    results: [
      object([
        field('address', 'string', 'The address'),
        field('total', 'number', 'How many there are'),
        field('unspent', 'array', 'The coins, in the order of their outpoints', {
          inner: [
            object([
              field('txid', 'hex', 'The transaction that made it'),
              field('vout', 'number', 'Its number among the outputs'),
              field('valueSat', 'number', 'Its amount, in satoshis'),
              field('height', 'number', 'Height of its block'),
              field('isCoinbase', 'boolean', 'Whether a miner made it; it then needs 100 blocks on top'),
            ]),
          ],
        }),
      ]),
    ],
    examples: ['"myaddress"'],
    run: getAddressUnspent,
  },
]);
