// The one table that punishes: what a peer may do wrong, and what comes of it. Core spreads this over every Misbehaving(...) and
// fDisconnect of net_processing.cpp; here a handler names the offence, and nothing but this file decides.
//
// Three grades. *Discourage*: the peer broke a rule that no honest node breaks; it is disconnected, and its address is refused when
// places are short, never dialled and never gossiped. *Disconnect*: the connection is of no use, or asks for what we do not offer.
// *Ignore*: oddities that honest nodes of other versions show; to punish them would split the network. A peer that the operator
// chose (manual, or with `noban`) is never discouraged, and never disconnected for what would discourage others.
//
// Not here: connections that end without fault (a feeler that got through, a private broadcast).

import type { BlockRejectKind } from '../../kernel/consensus/reject.ts';
import { unreachable } from '../../kernel/util/assert.ts';
import type { ConnectionKind } from './connection-kind.ts';
import type { NetPermissions, PermissionName } from './net-permissions.ts';

/** What an offence leads to with an ordinary peer. */
export type OffenceAction = 'discourage' | 'disconnect' | 'ignore';

/** A row of the table. */
export interface OffenceRule {
  readonly action: OffenceAction;
  /** Core's sentence without its end; `%s` stands for the detail that the handler gives. */
  readonly words: string;
  /** Where the line goes: `debug` (category net) unless said otherwise. */
  readonly level?: 'info' | 'error';
  /** Whoever has this permission is not disconnected for it. */
  readonly spares?: PermissionName;
}

