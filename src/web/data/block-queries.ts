// One block with its transactions in short, by hash or height.

import { queryOptions } from '@tanstack/react-query';
import type { RpcClient } from '../../api/client.ts';
import { toSat } from '../format/amount.ts';

/** A transaction as a row of a block. */
export interface BlockTransaction {
  readonly txid: string;
  readonly vsize: number;
  readonly inputCount: number;
  readonly outputCount: number;
  readonly outputsSat: number;
  /** Null: it is the coinbase, or nobody knows what it spent. */
  readonly feeSat: number | null;
}

/** A block. */
export interface Block {
  readonly hash: string;
  readonly height: number;
  /** Below zero: it is not part of the chain. */
  readonly confirmations: number;
  readonly version: number;
  readonly merkleRoot: string;
  readonly timeSec: number;
  readonly medianTimeSec: number;
  readonly nonce: number;
  readonly bits: string;
  readonly target: string;
  readonly difficulty: number;
  /** In hex. */
  readonly chainWork: string;
  readonly previousHash: string | null;
  readonly nextHash: string | null;
  readonly size: number;
  readonly strippedSize: number;
  readonly weight: number;
  readonly transactions: readonly BlockTransaction[];
}

interface BlockAnswer {
  readonly hash: string;
  readonly height: number;
  readonly confirmations: number;
  readonly version: number;
  readonly merkleroot: string;
  readonly time: number;
  readonly mediantime: number;
  readonly nonce: number;
  readonly bits: string;
  readonly target: string;
  readonly difficulty: number;
  readonly chainwork: string;
  readonly previousblockhash?: string;
  readonly nextblockhash?: string;
  readonly size: number;
  readonly strippedsize: number;
  readonly weight: number;
  readonly tx: readonly {
    readonly txid: string;
    readonly vsize: number;
    readonly vin: readonly unknown[];
    readonly vout: readonly { readonly value: number }[];
    readonly fee?: number;
  }[];
}

/** How much of the transactions is asked for: all, with fees. */
const VERBOSITY = 2;

function readBlock(answer: BlockAnswer): Block {
  return {
    hash: answer.hash,
    height: answer.height,
    confirmations: answer.confirmations,
    version: answer.version,
    merkleRoot: answer.merkleroot,
    timeSec: answer.time,
    medianTimeSec: answer.mediantime,
    nonce: answer.nonce,
    bits: answer.bits,
    target: answer.target,
    difficulty: answer.difficulty,
    chainWork: answer.chainwork,
    previousHash: answer.previousblockhash ?? null,
    nextHash: answer.nextblockhash ?? null,
    size: answer.size,
    strippedSize: answer.strippedsize,
    weight: answer.weight,
    transactions: answer.tx.map(({ txid, vsize, vin, vout, fee }) => ({
      txid,
      vsize,
      inputCount: vin.length,
      outputCount: vout.length,
      outputsSat: vout.reduce((sum, { value }) => sum + toSat(value), 0),
      feeSat: fee === undefined ? null : toSat(fee),
    })),
  };
}

/** A block by its hash. */
export function blockQuery(client: RpcClient, hash: string) {
  return queryOptions({
    queryKey: ['block', hash],
    queryFn: async (): Promise<Block> => readBlock(await client.call<BlockAnswer>('getblock', [hash, VERBOSITY])),
  });
}

/** The hash of the block at a height. */
export function blockHashQuery(client: RpcClient, height: number) {
  return queryOptions({
    queryKey: ['chain', 'hash-at', height],
    queryFn: (): Promise<string> => client.call<string>('getblockhash', [height]),
  });
}
