// Connections that have gone quiet (Core CConnman::InactivityCheck, MaybeSendPing). Measured in monotonic time: a jump of the wall clock ends no
// connection (T02).

import type { Offence } from './misbehavior.ts';
import type { Peer } from './peer.ts';

/** Time after which a ping without an answer, or silence, ends a connection (Core TIMEOUT_INTERVAL). */
const TIMEOUT_INTERVAL_MS: number = 20 * 60 * 1000;

/** What the shell knows of a connection. */
export interface ConnectionFacts {
  /** When bytes last came, and when bytes last left; null: none did. */
  readonly lastReceivedMs: number | null;
  readonly lastSentMs: number | null;
}

/**
 * Why a connection is to be ended for its silence, or null. As long as it is younger than the time for a handshake it is left alone
 * (Core ShouldRunInactivityChecks).
 */
export function findTimeout(
  peer: Peer,
  facts: ConnectionFacts,
  handshakeTimeoutMs: number,
  nowMs: number,
): { readonly offence: Offence; readonly detail: string } | null {
  if (nowMs - peer.connectedAtMs <= handshakeTimeoutMs) return null;
  const { lastReceivedMs, lastSentMs } = facts;
  if (lastReceivedMs === null || lastSentMs === null) {
    const received = lastReceivedMs === null ? ', never received from peer' : '';
    const sent = lastSentMs === null ? ', never sent to peer' : '';
    return { offence: 'silent-peer', detail: `${Math.floor(handshakeTimeoutMs / 1000)} seconds${received}${sent}` };
  }
  const pingMs = nowMs - peer.pingSentMs;
  if (peer.pingNonce !== null && pingMs > TIMEOUT_INTERVAL_MS) {
    return { offence: 'ping-timeout', detail: (pingMs / 1000).toFixed(6) };
  }
  const unsentMs = nowMs - lastSentMs;
  if (unsentMs > TIMEOUT_INTERVAL_MS) return { offence: 'send-timeout', detail: String(Math.floor(unsentMs / 1000)) };
  const silentMs = nowMs - lastReceivedMs;
  if (silentMs > TIMEOUT_INTERVAL_MS) {
    return { offence: 'receive-timeout', detail: String(Math.floor(silentMs / 1000)) };
  }
  if (peer.stage === 'established') return null;
  return { offence: peer.transport === 'detecting' ? 'v2-handshake-timeout' : 'handshake-timeout', detail: '' };
}
