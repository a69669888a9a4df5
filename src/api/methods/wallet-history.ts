// Methods that tell of the transactions of a wallet (Core wallet/rpc/transactions.cpp).

import { type BlockEntry, NO_ENTRY } from '../../kernel/chain/block-index.ts';
import { signalsReplacement } from '../../kernel/policy/rbf.ts';
import { formatHash } from '../../kernel/primitives/hashes.ts';
import { toHex } from '../../kernel/util/bytes.ts';
import type { EntryFilter, HistoryEntry } from '../../wallet/books/history.ts';
import type { WalletTransaction } from '../../wallet/books/wallet-transaction.ts';
import type { Wallet } from '../../wallet/wallet/wallet.ts';
import { valueFromAmount } from '../amount.ts';
import { type Arguments, asHash } from '../arguments.ts';
import type { RpcContext } from '../context.ts';
import { RPC_CODE, RpcError } from '../errors.ts';
import { DECODED_FIELDS, formatTransaction } from '../format/transaction.ts';
import {
  formatHistoryEntry,
  formatWalletTransaction,
  HISTORY_ENTRY_FIELDS,
  WALLET_TRANSACTION_FIELDS,
} from '../format/wallet-transaction.ts';
import type { JsonOutput, JsonRecord } from '../json/json-value.ts';
import type { MethodSpec } from '../schema.ts';
import { field, maybe, NOTHING, object, optional, param, result } from '../schema-words.ts';
import type { ResultSpec } from '../signature.ts';
import { mapInTurns } from '../turns.ts';
import { requireTransaction } from './wallet-coins.ts';
import { formatLastProcessed, LAST_PROCESSED_FIELD, readLabel, requireWallet } from './wallet-lookup.ts';
import { refuseParameter } from './wallet-spend-options.ts';

function listTransactions(context: RpcContext, args: Arguments): Promise<JsonOutput> {
  const wallet = requireWallet(context);
  return wallet.runSynchronised(async () => {
    const isFiltered = args.has('label') && args.text('label') !== '*';
    const label = isFiltered ? readLabel(args.value('label')) : undefined;
    if (label === '') refuseParameter('Label argument must be a valid label name or "*".');
    const count = args.integer('count', 10);
    const skip = args.integer('skip', 0);
    if (count < 0) refuseParameter('Negative count');
    if (skip < 0) refuseParameter('Negative from');
    const wanted = cut(wallet.books.history.latest({ label }), skip, count);
    const entries = await mapInTurns(context, wanted, (entry) => formatEntry(context, wallet, entry));
    return entries.reverse();
  });
}

/** Items after some that are passed by, so many at most. */
function* cut<T>(items: Iterable<T>, skip: number, count: number): Generator<T, void, void> {
  let at = 0;
  for (const item of items) {
    if (at >= skip + count) return;
    if (at++ >= skip) yield item;
  }
}

/** An entry with where its transaction stands. */
function formatEntry(context: RpcContext, wallet: Wallet, entry: HistoryEntry): JsonRecord {
  const formatted = formatHistoryEntry(wallet, entry, true);
  const replaceable = tellReplaceable(context, entry.transaction);
  return replaceable === undefined ? formatted : { ...formatted, 'bip125-replaceable': replaceable };
}

/** Whether a transaction or an ancestor of it says that it may be replaced (Core IsRBFOptIn); undefined: nobody asked for that of old. */
function tellReplaceable({ host, pool }: RpcContext, subject: WalletTransaction): string | undefined {
  if (!host.deprecated.has('bip125')) return undefined;
  if (subject.state.kind === 'confirmed') return 'no';
  if (signalsReplacement(subject.transaction)) return 'yes';
  const entry = pool?.mempool.get(subject.txid) ?? null;
  if (pool === null || entry === null) return 'unknown';
  return pool.mempool.ancestors(entry).some(({ transaction }) => signalsReplacement(transaction)) ? 'yes' : 'no';
}

// --- listsinceblock -------------------------------------------------------------------------------------------------------------------

