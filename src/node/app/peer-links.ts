// The connections of a node and what goes over them: messages in, one per turn, to the peer manager; what it wants done out to the
// connections, the chain, the log. The only place where effects become deeds.

import { type BlockEntry, NO_ENTRY } from '../../kernel/chain/block-index.ts';
import { StorageError } from '../../kernel/chain/ports.ts';
import { HEADER_BYTES } from '../../kernel/primitives/header.ts';
import { assert, unreachable } from '../../kernel/util/assert.ts';
import type { Rng } from '../../kernel/util/prng.ts';
import type { BlockForm, Effect } from '../p2p/effects.ts';
import type { FilterPortion } from '../p2p/filter-serving.ts';
import type { Peer, PeerFacts } from '../p2p/peer.ts';
import type { PeerId } from '../p2p/peer-id.ts';
import type { Moment, PeerManager } from '../p2p/peer-manager.ts';
import type { Clock, Connection, Logger, MessageRecorder, Timers } from '../ports.ts';
import type { Message } from '../wire/messages.ts';
import { formatNetAddress, type NetAddress } from '../wire/net-address.ts';
import { MAX_PROTOCOL_MESSAGE_LENGTH, sanitizeText } from '../wire/protocol.ts';
import { decodeMessage, describeDecodeError, encodeMessage } from '../wire/registry.ts';
import type { Received } from '../wire/transport.ts';
import { V1_HEADER_BYTES } from '../wire/transport-v1.ts';
import type { BlockIntake } from './block-intake.ts';
import { type BlockReader, readAsMessages } from './block-reader.ts';
import { type FilterSource, readFilterMessages } from './filter-reader.ts';
import { MessageLoop } from './message-loop.ts';
import { type LinkLimits, type LinkOwner, PeerLink } from './peer-link.ts';
import { IntakeClosedError, type TransactionIntake } from './transaction-intake.ts';
import type { Transports } from './transports.ts';

/** Regular work at a stretch before the host has its turn. */
const TICK_SLICE_MS = 4;

/** Where a header names the one before it. */
const PREVIOUS_HASH_OFFSET = 4;

/** What judges transactions; a TransactionIntake is one. */
export type TransactionJudge = Pick<TransactionIntake, 'submit' | 'submitPackage'>;

/** What links are made with. */
export interface PeerLinksParts {
  readonly manager: PeerManager;
  readonly chain: BlockReader;
  readonly intake: BlockIntake;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly log: Logger;
  readonly rng: Rng;
  /** Where transactions of peers go; null: nowhere, there is no mempool. */
  readonly transactions: TransactionJudge | null;
  /** Filters for peers; null: we offer none. */
  readonly filters: FilterSource | null;
  /** Writes all messages down; null: nobody wants them. */
  readonly recorder: MessageRecorder | null;
  readonly handshakeTimeoutMs: number;
  readonly limits: LinkLimits;
  readonly transports: Transports;
  /** An address is to be remembered as one whose connections are the first to be refused. */
  readonly onDiscouraged: (address: NetAddress) => void;
  /** A peer has cut a connection that began encrypted and did not say a word: it may know of plain ones alone. */
  readonly onUnanswered: (peer: Peer) => void;
  /** A connection is over. */
  readonly onGone: (id: PeerId) => void;
  /** A bug of ours: the node is to stop. */
  readonly onFatal: (error: unknown) => void;
}

/** All connections. */
export class PeerLinks implements LinkOwner {
  readonly #parts: PeerLinksParts;
  readonly #links: Map<PeerId, PeerLink> = new Map();
  /** Bytes over connections that are over. */
  readonly #pastTotals = { receivedBytes: 0, sentBytes: 0 };
  readonly #loop: MessageLoop<PeerLink>;
  readonly #nowMs: () => number;
  /** Reads of blocks and verdicts on transactions under way. */
  readonly #servings: Set<Promise<void>> = new Set();
  /** The regular work that is under way. */
  #round: Promise<void> | null = null;
  #isStopped = false;

  constructor(parts: PeerLinksParts) {
    this.#parts = parts;
    this.#nowMs = (): number => parts.clock.monotonicMs();
    this.#loop = new MessageLoop(parts.clock, parts.timers, parts.onFatal);
  }

  get links(): ReadonlyMap<PeerId, PeerLink> {
    return this.#links;
  }

