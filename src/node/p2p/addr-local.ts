// Which addresses of our own to tell whom (Core net.cpp: mapLocalHost, AddLocal, SeenLocal, GetLocal, GetLocalAddrForPeer). They
// come from the operator, from the interfaces of the machine, and from what peers say they see. A peer's word is used towards that
// peer alone and never stored, so that peers can neither fill this table nor make us spread their addresses as ours.

import type { Rng } from '../../kernel/util/prng.ts';
import {
  hostKey,
  isPrivacyNet,
  isRoutable,
  type NetAddress,
  type Network,
  unspecifiedAddress,
  withPort,
} from '../wire/net-address.ts';
import { netClass, reachabilityFrom } from '../wire/net-group.ts';
import type { ConnectionKind } from './connection-kind.ts';

/** How we know of an address of our own, weakest first (net.h LOCAL_…): the score that it starts with. */
export const LOCAL_SCORE: {
  readonly none: number;
  /** A local interface has it. */
  readonly interface: number;
  /** We listen on it. */
  readonly bind: number;
  /** A router told us. */
  readonly mapped: number;
  /** The operator said so (-externalip). */
  readonly manual: number;
} = Object.freeze({ none: 0, interface: 1, bind: 2, mapped: 3, manual: 4 });

/** What decides which address a peer is told. */
export interface LocalAddressFacts {
  readonly kind: ConnectionKind;
  /** Where it is connected from or to. */
  readonly address: NetAddress;
  /** It came through our onion service: its address is that of the proxy (Core m_inbound_onion). */
  readonly isInboundOnion?: boolean;
  /** Our address as it sees it; null before it said so. */
  readonly seenLocalAddress: NetAddress | null;
}

/** What the table is made with. */
export interface LocalAddressOptions {
  /** Without listening there is nothing to tell (-listen). */
  readonly isListening: boolean;
  /** Addresses that nobody configured are looked for and believed (-discover). */
  readonly isDiscovering: boolean;
  /** Port that is told where only the host is known. */
  readonly listenPort: number;
  /** Networks that we use (-onlynet). */
  readonly reachable: ReadonlySet<Network>;
}

interface LocalAddress {
  address: NetAddress;
  score: number;
}

/** The network through which a peer is connected (Core ConnectedThroughNetwork). */
export function networkOfPeer({
  address,
  isInboundOnion,
}: Pick<LocalAddressFacts, 'address' | 'isInboundOnion'>): Network | 'unroutable' {
  return isInboundOnion === true ? 'onion' : netClass(address);
}

/** Our own addresses. */
export class LocalAddresses {
  readonly #options: LocalAddressOptions;
  readonly #rng: Rng;
  /** By host: of each, one port. */
  readonly #addresses: Map<string, LocalAddress> = new Map();

  constructor(options: LocalAddressOptions, rng: Rng) {
    this.#options = options;
    this.#rng = rng;
  }

  /** True when peers are to be told of us at all. */
  get isListening(): boolean {
    return this.#options.isListening;
  }

  /**
   * Learns an address of our own, or more about one; false when it is of no use. `isReachAssumed`: tell it even when we do not use
   * its network ourselves, as with -externalip.
   */
  add(address: NetAddress, score: number, isReachAssumed = false): boolean {
    if (!isRoutable(address)) return false;
    if (!this.#options.isDiscovering && score < LOCAL_SCORE.manual) return false;
    if (!isReachAssumed && !this.#options.reachable.has(address.network)) return false;
    const key = hostKey(address);
    const known = this.#addresses.get(key);
    if (known === undefined) this.#addresses.set(key, { address, score });
    else if (score >= known.score) this.#addresses.set(key, { address, score: score + 1 });
    return true;
  }

  /** Forgets an address. */
  remove(address: NetAddress): void {
    this.#addresses.delete(hostKey(address));
  }

  /** An inbound peer came to this address: a vote for it, if it is one of ours. */
  seen(address: NetAddress): boolean {
    const known = this.#addresses.get(hostKey(address));
    if (known === undefined) return false;
    known.score++;
    return true;
  }

  /** True for addresses of our own, whatever the port: they are not dialled. */
  has(address: NetAddress): boolean {
    return this.#addresses.has(hostKey(address));
  }

  /** All of them with their scores, for RPC. */
  list(): readonly { readonly address: NetAddress; readonly score: number }[] {
    return [...this.#addresses.values()];
  }

  /** The address to tell a peer as ours, or null. Sometimes it is what the peer sees, which may know better. */
  chooseFor(peer: LocalAddressFacts): NetAddress | null {
    const best = this.#findBest(peer);
    const address = best?.address ?? unspecifiedAddress(this.#options.listenPort);
    const seen = peer.seenLocalAddress;
    const canBeSeen = seen !== null && this.#isBelievable(peer.address, seen);
    if (canBeSeen && (!isRoutable(address) || this.#isSeenPreferred(best))) {
      // who came to us has seen the port, too; whom we called has seen one that nobody listens on
      return peer.kind === 'inbound' ? seen : withPort(seen, address.port);
    }
    return isRoutable(address) ? address : null;
  }

  /** Half of the time; one time in eight when the operator's word was confirmed by others. */
  #isSeenPreferred(best: LocalAddress | null): boolean {
    const isConfirmed = best !== null && best.score > LOCAL_SCORE.manual;
    return this.#rng.below(isConfirmed ? 8 : 2) === 0;
  }

  /** Core IsPeerAddrLocalGood. */
  #isBelievable(address: NetAddress, seen: NetAddress): boolean {
    const { isDiscovering, reachable } = this.#options;
    return isDiscovering && isRoutable(address) && isRoutable(seen) && reachable.has(seen.network);
  }

  /** The one that the peer reaches best, of several the one with the highest score (Core GetLocal). */
  #findBest(peer: LocalAddressFacts): LocalAddress | null {
    if (!this.#options.isListening) return null;
    const isPrivatePeer = peer.isInboundOnion === true || isPrivacyNet(peer.address);
    let best: LocalAddress | null = null;
    let bestReach = -1;
    for (const local of this.#addresses.values()) {
      // who knows us by one network is not told of another when either hides where we are
      const isElsewhere = local.address.network !== networkOfPeer(peer);
      if (isElsewhere && (isPrivatePeer || isPrivacyNet(local.address))) continue;
      const reach = reachabilityFrom(local.address, peer.address);
      if (reach > bestReach || (reach === bestReach && best !== null && local.score > best.score)) {
        best = local;
        bestReach = reach;
      }
    }
    return best;
  }
}
