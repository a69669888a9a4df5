// Which handler takes which message, and when it may come at all: nothing before `version`, only the negotiation before `verack`.

import type { Message, MessageOf } from '../wire/messages.ts';
import { sanitizeText } from '../wire/protocol.ts';
import type { P2pContext } from './context.ts';
import { onAddr, onGetAddr } from './handlers/addr.ts';
import { onBlock } from './handlers/block.ts';
import { onFilterAdd, onFilterClear, onFilterLoad, onMempool } from './handlers/bloom.ts';
import { onBlockTxn, onCmpctBlock, onGetBlockTxn, onSendCmpct } from './handlers/compact.ts';
import { onFeeFilter } from './handlers/fee-filter.ts';
import { onGetCFCheckpt, onGetCFHeaders, onGetCFilters } from './handlers/filters.ts';
import { onFeature, onSendAddrV2, onSendHeaders, onVerack, onVersion, onWtxidRelay } from './handlers/handshake.ts';
import { onHeaders } from './handlers/headers.ts';
import { onInv, onNotFound } from './handlers/inventory.ts';
import { onPing, onPong } from './handlers/ping.ts';
import { ignoreMessage, isPrivate, onPrivateMessage } from './handlers/private-broadcast.ts';
import { onSendTxRcncl } from './handlers/reconciliation.ts';
import { onGetBlocks, onGetData, onGetHeaders } from './handlers/serve.ts';
import { onTx } from './handlers/transactions.ts';
import type { Peer } from './peer.ts';

type Handler<Type extends Message['type']> = (context: P2pContext, peer: Peer, message: MessageOf<Type>) => void;

/** Answers to services that we never ask for: nothing is to be done. */
function ignore(): void {}

const HANDLERS: { readonly [Type in Message['type']]: Handler<Type> } = Object.freeze({
  version: onVersion,
  verack: onVerack,
  wtxidrelay: onWtxidRelay,
  sendaddrv2: onSendAddrV2,
  sendheaders: onSendHeaders,
  sendtxrcncl: onSendTxRcncl,
  feature: onFeature,
  sendcmpct: onSendCmpct,
  ping: onPing,
  pong: onPong,
  feefilter: onFeeFilter,
  addr: onAddr,
  addrv2: onAddr,
  getaddr: onGetAddr,
  inv: onInv,
  notfound: onNotFound,
  getdata: onGetData,
  getblocks: onGetBlocks,
  getheaders: onGetHeaders,
  headers: onHeaders,
  block: onBlock,
  cmpctblock: onCmpctBlock,
  getblocktxn: onGetBlockTxn,
  blocktxn: onBlockTxn,
  tx: onTx,
  mempool: onMempool,
  filterload: onFilterLoad,
  filteradd: onFilterAdd,
  filterclear: onFilterClear,
  getcfilters: onGetCFilters,
  getcfheaders: onGetCFHeaders,
  getcfcheckpt: onGetCFCheckpt,
  merkleblock: ignore,
  cfilter: ignore,
  cfheaders: ignore,
  cfcheckpt: ignore,
});

/** Messages of the negotiation, which may come between `version` and `verack`. */
const BEFORE_VERACK: ReadonlySet<Message['type']> = new Set<Message['type']>([
  'version',
  'verack',
  'wtxidrelay',
  'sendaddrv2',
  'sendheaders',
  'sendcmpct',
  'sendtxrcncl',
  'feature',
]);

/** Whether a message of a type is listened to now; the offence otherwise. */
function findTooEarly(
  peer: Peer,
  type: string,
  isNegotiation: boolean,
): 'message-before-version' | 'message-before-verack' | null {
  if (peer.stage === 'awaiting-version') return type === 'version' ? null : 'message-before-version';
  return peer.stage === 'established' || isNegotiation ? null : 'message-before-verack';
}

/** Hands a message to its handler. */
export function dispatch(context: P2pContext, peer: Peer, message: Message): void {
  const { type } = message;
  const tooEarly = findTooEarly(peer, type, BEFORE_VERACK.has(type));
  if (tooEarly !== null) context.misbehaving(peer, tooEarly, type);
  else if (isPrivate(peer) && onPrivateMessage(context, peer, message)) return;
  else (HANDLERS[type] as Handler<typeof type>)(context, peer, message);
}

/** A message of a type that nobody knows. */
export function dispatchUnknown(context: P2pContext, peer: Peer, command: string): void {
  const tooEarly = findTooEarly(peer, command, false);
  if (tooEarly === null && isPrivate(peer)) ignoreMessage(context, peer, command);
  else context.misbehaving(peer, tooEarly ?? 'unknown-message', sanitizeText(command));
}

/** A message that could not be decoded: of no consequence, but for `feature`, of which malformed ones are an offence (BIP434). */
export function dispatchUndecodable(context: P2pContext, peer: Peer, command: string): void {
  if (command !== 'feature' || peer.stage === 'awaiting-version') return;
  context.misbehaving(peer, peer.stage === 'established' ? 'late-feature' : 'invalid-feature');
}
