// One node's view of compact blocks for tests: a real chain in memory, the machines of headers, blocks and compact blocks, and a
// context that notes what handlers do. Peers are names without connections; a test plays them.

import assert from 'node:assert/strict';
import type { BlockEntry } from '../../src/kernel/chain/block-index.ts';
import type { Chainstate } from '../../src/kernel/chain/chainstate.ts';
import { openMemoryChain } from '../../src/kernel/chain/memory-chain.ts';
import { createRegtestParams } from '../../src/kernel/consensus/networks/regtest.ts';
import type { ChainParams } from '../../src/kernel/consensus/params.ts';
import type { Block } from '../../src/kernel/primitives/block.ts';
import type { BlockHash } from '../../src/kernel/primitives/hashes.ts';
import type { Transaction } from '../../src/kernel/primitives/transaction.ts';
import { createRng } from '../../src/kernel/util/prng.ts';
import { BlockDownload } from '../../src/node/p2p/block-download.ts';
import { BlockRelay } from '../../src/node/p2p/block-relay.ts';
import { BlockServing } from '../../src/node/p2p/block-serving.ts';
import type { ChainView } from '../../src/node/p2p/chain-view.ts';
import { createCompactBlock } from '../../src/node/p2p/compact-block.ts';
import { type CompactPools, CompactRelay, NO_POOLS } from '../../src/node/p2p/compact-relay.ts';
import type { ConnectionKind } from '../../src/node/p2p/connection-kind.ts';
import type { P2pContext } from '../../src/node/p2p/context.ts';
import type { BlockForm } from '../../src/node/p2p/effects.ts';
import { onBlockTxn, onCmpctBlock, onSendCmpct } from '../../src/node/p2p/handlers/compact.ts';
import { HeadersSync } from '../../src/node/p2p/headers-sync.ts';
import type { LogText } from '../../src/node/p2p/log-text.ts';
import { NO_PERMISSIONS } from '../../src/node/p2p/net-permissions.ts';
import { OutboundHealth } from '../../src/node/p2p/outbound-health.ts';
import type { TransactionPool } from '../../src/node/p2p/partial-block.ts';
import { createPeer, type Peer } from '../../src/node/p2p/peer.ts';
import { asPeerId, type PeerId } from '../../src/node/p2p/peer-id.ts';
import type { CmpctBlockMessage, Message } from '../../src/node/wire/messages.ts';
import { unspecifiedAddress } from '../../src/node/wire/net-address.ts';
import { TransactionList } from '../../src/node/wire/packed-lists.ts';
import {
  MSG_WITNESS_BLOCK,
  NODE_NETWORK,
  NODE_WITNESS,
  PROTOCOL_VERSION,
  SHORT_ID_BYTES,
} from '../../src/node/wire/protocol.ts';
import { fakeTxid, makeTx, pay, spend } from './block-builder.ts';
import { BranchBuilder } from './branch-builder.ts';
import { viewOfChain } from './chain-view.ts';

/** A transaction pool that tests fill. */
export class TestPool implements TransactionPool {
  readonly #transactions: Transaction[] = [];

  add(...transactions: readonly Transaction[]): void {
    this.#transactions.push(...transactions);
  }

  get count(): number {
    return this.#transactions.length;
  }

  forEachTransaction(visit: (wtxids: Uint8Array, at: number, transaction: Transaction) => boolean): void {
    for (const transaction of this.#transactions) if (!visit(transaction.wtxid, 0, transaction)) return;
  }
}

/** What a test may want different about a world. */
export interface CompactWorldOptions {
  readonly isBlocksOnly?: boolean;
  readonly pools?: CompactPools;
  /** Seconds from the last block to now; absent: 100. */
  readonly tipAgeSec?: number;
  readonly blockCount?: number;
  readonly params?: ChainParams;
}

/** A real chain in memory with real machines around it; what handlers do to peers is written down. */
export class CompactWorld {
  readonly params: ChainParams;
  readonly branch: BranchBuilder;
  readonly chain: Chainstate;
  readonly download: BlockDownload;
  readonly compact: CompactRelay;
  readonly relay: BlockRelay;
  readonly serving: BlockServing;
  readonly headersSync: HeadersSync;
  readonly health: OutboundHealth;
  readonly peers: Map<PeerId, Peer> = new Map();
  readonly nowSec: number;
  readonly context: P2pContext;
  /** What was sent since {@link take}, as `peer` and message. */
  sent: { readonly peer: number; readonly message: Message }[] = [];
  offences: string[] = [];
  submitted: { readonly peer: Peer; readonly block: Block }[] = [];
  served: { readonly entry: BlockEntry; readonly form: BlockForm }[] = [];
  lines: string[] = [];
  #nowMs = 0;
  #joinedCount = 0;

