// Fetching headers (Core ProcessHeadersMessage with all it calls, MaybeSendGetHeaders, and the parts of SendMessages about headers).
// Headers come first: they show where the work is before a single block is fetched.
//
// While the best header is older than a day, one peer is asked for headers, since every one would send the same: one that we chose
// ourselves if there is any. It has 15 minutes and a millisecond for each block that is probably missing. As soon as the best
// header is of today, every peer is asked once, to learn which chain it has. After that they come by themselves, as announcements.
//
// What a message leads to is decided in this order: a lie about work (discouraged), a download in two phases under way
// (headers-presync.ts), an announcement that we cannot place (one `getheaders`, no punishment), a chain that has shown too little
// work (two phases, or ignored), and at last the index. Peers with the permission `noban` are spared the two phases.
//
// Not here: sending and punishing (handlers/headers.ts), which blocks are fetched (block-download.ts).

import { createLocator } from '../../kernel/chain/active-chain.ts';
import { type BlockEntry, NO_ENTRY } from '../../kernel/chain/block-index.ts';
import type { ChainParams } from '../../kernel/consensus/params.ts';
import { checkProofOfWork } from '../../kernel/consensus/pow.ts';
import type { BlockReject } from '../../kernel/consensus/reject.ts';
import { asBlockHash, type BlockHash, formatHash } from '../../kernel/primitives/hashes.ts';
import type { BlockHeader } from '../../kernel/primitives/header.ts';
import { assert } from '../../kernel/util/assert.ts';
import { equalBytes, equalRange } from '../../kernel/util/bytes.ts';
import type { Rng } from '../../kernel/util/prng.ts';
import { MAX_HEADERS_RESULTS } from '../wire/protocol.ts';
import type { BlockDownload } from './block-download.ts';
import type { ChainView } from './chain-view.ts';
import { formatHeaderReject } from './header-reject.ts';
import { HeadersPresync, WorkOfBits } from './headers-presync.ts';
import type { PeerId } from './peer-id.ts';

/** A peer is not asked again for so long, unless it answers (Core HEADERS_RESPONSE_TIME). */
export const HEADERS_RESPONSE_MS: number = 2 * 60 * 1000;

/** How long the one peer may take for all headers, and how much longer for each that is probably missing (Core). */
const SYNC_TIMEOUT_MS: number = 15 * 60 * 1000;
const SYNC_TIMEOUT_PER_HEADER_MS = 1;

/** A best header that is younger is of today: all peers are asked (Core: 24 hours). */
const RECENT_SEC: number = 24 * 60 * 60;

/** A chain may leave ours this many blocks before the tip without showing its work first (Core GetAntiDoSWorkThreshold). */
const FORK_DEPTH_BLOCKS = 144n;

/** Progress of the first phase is reported at most so often (Core: four times a second). */
const PROGRESS_INTERVAL_MS = 250;

/** Where a header names the one before it. */
const PREVIOUS_HASH_OFFSET = 4;
const HASH_LENGTH = 32;

/** The moment of an event. */
export interface SyncMoment {
  readonly nowMs: number;
  readonly nowSec: number;
}

/** A line for the log: `info` is for people, the others are debug categories. */
export interface SyncLine {
  readonly to: 'info' | 'net' | 'validation';
  readonly text: string;
}

/** A locator to be sent as `getheaders`, and Core's debug line for it. */
export interface HeadersRequest {
  readonly locator: readonly BlockHash[];
  readonly text: string;
}

/** What a peer did wrong with its headers. */
export type HeadersFault =
  | { readonly offence: 'bad-header-proof-of-work' | 'non-continuous-headers' }
  /** The index refused one; whether that is to be punished depends on the way it came. */
  | { readonly offence: 'invalid-header'; readonly reject: BlockReject };

/** Headers that were taken into the index. */
export interface AcceptedRun {
  readonly last: BlockEntry;
  /** The last one was unknown. */
  readonly isNew: boolean;
  /** The message was full. */
  readonly mayHaveMore: boolean;
}

/** What a message of headers leads to. */
export interface HeadersOutcome {
  /** To be sent back. */
  readonly request: HeadersRequest | null;
  readonly fault: HeadersFault | null;
  /** Set when headers are in the index now, all of them: blocks may be fetched towards the last. */
  readonly accepted: AcceptedRun | null;
  readonly lines: readonly SyncLine[];
}

/** How a machine of headers is set up. */
export interface HeadersSyncOptions {
  readonly params: ChainParams;
  /** Headers of a full message; absent: 2,000. For tests. */
  readonly headersMax?: number;
}

