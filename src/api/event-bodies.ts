// The events of the log as JSON: what each type says. Hashes as people write them, amounts in satoshis, times in seconds since 1970.

import type { BlockUndo } from '../kernel/consensus/undo.ts';
import type { Block } from '../kernel/primitives/block.ts';
import { type BlockHash, formatHash } from '../kernel/primitives/hashes.ts';
import type { Transaction } from '../kernel/primitives/transaction.ts';
import type { MinerStatus } from '../node/app/cpu-miner.ts';
import type { PeerInfo } from '../node/app/peer-info.ts';
import type { MempoolEntry } from '../node/mempool/entry.ts';
import type { Mempool } from '../node/mempool/mempool.ts';
import { type JsonRecord, jsonDouble } from './json/json-value.ts';

/** Transactions whose ids a `pool` event names; of a larger pool it tells the sums alone. */
const POOL_TXIDS_MAX = 2000;

/** Decimals of the miner's share that are told. */
const SHARE_SCALE = 10_000;

function sumOutputs(transaction: Transaction): number {
  let totalSat = 0;
  for (let j = 0; j < transaction.outputCount; j++) totalSat += transaction.valueSat(j);
  return totalSat;
}

/** What the transactions of a block paid; null where nobody knows what they spent. */
function sumFees(block: Block, undo: BlockUndo | null): number | null {
  if (block.txCount === 1) return 0;
  if (undo === null) return null;
  let feesSat = 0;
  for (let i = 0; i < undo.coins.count; i++) feesSat += undo.coins.valueSat(i);
  for (let i = 1; i < block.txCount; i++) feesSat -= sumOutputs(block.transaction(i));
  return feesSat;
}

/** A page became part of the ledger. */
export function describeConnected(height: number, block: Block, undo: BlockUndo | null): JsonRecord {
  const { header } = block;
  return {
    type: 'block-connected',
    height,
    hash: formatHash(header.blockHash),
    previousHash: formatHash(header.previousBlockHash),
    time: header.timeSec,
    transactionCount: block.txCount,
    size: block.totalSize,
    weight: block.weightWu,
    feesSat: sumFees(block, undo),
    rewardSat: sumOutputs(block.transaction(0)),
  };
}

/** A page is part of the ledger no more. */
export function describeDisconnected(height: number, blockHash: BlockHash): JsonRecord {
  return { type: 'block-disconnected', height, hash: formatHash(blockHash) };
}

/** A transaction waits for a page. */
export function describeAdded({ transaction, vsize, feeSat, timeSec }: MempoolEntry): JsonRecord {
  return {
    type: 'transaction-added',
    txid: formatHash(transaction.txid),
    wtxid: formatHash(transaction.wtxid),
    vsize,
    weight: transaction.weightWu,
    feeSat,
    outputsSat: sumOutputs(transaction),
    time: timeSec,
  };
}

/** The transactions that wait, all of them. */
export function describePool(pool: Mempool | null): JsonRecord {
  const count = pool?.size ?? 0;
  const txids =
    pool === null || count > POOL_TXIDS_MAX ? [] : pool.sorted().map(({ transaction }) => formatHash(transaction.txid));
  return {
    type: 'pool',
    count,
    vsize: pool?.totalVsize ?? 0,
    feesSat: pool?.totalFeeSat ?? 0,
    txids: count > POOL_TXIDS_MAX ? undefined : txids,
  };
}

/** Who is connected. */
export function describePeers(
  peers: readonly PeerInfo[],
  facts: { readonly isActive: boolean; readonly isListening: boolean },
): JsonRecord {
  const established = peers.filter(({ isEstablished }) => isEstablished);
  const inbound = established.filter(({ kind }) => kind === 'inbound').length;
  return { type: 'peers', count: established.length, inbound, outbound: established.length - inbound, ...facts };
}

/** What the miner does. */
export function describeMiner(status: MinerStatus): JsonRecord {
  return {
    type: 'miner',
    isOn: status.isMining,
    share: jsonDouble(Math.round(status.share * SHARE_SCALE) / SHARE_SCALE),
    hashesPerSecond: Math.round(status.hashRate),
    hashes: status.hashCount,
    height: status.height,
    rewardSat: status.rewardSat,
    blocksWon: status.blocksWon,
  };
}