  static async open(options: CompactWorldOptions = {}): Promise<CompactWorld> {
    const params = options.params ?? createRegtestParams();
    const branch = new BranchBuilder(params);
    const chain = await openMemoryChain(params);
    const blocks = branch.mineMany(options.blockCount ?? 3);
    const nowSec = branch.tip.header.timeSec + (options.tipAgeSec ?? 100);
    for (const block of blocks) await chain.submitBlock(block, nowSec);
    return new CompactWorld(params, branch, chain, nowSec, options);
  }

  private constructor(
    params: ChainParams,
    branch: BranchBuilder,
    chain: Chainstate,
    nowSec: number,
    options: CompactWorldOptions,
  ) {
    this.params = params;
    this.branch = branch;
    this.chain = chain;
    this.nowSec = nowSec;
    const view = viewOfChain(chain);
    const isBlocksOnly = options.isBlocksOnly ?? false;
    this.download = new BlockDownload(view, { params });
    const pools = options.pools ?? NO_POOLS;
    this.compact = new CompactRelay(this.download, { rng: createRng(5), isBlocksOnly, pools });
    this.relay = new BlockRelay(view);
    this.serving = new BlockServing(view, params.consensus);
    this.headersSync = new HeadersSync(view, this.download, { params }, createRng(6));
    this.health = new OutboundHealth({ fullRelayMax: 8, blockRelayMax: 2, blockSpacingSec: 600 });
    this.context = this.#createContext(view, isBlocksOnly);
  }

  #createContext(chain: ChainView, isBlocksOnly: boolean): P2pContext {
    const world = this;
    const line = (text: LogText): void => {
      world.lines.push(typeof text === 'string' ? text : text());
    };
    const context: Partial<P2pContext> = {
      params: this.params,
      chain,
      local: { userAgent: '/test/', isBlocksOnly, takesTransactions: false },
      peers: this.peers,
      headersSync: this.headersSync,
      health: this.health,
      download: this.download,
      compact: this.compact,
      relay: this.relay,
      serving: this.serving,
      get nowMs() {
        return world.#nowMs;
      },
      nowSec: this.nowSec,
      send: (peer, message) => world.sent.push({ peer: peer.id, message }),
      misbehaving(peer, offence) {
        world.offences.push(`${peer.id} ${offence}`);
      },
      submitBlock(peer, block, arrival) {
        assert.deepEqual(arrival, { isRequested: true, hasEnoughWork: true });
        world.submitted.push({ peer, block });
      },
      serveBlock: (_peer, entry, form) => world.served.push({ entry, form }),
      debug: (category, text) => line(typeof text === 'string' ? `[${category}] ${text}` : `[${category}] ${text()}`),
      info: (text) => line(text),
    };
    return context as P2pContext;
  }