/** Every offence. */
const RULES = {
  // --- blocks and headers
  'invalid-block': { action: 'discourage', words: '' },
  'mutated-block': { action: 'discourage', words: 'mutated block' },
  'invalid-header': { action: 'discourage', words: 'invalid header received' },
  'invalid-compact-header': { action: 'discourage', words: 'invalid header via cmpctblock' },
  'bad-header-proof-of-work': { action: 'discourage', words: 'header with invalid proof of work' },
  'non-continuous-headers': { action: 'discourage', words: 'non-continuous headers sequence' },
  'insufficient-work': {
    action: 'disconnect',
    words: 'outbound peer headers chain has insufficient work',
    level: 'info',
  },
  'old-chain': { action: 'disconnect', words: 'Outbound peer has old chain, best known block = %s', level: 'info' },
  'stalled-block-download': { action: 'disconnect', words: 'Peer is stalling block download', level: 'info' },
  'block-download-timeout': { action: 'disconnect', words: 'Timeout downloading block %s', level: 'info' },
  'headers-download-timeout': {
    action: 'disconnect',
    words: 'Timeout downloading headers',
    level: 'info',
    spares: 'noban',
  },

  // --- compact blocks (BIP152)
  'invalid-sendcmpct': { action: 'discourage', words: 'invalid sendcmpct announce field' },
  'invalid-compact-block': { action: 'discourage', words: 'invalid compact block' },
  'invalid-block-transactions': {
    action: 'discourage',
    words: 'invalid compact block/non-matching block transactions',
  },
  'unrequested-reconstruction': { action: 'discourage', words: 'previous compact block reconstruction attempt failed' },
  'bad-getblocktxn-index': { action: 'discourage', words: 'getblocktxn with out-of-bounds tx indices' },

  // --- more items than a message may have; the detail is the number
  'oversize-inv': { action: 'discourage', words: 'inv message size = %s' },
  'oversize-getdata': { action: 'discourage', words: 'getdata message size = %s' },
  'oversize-headers': { action: 'discourage', words: 'headers message size = %s' },
  'oversize-addr': { action: 'discourage', words: 'addr message size = %s' },
  'oversize-addrv2': { action: 'discourage', words: 'addrv2 message size = %s' },
  /** The detail is as in `getheaders locator size 102 > 101`. */
  'oversize-locator': { action: 'disconnect', words: '%s' },

  // --- handshake
  /** The detail is as in `00000000 offered, 00000009 expected`. */
  'missing-services': { action: 'disconnect', words: 'peer does not offer the expected services (%s)' },
  'obsolete-version': { action: 'disconnect', words: 'peer using obsolete version %s' },
  'late-wtxidrelay': { action: 'disconnect', words: 'wtxidrelay received after verack' },
  'late-sendaddrv2': { action: 'disconnect', words: 'sendaddrv2 received after verack' },
  'late-feature': { action: 'disconnect', words: 'feature received after verack' },
  'feature-without-version': { action: 'disconnect', words: 'feature received with incompatible version %s' },
  'invalid-feature': { action: 'disconnect', words: 'invalid feature payload' },
  'late-sendtxrcncl': { action: 'disconnect', words: 'sendtxrcncl received after verack' },
  'refused-sendtxrcncl': { action: 'disconnect', words: 'sendtxrcncl received to which we indicated no tx relay' },
  'contradictory-sendtxrcncl': {
    action: 'disconnect',
    words: 'sendtxrcncl received which indicated no tx relay to us',
  },
  'repeated-sendtxrcncl': {
    action: 'disconnect',
    words: 'txreconciliation protocol violation (sendtxrcncl received from already registered peer)',
  },
  'bad-sendtxrcncl': { action: 'disconnect', words: 'txreconciliation protocol violation' },
  'redundant-version': { action: 'ignore', words: 'redundant version message' },
  'redundant-verack': { action: 'ignore', words: 'ignoring redundant verack message' },
  'redundant-wtxidrelay': { action: 'ignore', words: 'ignoring duplicate wtxidrelay' },
  'message-before-version': { action: 'ignore', words: 'non-version message before version handshake. Message "%s"' },
  'message-before-verack': { action: 'ignore', words: 'Unsupported message "%s" prior to verack' },

  // --- transactions and filters
  'unwanted-transaction': { action: 'disconnect', words: 'transaction sent in violation of protocol' },
  'unwanted-transaction-inv': { action: 'disconnect', words: 'transaction (%s) inv sent in violation of protocol' },
  'mempool-without-bloom': {
    action: 'disconnect',
    words: 'mempool request with bloom filters disabled',
    spares: 'noban',
  },
  'mempool-over-limit': {
    action: 'disconnect',
    words: 'mempool request with bandwidth limit reached',
    spares: 'noban',
  },
  'oversize-bloom-filter': { action: 'discourage', words: 'too-large bloom filter' },
  'bad-filteradd': { action: 'discourage', words: 'bad filteradd message' },
  'unoffered-filterload': { action: 'disconnect', words: 'filterload received despite not offering bloom services' },
  'unoffered-filteradd': { action: 'disconnect', words: 'filteradd received despite not offering bloom services' },
  'unoffered-filterclear': { action: 'disconnect', words: 'filterclear received despite not offering bloom services' },

  // --- requests that we cannot or will not serve
  'historical-block-limit': {
    action: 'disconnect',
    words: 'historical block serving limit reached',
    spares: 'download',
  },
  'block-below-limited-threshold': {
    action: 'disconnect',
    words: 'Ignore block request below NODE_NETWORK_LIMITED threshold',
    spares: 'noban',
  },
  'block-pruned': { action: 'disconnect', words: 'Block was pruned before it could be read' },
  'block-unreadable': { action: 'disconnect', words: 'Cannot load block from disk', level: 'error' },
  'unsupported-block-filter': { action: 'disconnect', words: 'peer requested unsupported block filter type: %s' },
  'unknown-block-filter-stop': { action: 'disconnect', words: 'peer requested invalid block hash: %s' },
  /** The detail is as in `start height 5 and stop height 3`. */
  'backward-block-filters': { action: 'disconnect', words: 'peer sent invalid getcfilters/getcfheaders with %s' },
  /** The detail is as in `1001 / 1000`. */
  'too-many-block-filters': { action: 'disconnect', words: 'peer requested too many cfilters/cfheaders: %s' },

  // --- the connection itself
  /** Wrong magic or a length beyond the limit: nothing after it can be understood. */
  'broken-stream': { action: 'disconnect', words: 'receiving message bytes failed' },
  'ping-timeout': { action: 'disconnect', words: 'ping timeout: %ss' },
  /** The detail is as in `60 seconds, never received from peer`. */
  'silent-peer': { action: 'disconnect', words: 'socket no message in first %s' },
  'send-timeout': { action: 'disconnect', words: 'socket sending timeout: %ss' },
  'receive-timeout': { action: 'disconnect', words: 'socket receive timeout: %ss' },
  'handshake-timeout': { action: 'disconnect', words: 'version handshake timeout' },
  'v2-handshake-timeout': { action: 'disconnect', words: 'V2 handshake timeout' },
  'addr-fetch-timeout': { action: 'disconnect', words: 'addrfetch connection timeout' },
  'unknown-message': { action: 'ignore', words: 'Unknown message type "%s"' },
  /** The detail is as in `ping, 7 bytes`. */
  'undecodable-message': { action: 'ignore', words: 'undecodable message (%s)' },
} as const;

/** What a peer may do wrong. */
export type Offence = keyof typeof RULES;

/** The table, for whoever wants to read it. */
export const OFFENCES: Readonly<Record<Offence, OffenceRule>> = Object.freeze(RULES);

/** As much of a peer as decides about punishment. */
export interface Offender {
  readonly id: number;
  readonly kind: ConnectionKind;
  readonly permissions: NetPermissions;
  /** Its address is one of this machine, which many unrelated peers may share (Core CNetAddr::IsLocal). */
  readonly isLocal: boolean;
  /** It came in through the bind for Tor: its address is that of the proxy. */
  readonly isInboundOnion?: boolean;
  /** Address and port for the log, when the operator wants them there (-logips). */
  readonly addressForLog?: string;
}

/** A line for the log. */
export interface LogLine {
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  readonly text: string;
}

