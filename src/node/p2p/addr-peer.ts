// What the gossip of addresses remembers of a peer: plain data and the few operations on it. Bounds: a queue of 1,000 addresses, a
// filter of 27 kB, and an allowance in which every address that a peer sends costs one token (Core struct Peer, m_addr_…).

import type { Rng } from '../../kernel/util/prng.ts';
import { encodeAddressKey, isAddrV1Compatible, isValid, type NetAddress } from '../wire/net-address.ts';
import type { AddressEntry } from '../wire/packed-lists.ts';
import { MAX_ADDR_TO_SEND } from '../wire/protocol.ts';
import type { LocalAddressFacts } from './addr-local.ts';
import type { PeerId } from './peer-id.ts';
import { RollingBloomFilter } from './rolling-bloom.ts';

/** A token comes every ten seconds (Core MAX_ADDR_RATE_PER_SECOND, 0.1). */
const TOKEN_MS = 10_000;

/** Most tokens that gather with time (Core MAX_ADDR_PROCESSING_TOKEN_BUCKET). */
const TOKENS_MAX: number = MAX_ADDR_TO_SEND;

/** Entries and error rate of the filter of what a peer knows (Core SetupAddressRelay). */
const KNOWN_ENTRIES = 5_000;
const KNOWN_ERROR_RATE = 0.001;

/** What must be known of a peer; a Peer of peer.ts is one. Read whenever it is needed, so it may change. */
export interface AddrPeerFacts extends LocalAddressFacts {
  readonly id: PeerId;
  /** Our end of the connection. */
  readonly localAddress: NetAddress;
  /** It may send any number of addresses and gets fresh ones (-whitelist=addr@…). */
  readonly permissions: { readonly addr: boolean };
  /** It said `sendaddrv2`. */
  readonly wantsAddrV2: boolean;
  /** Services that we claim towards it. */
  readonly localServices: bigint;
}

/** State of one peer. */
export interface AddrPeer {
  readonly facts: AddrPeerFacts;
  /** What the peer knows: it sent it, or we did. Null: we do not exchange addresses with it (yet). */
  known: RollingBloomFilter | null;
  /** To be sent at the next occasion, without what it has learned until then. */
  queue: AddressEntry[];
  /** Tokens, counted in the milliseconds that they took to come: integers, so that nothing is lost in ten years of adding (D10). */
  allowanceMs: number;
  allowanceAtMs: number;
  /** Addresses taken from it, and those left aside for lack of tokens. */
  processedCount: number;
  rateLimitedCount: number;
  /** Our `getaddr` is unanswered. */
  isAwaitingAddresses: boolean;
  /** Its `getaddr` has been answered. */
  isAnswered: boolean;
  /** When its queue is sent next. */
  nextSendMs: number;
  /** When it is told our own address next; null: it was never told. */
  nextLocalSendMs: number | null;
}

/** State of a peer that has just introduced itself: one token, and nothing exchanged. */
export function createAddrPeer(facts: AddrPeerFacts, nowMs: number): AddrPeer {
  return {
    facts,
    known: null,
    queue: [],
    allowanceMs: TOKEN_MS,
    allowanceAtMs: Math.floor(nowMs),
    processedCount: 0,
    rateLimitedCount: 0,
    isAwaitingAddresses: false,
    isAnswered: false,
    nextSendMs: Number.NEGATIVE_INFINITY,
    nextLocalSendMs: null,
  };
}

/**
 * Begins to exchange addresses with a peer, if we do that with its kind at all; false otherwise. Not with block-relay-only ones,
 * whose connections gossip would reveal, and not with feelers, which are gone before an answer could come.
 */
export function enableAddrExchange(peer: AddrPeer, rng: Rng): boolean {
  const { kind } = peer.facts;
  if (kind === 'block-relay-only' || kind === 'feeler') return false;
  peer.known ??= new RollingBloomFilter(KNOWN_ENTRIES, KNOWN_ERROR_RATE, rng);
  return true;
}

/** Adds the tokens that have come since the last time. More than the bucket holds stay only where {@link grantTokens} gave them. */
export function refillTokens(peer: AddrPeer, nowMs: number): void {
  const now = Math.floor(nowMs);
  const maxMs = TOKENS_MAX * TOKEN_MS;
  if (peer.allowanceMs < maxMs) {
    peer.allowanceMs = Math.min(peer.allowanceMs + Math.max(0, now - peer.allowanceAtMs), maxMs);
  }
  peer.allowanceAtMs = now;
}

/** Spends up to `count` tokens, one for an address; returns how many there were. */
export function takeTokens(peer: AddrPeer, count: number): number {
  const taken = Math.min(count, Math.floor(peer.allowanceMs / TOKEN_MS));
  peer.allowanceMs -= taken * TOKEN_MS;
  return taken;
}

/** We asked for addresses: as many as an answer can hold are welcome beyond the rate. */
export function grantTokens(peer: AddrPeer): void {
  peer.allowanceMs += MAX_ADDR_TO_SEND * TOKEN_MS;
}

/** True when the peer can be sent an address at all. */
export function canReceive(peer: AddrPeer, address: NetAddress): boolean {
  return peer.facts.wantsAddrV2 || isAddrV1Compatible(address);
}

/** Remembers that the peer knows an address, from now on. */
export function rememberKnown(peer: AddrPeer, address: NetAddress): void {
  peer.known?.insert(encodeAddressKey(address));
}

/** Remembers that the peer is told an address; false when it knows it already. */
export function tellOnce(peer: AddrPeer, address: NetAddress): boolean {
  const key = encodeAddressKey(address);
  if (peer.known === null || peer.known.contains(key)) return false;
  peer.known.insert(key);
  return true;
}

/** Queues an address for a peer, unless it knows it; into a full queue in the place of any other. */
export function queueAddress(peer: AddrPeer, entry: AddressEntry, rng: Rng): void {
  const { address } = entry;
  if (!isValid(address) || !canReceive(peer, address)) return;
  if (peer.known === null || peer.known.contains(encodeAddressKey(address))) return;
  if (peer.queue.length < MAX_ADDR_TO_SEND) peer.queue.push(entry);
  else peer.queue[rng.below(peer.queue.length)] = entry;
}
