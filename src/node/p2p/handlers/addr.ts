// Addresses of other nodes (Core ProcessAddrs, getaddr); what becomes of them is for addr-relay.ts.

import type { AddrMessage, EmptyMessage } from '../../wire/messages.ts';
import type { AddrDebug } from '../addr-relay.ts';
import type { P2pContext } from '../context.ts';
import type { Peer } from '../peer.ts';

function tell(context: P2pContext, lines: readonly AddrDebug[]): void {
  for (const { category, text } of lines) context.debug(category, text);
}

/** `addr` and `addrv2` (BIP155) */
export function onAddr(context: P2pContext, peer: Peer, message: AddrMessage): void {
  const receipt = context.addrRelay.receiveAddresses(peer.id, message, context);
  if (receipt.type === 'oversize') {
    const offence = message.type === 'addr' ? 'oversize-addr' : 'oversize-addrv2';
    context.misbehaving(peer, offence, String(receipt.count));
    return;
  }
  tell(context, receipt.debug);
  if (receipt.type === 'taken' && receipt.isFetchComplete) context.disconnect(peer, 'addrfetch connection completed');
}

/** `getaddr` */
export function onGetAddr(context: P2pContext, peer: Peer, _message: EmptyMessage): void {
  const line = context.addrRelay.receiveGetAddr(peer.id, context);
  if (line !== null) tell(context, [line]);
}

/** Sends the addresses that are due; part of the regular work on a peer. */
export function sendAddresses(context: P2pContext, peer: Peer): void {
  const { messages, debug } = context.addrRelay.tick(peer.id, context, context.chain.isInitialDownload);
  for (const message of messages) context.send(peer, message);
  tell(context, debug);
}
