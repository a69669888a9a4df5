// Where the blocks of a test come from, as long as nodes do not mine: a peer that has a chain, tells of it, and serves headers and
// blocks like any honest peer.

import type { ChainParams } from '../../src/kernel/consensus/params.ts';
import type { Block } from '../../src/kernel/primitives/block.ts';
import { toHex } from '../../src/kernel/util/bytes.ts';
import type { InventoryMessage, LocatorMessage, Message } from '../../src/node/wire/messages.ts';
import { isBlockInventory, MAX_HEADERS_RESULTS } from '../../src/node/wire/protocol.ts';
import { RawPeer } from '../p2p/raw-peer.ts';

/** A chain, and the connections over which it is served. */
export class BlockSource {
  readonly params: ChainParams;
  /** From the first block of the network on. */
  readonly #chain: Block[];
  readonly #heights: Map<string, number> = new Map();
  readonly #peers: RawPeer[] = [];

  constructor(params: ChainParams, blocks: readonly Block[] = []) {
    this.params = params;
    this.#chain = [];
    this.#append([params.genesis, ...blocks]);
  }

  #append(blocks: readonly Block[]): void {
    for (const block of blocks) {
      this.#heights.set(toHex(block.header.blockHash), this.#chain.length);
      this.#chain.push(block);
    }
  }

  /** Connects to a node as an inbound peer of it. */
  async dial(port: number): Promise<void> {
    const peer = await RawPeer.connect(port);
    await peer.handshake();
    this.serve(peer);
    this.#announce(peer, this.#chain.length - 1);
  }

  /** Serves a connection that has introduced itself. */
  serve(peer: RawPeer): void {
    this.#peers.push(peer);
    peer.answerWith((message) => this.#answer(peer, message));
  }

  /** Lengthens the chain, and tells all peers. */
  extend(blocks: readonly Block[]): void {
    const from = this.#chain.length;
    this.#append(blocks);
    for (const peer of this.#peers) this.#announce(peer, from);
  }

  close(): void {
    for (const peer of this.#peers.splice(0)) peer.close();
  }

  #announce(peer: RawPeer, from: number): void {
    const headers = this.#chain.slice(Math.max(1, from), from + MAX_HEADERS_RESULTS).map(({ header }) => header);
    if (headers.length > 0) peer.send({ type: 'headers', headers });
  }

  #answer(peer: RawPeer, message: Message): boolean {
    if (message.type === 'getheaders') this.#sendHeaders(peer, message);
    else if (message.type === 'getdata') this.#sendBlocks(peer, message);
    else return false;
    return true;
  }

  #sendHeaders(peer: RawPeer, { locator }: LocatorMessage): void {
    let fork = 0;
    for (let i = 0; i < locator.count && fork === 0; i++) fork = this.#heights.get(toHex(locator.hash(i))) ?? 0;
    const blocks = this.#chain.slice(fork + 1, fork + 1 + MAX_HEADERS_RESULTS);
    peer.send({ type: 'headers', headers: blocks.map(({ header }) => header) });
  }

  #sendBlocks(peer: RawPeer, { items }: InventoryMessage): void {
    for (let i = 0; i < items.count; i++) {
      if (!isBlockInventory(items.type(i))) continue;
      const height = this.#heights.get(toHex(items.hash(i)));
      if (height !== undefined) peer.send({ type: 'block', block: this.#chain[height]! });
    }
  }
}
