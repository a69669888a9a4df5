// The gossip of addresses as a machine (Core net_processing.cpp: ProcessAddrs, RelayAddress, MaybeSendAddr, SetupAddressRelay, and
// getaddr). It takes in what peers say of other nodes, passes fresh news on to one or two peers, answers who asks, and tells our own
// address. It sends nothing itself: `tick` returns the messages that are due for a peer.
//
// It must be told: `peerJoined` when a peer's version message was found good, `peerLeft` when it is gone, `receiveAddresses` and
// `receiveGetAddr` when such messages come, `tick` for every established peer some times a second, `seenLocal` when an inbound peer
// says which address it came to. Of a peer it reads kind, address, permissions, `wantsAddrV2` and the like when it needs them
// (AddrPeerFacts), so that one object of the peer manager serves both.
//
// What it is to withstand (E08, D10): an address costs a token, of which one comes every ten seconds and 1,000 can gather, 1,000 more
// when we ask; what comes beyond is left unread. Times from the future or from nowhere become five days old. Only what is routable is
// passed on, only when it is fresh and came in a small message, and for a day to the same one or two peers, so that saying it again
// makes nothing louder. Only who connected to us is answered, once, with at most 23 % of what we know and 1,000, and all of a network
// the same for a day: the answer shows neither the table nor our connections.

import { SIPHASH_KEY_BYTES, SipHash } from '../../kernel/crypto/siphash.ts';
import { writeI64, writeU64BigInt } from '../../kernel/encoding/numbers.ts';
import { concatBytes } from '../../kernel/util/bytes.ts';
import { exponentialDelayMs } from '../../kernel/util/exponential-delay.ts';
import type { Rng } from '../../kernel/util/prng.ts';
import type { AddrMessage, Message } from '../wire/messages.ts';
import {
  encodeAddressKey,
  formatHost,
  formatNetAddress,
  isRoutable,
  NETWORK_NUMBERS,
  type NetAddress,
  type Network,
  routableNetwork,
} from '../wire/net-address.ts';
import { type AddressEntry, AddressList } from '../wire/packed-lists.ts';
import { MAX_ADDR_TO_SEND, mayHaveUsefulAddresses } from '../wire/protocol.ts';
import { type LocalAddresses, networkOfPeer } from './addr-local.ts';
import {
  type AddrPeer,
  type AddrPeerFacts,
  canReceive,
  createAddrPeer,
  enableAddrExchange,
  grantTokens,
  queueAddress,
  refillTokens,
  rememberKnown,
  takeTokens,
  tellOnce,
} from './addr-peer.ts';
import { AddrResponses } from './addr-responses.ts';
import type { AddressManager } from './addrman.ts';
import type { PeerId } from './peer-id.ts';

/** Part of all known addresses that an answer holds at most (Core MAX_PCT_ADDR_TO_SEND). */
const ANSWER_PERCENT_MAX = 23;

/** Mean time between two messages with queued addresses to a peer (Core AVG_ADDRESS_BROADCAST_INTERVAL). */
const BROADCAST_MEAN_MS = 30_000;

/** Mean time between two tellings of our own address to a peer (Core AVG_LOCAL_ADDRESS_BROADCAST_INTERVAL). */
const LOCAL_BROADCAST_MEAN_MS = 86_400_000;

/** How long an address goes to the same peers (Core ROTATE_ADDR_RELAY_DEST_INTERVAL). */
const ROTATION_SEC = 86_400n;

/** Most entries of a message whose news are passed on; larger ones are answers. */
const RELAYED_ENTRIES_MAX = 10;

/** Times up to here are nonsense (1973; Core). */
const TIME_NONSENSE_SEC = 100_000_000;

/** Times further ahead are, too, and those not older than that are fresh. */
const FRESH_SEC = 600;

/** The age that nonsense is given. */
const NONSENSE_AGE_SEC = 5 * 86_400;

/** Addresses that a peer tells of others become so much older in our table (Core). */
const TIME_PENALTY_SEC = 2 * 3_600;

/** When something happens: monotonic milliseconds, and the node's own clock. */
export interface AddrMoment {
  readonly nowMs: number;
  readonly nowSec: number;
}