interface PeerState {
  readonly id: PeerId;
  /** We have begun to ask it (Core fSyncStarted). */
  isStarted: boolean;
  /** When it has taken too long for all headers; infinite once the best header was of today. */
  timeoutMs: number;
  /** When it was last asked; minus infinity: it has answered. */
  askedMs: number;
  presync: HeadersPresync | null;
  /** An unknown block that it named made us ask it, before its turn. */
  wasAskedForBlock: boolean;
}

/** An outcome while it is being decided. */
class Draft implements HeadersOutcome {
  request: HeadersRequest | null = null;
  fault: HeadersFault | null = null;
  accepted: AcceptedRun | null = null;
  readonly lines: SyncLine[] = [];

  debug(text: string | null): void {
    if (text !== null) this.lines.push({ to: 'net', text });
  }
}

/** Headers from all peers. */
export class HeadersSync {
  readonly #chain: ChainView;
  readonly #download: BlockDownload;
  readonly #params: ChainParams;
  readonly #headersMax: number;
  readonly #rng: Rng;
  readonly #workOf: WorkOfBits = new WorkOfBits();
  readonly #peers: Map<PeerId, PeerState> = new Map();
  #startedCount = 0;
  /** The last block that made us ask a peer before its turn. */
  #lastBlockAskedFor: BlockHash | null = null;
  #progressMs = Number.NEGATIVE_INFINITY;
  #thresholdTip: BlockEntry = NO_ENTRY;
  #threshold = 0n;

  /** Peers join `download` first. `rng` salts commitments. */
  constructor(chain: ChainView, download: BlockDownload, options: HeadersSyncOptions, rng: Rng) {
    this.#chain = chain;
    this.#download = download;
    this.#params = options.params;
    this.#headersMax = options.headersMax ?? MAX_HEADERS_RESULTS;
    this.#rng = rng;
  }

  // --- peers ----------------------------------------------------------------------------------------------------------

