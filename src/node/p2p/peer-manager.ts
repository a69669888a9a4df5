// The network of a node as one machine: it is told what happens (a peer connected, a message came, a block was judged, time went by)
// and returns what is to be done. It finds the handler of a message, keeps the table of peers, and collects effects; rules are in the
// handlers and the machines beside it (Core PeerManagerImpl, without its threads and locks).
//
// For every peer, the regular work (`tick`) is done about ten times a second, in this order, which is that of Core's SendMessages:
// timeouts, ping, addresses, sendheaders, headers sync, announcements of blocks and transactions, downloads, fee filter.

import type { BlockAcceptance } from '../../kernel/chain/block-acceptance.ts';
import type { BlockEntry } from '../../kernel/chain/block-index.ts';
import type { ChainParams } from '../../kernel/consensus/params.ts';
import type { BlockReject } from '../../kernel/consensus/reject.ts';
import type { Block } from '../../kernel/primitives/block.ts';
import type { Wtxid } from '../../kernel/primitives/hashes.ts';
import type { Transaction } from '../../kernel/primitives/transaction.ts';
import { assert } from '../../kernel/util/assert.ts';
import type { Rng } from '../../kernel/util/prng.ts';
import type { PackageResult, SingleResult } from '../mempool/accept-result.ts';
import type { Message } from '../wire/messages.ts';
import { isLocal } from '../wire/net-address.ts';
import type { TransportProtocol } from '../wire/transport.ts';
import type { AddrRelay } from './addr-relay.ts';
import type { AddressManager } from './addrman.ts';
import { BlockDownload } from './block-download.ts';
import { BlockRelay } from './block-relay.ts';
import { BlockServing } from './block-serving.ts';
import type { ChainView } from './chain-view.ts';
import { CompactRelay } from './compact-relay.ts';
import type { LocalNode, P2pContext } from './context.ts';
import { dispatch, dispatchUndecodable, dispatchUnknown } from './dispatch.ts';
import type { BlockForm, Effect } from './effects.ts';
import { ExtraTransactions } from './extra-transactions.ts';
import { FeeFilter } from './fee-filter.ts';
import { type FilterPortion, FilterServing } from './filter-serving.ts';
import { fetchBlock, onBlockAccepted, onBlockChecked } from './handlers/block.ts';
import { announceCompact } from './handlers/compact.ts';
import { serveNextFilters } from './handlers/filters.ts';
import { sendVersion } from './handlers/handshake.ts';
import { isPrivate, mayLeave } from './handlers/private-broadcast.ts';
import { forgetReconciliation } from './handlers/reconciliation.ts';
import { serveNext } from './handlers/serve.ts';
import { onPackageChecked, onTransactionChecked, reconsiderOrphan } from './handlers/transactions.ts';
import { HeadersSync } from './headers-sync.ts';
import type { LogText, P2pLogCategory } from './log-text.ts';
import type { Offence } from './misbehavior.ts';
import { punish } from './misbehavior.ts';
import type { OutboundHealth } from './outbound-health.ts';
import { createPeer, type Peer, type PeerFacts } from './peer.ts';
import type { PeerId } from './peer-id.ts';
import { announceTip, tickPeer } from './peer-tick.ts';
import { PrivateBroadcast } from './private-broadcast.ts';
import { CLOCK_WARNING, TimeOffsets } from './time-offsets.ts';
import { type ConnectionFacts, findTimeout } from './timeouts.ts';
import { TxDownload } from './tx-download.ts';
import { TxReconciliation } from './tx-reconciliation.ts';
import { TxRelay } from './tx-relay.ts';
import { NO_RELAY_POOL, type RelayPool } from './tx-relay-pool.ts';
import { TxServing } from './tx-serving.ts';
import type { UploadTarget } from './upload-target.ts';

/** When something happens. */
export interface Moment {
  /** Monotonic milliseconds. */
  readonly ms: number;
  /** The node's own clock, seconds since 1970. */
  readonly sec: number;
}