/** What the machine is made with. */
export interface AddrRelayParts {
  readonly manager: AddressManager;
  readonly local: LocalAddresses;
  /** Networks that we use (-onlynet): other addresses are passed on and not kept. */
  readonly reachable: ReadonlySet<Network>;
  /** True for addresses that are banned or discouraged: neither kept nor passed on. */
  readonly isUnwelcome: (address: NetAddress) => boolean;
}

/** A line for the debug log, without text of a peer. */
export interface AddrDebug {
  readonly category: 'net' | 'addrman';
  readonly text: string;
}

/** What became of an `addr` or `addrv2`. */
export type AddrReceipt =
  /** We do not exchange addresses with this peer. */
  | { readonly type: 'ignored'; readonly debug: readonly AddrDebug[] }
  /** More than 1,000: the peer breaks a rule. */
  | { readonly type: 'oversize'; readonly count: number }
  | {
      readonly type: 'taken';
      readonly debug: readonly AddrDebug[];
      /** The peer was asked for addresses only, and has sent them: the connection can end. */
      readonly isFetchComplete: boolean;
    };

/** What is due for a peer. */
export interface AddrOutput {
  readonly messages: readonly Message[];
  readonly debug: readonly AddrDebug[];
}

/** `chosen` different numbers below `count`, in random order. */
function drawIndices(count: number, chosen: number, rng: Rng): number[] {
  if (chosen === 0) return [];
  const indices = Array.from({ length: count }, (_, i) => i);
  for (let i = 0; i < chosen; i++) {
    const j = i + rng.below(count - i);
    const drawn = indices[j]!;
    indices[j] = indices[i]!;
    indices[i] = drawn;
  }
  indices.length = chosen;
  return indices;
}

/** See the top of the file. */
export class AddrRelay {
  readonly #parts: AddrRelayParts;
  readonly #rng: Rng;
  readonly #responses: AddrResponses;
  readonly #relayHash: SipHash;
  readonly #peers: Map<PeerId, AddrPeer> = new Map();

  constructor(parts: AddrRelayParts, rng: Rng) {
    this.#parts = parts;
    this.#rng = rng;
    this.#responses = new AddrResponses(rng);
    this.#relayHash = new SipHash(rng.bytes(SIPHASH_KEY_BYTES));
  }

  /** What is remembered of a peer: its counts are for RPC. */
  peer(id: PeerId): Readonly<AddrPeer> | undefined {
    return this.#peers.get(id);
  }

