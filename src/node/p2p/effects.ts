// What the network wants done. The machines of this folder change nothing outside themselves: they return a list of these, and the
// shell (app/) carries them out in order. The simulation reads the same list.

import type { BlockEntry } from '../../kernel/chain/block-index.ts';
import type { Block } from '../../kernel/primitives/block.ts';
import type { Transaction } from '../../kernel/primitives/transaction.ts';
import type { Message } from '../wire/messages.ts';
import type { NetAddress } from '../wire/net-address.ts';
import type { BloomFilter } from './bloom-filter.ts';
import type { FilterPortion } from './filter-serving.ts';
import type { LogText, P2pLogCategory } from './log-text.ts';
import type { PeerId } from './peer-id.ts';

/** The form in which a stored block is sent. */
export type BlockForm =
  /** `block` with witnesses. */
  | 'block'
  /** `block` without witnesses, for those who ask for MSG_BLOCK. */
  | 'stripped-block'
  /** `cmpctblock`. */
  | 'compact-block'
  /** `merkleblock`, and `tx` for each transaction that the filter matches (BIP37). */
  | { readonly filter: BloomFilter }
  /** `blocktxn` with the transactions at these places. */
  | { readonly transactions: readonly number[] };

/** One thing to do. */
export type Effect =
  | { readonly type: 'send'; readonly peer: PeerId; readonly message: Message }
  /** Ends the connection once what was sent before has left, or at once. `reason` is a sentence for the debug log. */
  | { readonly type: 'disconnect'; readonly peer: PeerId; readonly reason: string }
  /** Remembers an address as one whose connections are the first to be refused. */
  | { readonly type: 'discourage'; readonly address: NetAddress }
  /** Hands a block to the chain; what became of it comes back as an event. */
  | {
      readonly type: 'submit-block';
      readonly peer: PeerId;
      readonly block: Block;
      /** We asked somebody for it: it is stored even when it is not wanted now (Core force_processing). */
      readonly isRequested: boolean;
      /** The work of its chain is enough, or it would be (Core min_pow_checked). */
      readonly hasEnoughWork: boolean;
    }
  /** Reads a stored block and sends it; until it is sent no further message of the peer is handled. */
  | { readonly type: 'serve-block'; readonly peer: PeerId; readonly entry: BlockEntry; readonly form: BlockForm }
  /** Reads block filters and sends them, in the same way. */
  | { readonly type: 'serve-filters'; readonly peer: PeerId; readonly portion: FilterPortion }
  /**
   * Has a transaction checked for the mempool. The verdict comes back as an event, also when the peer has gone; until then no
   * further message of the peer is handled.
   */
  | { readonly type: 'submit-transaction'; readonly peer: PeerId; readonly transaction: Transaction }
  /** Has transactions checked together, parents first. Answered in the same way. */
  | { readonly type: 'submit-package'; readonly peer: PeerId; readonly transactions: readonly Transaction[] }
  /** A debug line. */
  | {
      readonly type: 'debug';
      readonly category: P2pLogCategory;
      readonly text: LogText;
    }
  /** A line that a person should see; it holds no text of a peer. */
  | { readonly type: 'log'; readonly level: 'info' | 'warn' | 'error'; readonly text: string };
