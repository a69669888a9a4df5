// The peers as a picture: this node in the middle, lines to all others. What it shows stands in the table below, too.

import type { ReactNode } from 'react';
import { NARROW, useMedia } from '../../components/use-media.ts';
import type { Peer } from '../../data/network-queries.ts';
import { plainText } from '../../format/short-text.ts';
import { useFigures, useMessages } from '../../i18n/messages.tsx';
import { placePeers } from './graph-layout.ts';

/** Sizes of the picture: on a phone it is narrow, so that its letters are as large as others. */
const WIDE = { width: 900, height: 380, reachX: 270, reachY: 150 };
const SMALL = { width: 360, height: 330, reachX: 130, reachY: 125 };
/** With more peers than this their names would cover each other. */
const NAMES_MAX = 14;
/** From the middle of a dot to its name. */
const NAME_GAP = 18;
const NAME_LETTERS = 24;

/** The picture. */
export function PeerGraph({ peers }: { readonly peers: readonly Peer[] }): ReactNode {
  const { network } = useMessages();
  const isSmall = useMedia(NARROW);
  const { width, height, reachX, reachY } = isSmall ? SMALL : WIDE;
  const places = placePeers(peers).map(({ x, y }) => ({ x: x * reachX, y: y * reachY }));
  const inboundCount = peers.filter(({ isInbound }) => isInbound).length;
  return (
    <figure className="graph" role="img" aria-label={network.graphSummary(peers.length, inboundCount)}>
      <svg viewBox={`${-width / 2} ${-height / 2} ${width} ${height}`} aria-hidden="true">
        {[0.45, 0.72, 1].map((share) => (
          <ellipse key={share} className="graph-ring" rx={reachX * share} ry={reachY * share} />
        ))}
        {peers.map((peer, i) => (
          <PeerLine key={peer.id} peer={peer} {...places[i]!} />
        ))}
        {peers.map((peer, i) => (
          <PeerDot
            key={peer.id}
            peer={peer}
            {...places[i]!}
            name={peers.length > NAMES_MAX ? 'none' : isSmall ? 'below' : 'beside'}
          />
        ))}
        <circle className="graph-us" r="26" />
        <g className="graph-mark">
          <path d="M-9 -9v18M-3 -9v18M3 -9v18M9 -9v18M-13 5.5 13 -5.5" />
        </g>
        <text className="graph-name graph-name-us" y="46" textAnchor="middle">
          {network.us}
        </text>
      </svg>
    </figure>
  );
}

interface PeerMarkProps {
  readonly peer: Peer;
  readonly x: number;
  readonly y: number;
}

function PeerLine({ peer, x, y }: PeerMarkProps): ReactNode {
  const megabytes = (peer.sentBytes + peer.receivedBytes) / 1e6;
  const width = 1.2 + Math.min(5, Math.log2(1 + megabytes));
  return <line className="graph-line" data-inbound={peer.isInbound} x1="0" y1="0" x2={x} y2={y} strokeWidth={width} />;
}

function PeerDot({ peer, x, y, name }: PeerMarkProps & { readonly name: 'none' | 'below' | 'beside' }): ReactNode {
  const figures = useFigures();
  const ping = peer.pingSec === null ? '' : ` · ${figures.span(peer.pingSec)}`;
  const side = peer.isInbound ? -1 : 1;
  return (
    <g className="graph-peer" data-inbound={peer.isInbound}>
      <circle cx={x} cy={y} r="10" />
      {name === 'beside' && (
        <text className="graph-name" x={x + side * NAME_GAP} y={y + 4} textAnchor={peer.isInbound ? 'end' : 'start'}>
          {plainText(peer.address, NAME_LETTERS)}
          {ping}
        </text>
      )}
      {name === 'below' && (
        <text className="graph-name" x={x + side * NAME_GAP} y={y + 26} textAnchor="middle">
          {plainText(peer.address, NAME_LETTERS)}
        </text>
      )}
    </g>
  );
}
