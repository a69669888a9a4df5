// What subscribers over ZeroMQ are told of blocks and transactions, and when (Core zmq/zmqnotificationinterface.cpp and
// zmqpublishnotifier.cpp). A message has three parts: topic, body, and a number that counts the messages of the notifier:
//
//   hashtx, rawtx         a transaction came into the mempool, or is in a block that was connected or disconnected
//   hashblock, rawblock   a block became the tip, once the first download is over; of a reorganisation the last one alone
//   sequence              block C(onnected) or D(isconnected), transaction A(dded to the mempool) or R(emoved without a block)
//
// Hashes are in the order in which they are shown. In a reorganisation the transactions that come back to the mempool are told of
// before the blocks that were connected, as in Core; at most 64 of those are kept back for it. Nothing is made for an address where
// nobody listens, except that it is counted.

import type { BlockEvent, TipEvent } from '../../kernel/chain/chain-signals.ts';
import type { Chainstate } from '../../kernel/chain/chainstate.ts';
import { writeI64, writeU32 } from '../../kernel/encoding/numbers.ts';
import type { Block } from '../../kernel/primitives/block.ts';
import { type DisplayedHash, formatHash } from '../../kernel/primitives/hashes.ts';
import type { Transaction } from '../../kernel/primitives/transaction.ts';
import { reversedBytes, toHex } from '../../kernel/util/bytes.ts';
import { Deque } from '../../kernel/util/deque.ts';
import type { Unsubscribe } from '../../kernel/util/signal.ts';
import { encodeUtf8 } from '../../kernel/util/utf8.ts';
import type { Mempool } from '../mempool/mempool.ts';
import type { Logger } from '../ports.ts';

/** What can be published, in the order of Core's notifiers. */
export const ZMQ_TOPICS = ['hashblock', 'hashtx', 'rawblock', 'rawtx', 'sequence'] as const;
export type ZmqTopic = (typeof ZMQ_TOPICS)[number];

/** A topic that is published at an address, as people are told. */
export interface ZmqNotification {
  readonly topic: ZmqTopic;
  readonly address: string;
  /** Messages that may wait for a slow subscriber; 0: any number. */
  readonly highWaterMark: number;
}

/** Where messages go: one address, which several topics may share. */
export interface TopicSocket {
  /** Whether anybody wants messages of a topic now; `topicHex` is its name in hexadecimal. */
  isWanted(topicHex: string): boolean;
  /** Sends a message, whose first part is the topic, to those who want it. The parts are not changed any more. */
  publish(topicHex: string, parts: readonly Uint8Array[]): void;
}

/** One topic at one address. */
export interface ZmqNotifier {
  readonly topic: ZmqTopic;
  readonly address: string;
  readonly socket: TopicSocket;
}

/** What is followed. */
export interface ZmqSources {
  readonly chain: Pick<Chainstate, 'signals' | 'followTip' | 'isInitialDownload'>;
  readonly mempool: Pick<Mempool, 'signals'>;
  /** Whether the mempool fits the tip of the chain. */
  readonly keeper: { readonly isInStep: boolean };
  readonly log: Pick<Logger, 'debug'>;
}

/** Connected blocks that are kept back at most, until the mempool is in step again. Ours. */
const HELD_BLOCKS_MAX = 64;

/** Bytes of a hash. */
const HASH_BYTES = 32;

/** A body that is made when somebody wants it. */
type Body = () => Uint8Array;

/** A notifier at work. */
class Channel {
  readonly topic: ZmqTopic;
  readonly #address: string;
  readonly #socket: TopicSocket;
  readonly #topicBytes: Uint8Array;
  readonly #topicHex: string;
  /** Of the next message (Core nSequence). */
  #number = 0;

  constructor({ topic, address, socket }: ZmqNotifier) {
    this.topic = topic;
    this.#address = address;
    this.#socket = socket;
    this.#topicBytes = encodeUtf8(topic);
    this.#topicHex = toHex(this.#topicBytes);
  }

