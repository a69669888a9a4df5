// What a handler of messages sees and may do: the parts of the network side by side, the moment, and verbs that become effects.
// peer-manager.ts makes one and hands it to every handler; tests make their own.

import type { BlockEntry } from '../../kernel/chain/block-index.ts';
import type { ChainParams } from '../../kernel/consensus/params.ts';
import type { Block } from '../../kernel/primitives/block.ts';
import type { Transaction } from '../../kernel/primitives/transaction.ts';
import type { Rng } from '../../kernel/util/prng.ts';
import type { Message } from '../wire/messages.ts';
import type { AddrRelay } from './addr-relay.ts';
import type { AddressManager } from './addrman.ts';
import type { BlockDownload } from './block-download.ts';
import type { BlockRelay } from './block-relay.ts';
import type { BlockServing } from './block-serving.ts';
import type { ChainView } from './chain-view.ts';
import type { CompactRelay } from './compact-relay.ts';
import type { BlockForm } from './effects.ts';
import type { ExtraTransactions } from './extra-transactions.ts';
import type { FeeFilter } from './fee-filter.ts';
import type { FilterPortion, FilterServing } from './filter-serving.ts';
import type { HeadersSync } from './headers-sync.ts';
import type { LogText, P2pLogCategory } from './log-text.ts';
import type { Offence } from './misbehavior.ts';
import type { OutboundHealth } from './outbound-health.ts';
import type { Peer } from './peer.ts';
import type { PeerId } from './peer-id.ts';
import type { PrivateBroadcast } from './private-broadcast.ts';
import type { TxDownload } from './tx-download.ts';
import type { TxReconciliation } from './tx-reconciliation.ts';
import type { TxRelay } from './tx-relay.ts';
import type { TxServing } from './tx-serving.ts';
import type { UploadTarget } from './upload-target.ts';

/** What we are to others. */
export interface LocalNode {
  /** As in BIP14: `/Tallystick:0.1.0(comment)/`. */
  readonly userAgent: string;
  /** The operator wants no transactions from the network (-blocksonly), nor compact blocks, which need them. */
  readonly isBlocksOnly: boolean;
  /** There is a place where transactions from the network could go. */
  readonly takesTransactions: boolean;
  /** Peers are told that transactions could be announced by reconciliation (-txreconciliation). Absent: no. */
  readonly offersReconciliation?: boolean;
}

/** Handlers get one with every event. */
export interface P2pContext {
  readonly params: ChainParams;
  readonly chain: ChainView;
  readonly local: LocalNode;
  readonly peers: ReadonlyMap<PeerId, Peer>;
  readonly rng: Rng;

  readonly headersSync: HeadersSync;
  readonly download: BlockDownload;
  readonly compact: CompactRelay;
  readonly relay: BlockRelay;
  readonly serving: BlockServing;
  readonly filterServing: FilterServing;
  readonly txDownload: TxDownload;
  readonly txRelay: TxRelay;
  readonly txServing: TxServing;
  /** Null: it is not offered. */
  readonly txReconciliation: TxReconciliation | null;
  readonly privateBroadcast: PrivateBroadcast;
  readonly feeFilter: FeeFilter;
  readonly extraTransactions: ExtraTransactions;
  readonly addressManager: AddressManager;
  readonly addrRelay: AddrRelay;
  readonly health: OutboundHealth;
  /** What was sent today, and may be. */
  readonly uploadTarget: UploadTarget;

  /** The moment of the event: monotonic milliseconds, and the node's own clock in seconds. */
  readonly nowMs: number;
  readonly nowSec: number;

  send(peer: Peer, message: Message): void;
  /** Ends the connection; `reason` is a sentence for the debug log, without texts of the peer. */
  disconnect(peer: Peer, reason: string): void;
  /** Notes that a peer broke a rule; misbehavior.ts decides what that means. `detail` goes to the debug log. */
  misbehaving(peer: Peer, offence: Offence, detail?: string): void;
  submitBlock(
    peer: Peer,
    block: Block,
    arrival: { readonly isRequested: boolean; readonly hasEnoughWork: boolean },
  ): void;
  serveBlock(peer: Peer, entry: BlockEntry, form: BlockForm): void;
  serveFilters(peer: Peer, portion: FilterPortion): void;
  /** Has a transaction checked, or several together; each peer waits for one verdict at most. */
  submitTransaction(id: PeerId, transaction: Transaction): void;
  submitPackage(id: PeerId, transactions: readonly Transaction[]): void;
  debug(category: P2pLogCategory, text: LogText): void;
  /** A line that a person should see; it holds no text of a peer. */
  info(text: string): void;

  /** The peer has introduced itself: the machines take it up. */
  joined(peer: Peer): void;
  /** Whether one of our own connections said hello with this nonce. */
  isOwnNonce(nonce: bigint): boolean;
  /** Notes how far the clock of an outbound peer is from ours. */
  noteTimeOffset(offsetSec: number): void;
}