/** What the machine is made with. */
export interface PeerManagerParts {
  readonly params: ChainParams;
  readonly chain: ChainView;
  readonly local: LocalNode;
  readonly addressManager: AddressManager;
  readonly addrRelay: AddrRelay;
  readonly health: OutboundHealth;
  readonly uploadTarget: UploadTarget;
  readonly rng: Rng;
  /** Absent: the node keeps no transactions. */
  readonly mempool?: RelayPool;
}

/** All peers of a node. */
export class PeerManager implements P2pContext {
  readonly params: ChainParams;
  readonly chain: ChainView;
  readonly local: LocalNode;
  readonly rng: Rng;
  readonly addressManager: AddressManager;
  readonly addrRelay: AddrRelay;
  readonly headersSync: HeadersSync;
  readonly download: BlockDownload;
  readonly compact: CompactRelay;
  readonly relay: BlockRelay;
  readonly serving: BlockServing;
  readonly filterServing: FilterServing;
  readonly txDownload: TxDownload;
  readonly txRelay: TxRelay;
  readonly txServing: TxServing;
  readonly txReconciliation: TxReconciliation | null;
  readonly privateBroadcast: PrivateBroadcast = new PrivateBroadcast();
  readonly feeFilter: FeeFilter;
  readonly extraTransactions: ExtraTransactions = new ExtraTransactions();
  readonly health: OutboundHealth;
  /** What may be sent in a day; whoever sends notes it here. */
  readonly uploadTarget: UploadTarget;
  readonly #peers: Map<PeerId, Peer> = new Map();
  readonly #timeOffsets: TimeOffsets = new TimeOffsets();
  #isWarnedOfClock = false;
  #now: Moment = { ms: 0, sec: 0 };
  #effects: Effect[] = [];
  /** True while an event is being handled: effects have somebody to go to. */
  #isHandling = false;

  constructor(parts: PeerManagerParts) {
    this.params = parts.params;
    this.chain = parts.chain;
    this.local = parts.local;
    this.rng = parts.rng;
    this.addressManager = parts.addressManager;
    this.addrRelay = parts.addrRelay;
    this.download = new BlockDownload(parts.chain, { params: parts.params });
    this.headersSync = new HeadersSync(parts.chain, this.download, { params: parts.params }, parts.rng.fork('headers'));
    const { isBlocksOnly } = parts.local;
    const mempool = parts.mempool ?? NO_RELAY_POOL;
    const pools = { pool: mempool.view, extra: this.extraTransactions };
    this.compact = new CompactRelay(this.download, { rng: parts.rng.fork('compact'), isBlocksOnly, pools });
    this.health = parts.health;
    this.relay = new BlockRelay(parts.chain);
    this.serving = new BlockServing(parts.chain, parts.params.consensus, parts.uploadTarget);
    this.filterServing = new FilterServing(parts.chain.index);
    this.txDownload = new TxDownload(
      { hasTransaction: ({ hash, isWtxid }) => (isWtxid ? mempool.getByWtxid(hash) : mempool.get(hash)) !== null },
      parts.rng.fork('tx download'),
    );
    this.txRelay = new TxRelay(mempool, parts.rng.fork('tx relay'));
    this.txServing = new TxServing(mempool, this.txRelay, parts.rng.fork('tx serving'));
    const offersReconciliation = parts.local.offersReconciliation === true;
    this.txReconciliation = offersReconciliation ? new TxReconciliation(parts.rng.fork('reconciliation')) : null;
    this.feeFilter = new FeeFilter(mempool, parts.rng.fork('fee filter'));
    this.uploadTarget = parts.uploadTarget;
  }

  get peers(): ReadonlyMap<PeerId, Peer> {
    return this.#peers;
  }

  // --- what happens ---------------------------------------------------------------------------------------------------

