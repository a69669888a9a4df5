// The connections of a node (PeerLinks) over real machines and a chain in memory, without a network: connections are played by a test,
// which also says when a stored block is read, and what comes of a transaction.

import assert from 'node:assert/strict';
import type { BlockEntry } from '../../src/kernel/chain/block-index.ts';
import type { Block } from '../../src/kernel/primitives/block.ts';
import { createRng } from '../../src/kernel/util/prng.ts';
import { BlockIntake } from '../../src/node/app/block-intake.ts';
import type { BlockReader } from '../../src/node/app/block-reader.ts';
import { NODE_DEFAULTS } from '../../src/node/app/node-options.ts';
import type { PeerLink } from '../../src/node/app/peer-link.ts';
import { PeerLinks, type TransactionJudge } from '../../src/node/app/peer-links.ts';
import { Transports } from '../../src/node/app/transports.ts';
import type { ConnectionKind } from '../../src/node/p2p/connection-kind.ts';
import { NO_PERMISSIONS } from '../../src/node/p2p/net-permissions.ts';
import { asPeerId } from '../../src/node/p2p/peer-id.ts';
import type { Message } from '../../src/node/wire/messages.ts';
import { InventoryList } from '../../src/node/wire/packed-lists.ts';
import { BranchBuilder } from './branch-builder.ts';
import { FakeConnection, versionMessage } from './fake-network.ts';
import { addressOf, ManagerWorld } from './manager-world.ts';
import { ManualTime } from './manual-time.ts';

const WITNESS_BLOCK = 0x4000_0002;

/** Time that a peer has for its handshake. */
export const HANDSHAKE_MS = 60_000;

/** Blocks are read when the test says so. */
export class SlowReader implements BlockReader {
  readonly #chain: BlockReader;
  readonly waiting: (() => void)[] = [];
  isSlow = false;
  failure: unknown = null;

  constructor(chain: BlockReader) {
    this.#chain = chain;
  }

  async readBlock(entry: BlockEntry): Promise<Block> {
    if (this.isSlow) await new Promise<void>((resolve) => this.waiting.push(resolve));
    if (this.failure !== null) throw this.failure;
    return this.#chain.readBlock(entry);
  }
}

/** A shell over real machines, without a network. */
export class Shell {
  readonly world: ManagerWorld;
  readonly time: ManualTime;
  readonly reader: SlowReader;
  readonly intake: BlockIntake;
  readonly links: PeerLinks;
  readonly lines: string[] = [];
  readonly fatal: unknown[] = [];
  readonly gone: number[] = [];
  readonly discouraged: string[] = [];
  #lastId = 0;

  private constructor(world: ManagerWorld, transactions: TransactionJudge | null) {
    this.world = world;
    this.time = new ManualTime(world.nowSec);
    this.reader = new SlowReader(world.chain);
    this.intake = new BlockIntake(world.chain, () => world.nowSec, {
      onAccepted: (peer, block, acceptance) =>
        this.links.apply(world.manager.blockAccepted(peer, block, acceptance, this.links.now())),
      onSettled: (peer) => this.links.blockSettled(peer),
      onRoom: () => this.links.resume(),
      onFailed: (error) => this.fatal.push(error),
    });
    const write = (text: string): void => {
      this.lines.push(text);
    };
    this.links = new PeerLinks({
      recorder: null,
      manager: world.manager,
      chain: this.reader,
      intake: this.intake,
      clock: this.time,
      timers: this.time,
      log: { info: write, warn: write, error: write, debug: (_category, text) => write(text()) },
      rng: createRng(1),
      transactions,
      filters: null,
      handshakeTimeoutMs: HANDSHAKE_MS,
      limits: NODE_DEFAULTS,
      transports: new Transports(world.branch.network.magic, null),
      onUnanswered: () => assert.fail('nothing is encrypted here'),
      onDiscouraged: ({ bytes }) => this.discouraged.push(bytes.join('.')),
      onGone: (id) => this.gone.push(id),
      onFatal: (error) => this.fatal.push(error),
    });
  }

  /** With `transactions` it takes those of peers. */
  static async open(blockCount = 3, transactions: TransactionJudge | null = null): Promise<Shell> {
    const branch = new BranchBuilder();
    branch.mineMany(blockCount);
    const local = { takesTransactions: transactions !== null };
    return new Shell(await ManagerWorld.open({ branch, local }), transactions);
  }

  adopt(kind: ConnectionKind = 'inbound'): { readonly connection: FakeConnection; readonly link: PeerLink } {
    this.#lastId++;
    const host = `44.${this.#lastId}.3.4`;
    const connection = new FakeConnection({ host, port: 8333 }, this.world.branch.network.magic);
    const link = this.links.adopt(connection, {
      id: asPeerId(this.#lastId),
      kind,
      address: addressOf(`${host}:8333`),
      localAddress: addressOf('55.5.5.5:8333'),
      name: null,
      permissions: NO_PERMISSIONS,
      localServices: 1033n,
      localNonce: 5n,
    });
    return { connection, link };
  }

  /** A peer that has introduced itself and was told what is due then; what it heard is forgotten. */
  async join(
    kind: ConnectionKind = 'inbound',
  ): Promise<{ readonly connection: FakeConnection; readonly link: PeerLink }> {
    const joined = this.adopt(kind);
    joined.connection.say(versionMessage(), { type: 'verack' });
    await this.time.settle();
    this.links.tick();
    await this.time.settle();
    joined.connection.hear();
    return joined;
  }

  getData(...heights: readonly number[]): Message {
    const items = heights.map((height) => ({
      type: WITNESS_BLOCK,
      hash: this.world.branch.at(height).header.blockHash,
    }));
    return { type: 'getdata', items: InventoryList.of(items) };
  }
}
