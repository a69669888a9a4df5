// What a wallet has paid and was paid. A history of ten thousand rows is fetched once: after that, only what came after a block that
// lies a few blocks deep is asked for and put in place of what was known of it.

import { type QueryClient, queryOptions } from '@tanstack/react-query';
import type { RpcClient } from '../../api/client.ts';
import { toSat } from '../format/amount.ts';

/** What an entry is. Rewards say so; whether one is old enough follows from its height. */
export type EntryKind = 'in' | 'out' | 'mined';

/** One output of a transaction that concerns the wallet. */
export interface HistoryEntry {
  readonly txid: string;
  readonly index: number;
  readonly kind: EntryKind;
  readonly address: string | null;
  readonly label: string;
  /** Below zero: paid. */
  readonly amountSat: number;
  /** What the wallet paid for its transaction, above zero; the same in each of its entries. Null: others paid. */
  readonly feeSat: number | null;
  /** Null: in no block. */
  readonly height: number | null;
  readonly blockHash: string | null;
  readonly timeSec: number;
  /** Whether it can never be confirmed, or was given up: it counts for nothing. */
  readonly isVoid: boolean;
  readonly isAbandoned: boolean;
  readonly replacedBy: string | null;
}

/** A history, and the block after which it may still change. */
export interface WalletHistory {
  readonly entries: readonly HistoryEntry[];
  readonly settledBlock: string;
  readonly settledHeight: number;
}

interface EntryAnswer {
  readonly txid: string;
  readonly vout: number;
  readonly category: 'send' | 'receive' | 'generate' | 'immature' | 'orphan';
  readonly address?: string;
  readonly label?: string;
  readonly amount: number;
  readonly fee?: number;
  readonly confirmations: number;
  readonly blockheight?: number;
  readonly blockhash?: string;
  readonly time: number;
  readonly abandoned?: boolean;
  readonly replaced_by_txid?: string;
  readonly mempoolconflicts?: readonly string[];
}

/** What listsinceblock answers. */
export interface SinceAnswer {
  readonly transactions: readonly EntryAnswer[];
  readonly removed?: readonly unknown[];
  readonly lastblock: string;
}

/** Addresses that are remembered as paid before. */
const PAYEES_MAX = 10_000;

/** Blocks that are asked for again each time: reorganisations deeper than this are told by the node and start anew. */
const UNSETTLED_BLOCKS = 6;

/** Entries that are fetched before all others: more than a screen shows. */
const LATEST_COUNT = 40;

/** The newest entries of a history. */
export interface LatestHistory {
  /** Oldest first, transactions as a whole. */
  readonly entries: readonly HistoryEntry[];
  /** Whether there are no others. */
  readonly isAll: boolean;
}

/** The newest entries of a wallet: they are there at once, however long its history is. */
export function latestHistoryQuery(client: RpcClient, wallet: string) {
  return queryOptions({
    queryKey: ['wallet', wallet, 'history', 'latest'],
    queryFn: async (): Promise<LatestHistory> =>
      cutLatest(await client.call<readonly EntryAnswer[]>('listtransactions', ['*', LATEST_COUNT], { wallet })),
  });
}

/** Of the oldest transaction some entries may be missing: it is left out, unless it is the only one. */
export function cutLatest(answers: readonly EntryAnswer[]): LatestHistory {
  const entries = answers.map(readEntry);
  if (entries.length < LATEST_COUNT) return { entries, isAll: true };
  const oldest = entries[0]!.txid;
  const whole = entries.filter(({ txid }) => txid !== oldest);
  return { entries: whole.length === 0 ? entries : whole, isAll: false };
}

/** The history of a wallet, oldest first. */
export function walletHistoryQuery(client: RpcClient, queries: QueryClient, wallet: string) {
  const queryKey = ['wallet', wallet, 'history'];
  return queryOptions({
    queryKey,
    queryFn: async (): Promise<WalletHistory> => {
      const known = queries.getQueryData<WalletHistory>(queryKey);
      const news = await fetchSince(client, wallet, known?.settledBlock);
      if (known === undefined || (news.removed ?? []).length === 0) return mergeHistory(known, news);
      return mergeHistory(undefined, await fetchSince(client, wallet));
    },
  });
}