  /** A connection has come about. */
  peerConnected(facts: PeerFacts, now: Moment): Effect[] {
    return this.#handle(now, () => {
      const peer = createPeer(facts, now.ms, now.sec);
      this.#peers.set(peer.id, peer);
      this.health.addPeer(peer.id);
      if (peer.kind !== 'inbound') sendVersion(this, peer);
    });
  }

  /** A connection is over. */
  peerDisconnected(id: PeerId, now: Moment): Effect[] {
    return this.#handle(now, () => {
      const peer = this.#peers.get(id);
      if (peer === undefined) return;
      this.#peers.delete(id);
      this.health.removePeer(id);
      if (isPrivate(peer)) this.privateBroadcast.peerLeft(id);
      else if (peer.stage !== 'awaiting-version') this.#leave(peer);
    });
  }

  /** A message has come. */
  messageReceived(id: PeerId, message: Message, now: Moment): Effect[] {
    return this.#handlePeer(id, now, (peer) => dispatch(this, peer, message));
  }

  /** A message of a type that nobody knows has come. */
  messageUnknown(id: PeerId, command: string, now: Moment): Effect[] {
    return this.#handlePeer(id, now, (peer) => dispatchUnknown(this, peer, command));
  }

  /** A message has come that could not be decoded. */
  messageUndecodable(id: PeerId, command: string, now: Moment): Effect[] {
    return this.#handlePeer(id, now, (peer) => dispatchUndecodable(this, peer, command));
  }

  /** The shell has found an offence: a stream that is none, a block that cannot be served. */
  offended(id: PeerId, offence: Offence, now: Moment): Effect[] {
    return this.#handlePeer(id, now, (peer) => this.misbehaving(peer, offence));
  }

  #handlePeer(id: PeerId, now: Moment, action: (peer: Peer) => void): Effect[] {
    return this.#handle(now, () => {
      const peer = this.#peers.get(id);
      if (peer !== undefined && !peer.isDisconnecting) action(peer);
    });
  }

  /** Whether requests of the peer wait that must be answered before its next message is handled. */
  hasRequests(id: PeerId): boolean {
    return this.serving.isBusy(id) || this.filterServing.isBusy(id);
  }

  /** Whether the next of them waits for a verdict on a block. */
  isWaitingForVerdict(id: PeerId): boolean {
    return this.serving.isWaiting(id);
  }

  /** Answers the next request of a peer. */
  serveNext(id: PeerId, now: Moment): Effect[] {
    const next = this.filterServing.isBusy(id) ? serveNextFilters : serveNext;
    return this.#handlePeer(id, now, (peer) => next(this, peer));
  }

  /** A block that was submitted for a peer was stored or refused. */
  blockAccepted(id: PeerId, block: Block, acceptance: BlockAcceptance, now: Moment): Effect[] {
    return this.#handle(now, () => {
      onBlockAccepted(this, id, block, acceptance);
      if (acceptance.outcome === 'stored') this.#announceStored(block, acceptance.entry);
    });
  }

  /** A block that came by no peer was stored: mined here, or handed in by a person. */
  ownBlockStored(block: Block, entry: BlockEntry, now: Moment): Effect[] {
    return this.#handle(now, () => this.#announceStored(block, entry));
  }

  #announceStored(block: Block, entry: BlockEntry): void {
    announceCompact(this, block, entry);
    if (this.compact.recall(entry) !== null) this.txServing.blockAnnounced(block);
  }

  /** Whether an orphan of a peer is to be checked again, before its next message is handled. */
  hasOrphanToReconsider(id: PeerId): boolean {
    return this.txDownload.hasOrphanToReconsider(id);
  }

  /** Has the next of them checked. */
  reconsiderOrphan(id: PeerId, now: Moment): Effect[] {
    return this.#handlePeer(id, now, (peer) => reconsiderOrphan(this, peer));
  }

  /** The verdict on a transaction that was submitted; to be told also when the peer has gone. */
  transactionChecked(id: PeerId, transaction: Transaction, result: SingleResult, now: Moment): Effect[] {
    return this.#handle(now, () => onTransactionChecked(this, id, transaction, result));
  }

  /** The verdict on a package that was submitted; to be told also when the peer has gone. */
  packageChecked(id: PeerId, transactions: readonly Transaction[], result: PackageResult, now: Moment): Effect[] {
    return this.#handle(now, () => onPackageChecked(this, id, transactions, result));
  }

  /** A transaction has come into the mempool: peers are to be told of it. */
  relayTransaction(wtxid: Wtxid, now: Moment): Effect[] {
    return this.#handle(now, () => this.txRelay.relay(wtxid));
  }

  /** It is time to announce our own transactions again that nobody has fetched: ten to fifteen minutes after the last time. */
  reattemptBroadcast(now: Moment): Effect[] {
    return this.#handle(now, () => this.txRelay.reattemptBroadcast());
  }

  /** A verdict on a block; null: valid. */
  blockChecked(block: Block, reject: BlockReject | null, now: Moment): Effect[] {
    return this.#handle(now, () => onBlockChecked(this, block, reject));
  }

  /** A block has become part of the active chain: what it holds need not be fetched. To be told when the mempool knows it. */
  blockConnected(block: Block, now: Moment): Effect[] {
    return this.#handle(now, () => {
      if (!this.local.takesTransactions || this.chain.isInitialDownload) return;
      const erased = this.txDownload.blockConnected(block);
      if (erased === 0) return;
      this.debug('txpackages', `Erased ${erased} orphan transaction(s) included or conflicted by block`);
    });
  }

  /** A block is no longer part of the active chain. */
  blockDisconnected(now: Moment): Effect[] {
    return this.#handle(now, () => this.txDownload.blockDisconnected());
  }

  /** The active chain has another tip. */
  tipChanged(tip: BlockEntry, fork: BlockEntry, now: Moment): Effect[] {
    return this.#handle(now, () => {
      this.health.tipChanged(now.ms);
      if (this.chain.isInitialDownload) return;
      this.txDownload.tipChanged();
      this.relay.tipChanged(tip, fork);
      for (const peer of this.#peers.values()) announceTip(this, peer);
    });
  }

  /** The regular work on one peer. */
  tick(id: PeerId, now: Moment): Effect[] {
    return this.#handlePeer(id, now, (peer) => tickPeer(this, peer));
  }

  /** The form of a peer's stream, which may become certain only after it has said something. */
  noteTransport(id: PeerId, transport: TransportProtocol): void {
    const peer = this.peers.get(id);
    if (peer !== undefined) peer.transport = transport;
  }

  /** Ends a connection that has been silent for too long. */
  checkTimeout(id: PeerId, facts: ConnectionFacts, handshakeTimeoutMs: number, now: Moment): Effect[] {
    return this.#handlePeer(id, now, (peer) => {
      const found = findTimeout(peer, facts, handshakeTimeoutMs, now.ms);
      if (found !== null) this.misbehaving(peer, found.offence, found.detail);
    });
  }

  /** Asks a peer for a block by an operator's wish; `refusal` says why not. */
  fetchBlock(
    id: PeerId,
    entry: BlockEntry,
    now: Moment,
  ): { readonly refusal: string | null; readonly effects: Effect[] } {
    let refusal: string | null = 'Peer does not exist';
    const effects = this.#handlePeer(id, now, (peer) => {
      refusal = fetchBlock(this, peer, entry);
    });
    return { refusal, effects };
  }

  /** Ends a connection for a reason of ours: an operator's wish, too many connections. No line is logged for an empty reason. */
  drop(id: PeerId, reason: string, now: Moment): Effect[] {
    return this.#handlePeer(id, now, (peer) => this.disconnect(peer, reason));
  }

  // --- what handlers do -----------------------------------------------------------------------------------------------

  get nowMs(): number {
    return this.#now.ms;
  }

  get nowSec(): number {
    return this.#now.sec;
  }

  send(peer: Peer, message: Message): void {
    if (peer.isDisconnecting || !mayLeave(this, peer, message.type)) return;
    this.#emit({ type: 'send', peer: peer.id, message });
  }

  disconnect(peer: Peer, reason: string): void {
    if (peer.isDisconnecting) return;
    peer.isDisconnecting = true;
    const line = reason === '' ? '' : `${reason}, disconnecting peer=${peer.id}`;
    this.#emit({ type: 'disconnect', peer: peer.id, reason: line });
  }

  misbehaving(peer: Peer, offence: Offence, detail = ''): void {
    const { action, lines } = punish(offence, { ...peer, isLocal: isLocal(peer.address) }, detail);
    for (const { level, text } of lines) {
      if (level === 'debug') this.debug('net', text);
      else this.#emit({ type: 'log', level, text });
    }
    if (action === 'none' || peer.isDisconnecting) return;
    peer.isDisconnecting = true;
    if (action === 'discourage') this.#emit({ type: 'discourage', address: peer.address });
    this.#emit({ type: 'disconnect', peer: peer.id, reason: '' });
  }

  submitBlock(
    peer: Peer,
    block: Block,
    arrival: { readonly isRequested: boolean; readonly hasEnoughWork: boolean },
  ): void {
    this.#emit({ type: 'submit-block', peer: peer.id, block, ...arrival });
  }

  serveBlock(peer: Peer, entry: BlockEntry, form: BlockForm): void {
    if (!peer.isDisconnecting) this.#emit({ type: 'serve-block', peer: peer.id, entry, form });
  }

  serveFilters(peer: Peer, portion: FilterPortion): void {
    if (!peer.isDisconnecting) this.#emit({ type: 'serve-filters', peer: peer.id, portion });
  }

  submitTransaction(id: PeerId, transaction: Transaction): void {
    this.#emit({ type: 'submit-transaction', peer: id, transaction });
  }

  submitPackage(id: PeerId, transactions: readonly Transaction[]): void {
    this.#emit({ type: 'submit-package', peer: id, transactions });
  }

  debug(category: P2pLogCategory, text: LogText): void {
    this.#emit({ type: 'debug', category, text });
  }

  info(text: string): void {
    this.#emit({ type: 'log', level: 'info', text });
  }

  isOwnNonce(nonce: bigint): boolean {
    for (const peer of this.#peers.values()) {
      if (peer.kind === 'inbound' || isPrivate(peer)) continue;
      if (peer.stage !== 'established' && peer.localNonce === nonce) return true;
    }
    return false;
  }

  /** Median of the clocks of peers that we chose, minus ours, in seconds. */
  get medianTimeOffsetSec(): number {
    return this.#timeOffsets.medianSec;
  }

  /** Whether that is worth a warning. */
  get isClockOutOfSync(): boolean {
    return this.#timeOffsets.isOutOfSync;
  }

  noteTimeOffset(offsetSec: number): void {
    this.#timeOffsets.add(offsetSec);
    const isOutOfSync = this.#timeOffsets.isOutOfSync;
    if (isOutOfSync && !this.#isWarnedOfClock) this.#emit({ type: 'log', level: 'warn', text: CLOCK_WARNING });
    this.#isWarnedOfClock = isOutOfSync;
  }

  joined(peer: Peer): void {
    const { id, kind, services } = peer;
    this.download.peerJoined(id, { kind, services, hasNoBan: peer.permissions.noban });
    this.headersSync.peerJoined(id);
    this.compact.peerJoined(id, { isInbound: kind === 'inbound' });
    this.relay.peerJoined(id);
    this.txRelay.peerJoined(peer);
    for (const message of this.addrRelay.peerJoined(peer, this)) this.send(peer, message);
  }

  #leave(peer: Peer): void {
    const { id, stage } = peer;
    forgetReconciliation(this, peer);
    this.headersSync.peerLeft(id);
    this.download.peerLeft(id);
    this.compact.peerLeft(id);
    this.relay.peerLeft(id);
    this.serving.peerLeft(id);
    this.filterServing.peerLeft(id);
    this.txDownload.peerLeft(id);
    this.txRelay.peerLeft(id);
    this.feeFilter.peerLeft(id);
    this.addrRelay.peerLeft(id, stage === 'established', this);
  }

  // --- the event in hand ----------------------------------------------------------------------------------------------

  #emit(effect: Effect): void {
    assert(this.#isHandling, 'peer manager: an effect without an event');
    this.#effects.push(effect);
  }

  #handle(now: Moment, action: () => void): Effect[] {
    assert(!this.#isHandling, 'peer manager: one event at a time');
    const effects: Effect[] = [];
    this.#now = now;
    this.#effects = effects;
    this.#isHandling = true;
    try {
      action();
    } finally {
      this.#isHandling = false;
      this.#effects = []; // a flood of lines is not kept until the next event
    }
    return effects;
  }
}
