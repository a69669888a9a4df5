// Who has to go when a new inbound connection finds all places taken (Core node/eviction.cpp, SelectNodeToEvict). A pure function
// over plain data: protect those who are hard to imitate by each of several measures, and from the rest take the youngest of the
// network group with the most connections. To keep all others out, an attacker would have to beat them at every measure.
//
// Order matters: each step protects among those whom the steps before left.

import type { SipHash } from '../../kernel/crypto/siphash.ts';
import { assert } from '../../kernel/util/assert.ts';
import type { Network } from '../wire/net-address.ts';
import type { ConnectionKind } from './connection-kind.ts';

/** Protected for the network group alone; which groups, nobody else can predict (Core). */
const PROTECTED_BY_NETGROUP = 4;
/** Protected for the lowest ping: who wants to beat it has to be near (Core). */
const PROTECTED_BY_PING = 8;
/** Protected for the latest transactions that were new to us and good: useful work (Core). */
const PROTECTED_BY_TRANSACTIONS = 4;
/** Of these who gave us blocks lately, those who relay no transactions and have what we want are protected (Core). */
const PROTECTED_BLOCK_RELAY = 8;
/** Protected for the latest blocks that were new to us and good: useful work (Core). */
const PROTECTED_BY_BLOCKS = 4;

/** What counts in favour of a peer or against it. Core NodeEvictionCandidate. */
export interface EvictionCandidate<Id extends number> {
  readonly id: Id;
  readonly kind: ConnectionKind;
  readonly connectedAtMs: number;
  /** Best round trip, or null before the first pong. */
  readonly pingMinMs: number | null;
  /** When it last gave us a block, or a transaction, that was new and good; 0: never. */
  readonly lastBlockSec: number;
  readonly lastTransactionSec: number;
  /** It offers all services that we look for in a peer. */
  readonly hasWantedServices: boolean;
  readonly relaysTransactions: boolean;
  readonly hasBloomFilter: boolean;
  /** {@link computeKeyedNetGroup} of its address. */
  readonly keyedNetGroup: bigint;
  /** Its address is discouraged: it goes first, unless it is protected. */
  readonly isDiscouraged: boolean;
  /** Connected from this machine: also how connections through Tor look when no bind is set aside for them. */
  readonly isLocal: boolean;
  /** The network that the connection came through: `onion` for all that come in by the onion bind. */
  readonly network: Network;
  /** It has the permission `noban`. */
  readonly hasNoBan: boolean;
}

type Candidate = EvictionCandidate<number>;
/** As for `Array.sort`: those who come last are protected first. */
type Order = (a: Candidate, b: Candidate) => number;

/** Hash of a network group under a secret key of the node: nobody else knows which groups come out on top. */
export function computeKeyedNetGroup(key: SipHash, netGroup: Uint8Array): bigint {
  return key.hash(netGroup).toBigInt();
}

function compare<T extends number | bigint | boolean>(a: T, b: T): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

const byNetGroup: Order = (a, b) => compare(a.keyedNetGroup, b.keyedNetGroup);
const byPing: Order = (a, b) =>
  compare(b.pingMinMs ?? Number.POSITIVE_INFINITY, a.pingMinMs ?? Number.POSITIVE_INFINITY);
const byUptime: Order = (a, b) => compare(b.connectedAtMs, a.connectedAtMs);
const byTransactions: Order = (a, b) =>
  compare(a.lastTransactionSec, b.lastTransactionSec) ||
  compare(a.relaysTransactions, b.relaysTransactions) ||
  compare(b.hasBloomFilter, a.hasBloomFilter) ||
  byUptime(a, b);
const byBlocks: Order = (a, b) =>
  compare(a.lastBlockSec, b.lastBlockSec) || compare(a.hasWantedServices, b.hasWantedServices) || byUptime(a, b);
const byBlockRelay: Order = (a, b) => compare(b.relaysTransactions, a.relaysTransactions) || byBlocks(a, b);