/** What is to be done, in the order of severity. */
export interface Punishment {
  /**
   * `discourage`: put the address into the filter, and end *every* connection with that address. `disconnect`: end this one.
   */
  readonly action: 'none' | 'disconnect' | 'discourage';
  readonly lines: readonly LogLine[];
}

/** Core CNode::LogPeer: how a peer is named in the log. */
export function formatPeerForLog(peer: Pick<Offender, 'id' | 'addressForLog'>): string {
  return peer.addressForLog === undefined ? `peer=${peer.id}` : `peer=${peer.id}, peeraddr=${peer.addressForLog}`;
}

/** The sentence for the log, as Core ends it for each grade; `detail` holds no text of the peer that was not made harmless. */
function describe(rule: OffenceRule, peer: Offender, detail: string): string {
  const words = rule.words.split('%s').join(detail);
  switch (rule.action) {
    case 'discourage':
      return words === '' ? `Misbehaving: peer=${peer.id}` : `Misbehaving: peer=${peer.id}: ${words}`;
    case 'disconnect':
      return `${words}, disconnecting ${formatPeerForLog(peer)}`;
    case 'ignore':
      return `${words} from peer=${peer.id}`;
    default:
      return unreachable(rule.action);
  }
}

/** What comes of a misbehaviour that discourages (Core MaybeDiscourageAndDisconnect). */
function punishMisbehavior(peer: Offender, first: LogLine): Punishment {
  const { id } = peer;
  if (peer.permissions.noban) {
    return { action: 'none', lines: [first, { level: 'warn', text: `Not punishing noban peer ${id}!` }] };
  }
  if (peer.kind === 'manual') {
    return { action: 'none', lines: [first, { level: 'warn', text: `Not punishing manually connected peer ${id}!` }] };
  }
  if (peer.isLocal) {
    // to discourage the address would hit everybody who comes from this machine or through its proxy
    const what = peer.isInboundOnion === true ? 'inbound onion' : 'local';
    const text = `Warning: disconnecting but not discouraging ${what} peer ${id}!`;
    return { action: 'disconnect', lines: [first, { level: 'debug', text }] };
  }
  const text = `Disconnecting and discouraging peer ${id}!`;
  return { action: 'discourage', lines: [first, { level: 'debug', text }] };
}

/** What is to be done about an offence of a peer, and what the log says. */
export function punish(offence: Offence, peer: Offender, detail = ''): Punishment {
  const rule = OFFENCES[offence];
  const line: LogLine = { level: rule.level ?? 'debug', text: describe(rule, peer, detail) };
  switch (rule.action) {
    case 'discourage':
      return punishMisbehavior(peer, line);
    case 'disconnect':
      if (rule.spares === undefined || !peer.permissions[rule.spares]) return { action: 'disconnect', lines: [line] };
      if (offence !== 'headers-download-timeout') return { action: 'none', lines: [] };
      return {
        action: 'none',
        lines: [{ level: 'info', text: `${rule.words} from noban peer, not disconnecting ${formatPeerForLog(peer)}` }],
      };
    case 'ignore':
      return { action: 'none', lines: [line] };
    default:
      return unreachable(rule.action);
  }
}

/** How a block or header that was refused had come to us. */
export type BlockSource =
  /** `block`. */
  | 'block'
  /** A block put together from `cmpctblock`, with or without `blocktxn`. */
  | 'compact-block'
  /** `headers`. */
  | 'headers'
  /** The header of a `cmpctblock` that was then handled like `headers`. */
  | 'compact-block-as-headers'
  /** The header of a `cmpctblock`. */
  | 'compact-header';

const SOURCES: Readonly<Record<BlockSource, { readonly offence: Offence; readonly isCompact: boolean }>> =
  Object.freeze({
    block: { offence: 'invalid-block', isCompact: false },
    'compact-block': { offence: 'invalid-block', isCompact: true },
    headers: { offence: 'invalid-header', isCompact: false },
    'compact-block-as-headers': { offence: 'invalid-header', isCompact: true },
    'compact-header': { offence: 'invalid-compact-header', isCompact: true },
  });

/**
 * The offence of whoever gave us a block or header that was refused, or null when that says nothing against it (Core
 * MaybePunishNodeForBlock). Compact blocks may be passed on before they are validated (BIP152), so only a bad header counts there.
 * A time in the future is never punished: the clock that is wrong may be ours.
 */
export function findBlockOffence(kind: BlockRejectKind, source: BlockSource, isInbound: boolean): Offence | null {
  const { offence, isCompact } = SOURCES[source];
  switch (kind) {
    case 'consensus':
    case 'mutated':
      return isCompact ? null : offence;
    case 'cached-invalid':
      // an inbound peer may be on a chain of its own; an outbound one would be wasted on us
      return isCompact || isInbound ? null : offence;
    case 'invalid-header':
    case 'invalid-prev':
    case 'missing-prev':
      return offence;
    case 'time-future':
    case 'header-low-work':
      return null;
    default:
      return unreachable(kind);
  }
}