  /** A peer has introduced itself. Returns what to send: whom we called for relay is asked for addresses. */
  peerJoined(facts: AddrPeerFacts, { nowMs }: AddrMoment): Message[] {
    const peer = createAddrPeer(facts, nowMs);
    this.#peers.set(facts.id, peer);
    // inbound peers show by a message of their own that they care for addresses
    if (facts.kind === 'inbound' || !enableAddrExchange(peer, this.#rng)) return [];
    peer.isAwaitingAddresses = true;
    grantTokens(peer);
    return [{ type: 'getaddr' }];
  }

  /** A peer is gone. Only now its time may show that we were connected, and of block-relay-only ones and feelers never. */
  peerLeft(id: PeerId, wasEstablished: boolean, { nowSec }: AddrMoment): void {
    const peer = this.#peers.get(id);
    if (peer === undefined) return;
    this.#peers.delete(id);
    const { kind, address } = peer.facts;
    const isShown = kind !== 'inbound' && kind !== 'block-relay-only' && kind !== 'feeler';
    if (wasEstablished && isShown) this.#parts.manager.connected(address, nowSec);
  }

  /** An inbound peer says that it came to this address. */
  seenLocal(address: NetAddress): void {
    this.#parts.local.seen(address);
  }

  /** `addr` or `addrv2` */
  receiveAddresses(id: PeerId, message: AddrMessage, { nowMs, nowSec }: AddrMoment): AddrReceipt {
    const peer = this.#peers.get(id);
    if (peer === undefined || !enableAddrExchange(peer, this.#rng)) {
      const text = `ignoring ${message.type} message from ${peer?.facts.kind ?? 'unknown'} peer=${id}`;
      return { type: 'ignored', debug: [{ category: 'net', text }] };
    }
    const { count } = message.entries;
    if (count > MAX_ADDR_TO_SEND) return { type: 'oversize', count };
    refillTokens(peer, nowMs);
    const debug = this.#takeEntries(peer, message.entries, nowSec);
    if (count < MAX_ADDR_TO_SEND) peer.isAwaitingAddresses = false;
    // one address alone may be the peer's own announcement
    return { type: 'taken', debug, isFetchComplete: peer.facts.kind === 'addr-fetch' && count > 1 };
  }

  /** `getaddr`: the answer is sent with the next `tick`. */
  receiveGetAddr(id: PeerId, { nowMs, nowSec }: AddrMoment): AddrDebug | null {
    const peer = this.#peers.get(id);
    if (peer === undefined) return null;
    const { kind } = peer.facts;
    if (kind !== 'inbound') {
      // whom we called may have planted addresses with us, by which it would know us again
      return { category: 'net', text: `Ignoring "getaddr" from ${kind} connection. peer=${id}` };
    }
    enableAddrExchange(peer, this.#rng);
    if (peer.isAnswered) return { category: 'net', text: `Ignoring repeated "getaddr". peer=${id}` };
    peer.isAnswered = true;
    peer.queue = [];
    for (const entry of this.#answer(peer, nowMs, nowSec)) queueAddress(peer, entry, this.#rng);
    return null;
  }

  /** What is due for a peer. */
  tick(id: PeerId, moment: AddrMoment, isInitialDownload: boolean): AddrOutput {
    const peer = this.#peers.get(id);
    if (peer === undefined || peer.known === null) return { messages: [], debug: [] };
    const messages: Message[] = [];
    const debug: AddrDebug[] = [];
    const isLocalDue = peer.nextLocalSendMs === null || peer.nextLocalSendMs < moment.nowMs;
    if (isLocalDue && this.#parts.local.isListening && !isInitialDownload) {
      this.#tellLocal(peer, moment, messages, debug);
    }
    if (moment.nowMs > peer.nextSendMs) {
      peer.nextSendMs = moment.nowMs + exponentialDelayMs(BROADCAST_MEAN_MS, this.#rng);
      const fresh = peer.queue.filter(({ address }) => tellOnce(peer, address));
      peer.queue = [];
      if (fresh.length > 0) messages.push(createAddrMessage(peer, fresh));
    }
    return { messages, debug };
  }

  // --- taking in

  #takeEntries(peer: AddrPeer, entries: AddressList, nowSec: number): AddrDebug[] {
    const { manager } = this.#parts;
    const { id, permissions, address: source } = peer.facts;
    const tokens = takeTokens(peer, entries.count);
    const readCount = permissions.addr ? entries.count : tokens;
    const rateLimitedCount = entries.count - readCount;
    const kept: AddressEntry[] = [];
    let processedCount = 0;
    // a random choice, so that a peer cannot decide on what the tokens are spent; the others cost nothing (D10)
    for (const i of drawIndices(entries.count, readCount, this.#rng)) {
      const entry = this.#takeEntry(peer, entries.entry(i), entries.count, nowSec);
      if (entry === null) continue;
      processedCount++;
      if (this.#isReachable(entry.address)) kept.push(entry);
    }
    peer.processedCount += processedCount;
    peer.rateLimitedCount += rateLimitedCount;
    const counts = `${entries.count} addresses (${processedCount} processed, ${rateLimitedCount} rate-limited)`;
    const debug: AddrDebug[] = [{ category: 'net', text: `Received addr: ${counts} from peer=${id}` }];
    const added = manager.add(kept, source, TIME_PENALTY_SEC, nowSec);
    if (added > 0) {
      // Core tells of each address that is new to the table; which of these were, the sizes below say.
      const names = kept.map(({ address }) => formatNetAddress(address)).join(', ');
      debug.push({ category: 'addrman', text: `Adding addresses told by ${formatHost(source)}: ${names}` });
      const sizes = `${manager.size(undefined, 'tried')} tried, ${manager.size(undefined, 'new')} new`;
      const text = `Added ${added} addresses (of ${kept.length}) from ${formatHost(source)}: ${sizes}`;
      debug.push({ category: 'addrman', text });
    }
    return debug;
  }

  /** The entry as it is worth keeping, passed on if it is news; null when it is of no use. */
  #takeEntry(peer: AddrPeer, told: AddressEntry, count: number, nowSec: number): AddressEntry | null {
    const { services, address } = told;
    if (!mayHaveUsefulAddresses(services)) return null;
    const isNonsense = told.timeSec <= TIME_NONSENSE_SEC || told.timeSec > nowSec + FRESH_SEC;
    const entry = isNonsense ? { services, address, timeSec: Math.max(0, nowSec - NONSENSE_AGE_SEC) } : told;
    rememberKnown(peer, address);
    if (this.#parts.isUnwelcome(address)) return null;
    const isNews = entry.timeSec > nowSec - FRESH_SEC && count <= RELAYED_ENTRIES_MAX && !peer.isAwaitingAddresses;
    if (isNews && isRoutable(address)) this.#relay(peer, entry, nowSec);
    return entry;
  }

  #isReachable(address: NetAddress): boolean {
    const network = routableNetwork(address);
    return network !== 'unroutable' && this.#parts.reachable.has(network);
  }

  // --- passing on

  /** Queues an address for one or two peers, the same for a day as long as they stay connected. */
  #relay(from: AddrPeer, entry: AddressEntry, nowSec: number): void {
    const { address } = entry;
    const isReachable = this.#isReachable(address);
    const input = this.#relayInput(address, nowSec);
    const isForTwo = isReachable || (this.#relayHash.hash(input, 0, 16).low & 1) === 1;
    const ranked: { readonly peer: AddrPeer; readonly rank: bigint }[] = [];
    for (const peer of this.#peers.values()) {
      if (peer.known === null || peer === from || !canReceive(peer, address)) continue;
      writeI64(input, 16, peer.facts.id);
      ranked.push({ peer, rank: this.#relayHash.hash(input).toBigInt() });
    }
    ranked.sort((a, b) => (a.rank < b.rank ? 1 : -1));
    for (const { peer } of ranked.slice(0, isForTwo ? 2 : 1)) queueAddress(peer, entry, this.#rng);
  }

  /** Hash of the address, then the number of its day, which begins at another moment for each address; room for a peer's id. */
  #relayInput(address: NetAddress, nowSec: number): Uint8Array {
    const key = concatBytes(Uint8Array.of(NETWORK_NUMBERS[address.network]), encodeAddressKey(address));
    const addressHash = this.#relayHash.hash(key).toBigInt();
    const day = BigInt.asUintN(64, BigInt(Math.floor(nowSec)) + addressHash) / ROTATION_SEC;
    const input = new Uint8Array(24);
    writeU64BigInt(input, 0, addressHash);
    writeU64BigInt(input, 8, day);
    return input;
  }

  // --- sending

  #answer(peer: AddrPeer, nowMs: number, nowSec: number): readonly AddressEntry[] {
    const { manager, isUnwelcome } = this.#parts;
    const options = { countMax: MAX_ADDR_TO_SEND, percentMax: ANSWER_PERCENT_MAX, network: null, isFiltered: true };
    const create = (): AddressEntry[] =>
      manager.getAddr(options, nowSec).filter(({ address }) => !isUnwelcome(address));
    if (peer.facts.permissions.addr) return create();
    return this.#responses.get(networkOfPeer(peer.facts), peer.facts.localAddress, nowMs, create);
  }

  #tellLocal(peer: AddrPeer, { nowMs, nowSec }: AddrMoment, messages: Message[], debug: AddrDebug[]): void {
    const isFirst = peer.nextLocalSendMs === null;
    if (!isFirst) peer.known?.reset(); // or it would be found to know our address already
    peer.nextLocalSendMs = nowMs + exponentialDelayMs(LOCAL_BROADCAST_MEAN_MS, this.#rng);
    const address = this.#parts.local.chooseFor(peer.facts);
    if (address === null) return;
    debug.push({ category: 'net', text: `Advertising address ${formatNetAddress(address)} to peer=${peer.facts.id}` });
    const entry = { timeSec: nowSec, services: peer.facts.localServices, address };
    // the first one goes alone, so that the few tokens we have there at first are surely spent on it
    if (!isFirst) queueAddress(peer, entry, this.#rng);
    else if (canReceive(peer, address)) messages.push(createAddrMessage(peer, [entry]));
  }
}

function createAddrMessage(peer: AddrPeer, entries: readonly AddressEntry[]): AddrMessage {
  return { type: peer.facts.wantsAddrV2 ? 'addrv2' : 'addr', entries: AddressList.of(entries) };
}