  send(body: Body, log: ZmqSources['log'], what: () => string): void {
    log.debug('zmq', () => `Publish ${what()} to ${this.#address}`);
    const counter = new Uint8Array(4);
    writeU32(counter, 0, this.#number);
    this.#number = (this.#number + 1) >>> 0;
    if (!this.#socket.isWanted(this.#topicHex)) return;
    this.#socket.publish(this.#topicHex, [this.#topicBytes, body(), counter]);
  }
}

/** Publishes from its making until it is closed. */
export class ZmqPublisher {
  readonly #channels: readonly Channel[];
  readonly #sources: ZmqSources;
  readonly #subscriptions: Unsubscribe[] = [];
  /** Connected blocks that nobody was told of yet. */
  readonly #held: Deque<BlockEvent> = new Deque();
  /** The block that was connected last, and whether it was told of as a tip. */
  #last: { readonly event: BlockEvent; readonly isTold: boolean } | null = null;

  constructor(notifiers: readonly ZmqNotifier[], sources: ZmqSources) {
    this.#channels = notifiers.map((notifier) => new Channel(notifier));
    this.#sources = sources;
    const { chain, mempool } = sources;
    this.#subscriptions.push(
      mempool.signals.added.subscribe(({ entry, sequence }) => this.#added(entry.transaction, sequence)),
      mempool.signals.removed.subscribe(({ entry, reason, sequence }) => {
        if (reason !== 'block') this.#tellSequence(entry.transaction.txid, 'R', sequence);
      }),
      chain.signals.blockDisconnected.subscribe(({ block }) => this.#disconnected(block)),
      chain.signals.blockConnected.subscribe((event) => this.#connected(event)),
      chain.signals.tipChanged.subscribe((event) => this.#tipChanged(event)),
      // Made after the mempool began to follow: it is in step when this is called.
      chain.followTip({
        follow: async () => this.#releaseAll(),
        chainStopped: () => undefined,
      }),
    );
  }

  /** Follows no more. */
  close(): void {
    for (const unsubscribe of this.#subscriptions.splice(0)) unsubscribe();
    this.#held.clear();
    this.#last = null;
  }

  #added(transaction: Transaction, sequence: number): void {
    this.#tellTransaction(transaction);
    this.#tellSequence(transaction.txid, 'A', sequence);
  }

  #disconnected(block: Block): void {
    this.#tellTransactions(block);
    this.#tellSequence(block.header.blockHash, 'D', null);
  }

  #connected(event: BlockEvent): void {
    if (this.#sources.keeper.isInStep) {
      this.#tellConnected(event);
      const isTold = !this.#sources.chain.isInitialDownload;
      if (isTold) this.#tellTip(event.block);
      this.#last = { event, isTold };
      return;
    }
    this.#last = { event, isTold: false };
    this.#held.push(event);
    if (this.#held.length > HELD_BLOCKS_MAX) this.#tellConnected(this.#held.shift()!);
  }

  #releaseAll(): void {
    for (let event = this.#held.shift(); event !== undefined; event = this.#held.shift()) this.#tellConnected(event);
  }

  #tipChanged({ tip, fork, isInitialDownload }: TipEvent): void {
    const last = this.#last;
    this.#last = null;
    // Without a new block there is nothing to tell, though the tip is another: blocks were taken off.
    if (isInitialDownload || tip === fork || last === null || last.isTold || last.event.entry !== tip) return;
    this.#tellTip(last.event.block);
  }

  #tellConnected({ block }: BlockEvent): void {
    this.#tellTransactions(block);
    this.#tellSequence(block.header.blockHash, 'C', null);
  }

  #tellTip(block: Block): void {
    const { blockHash } = block.header;
    this.#send('hashblock', () => reversedBytes(blockHash), blockHash);
    this.#send('rawblock', () => block.serialized(), blockHash);
  }

  #tellTransactions(block: Block): void {
    if (!this.#channels.some(({ topic }) => topic === 'hashtx' || topic === 'rawtx')) return;
    for (let i = 0; i < block.txCount; i++) this.#tellTransaction(block.transaction(i));
  }

  #tellTransaction(transaction: Transaction): void {
    this.#send('hashtx', () => reversedBytes(transaction.txid), transaction.txid);
    // A copy: a view would keep the whole block as long as it waits for a slow subscriber.
    this.#send('rawtx', () => transaction.serialized().slice(), transaction.txid);
  }

  #tellSequence(hash: DisplayedHash, label: 'A' | 'C' | 'D' | 'R', sequence: number | null): void {
    this.#send('sequence', () => encodeSequenceBody(hash, label, sequence), hash);
  }

  #send(topic: ZmqTopic, body: Body, hash: DisplayedHash): void {
    for (const channel of this.#channels) {
      if (channel.topic === topic) channel.send(body, this.#sources.log, () => `${topic} ${formatHash(hash)}`);
    }
  }
}

/** The hash as it is shown, a letter, and for transactions the sequence number of the mempool. */
function encodeSequenceBody(hash: Uint8Array, label: string, sequence: number | null): Uint8Array {
  const body = new Uint8Array(HASH_BYTES + 1 + (sequence === null ? 0 : 8));
  body.set(reversedBytes(hash));
  body.set(encodeUtf8(label), HASH_BYTES);
  if (sequence !== null) writeI64(body, HASH_BYTES + 1, sequence);
  return body;
}
