// How a transaction is named while it is not here yet: by its txid, or by its wtxid, as peers agreed (BIP339; Core GenTxid).

import { asWtxid, formatHash, type Txid } from '../../kernel/primitives/hashes.ts';
import { MSG_TX, MSG_WITNESS_TX, MSG_WTX } from '../wire/protocol.ts';

/** A transaction by one of its two names. */
export interface GenTxid {
  /** 32 bytes, internal order. */
  readonly hash: Uint8Array;
  readonly isWtxid: boolean;
}

/** A transaction by its txid. */
export function byTxid(txid: Txid): GenTxid {
  return { hash: txid, isWtxid: false };
}

/** What an inventory item names, whose type names a transaction (Core ToGenTxid). */
export function toGenTxid(type: number, hash: Uint8Array): GenTxid {
  return { hash, isWtxid: type === MSG_WTX };
}

/**
 * The type under which a transaction is asked for. By txid it is asked for with its witness from whoever serves witnesses (Core
 * GetFetchFlags); by wtxid it comes with it anyway.
 */
export function requestType({ isWtxid }: GenTxid, servesWitnesses: boolean): number {
  if (isWtxid) return MSG_WTX;
  return servesWitnesses ? MSG_WITNESS_TX : MSG_TX;
}

/** `wtx` or `tx` with the hash, as the debug log says it. */
export function formatGenTxid({ hash, isWtxid }: GenTxid): string {
  return `${isWtxid ? 'wtx' : 'tx'} ${formatHash(asWtxid(hash))}`;
}