  /** A peer that has said hello, and that it sends compact blocks. */
  join(kind: ConnectionKind = 'inbound', mode: 'silent' | 'low' | 'wants' | 'announces' = 'low'): Peer {
    const id = asPeerId(this.#joinedCount++);
    const address = unspecifiedAddress();
    const services = NODE_NETWORK | NODE_WITNESS;
    const facts = { id, kind, address, localAddress: address, name: null, permissions: NO_PERMISSIONS };
    const peer = createPeer({ ...facts, localServices: services, localNonce: 1n }, 0, this.nowSec);
    peer.services = services;
    peer.version = PROTOCOL_VERSION;
    peer.stage = 'established';
    this.peers.set(id, peer);
    this.download.peerJoined(id, { kind, services, hasNoBan: false });
    this.compact.peerJoined(id, { isInbound: kind === 'inbound' });
    this.relay.peerJoined(id);
    this.headersSync.peerJoined(id);
    this.health.addPeer(id);
    if (mode !== 'silent') this.sendMode(peer, mode === 'wants' ? 1 : 0);
    if (mode === 'announces') assert.equal(this.compact.preferPeer(id)[0]?.announces, true);
    return peer;
  }

  leave(peer: Peer): void {
    this.peers.delete(peer.id);
    this.download.peerLeft(peer.id);
    this.compact.peerLeft(peer.id);
    this.relay.peerLeft(peer.id);
    this.headersSync.peerLeft(peer.id);
    this.health.removePeer(peer.id);
  }

  sendMode(peer: Peer, announce: number, version = 2n): void {
    onSendCmpct(this.context, peer, { type: 'sendcmpct', announce, version });
  }

  /** The peer sends a block in compact form. */
  sendCompact(peer: Peer, block: Block, change: Partial<CmpctBlockMessage> = {}): void {
    this.#nowMs++;
    onCmpctBlock(this.context, peer, { ...createCompactBlock(block, createRng(this.#nowMs)), ...change });
  }

  sendTransactions(peer: Peer, blockHash: BlockHash, transactions: readonly Transaction[]): void {
    this.#nowMs++;
    onBlockTxn(this.context, peer, { type: 'blocktxn', blockHash, transactions: TransactionList.of(transactions) });
  }

  /** The header is known and the block was asked of the peer. */
  request(peer: Peer, block: Block): BlockEntry {
    const { last } = this.chain.acceptHeaders([block.header], this.nowSec);
    assert.equal(this.download.request(peer.id, last, this.#nowMs), true);
    return last;
  }

  entryOf(block: Block): BlockEntry {
    return this.chain.index.find(block.header.blockHash);
  }

  /** What was sent since the last time, as `2 getblocktxn 1,3`. */
  take(): string[] {
    const taken = this.sent.map(({ peer, message }) => `${peer} ${describe(message)}`.trim());
    this.sent = [];
    return taken;
  }

  /** The chain takes what was submitted, and the download hears of it. */
  async connectSubmitted(): Promise<string[]> {
    const outcomes: string[] = [];
    for (const { peer, block } of this.submitted.splice(0)) {
      const result = await this.chain.submitBlock(block, this.nowSec);
      outcomes.push(result.outcome);
      const isNew = result.outcome === 'connected' || result.outcome === 'stored';
      this.download.answered(block.header.blockHash, peer.id, isNew, this.#nowMs);
    }
    this.check();
    return outcomes;
  }

  /** Nothing is remembered of requests that are over. */
  check(): void {
    this.download.sanityCheck();
    for (const id of this.peers.keys()) {
      for (let entry = 0; entry < this.chain.index.count; entry++) {
        if (this.compact.partial(id, entry) !== null) assert.ok(this.download.isInFlightFrom(id, entry));
      }
    }
  }
}

function describe(message: Message): string {
  switch (message.type) {
    case 'getblocktxn':
      return `getblocktxn ${message.indexes.join(',')}`;
    case 'getdata':
      return `getdata ${message.items.type(0) === MSG_WITNESS_BLOCK ? 'block' : 'other'} × ${message.items.count}`;
    case 'sendcmpct':
      return `sendcmpct ${message.announce}`;
    default:
      return message.type;
  }
}

/** Transactions of a block but for the coinbase; they spend nothing that exists unless a test says so. */
export function numbered(count: number, first = 0): Transaction[] {
  return Array.from({ length: count }, (_, i) => makeTx([spend({ txid: fakeTxid(first + i), index: 7 })], [pay(1)]));
}

/** The transactions of a block in order. */
export const transactionsOf = (block: Block): Transaction[] =>
  Array.from({ length: block.txCount }, (_, i) => block.transaction(i));
/** What a compact block leaves out of a block: all but its coinbase. */
export const missingOf = (block: Block): Transaction[] => transactionsOf(block).slice(1);

/** All transactions of the block sent along. */
export function allPrefilled(block: Block): Partial<CmpctBlockMessage> {
  const prefilled = transactionsOf(block).map((transaction, index) => ({ index, transaction }));
  return { prefilled, shortIds: new Uint8Array(0) };
}

/** Both short ids of a block of three the same. */
export function colliding(): Partial<CmpctBlockMessage> {
  return { shortIds: new Uint8Array(2 * SHORT_ID_BYTES).fill(1) };
}