function listSinceBlock(context: RpcContext, args: Arguments): Promise<JsonOutput> {
  const wallet = requireWallet(context);
  const { index } = context.chain;
  return wallet.runSynchronised(async () => {
    const tip = index.find(wallet.lastBlock.blockHash);
    const since =
      args.text('blockhash', '') === '' ? NO_ENTRY : index.find(asHash(args.value('blockhash'), 'blockhash'));
    if (args.text('blockhash', '') !== '' && since === NO_ENTRY) {
      throw new RpcError(RPC_CODE.INVALID_ADDRESS_OR_KEY, 'Block not found');
    }
    const confirmations = args.integer('target_confirmations', 1);
    if (confirmations < 1) refuseParameter('Invalid parameter');
    const fork = since === NO_ENTRY ? NO_ENTRY : index.lastCommonAncestor(since, tip);
    const filter: EntryFilter = {
      label: args.has('label') ? readLabel(args.value('label')) : undefined,
      includesChange: args.flag('include_change', false),
    };
    const height = fork === NO_ENTRY ? null : index.height(fork);
    const news = wallet.books.history.since(height, filter);
    const entries = await mapInTurns(context, news, (entry) => formatEntry(context, wallet, entry));
    const removed = args.flag('include_removed', true) ? await listRemoved(context, wallet, since, fork, filter) : null;
    const lastHeight = wallet.lastBlock.height + 1 - Math.min(confirmations, wallet.lastBlock.height + 1);
    return {
      transactions: entries,
      removed: removed ?? undefined,
      lastblock: formatHash(index.blockHash(index.ancestor(tip, lastHeight))),
    };
  });
}

/** Transactions of blocks that have given way, from a block down to where it leaves the chain. */
async function listRemoved(
  context: RpcContext,
  wallet: Wallet,
  since: BlockEntry,
  fork: BlockEntry,
  filter: EntryFilter,
): Promise<readonly JsonRecord[]> {
  const { view, history } = wallet.books;
  const { chain } = context;
  const { index } = chain;
  const removed: JsonRecord[] = [];
  for (let entry = since; entry !== fork; entry = index.parent(entry)) {
    if (!index.hasData(entry)) throw new RpcError(RPC_CODE.INTERNAL_ERROR, "Can't read block from disk");
    const block = await chain.readBlock(entry).catch(() => {
      throw new RpcError(RPC_CODE.INTERNAL_ERROR, "Can't read block from disk");
    });
    for (let i = 0; i < block.txCount; i++) {
      const known = view.find(block.transaction(i).txid);
      if (known === null) continue;
      const all = history.entriesOf(known, { ...filter, minDepth: Number.NEGATIVE_INFINITY });
      for (const one of all) removed.push(formatEntry(context, wallet, one));
    }
  }
  return removed;
}

// --- one transaction ------------------------------------------------------------------------------------------------------------------

function getTransaction(context: RpcContext, args: Arguments): Promise<JsonOutput> {
  const wallet = requireWallet(context);
  return wallet.runSynchronised(() => {
    const subject = requireTransaction(wallet, asHash(args.value('txid'), 'txid'));
    const { history } = wallet.books;
    const { amountSat, feeSat } = history.summarize(subject);
    const format = {
      spent: null,
      showsPrevouts: false,
      showsHex: false,
      isChange: (script: Uint8Array) => history.isChange(script),
    };
    return {
      amount: valueFromAmount(amountSat),
      fee: feeSat === null ? undefined : valueFromAmount(feeSat),
      ...formatWalletTransaction(wallet, subject),
      'bip125-replaceable': tellReplaceable(context, subject),
      details: history.entriesOf(subject).map((entry) => formatHistoryEntry(wallet, entry, false)),
      hex: toHex(subject.transaction.serialized()),
      decoded: args.flag('verbose', false) ? formatTransaction(subject.transaction, format, context) : undefined,
      ...formatLastProcessed(wallet),
    };
  });
}

async function abandonTransaction(context: RpcContext, args: Arguments): Promise<JsonOutput> {
  const wallet = requireWallet(context);
  await wallet.runSynchronised(async () => {
    const subject = requireTransaction(wallet, asHash(args.value('txid'), 'txid'));
    const isDone = await wallet.editNow((draft) => {
      return wallet.books.transactions.abandon(subject, draft.books);
    });
    if (!isDone) throw new RpcError(RPC_CODE.INVALID_ADDRESS_OR_KEY, 'Transaction not eligible for abandonment');
  });
  return null;
}

