// Who may come in (Core CConnman::CreateNodeFromAcceptedSocket, AttemptToEvictConnection). Nobody who is banned; nobody who is
// discouraged when it gets crowded; and when every place is taken, whoever comes in has to take the place of another, chosen by
// p2p/eviction.ts so that an attacker cannot push everybody else out (E07, D18).

import { SIPHASH_KEY_BYTES, SipHash } from '../../kernel/crypto/siphash.ts';
import type { Rng } from '../../kernel/util/prng.ts';
import { networkOfPeer } from '../p2p/addr-local.ts';
import type { BanList } from '../p2p/ban-list.ts';
import { computeKeyedNetGroup, type EvictionCandidate, selectPeerToEvict } from '../p2p/eviction.ts';
import {
  computePermissions,
  type NetPermissions,
  type WhitelistDefaults,
  type WhitelistEntry,
} from '../p2p/net-permissions.ts';
import type { Peer } from '../p2p/peer.ts';
import type { PeerId } from '../p2p/peer-id.ts';
import { formatNetAddress, isLocal, type NetAddress } from '../wire/net-address.ts';
import type { NetGroups } from '../wire/net-groups.ts';
import type { ListenAt } from './node-options.ts';

/** What matters of the place where someone comes in. */
export type DoorFacts = Pick<ListenAt, 'whitebind' | 'isOnion'>;

/** What is decided about someone who connects. */
export type Admission =
  | { readonly type: 'admit'; readonly permissions: NetPermissions; readonly evicted: PeerId | null }
  /** A sentence for the debug log. */
  | { readonly type: 'refuse'; readonly text: string };

/** What a doorkeeper is made with. */
export interface DoorkeeperParts {
  readonly banList: BanList;
  readonly whitelist: readonly WhitelistEntry[];
  readonly whitelistDefaults: WhitelistDefaults;
  readonly inboundMax: number;
  readonly netGroups: NetGroups;
  readonly peers: () => Iterable<Peer>;
  readonly rng: Rng;
}

/** Decides who comes in. */
export class Doorkeeper {
  readonly #parts: DoorkeeperParts;
  readonly #inboundRanges: readonly WhitelistEntry[];
  readonly #groupKey: SipHash;

  constructor(parts: DoorkeeperParts) {
    this.#parts = parts;
    this.#inboundRanges = parts.whitelist.filter((entry) => entry.appliesToInbound);
    this.#groupKey = new SipHash(parts.rng.bytes(SIPHASH_KEY_BYTES));
  }

  /** Permissions of a peer that we connect to because the operator said so. */
  manualPermissions(address: NetAddress): NetPermissions {
    const { whitelist, whitelistDefaults } = this.#parts;
    const ranges = whitelist.filter((entry) => entry.appliesToManual);
    return computePermissions(address, ranges, null, whitelistDefaults);
  }

  /**
   * Decides about someone who connects; with `evicted` that peer has to go. Whoever comes by Tor has its address, and is granted
   * nothing for it.
   */
  decide(address: NetAddress, { whitebind, isOnion }: DoorFacts, nowSec: number): Admission {
    const { banList, inboundMax, whitelistDefaults } = this.#parts;
    const known = isOnion ? null : address;
    const permissions = computePermissions(known, this.#inboundRanges, whitebind, whitelistDefaults);
    const refuse = (why: string): Admission => {
      return { type: 'refuse', text: `connection from ${formatNetAddress(address)} dropped (${why})` };
    };
    const full: Admission = {
      type: 'refuse',
      text: 'failed to find an eviction candidate - connection dropped (full)',
    };
    if (!permissions.noban && banList.isBanned(address, nowSec)) return refuse('banned');
    const inbound = [...this.#parts.peers()].filter((peer) => peer.kind === 'inbound' && !peer.isDisconnecting);
    if (!permissions.noban && inbound.length + 1 >= inboundMax && banList.isDiscouraged(address)) {
      return refuse('discouraged');
    }
    if (inbound.length < inboundMax) return { type: 'admit', permissions, evicted: null };
    const evicted = selectPeerToEvict(inbound.map((peer) => this.#asCandidate(peer)));
    if (evicted === null) return full;
    return { type: 'admit', permissions, evicted };
  }

  #asCandidate(peer: Peer): EvictionCandidate<PeerId> {
    const { address } = peer;
    const network = networkOfPeer(peer);
    return {
      id: peer.id,
      kind: peer.kind,
      connectedAtMs: peer.connectedAtMs,
      pingMinMs: peer.pingMinMs,
      lastBlockSec: peer.lastBlockSec,
      lastTransactionSec: peer.lastTransactionSec,
      hasWantedServices: peer.hasWantedServices,
      relaysTransactions: peer.wantsTransactions,
      hasBloomFilter: peer.bloomFilter !== null,
      keyedNetGroup: computeKeyedNetGroup(this.#groupKey, this.#parts.netGroups.group(address)),
      isDiscouraged: this.#parts.banList.isDiscouraged(address),
      isLocal: isLocal(address),
      network: network === 'unroutable' ? address.network : network,
      hasNoBan: peer.permissions.noban,
    };
  }
}