  peerJoined(id: PeerId): void {
    this.#peers.set(id, {
      id,
      isStarted: false,
      timeoutMs: 0,
      askedMs: Number.NEGATIVE_INFINITY,
      presync: null,
      wasAskedForBlock: false,
    });
  }

  peerLeft(id: PeerId): void {
    const peer = this.#peers.get(id);
    if (peer?.isStarted === true) this.#startedCount--;
    this.#peers.delete(id);
  }

  /** Whether we have begun to ask the peer for headers (Core fSyncStarted). */
  isStarted(id: PeerId): boolean {
    return this.#peers.get(id)?.isStarted ?? false;
  }

  /** Height that the first phase with the peer has reached; -1: none is under way (RPC getpeerinfo presynced_headers). */
  presyncHeight(id: PeerId): number {
    const presync = this.#peers.get(id)?.presync;
    return presync?.phase === 'presync' ? presync.presyncHeight : -1;
  }

  /** Bytes that the two phases keep for a peer (D06). */
  presyncBytes(id: PeerId): number {
    return this.#peers.get(id)?.presync?.usedBytes ?? 0;
  }

  // --- asking ---------------------------------------------------------------------------------------------------------

  /**
   * Work that a chain must have shown before its headers are stored: that of ours shortly before its tip, and no less than the
   * minimum (Core GetAntiDoSWorkThreshold).
   */
  get workThreshold(): bigint {
    const { index, active, minimumChainWork } = this.#chain;
    const { tip } = active;
    if (tip === NO_ENTRY) return minimumChainWork;
    if (tip !== this.#thresholdTip) {
      const work = index.chainWork(tip) - FORK_DEPTH_BLOCKS * this.#workOf.of(index.bits(tip));
      this.#threshold = work > minimumChainWork ? work : minimumChainWork;
      this.#thresholdTip = tip;
    }
    return this.#threshold;
  }

  /** Work of a chain that ends with a header on top of an entry. */
  workWith(parent: BlockEntry, header: BlockHeader): bigint {
    return this.#chain.index.chainWork(parent) + this.#workOf.of(header.bits);
  }

  /** A locator from `from` down, unless the peer still owes an answer (Core MaybeSendGetHeaders). */
  ask(id: PeerId, from: BlockEntry, nowMs: number): readonly BlockHash[] | null {
    const peer = this.#peers.get(id);
    if (peer === undefined || !this.#noteAsked(peer, nowMs)) return null;
    return createLocator(this.#chain.index, from);
  }

  #noteAsked(peer: PeerState, nowMs: number): boolean {
    if (nowMs - peer.askedMs <= HEADERS_RESPONSE_MS) return false;
    peer.askedMs = nowMs;
    return true;
  }

  /** A request from `from` on with the line that Core writes for it; `words` says it by the height. */
  #request(peer: PeerState, from: BlockEntry, nowMs: number, words: (height: number) => string): HeadersRequest | null {
    const locator = this.ask(peer.id, from, nowMs);
    return locator === null ? null : { locator, text: words(this.#chain.index.height(from)) };
  }

  /** Whether it is the turn of the peer to be asked for headers, and with what; to be called with every tick. */
  start(id: PeerId, { nowMs, nowSec }: SyncMoment): HeadersRequest | null {
    const { index } = this.#chain;
    const peer = this.#peers.get(id);
    if (peer === undefined || peer.isStarted || this.#download.role(id)?.servesBlocks !== true) return null;
    const best = index.bestHeader;
    const isTheOne = this.#startedCount === 0 && this.#download.isSyncSource(id);
    if (!isTheOne && index.timeSec(best) <= nowSec - RECENT_SEC) return null;
    // One before the best: a peer that has it answers with something, and so tells what it has.
    const parent = index.parent(best);
    const from = parent === NO_ENTRY ? best : parent;
    const request = this.#request(peer, from, nowMs, (height) => `initial getheaders (${height}) to peer=${id}`);
    if (request === null) return null;
    peer.isStarted = true;
    this.#startedCount++;
    const missing = Math.max(0, nowSec - index.timeSec(best)) / this.#params.consensus.pow.spacingSec;
    peer.timeoutMs = nowMs + SYNC_TIMEOUT_MS + SYNC_TIMEOUT_PER_HEADER_MS * missing;
    return request;
  }

  /**
   * True when the peer took too long for all headers, and another might do better. It is to be dropped; a peer that is spared has
   * only lost its turn.
   */
  hasTimedOut(id: PeerId, { nowMs, nowSec }: SyncMoment): boolean {
    const peer = this.#peers.get(id);
    const role = this.#download.role(id);
    if (peer === undefined || role === null || !peer.isStarted || peer.timeoutMs === Number.POSITIVE_INFINITY)
      return false;
    const { index } = this.#chain;
    if (index.timeSec(index.bestHeader) > nowSec - RECENT_SEC) {
      // We have caught up once: from now on headers are announced.
      peer.timeoutMs = Number.POSITIVE_INFINITY;
      return false;
    }
    const others = this.#download.preferredCount - (role.isPreferred ? 1 : 0);
    if (nowMs <= peer.timeoutMs || this.#startedCount !== 1 || others < 1) return false;
    if (role.hasNoBan) {
      peer.isStarted = false;
      this.#startedCount--;
      peer.timeoutMs = 0;
    }
    return true;
  }

  /**
   * The peer has named a block that is unknown and not in flight, in an `inv`. Before its turn such a peer is asked once, and only
   * one for each block, in case the one that is being asked does not answer.
   */
  blockAnnounced(id: PeerId, blockHash: Uint8Array, { nowMs }: SyncMoment): HeadersRequest | null {
    const peer = this.#peers.get(id);
    if (peer === undefined) return null;
    const isNews = this.#lastBlockAskedFor === null || !equalBytes(this.#lastBlockAskedFor, blockHash);
    if (!peer.isStarted && (peer.wasAskedForBlock || !isNews)) return null;
    const name = asBlockHash(blockHash.slice());
    if (!peer.isStarted) {
      peer.wasAskedForBlock = true;
      this.#lastBlockAskedFor = name;
    }
    const best = this.#chain.index.bestHeader;
    return this.#request(peer, best, nowMs, (height) => `getheaders (${height}) ${formatHash(name)} to peer=${id}`);
  }

  // --- receiving ------------------------------------------------------------------------------------------------------

  /** Takes in the headers of a message, which may be none. */
  receive(id: PeerId, headers: readonly BlockHeader[], moment: SyncMoment): HeadersOutcome {
    const draft = new Draft();
    const peer = this.#peers.get(id);
    if (peer === undefined) return draft;
    if (headers.length === 0) {
      // It has nothing more: a sync under way is pointless, a question answered.
      peer.presync = null;
      peer.askedMs = Number.NEGATIVE_INFINITY;
      return draft;
    }
    draft.fault = this.#checkHeaders(headers);
    if (draft.fault !== null) return draft;
    const isFull = headers.length === this.#headersMax;
    const shown = peer.presync === null ? null : this.#continuePresync(peer, headers, isFull, moment, draft);
    const rest = shown ?? headers;
    if (rest.length > 0) this.#place(peer, rest, { isFull, isWorkShown: shown !== null }, moment, draft);
    return draft;
  }

  /** Proof of work of each, and each upon the one before (Core CheckHeadersPoW). */
  #checkHeaders(headers: readonly BlockHeader[]): HeadersFault | null {
    const { pow } = this.#params.consensus;
    for (const header of headers) {
      if (!checkProofOfWork(header.blockHash, 0, header.bits, pow)) return { offence: 'bad-header-proof-of-work' };
    }
    for (let i = 1; i < headers.length; i++) {
      const { bytes, start } = headers[i]!;
      if (!equalRange(bytes, start + PREVIOUS_HASH_OFFSET, headers[i - 1]!.blockHash, 0, HASH_LENGTH)) {
        return { offence: 'non-continuous-headers' };
      }
    }
    return null;
  }

  /**
   * Goes on with a download in two phases (Core IsContinuationOfLowWorkHeadersSync). Returns the headers whose work is shown, or
   * null when the message was none of it: then it is looked at like any other.
   */
  #continuePresync(
    peer: PeerState,
    headers: readonly BlockHeader[],
    isFull: boolean,
    moment: SyncMoment,
    draft: Draft,
  ): readonly BlockHeader[] | null {
    const presync = peer.presync!;
    const { isValid, wantsMore, ready, text } = presync.receive(headers, isFull);
    draft.debug(text);
    if (isValid) peer.askedMs = Number.NEGATIVE_INFINITY;
    if (wantsMore) {
      this.#noteAsked(peer, moment.nowMs);
      const locator = [presync.lastHash, ...createLocator(this.#chain.index, presync.start)];
      draft.request = { locator, text: `more getheaders (from ${formatHash(locator[0]!)}) to peer=${peer.id}` };
    }
    if (presync.phase === 'final') peer.presync = null;
    else this.#reportPresync(presync, moment, draft);
    return isValid ? ready : null;
  }

  /** Headers that are not, or no longer, part of a download in two phases. */
  #place(
    peer: PeerState,
    headers: readonly BlockHeader[],
    { isFull, isWorkShown }: { readonly isFull: boolean; readonly isWorkShown: boolean },
    moment: SyncMoment,
    draft: Draft,
  ): void {
    const { index } = this.#chain;
    const first = headers[0]!;
    const parent = index.find(first.bytes, first.start + PREVIOUS_HASH_OFFSET);
    if (parent === NO_ENTRY) {
      this.#askForParents(peer, headers, moment, draft);
      return;
    }
    // Only an answer of its own, or an announcement that leads on from what we have, connects.
    peer.askedMs = draft.request === null ? Number.NEGATIVE_INFINITY : peer.askedMs;
    const lastKnown = index.find(headers[headers.length - 1]!.blockHash);
    const needsNoWork = isWorkShown || this.#isOfOurs(lastKnown) || this.#download.role(peer.id)?.hasNoBan === true;
    if (!needsNoWork && this.#lacksWork(parent, headers)) {
      this.#handleLowWork(peer, parent, headers, isFull, moment, draft);
      return;
    }
    this.#accept(peer, headers, { isFull, isNew: lastKnown === NO_ENTRY }, moment, draft);
  }

  /** Perhaps the announcement of a new block, of whose ancestors we know nothing yet (Core HandleUnconnectingHeaders). */
  #askForParents(peer: PeerState, headers: readonly BlockHeader[], { nowMs }: SyncMoment, draft: Draft): void {
    const first = headers[0]!;
    const best = this.#chain.index.bestHeader;
    draft.request = this.#request(peer, best, nowMs, (height) => {
      const words = `received header ${formatHash(first.blockHash)}: missing prev block`;
      return `${words} ${formatHash(first.previousBlockHash)}, sending getheaders (${height}) to end (peer=${peer.id})`;
    });
    this.#download.peerHasBlock(peer.id, headers[headers.length - 1]!.blockHash);
  }

  /** On the best chain of headers, or on the active chain: to store it costs nothing (Core IsAncestorOfBestHeaderOrTip). */
  #isOfOurs(entry: BlockEntry): boolean {
    const { index, active } = this.#chain;
    return entry !== NO_ENTRY && (index.descendsFrom(index.bestHeader, entry) || active.contains(entry));
  }

  #lacksWork(parent: BlockEntry, headers: readonly BlockHeader[]): boolean {
    let work = this.#chain.index.chainWork(parent);
    for (const header of headers) work += this.#workOf.of(header.bits);
    return work < this.workThreshold;
  }

  /** Begins a download in two phases, if there is more to come (Core TryLowWorkHeadersSync). */
  #handleLowWork(
    peer: PeerState,
    start: BlockEntry,
    headers: readonly BlockHeader[],
    isFull: boolean,
    moment: SyncMoment,
    draft: Draft,
  ): void {
    const { index } = this.#chain;
    if (!isFull) {
      const height = index.height(start) + headers.length;
      draft.debug(`Ignoring low-work chain (height=${height}) from peer=${peer.id}`);
      return;
    }
    const { consensus, headersSync } = this.#params;
    peer.presync = new HeadersPresync(
      {
        peer: peer.id,
        pow: consensus.pow,
        params: headersSync,
        index,
        start,
        minimumWork: this.workThreshold,
        nowSec: moment.nowSec,
      },
      this.#rng,
    );
    draft.debug(peer.presync.startText);
    this.#continuePresync(peer, headers, true, moment, draft);
  }

  #accept(
    peer: PeerState,
    headers: readonly BlockHeader[],
    { isFull, isNew }: { readonly isFull: boolean; readonly isNew: boolean },
    moment: SyncMoment,
    draft: Draft,
  ): void {
    const { index } = this.#chain;
    const bestBefore = index.bestHeader;
    const { last, reject, acceptedCount } = this.#chain.acceptHeaders(headers, moment.nowSec, true);
    if (reject !== null) {
      const text = formatHeaderReject(headers[acceptedCount]!, reject);
      if (text !== null) draft.lines.push({ to: 'validation', text });
      draft.fault = { offence: 'invalid-header', reject };
      return;
    }
    draft.accepted = { last, isNew, mayHaveMore: isFull };
    // What it sent it has (the rest of Core UpdatePeerStateForReceivedHeaders is in outbound-health.ts).
    this.#download.peerHasBlock(peer.id, index.blockHash(last));
    if (index.bestHeader !== bestBefore) this.#reportProgress(last, moment, draft);
    if (isNew) this.#reportHeader(peer, last, draft);
    if (isFull && peer.presync === null) {
      draft.request = this.#request(
        peer,
        last,
        moment.nowMs,
        (height) => `more getheaders (${height}) to end to peer=${peer.id}`,
      );
    }
  }

  // --- for people -----------------------------------------------------------------------------------------------------

  #reportHeader(peer: PeerState, entry: BlockEntry, draft: Draft): void {
    const { index, isInitialDownload } = this.#chain;
    const text = `Saw new header hash=${formatHash(index.blockHash(entry))} height=${index.height(entry)} peer=${peer.id}`;
    draft.lines.push({ to: isInitialDownload ? 'validation' : 'info', text });
  }

  #reportProgress(last: BlockEntry, { nowSec }: SyncMoment, draft: Draft): void {
    const { index, isInitialDownload } = this.#chain;
    if (!isInitialDownload) return;
    const progress = this.#describeProgress(index.height(last), index.timeSec(last), nowSec);
    draft.lines.push({ to: 'info', text: `Synchronizing blockheaders, ${progress}` });
  }

  /** Progress of the first phase, of the peer that is furthest, while we have no chain of enough work. */
  #reportPresync(presync: HeadersPresync, { nowMs, nowSec }: SyncMoment, draft: Draft): void {
    const { index, isInitialDownload, minimumChainWork } = this.#chain;
    if (!isInitialDownload || presync.phase !== 'presync' || nowMs < this.#progressMs + PROGRESS_INTERVAL_MS) return;
    if (index.chainWork(index.bestHeader) >= minimumChainWork) return;
    for (const other of this.#peers.values()) {
      if (other.presync !== null && other.presync.presyncWork > presync.presyncWork) return;
    }
    this.#progressMs = nowMs;
    const progress = this.#describeProgress(presync.presyncHeight, presync.presyncTimeSec, nowSec);
    draft.lines.push({ to: 'info', text: `Pre-synchronizing blockheaders, ${progress}` });
  }

  #describeProgress(height: number, timeSec: number, nowSec: number): string {
    const blocksLeft = Math.max(0, Math.trunc((nowSec - timeSec) / this.#params.consensus.pow.spacingSec));
    return `height: ${height} (~${((100 * height) / (height + blocksLeft)).toFixed(2)}%)`;
  }

  // --- for tests ------------------------------------------------------------------------------------------------------

  /** Asserts that what is counted is so, and that a sync that is over keeps nothing. */
  sanityCheck(): void {
    let started = 0;
    for (const [id, peer] of this.#peers) {
      assert(peer.id === id, 'a peer under its own number');
      if (peer.isStarted) started++;
      assert(peer.presync === null || peer.presync.phase !== 'final', 'a sync that goes on');
    }
    assert(started === this.#startedCount, 'the number of peers that were asked');
  }
}