/** Who is left when, of the last `count` in order, all those who are `worthy` are protected. The result is in that order. */
function protectLast<C extends Candidate>(
  candidates: readonly C[],
  order: Order,
  count: number,
  worthy: (candidate: C) => boolean = () => true,
): C[] {
  const sorted = [...candidates].sort(order);
  const firstProtected = sorted.length - Math.min(count, sorted.length);
  return sorted.filter((candidate, i) => i < firstProtected || !worthy(candidate));
}

/** Networks that lose by the other measures, since they are slow, in the order in which equals come to their turn (Core). */
const DISADVANTAGED: readonly ((candidate: Candidate) => boolean)[] = [
  (candidate) => candidate.network === 'cjdns',
  (candidate) => candidate.network === 'i2p',
  (candidate) => candidate.isLocal,
  (candidate) => candidate.network === 'onion',
];

/** A quarter of all places for disadvantaged networks, shared among those that are there; what one leaves, others get. */
function protectDisadvantaged<C extends Candidate>(candidates: readonly C[], placeCount: number): C[] {
  let rest = [...candidates];
  const networks = DISADVANTAGED.map((belongs) => ({ belongs, count: candidates.filter(belongs).length }));
  networks.sort((a, b) => a.count - b.count);
  let places = placeCount;
  while (places > 0) {
    const present = networks.filter((network) => network.count > 0);
    if (present.length === 0) break;
    const share = Math.max(Math.floor(places / present.length), 1);
    const placesBefore = places;
    for (const network of present) {
      // members of the network last, the longest connected of them at the very end
      const order: Order = (a, b) => compare(network.belongs(a), network.belongs(b)) || byUptime(a, b);
      const left = protectLast(rest, order, share, network.belongs);
      const taken = rest.length - left.length;
      rest = left;
      network.count -= taken;
      places -= taken;
      if (places <= 0) break;
    }
    if (places === placesBefore) break;
  }
  return rest;
}

/**
 * Who is left when half are protected: the longest connected, so that an attack that begins later cannot push them out, but up to
 * half of those places go to disadvantaged networks first (Core ProtectEvictionCandidatesByRatio). Youngest first.
 */
export function protectByRatio<C extends Candidate>(candidates: readonly C[]): C[] {
  const places = Math.floor(candidates.length / 2);
  const rest = protectDisadvantaged(candidates, Math.floor(places / 2));
  return protectLast(rest, byUptime, places - (candidates.length - rest.length));
}

/** The largest group, and of equals the one whose youngest member is youngest. `candidates` are youngest first. */
function largestGroup<C extends Candidate>(candidates: readonly C[]): readonly C[] {
  const groups = new Map<bigint, C[]>();
  let largest: C[] = [];
  for (const candidate of candidates) {
    let group = groups.get(candidate.keyedNetGroup);
    if (group === undefined) {
      group = [];
      groups.set(candidate.keyedNetGroup, group);
    }
    group.push(candidate);
    const isYounger = () => group[0]!.connectedAtMs > largest[0]!.connectedAtMs;
    if (group.length > largest.length || (group.length === largest.length && isYounger())) largest = group;
  }
  return largest;
}

/** The inbound peer to disconnect for a new one, or null when all are protected (Core SelectNodeToEvict; E07, D18). */
export function selectPeerToEvict<Id extends number>(candidates: readonly EvictionCandidate<Id>[]): Id | null {
  let rest = candidates.filter((candidate) => candidate.kind === 'inbound' && !candidate.hasNoBan);
  rest = protectLast(rest, byNetGroup, PROTECTED_BY_NETGROUP);
  rest = protectLast(rest, byPing, PROTECTED_BY_PING);
  rest = protectLast(rest, byTransactions, PROTECTED_BY_TRANSACTIONS);
  rest = protectLast(
    rest,
    byBlockRelay,
    PROTECTED_BLOCK_RELAY,
    (candidate) => !candidate.relaysTransactions && candidate.hasWantedServices,
  );
  rest = protectLast(rest, byBlocks, PROTECTED_BY_BLOCKS);
  rest = protectByRatio(rest);
  if (rest.length === 0) return null;
  const discouraged = rest.filter((candidate) => candidate.isDiscouraged);
  const group = largestGroup(discouraged.length > 0 ? discouraged : rest);
  assert(group.length > 0, 'a group of the rest');
  return group[0]!.id;
}
