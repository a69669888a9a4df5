// Entries and clusters of the memory pool as answers show them (Core entryToJSON, clusterToJSON).

import { asTxid, formatHash, HASH_BYTES } from '../../kernel/primitives/hashes.ts';
import type { MempoolEntry } from '../../node/mempool/entry.ts';
import type { Mempool } from '../../node/mempool/mempool.ts';
import { valueFromAmount } from '../amount.ts';
import type { JsonRecord } from '../json/json-value.ts';
import { field, maybe, object, result } from '../schema-words.ts';
import type { ResultSpec } from '../signature.ts';

/** The fields of an entry. */
export const ENTRY_FIELDS: readonly ResultSpec[] = Object.freeze([
  field('vsize', 'number', 'Virtual size by which the pool measures it (BIP141, and signature operations)'),
  field('weight', 'number', 'Weight (BIP141)'),
  field('time', 'time', 'When it came, in seconds since 1970'),
  field('height', 'number', 'Height of the chain when it came'),
  field('descendantcount', 'number', 'Transactions of the pool that descend from it, itself included'),
  field('descendantsize', 'number', 'Their virtual size'),
  field('ancestorcount', 'number', 'Transactions of the pool that it descends from, itself included'),
  field('ancestorsize', 'number', 'Their virtual size'),
  field('wtxid', 'hex', 'The id with the witness'),
  field('chunkweight', 'number', 'Weight of the transactions that are mined with it'),
  field('fees', 'object', '', {
    inner: [
      field('base', 'amount', 'Its fee in BTC'),
      field('modified', 'amount', 'The fee with what prioritisetransaction added'),
      field('ancestor', 'amount', 'Such fees of all ancestors, its own included'),
      field('descendant', 'amount', 'Such fees of all descendants, its own included'),
      field('chunk', 'amount', 'Such fees of the transactions that are mined with it'),
    ],
  }),
  field('depends', 'array', 'Transactions of the pool whose outputs it spends', {
    inner: [result('hex', 'A transaction id')],
  }),
  field('spentby', 'array', 'Transactions of the pool that spend its outputs', {
    inner: [result('hex', 'A transaction id')],
  }),
  field('unbroadcast', 'boolean', 'Whether no peer has fetched it yet'),
  maybe(
    'bip125-replaceable',
    'boolean',
    'Whether it, or one that it descends from, says that it may be replaced (deprecated)',
  ),
]);

interface FamilySums {
  readonly count: number;
  readonly vsize: number;
  readonly feeSat: number;
}

function sum(entries: readonly MempoolEntry[]): FamilySums {
  let vsize = 0;
  let feeSat = 0;
  for (const entry of entries) {
    vsize += entry.vsize;
    feeSat += entry.modifiedFeeSat;
  }
  return { count: entries.length, vsize, feeSat };
}

/** An entry in the order of Core's fields. `showsReplaceable`: with the deprecated field of BIP125. */
export function formatEntry(mempool: Mempool, entry: MempoolEntry, showsReplaceable: boolean): JsonRecord {
  const { transaction } = entry;
  const ancestors = mempool.ancestors(entry);
  const above = sum(ancestors);
  const below = sum(mempool.descendants(entry));
  const chunk = mempool.graph.chunkFeerate(entry.ref);
  return {
    vsize: entry.vsize,
    weight: transaction.weightWu,
    time: entry.timeSec,
    height: entry.entryHeight,
    descendantcount: below.count,
    descendantsize: below.vsize,
    ancestorcount: above.count,
    ancestorsize: above.vsize,
    wtxid: formatHash(transaction.wtxid),
    chunkweight: chunk.size,
    fees: {
      base: valueFromAmount(entry.feeSat),
      modified: valueFromAmount(entry.modifiedFeeSat),
      ancestor: valueFromAmount(above.feeSat),
      descendant: valueFromAmount(below.feeSat),
      chunk: valueFromAmount(chunk.feeSat),
    },
    depends: listParents(mempool, entry),
    spentby: mempool.children(entry).map((child) => formatHash(child.transaction.txid)),
    unbroadcast: mempool.isUnbroadcast(transaction.txid),
    'bip125-replaceable': showsReplaceable ? ancestors.some(signalsReplacement) : undefined,
  };
}

/** Txids of the inputs that the pool has, in the order of their texts. */
function listParents(mempool: Mempool, { transaction }: MempoolEntry): readonly string[] {
  const texts: Set<string> = new Set();
  const { bytes } = transaction;
  for (let i = 0; i < transaction.inputCount; i++) {
    const at = transaction.prevoutStart(i);
    if (mempool.has(bytes, at)) texts.add(formatHash(asTxid(bytes.subarray(at, at + HASH_BYTES))));
  }
  return [...texts].sort((a, b) => (a < b ? -1 : 1));
}

/** Highest sequence of an input that says that its transaction may be replaced (BIP125). */
const REPLACEABLE_SEQUENCE_MAX = 0xfffffffd;

/** Whether a transaction says that it may be replaced. */
export function signalsReplacement({ transaction }: Pick<MempoolEntry, 'transaction'>): boolean {
  for (let i = 0; i < transaction.inputCount; i++) {
    if (transaction.sequence(i) <= REPLACEABLE_SEQUENCE_MAX) return true;
  }
  return false;
}

/** The fields of a cluster. */
export const CLUSTER_FIELDS: readonly ResultSpec[] = Object.freeze([
  field('clusterweight', 'number', 'Weight by which the pool measures it (BIP141, and signature operations)'),
  field('txcount', 'number', 'Transactions'),
  field('chunks', 'array', 'What is mined together, first what is mined first', {
    inner: [
      object([
        field('chunkfee', 'amount', 'Fees in BTC, with what prioritisetransaction added'),
        field('chunkweight', 'number', 'Weight'),
        field('txs', 'array', 'Transactions in the order of mining', { inner: [result('hex', 'A transaction id')] }),
      ]),
    ],
  }),
]);

/** The cluster of an entry with its chunks, which are told by the feerates of their transactions. */
export function formatCluster(mempool: Mempool, entry: MempoolEntry): JsonRecord {
  const cluster = mempool.cluster(entry);
  let weightWu = 0;
  const chunks: { readonly feeSat: number; readonly size: number; readonly txs: string[] }[] = [];
  let left = 0;
  for (const one of cluster) {
    weightWu += one.weightWu;
    if (left === 0) {
      const chunk = mempool.graph.chunkFeerate(one.ref);
      chunks.push({ ...chunk, txs: [] });
      left = chunk.size;
    }
    chunks.at(-1)!.txs.push(formatHash(one.transaction.txid));
    left -= one.weightWu;
  }
  return {
    clusterweight: weightWu,
    txcount: cluster.length,
    chunks: chunks.map(({ feeSat, size, txs }) => ({ chunkfee: valueFromAmount(feeSat), chunkweight: size, txs })),
  };
}
