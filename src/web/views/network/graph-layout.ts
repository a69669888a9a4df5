// Where peers stand around this node: those that we connected to at the right, those that connected to us at the left, nearer the
// shorter their round trip is.

/** A peer as far as the graph is concerned. */
export interface GraphPeer {
  readonly id: number;
  readonly isInbound: boolean;
  readonly pingSec: number | null;
}

/** A place, from the middle as (0, 0) with the edge at 1. */
export interface GraphPlace {
  readonly id: number;
  readonly x: number;
  readonly y: number;
}

/** Round trips between these make a difference: from the same machine to the other side of the world. */
const PING_SEC_MIN = 0.001;
const PING_SEC_MAX = 1;

/** Nothing stands nearer to the middle. */
const RADIUS_MIN = 0.45;

/** Share of a half circle that a side takes: the two sides stay apart. */
const SIDE_SHARE = 0.8;

/** The places of all peers, in their order. */
export function placePeers(peers: readonly GraphPeer[]): readonly GraphPlace[] {
  const inbound = peers.filter(({ isInbound }) => isInbound);
  const outbound = peers.filter(({ isInbound }) => !isInbound);
  const places = new Map([...placeSide(inbound, -1), ...placeSide(outbound, 1)].map((place) => [place.id, place]));
  return peers.map(({ id }) => places.get(id)!);
}

function placeSide(peers: readonly GraphPeer[], direction: 1 | -1): readonly GraphPlace[] {
  return peers.map(({ id, pingSec }, i) => {
    const angle = ((i + 0.5) / peers.length - 0.5) * Math.PI * SIDE_SHARE;
    const radius = computeRadius(pingSec);
    return { id, x: direction * radius * Math.cos(angle), y: radius * Math.sin(angle) };
  });
}

/** The logarithm of the round trip; what is not measured yet stands at the edge. */
function computeRadius(pingSec: number | null): number {
  if (pingSec === null) return 1;
  const share = Math.log(pingSec / PING_SEC_MIN) / Math.log(PING_SEC_MAX / PING_SEC_MIN);
  return RADIUS_MIN + (1 - RADIUS_MIN) * Math.min(1, Math.max(0, share));
}