function fetchSince(client: RpcClient, wallet: string, blockhash?: string): Promise<SinceAnswer> {
  const parameters = { target_confirmations: UNSETTLED_BLOCKS, include_removed: true };
  const all = blockhash === undefined ? parameters : { ...parameters, blockhash };
  return client.call<SinceAnswer>('listsinceblock', all, { wallet });
}

/** What is known, with the news in place of everything that was not settled. */
export function mergeHistory(known: WalletHistory | undefined, news: SinceAnswer): WalletHistory {
  const fresh = news.transactions.map(readEntry);
  const replaced = new Set(fresh.map(({ txid }) => txid));
  const settled = (known?.entries ?? []).filter(
    ({ height, txid }) => height !== null && height <= (known?.settledHeight ?? -1) && !replaced.has(txid),
  );
  const entries = [...settled, ...fresh];
  return {
    entries,
    settledBlock: news.lastblock,
    settledHeight: findSettledHeight(news) ?? known?.settledHeight ?? -1,
  };
}

/** Height of the settled block, by what an entry says of itself; null: none is in a block, so that nothing new is settled either. */
function findSettledHeight({ transactions }: SinceAnswer): number | null {
  for (const { confirmations, blockheight } of transactions) {
    if (blockheight !== undefined && confirmations > 0) return blockheight + confirmations - UNSETTLED_BLOCKS;
  }
  return null;
}

/** Something else has taken its place, in the ledger or in the memory pool, or it was given up. */
function isVoid({ category, confirmations, abandoned, replaced_by_txid, mempoolconflicts = [] }: EntryAnswer): boolean {
  if (category === 'orphan' || confirmations < 0 || abandoned === true) return true;
  return confirmations === 0 && (replaced_by_txid !== undefined || mempoolconflicts.length > 0);
}

function readEntry(entry: EntryAnswer): HistoryEntry {
  const { category } = entry;
  return {
    txid: entry.txid,
    index: entry.vout,
    kind: category === 'send' ? 'out' : category === 'receive' ? 'in' : 'mined',
    address: entry.address ?? null,
    label: entry.label ?? '',
    amountSat: toSat(entry.amount),
    feeSat: entry.fee === undefined ? null : -toSat(entry.fee),
    height: entry.blockheight ?? null,
    blockHash: entry.blockhash ?? null,
    timeSec: entry.time,
    isVoid: isVoid(entry),
    isAbandoned: entry.abandoned === true,
    replacedBy: entry.replaced_by_txid ?? null,
  };
}

/** How a balance came to be: columns of equal length. */
export interface BalanceSeries {
  readonly transactionCount: number;
  readonly time: readonly number[];
  readonly balanceSat: readonly number[];
}

/** How the balance of a wallet came to be. */
export function balanceSeriesQuery(client: RpcClient, wallet: string) {
  return queryOptions({
    queryKey: ['wallet', wallet, 'series'],
    queryFn: (): Promise<BalanceSeries> => client.call<BalanceSeries>('getbalanceseries', [], { wallet }),
  });
}

/** The addresses that a wallet has paid before. */
export function payeesQuery(client: RpcClient, wallet: string) {
  return queryOptions({
    queryKey: ['wallet', wallet, 'payees'],
    queryFn: async (): Promise<ReadonlySet<string>> =>
      new Set(await client.call<readonly string[]>('listpayees', [PAYEES_MAX], { wallet })),
  });
}

/** Names an address, and has the history fetched again: names stand in settled entries, too. */
export async function nameAddress(
  client: RpcClient,
  queries: QueryClient,
  wallet: string,
  { address, label }: { readonly address: string; readonly label: string },
): Promise<void> {
  await client.call('setlabel', [address, label], { wallet });
  queries.setQueryData<WalletHistory>(['wallet', wallet, 'history'], (known) =>
    known === undefined ? known : { ...known, entries: renameEntries(known.entries, address, label) },
  );
  await queries.invalidateQueries({ queryKey: ['wallet', wallet] });
}

function renameEntries(entries: readonly HistoryEntry[], address: string, label: string): readonly HistoryEntry[] {
  return entries.map((entry) => (entry.address === address ? { ...entry, label } : entry));
}