  /** Bytes over all connections since the start, those that are over included. */
  totals(): { readonly receivedBytes: number; readonly sentBytes: number } {
    const totals = { ...this.#pastTotals };
    for (const { transport, receivedBytes } of this.#links.values()) {
      totals.receivedBytes += receivedBytes;
      totals.sentBytes += transport.sent.totalBytes;
    }
    return totals;
  }

  /** The moment that every event of the machines gets. */
  now(): Moment {
    const { clock } = this.#parts;
    return { ms: clock.monotonicMs(), sec: Math.floor(clock.wallMs() / 1000) };
  }

  /** Takes up a connection that has come about. Whoever connected to us decides whether it is encrypted. */
  adopt(connection: Connection, facts: PeerFacts, wantsEncryption = false): PeerLink {
    const { manager, transports, clock, limits } = this.#parts;
    const isInbound = facts.kind === 'inbound';
    const transport = isInbound ? transports.createInbound() : transports.createOutbound(wantsEncryption);
    const link = new PeerLink({ id: facts.id, connection, transport }, limits, this, clock);
    this.#links.set(facts.id, link);
    this.apply(manager.peerConnected(facts, this.now()));
    manager.noteTransport(facts.id, transport.protocol);
    link.start();
    if (transport.protocol === 'detecting') this.#loop.wake(link);
    return link;
  }

  /**
   * Does the regular work on every connection that there is now, once, a few milliseconds at a stretch: with many peers and many
   * announcements due it takes long (D12). While that is under way further calls do nothing.
   */
  tick(): void {
    if (this.#round !== null || this.#isStopped) return;
    const round = this.#tickAll().catch(this.#parts.onFatal);
    this.#round = round;
    void round.then(() => {
      this.#round = null;
    });
  }

  async #tickAll(): Promise<void> {
    const { timers } = this.#parts;
    let endMs = this.#nowMs() + TICK_SLICE_MS;
    for (const link of [...this.#links.values()]) {
      if (this.#nowMs() >= endMs) {
        await timers.yieldToHost();
        endMs = this.#nowMs() + TICK_SLICE_MS;
      }
      if (this.#isStopped) return;
      // It may be gone by now.
      if (this.#links.has(link.id)) this.#tickOne(link);
    }
    this.retryRequests();
  }

  #tickOne(link: PeerLink, now: Moment = this.now()): void {
    const { manager, handshakeTimeoutMs } = this.#parts;
    this.apply(manager.checkTimeout(link.id, link, handshakeTimeoutMs, now));
    // Also when it does not read: it may owe us blocks. What the regular work sends by itself is little.
    this.apply(manager.tick(link.id, now));
  }

  /** Blocks may have got their verdict: looks again at requests that wait for one. */
  retryRequests(): void {
    for (const link of this.#links.values()) {
      if (this.#parts.manager.isWaitingForVerdict(link.id)) this.#loop.wake(link);
    }
  }

  /** There is room for blocks again. */
  resume(): void {
    this.#loop.hold(false);
  }

  /** Ends every connection. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    await this.#loop.stop();
    await this.#round;
    for (const link of [...this.#links.values()]) link.close();
    await Promise.all(this.#servings);
  }

  // --- what links tell ------------------------------------------------------------------------------------------------

  onReady(link: PeerLink): void {
    this.#loop.wake(link);
  }

  onClosed(link: PeerLink, reason: string | null): void {
    const { manager, log, onUnanswered, onGone, onFatal } = this.#parts;
    if (!this.#links.delete(link.id)) return;
    this.#pastTotals.receivedBytes += link.receivedBytes;
    this.#pastTotals.sentBytes += link.transport.sent.totalBytes;
    if (reason !== null) log.debug('net', () => `socket error for peer=${link.id}: ${reason}`);
    const peer = manager.peers.get(link.id);
    try {
      if (peer !== undefined && this.#wasUnanswered(link)) {
        log.debug('net', () => `retrying with v1 transport protocol for peer=${link.id}`);
        onUnanswered(peer);
      }
      this.apply(manager.peerDisconnected(link.id, this.now()));
      log.debug('net', () => `Cleared nodestate for peer=${link.id}`);
      onGone(link.id);
    } catch (error) {
      onFatal(error);
    }
  }

  #wasUnanswered({ transport, lastSentMs }: PeerLink): boolean {
    return !this.#isStopped && transport.isUnanswered && lastSentMs !== null;
  }

  takeTurn(link: PeerLink): boolean {
    const { manager } = this.#parts;
    if (link.isClosed || link.servingCount > 0 || link.isClogged) return false;
    if (manager.peers.get(link.id)?.isDisconnecting !== false) return false;
    if (manager.hasRequests(link.id)) {
      this.apply(manager.serveNext(link.id, this.now()));
      return !manager.isWaitingForVerdict(link.id);
    }
    if (link.unsettledTransactionCount > 0) return false;
    if (manager.hasOrphanToReconsider(link.id)) {
      this.apply(manager.reconsiderOrphan(link.id, this.now()));
      return true;
    }
    const received = link.next();
    if (received === null) return false;
    if (link.unsettledBlockCount > 0 && !this.#mayOvertakeBlocks(received)) {
      link.holdBack(received);
      return false;
    }
    this.#handle(link, received);
    return true;
  }

  /** The chain has done with a block from a peer: what that peer sent after it has its turn. */
  blockSettled(id: PeerId): void {
    const link = this.#links.get(id);
    if (link === undefined) return;
    link.unsettledBlockCount--;
    this.#loop.wake(link);
  }

  /**
   * Whether a message may be handled before the chain has done with the blocks that the peer sent ahead of it. Further blocks may,
   * when it is known what they stand on; a `ping` in particular may not, whose answer says that everything before it was handled.
   */
  #mayOvertakeBlocks(received: Received): boolean {
    if (received.type !== 'message') return true;
    if (received.command !== 'block' || received.payload.length < HEADER_BYTES) return false;
    return this.#parts.manager.chain.index.find(received.payload, PREVIOUS_HASH_OFFSET) !== NO_ENTRY;
  }

  #handle(link: PeerLink, received: Received): void {
    const { manager, log } = this.#parts;
    switch (received.type) {
      case 'message':
        this.#handleMessage(link, received.command, received.payload);
        return;
      case 'ignored':
        log.debug('net', () => `${received.logText}, peer=${link.id}`);
        return;
      case 'progress':
        if (received.logText !== null) log.debug('net', () => `${received.logText} peer=${link.id}`);
        manager.noteTransport(link.id, link.transport.protocol);
        return;
      case 'fatal':
        log.debug('net', () => `${received.logText}, peer=${link.id}`);
        this.apply(manager.offended(link.id, 'broken-stream', this.now()));
        return;
      default:
        unreachable(received);
    }
  }

  #handleMessage(link: PeerLink, command: string, payload: Uint8Array): void {
    const { manager, log } = this.#parts;
    log.debug('net', () => `received: ${sanitizeText(command)} (${payload.length} bytes) peer=${link.id}`);
    this.#record(link.id, 'received', command, payload);
    const decoded = decodeMessage(command, payload);
    if (!decoded.ok) {
      const what = `ProcessMessages(${command}, ${payload.length} bytes)`;
      log.debug('net', () => `${what}: Exception '${describeDecodeError(decoded.error)}' caught`);
      this.apply(manager.messageUndecodable(link.id, command, this.now()));
    } else if (decoded.value === null) {
      this.apply(manager.messageUnknown(link.id, command, this.now()));
    } else {
      const now = this.now();
      this.apply(manager.messageReceived(link.id, decoded.value, now));
      // Whoever pings may count on what was due by then (Core does the regular work after every message).
      if (command === 'ping' && this.#links.has(link.id)) this.#tickOne(link, now);
    }
  }

  // --- effects --------------------------------------------------------------------------------------------------------

  /** Does what the machines want done. */
  apply(effects: readonly Effect[]): void {
    for (const effect of effects) this.#do(effect);
  }

  #do(effect: Effect): void {
    const { log, intake, onDiscouraged } = this.#parts;
    switch (effect.type) {
      case 'send':
        this.#send(effect.peer, effect.message);
        return;
      case 'disconnect':
        if (effect.reason !== '') log.debug('net', () => effect.reason);
        this.#links.get(effect.peer)?.close();
        return;
      case 'discourage':
        onDiscouraged(effect.address);
        return;
      case 'submit-block': {
        const { peer, block, isRequested, hasEnoughWork } = effect;
        intake.add(peer, block, { isRequested, hasEnoughWork });
        const link = this.#links.get(peer);
        if (link !== undefined) link.unsettledBlockCount++;
        if (intake.isFull) this.#loop.hold(true);
        return;
      }
      case 'serve-block':
        this.#serve(effect.peer, (link) => this.#readAndSend(link, effect.entry, effect.form));
        return;
      case 'serve-filters':
        this.#serve(effect.peer, (link) => this.#readAndSendFilters(link, effect.portion));
        return;
      case 'submit-transaction': {
        const { peer, transaction } = effect;
        this.#submit(peer, async () => {
          const result = await this.#judge.submit(transaction);
          return () => this.#parts.manager.transactionChecked(peer, transaction, result, this.now());
        });
        return;
      }
      case 'submit-package': {
        const { peer, transactions } = effect;
        this.#submit(peer, async () => {
          const result = await this.#judge.submitPackage(transactions);
          return () => this.#parts.manager.packageChecked(peer, transactions, result, this.now());
        });
        return;
      }
      case 'debug': {
        const { text } = effect;
        log.debug(effect.category, () => (typeof text === 'string' ? text : text()));
        return;
      }
      case 'log':
        log[effect.level](effect.text);
        return;
      default:
        unreachable(effect);
    }
  }

  get #judge(): TransactionJudge {
    const { transactions } = this.#parts;
    assert(transactions !== null, 'peer links: a node without a mempool takes no transactions');
    return transactions;
  }

  /** Has something of a peer judged; until the verdict is there its further messages wait. */
  #submit(id: PeerId, judge: () => Promise<() => readonly Effect[]>): void {
    const link = this.#links.get(id);
    if (link !== undefined) link.unsettledTransactionCount++;
    const judging = this.#judgeAndTell(judge).then((isJudged) => {
      this.#servings.delete(judging);
      // Without a verdict the machines do not know what became of it: they are asked for nothing more for this peer.
      if (link === undefined || !isJudged) return;
      link.unsettledTransactionCount--;
      this.#loop.wake(link);
    });
    this.#servings.add(judging);
  }

  /** False: there was no verdict. */
  async #judgeAndTell(judge: () => Promise<() => readonly Effect[]>): Promise<boolean> {
    try {
      const tell = await judge();
      this.apply(tell());
      // Orphans of any peer may have found the parent that they waited for.
      for (const link of this.#links.values()) {
        if (this.#parts.manager.hasOrphanToReconsider(link.id)) this.#loop.wake(link);
      }
      return true;
    } catch (error) {
      if (!(error instanceof IntakeClosedError)) this.#parts.onFatal(error);
      return false;
    }
  }

  #send(id: PeerId, message: Message): void {
    if (this.#links.get(id)?.isClosed !== false) return;
    const payload = encodeMessage(message);
    assert(payload.length <= MAX_PROTOCOL_MESSAGE_LENGTH, 'peer links: a message that a peer takes');
    this.sendRaw(id, message.type, payload);
  }

  /** Sends a message whatever it holds; false when there is no such peer. */
  sendRaw(id: PeerId, type: string, payload: Uint8Array): boolean {
    const link = this.#links.get(id);
    if (link === undefined || link.isClosed) return false;
    this.#parts.log.debug('net', () => `sending ${sanitizeText(type)} (${payload.length} bytes) peer=${id}`);
    this.#record(id, 'sent', type, payload);
    link.send(type, payload);
    this.#parts.manager.uploadTarget.noteSent(V1_HEADER_BYTES + payload.length, this.#nowMs());
    return true;
  }

  #record(id: PeerId, direction: 'received' | 'sent', type: string, payload: Uint8Array): void {
    const { recorder, manager } = this.#parts;
    const peer = recorder === null ? undefined : manager.peers.get(id);
    if (peer !== undefined) recorder?.record(formatNetAddress(peer.address), direction, type, payload);
  }

  /** What one peer gets is read one after another: an announcement may come between the answers to its questions. */
  #serve(id: PeerId, readAndSend: (link: PeerLink) => Promise<void>): void {
    const link = this.#links.get(id);
    if (link === undefined) return;
    link.servingCount++;
    const serving = link.served
      .then(() => readAndSend(link))
      .finally(() => {
        this.#servings.delete(serving);
        link.servingCount--;
        this.#loop.wake(link);
      });
    link.served = serving;
    this.#servings.add(serving);
  }

  /** When the block cannot be read any more, whoever would wait for it for ever is disconnected. */
  async #readAndSend(link: PeerLink, entry: BlockEntry, form: BlockForm): Promise<void> {
    const { manager, chain, onFatal } = this.#parts;
    if (link.isClosed) return;
    try {
      for await (const message of readAsMessages(chain, entry, form, this.#parts)) {
        if (link.isClosed) return;
        this.#send(link.id, message);
      }
    } catch (error) {
      if (!(error instanceof StorageError)) {
        onFatal(error);
        return;
      }
      const isPruned = !manager.chain.index.hasData(entry);
      this.apply(manager.offended(link.id, isPruned ? 'block-pruned' : 'block-unreadable', this.now()));
    }
  }

  /** A peer that asks for filters that are not there yet gets no answer (Core). */
  async #readAndSendFilters(link: PeerLink, portion: FilterPortion): Promise<void> {
    const { filters, manager, log, onFatal } = this.#parts;
    if (link.isClosed || filters === null) return;
    try {
      const messages = await readFilterMessages(filters, manager.chain.index, portion);
      if (messages === null) {
        log.debug('net', () => `Failed to find block filter in index for peer=${link.id}`);
        manager.filterServing.drop(link.id);
      }
      for (const message of messages ?? []) this.#send(link.id, message);
    } catch (error) {
      onFatal(error);
    }
  }
}