/** Outputs that went back to the wallet are marked. */
const DECODED_WALLET_FIELDS: readonly ResultSpec[] = DECODED_FIELDS.map((spec) =>
  spec.key === 'vout'
    ? {
        ...spec,
        inner: (spec.inner ?? []).map((output) => ({
          ...output,
          inner: [...(output.inner ?? []), maybe('ischange', 'boolean', 'Only of change: true')],
        })),
      }
    : spec,
);

const ENTRIES: readonly ResultSpec[] = [object([...HISTORY_ENTRY_FIELDS, ...WALLET_TRANSACTION_FIELDS])];
const UNUSED = param('include_watchonly', 'boolean', 'No longer used', { default: false });

/** The methods of this file. */
export const WALLET_HISTORY_METHODS: readonly MethodSpec[] = Object.freeze([
  {
    name: 'listtransactions',
    category: 'wallet',
    description:
      'Lists the last transactions of a wallet, the newest last. One that pays several addresses has as many entries; one that pays its own wallet is there as sent and as received.',
    parameters: [
      optional('label', 'string', 'Only what was received on addresses of this name; "*": everything'),
      param('count', 'number', 'Most entries', { default: 10 }),
      param('skip', 'number', 'Newest entries that are passed by', { default: 0 }),
      UNUSED,
    ],
    results: [result('array', '', { inner: ENTRIES })],
    examples: ['', '"*" 20 100'],
    run: listTransactions,
  },
  {
    name: 'listsinceblock',
    category: 'wallet',
    description:
      'Lists the transactions of a wallet since a block: those that later blocks have, and those without a block. If the block has given way, those since it left the chain.',
    parameters: [
      optional('blockhash', 'string', 'The block; left out: everything'),
      param('target_confirmations', 'number', 'Which block lastblock is to be: the last but so many', { default: 1 }),
      UNUSED,
      param('include_removed', 'boolean', 'Whether to list transactions of blocks that have given way', {
        default: true,
      }),
      param('include_change', 'boolean', 'Whether change is listed', { default: false }),
      optional('label', 'string', 'Only what was received on addresses of this name'),
    ],
    results: [
      object([
        field('transactions', 'array', 'The entries', { inner: ENTRIES }),
        maybe('removed', 'array', 'Entries of transactions in blocks that have given way', { inner: ENTRIES }),
        field('lastblock', 'hex', 'A block to ask with the next time'),
      ]),
    ],
    examples: ['', '"000000000000000bacf66f7497b7dc45ef753ee9a7d38571037cdb1a57f663ad" 6'],
    run: listSinceBlock,
  },
  {
    name: 'gettransaction',
    category: 'wallet',
    description: 'Tells everything about a transaction of a wallet.',
    parameters: [
      param('txid', 'string', 'The transaction id'),
      UNUSED,
      param('verbose', 'boolean', 'Whether to show the decoded transaction', { default: false }),
    ],
    results: [
      object([
        field('amount', 'amount', 'What the wallet has more or less by it, without the fee, in BTC'),
        maybe('fee', 'amount', 'The fee in BTC, negative; of what was sent'),
        ...WALLET_TRANSACTION_FIELDS,
        field('details', 'array', 'Its outputs', { inner: [object(HISTORY_ENTRY_FIELDS)] }),
        field('hex', 'hex', 'Its bytes'),
        maybe('decoded', 'object', 'What they mean (with verbose only)', { inner: DECODED_WALLET_FIELDS }),
        LAST_PROCESSED_FIELD,
      ]),
    ],
    examples: ['"1075db55d416d3ca199f55b6084e2115b9345e16c5cf302fc80e9d5fbf5d48d" false true'],
    run: getTransaction,
  },
  {
    name: 'abandontransaction',
    category: 'wallet',
    description:
      'Gives a transaction up that is in no block and not in the memory pool, with all that spend it, so that its coins can be spent again.',
    parameters: [param('txid', 'hex', 'The transaction id')],
    results: NOTHING,
    examples: ['"1075db55d416d3ca199f55b6084e2115b9345e16c5cf302fc80e9d5fbf5d48d"'],
    run: abandonTransaction,
  },
]);
