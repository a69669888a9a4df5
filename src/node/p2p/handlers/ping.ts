// Pings and pongs (BIP31; Core MaybeSendPing, ProcessPong): a probe every two minutes tells how quick a peer is and whether it is
// still there. A pong that fits no ping is no crime; zero or a cut one ends the waiting (W16).

import { nextU64 } from '../../../kernel/util/prng.ts';
import type { PingMessage, PongMessage } from '../../wire/messages.ts';
import { BIP0031_VERSION } from '../../wire/protocol.ts';
import type { P2pContext } from '../context.ts';
import type { Peer } from '../peer.ts';

/** Time between two pings (Core PING_INTERVAL). */
const PING_INTERVAL_MS: number = 2 * 60 * 1000;

/** `ping` */
export function onPing(context: P2pContext, peer: Peer, message: PingMessage): void {
  if (message.nonce !== null && peer.version > BIP0031_VERSION) {
    context.send(peer, { type: 'pong', nonce: message.nonce });
  }
}

/** `pong` */
export function onPong(context: P2pContext, peer: Peer, message: PongMessage): void {
  if (message.nonce !== null && message.nonce === peer.pingNonce) {
    const tripMs = context.nowMs - peer.pingSentMs;
    peer.pingLastMs = tripMs;
    peer.pingMinMs = Math.min(peer.pingMinMs ?? tripMs, tripMs);
    peer.pingNonce = null;
    return;
  }
  const problem = describeOddPong(peer, message.nonce);
  const expected = (peer.pingNonce ?? 0n).toString(16);
  const got = (message.nonce ?? 0n).toString(16);
  const length = message.nonce === null ? 0 : 8;
  context.debug('net', `pong peer=${peer.id}: ${problem}, ${expected} expected, ${got} received, ${length} bytes`);
  // A short one and a zero end the waiting: some software answers so.
  if (message.nonce === null || message.nonce === 0n) peer.pingNonce = null;
}

function describeOddPong(peer: Peer, nonce: bigint | null): string {
  if (nonce === null) return 'Short payload';
  if (peer.pingNonce === null) return 'Unsolicited pong without ping';
  return nonce === 0n ? 'Nonce zero' : 'Nonce mismatch';
}

/** Sends a ping when it is time; part of the regular work on a peer. */
export function maybeSendPing(context: P2pContext, peer: Peer): void {
  const waitedMs = context.nowMs - peer.pingSentMs;
  const isDue = peer.pingNonce === null && waitedMs > PING_INTERVAL_MS;
  if (!isDue && !peer.isPingQueued) return;
  peer.isPingQueued = false;
  peer.pingSentMs = context.nowMs;
  if (peer.version > BIP0031_VERSION) {
    peer.pingNonce = randomNonce(context);
    context.send(peer, { type: 'ping', nonce: peer.pingNonce });
  } else {
    context.send(peer, { type: 'ping', nonce: null });
  }
}

/** 64 bits other than zero. */
function randomNonce({ rng }: P2pContext): bigint {
  for (;;) {
    const nonce = nextU64(rng);
    if (nonce !== 0n) return nonce;
  }
}
