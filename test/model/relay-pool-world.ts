// A node that takes transactions, with a mempool that a test fills: where relay is looked at, and nothing is judged.

import { asWtxid } from '../../src/kernel/primitives/hashes.ts';
import type { Peer } from '../../src/node/p2p/peer.ts';
import { ManagerWorld, type ManagerWorldOptions, sentOf } from './manager-world.ts';
import { type FakeEntry, type FakeEntryOptions, FakeRelayPool } from './relay-pool.ts';

/** A node and its mempool. */
export interface RelayGround {
  readonly node: ManagerWorld;
  readonly pool: FakeRelayPool;
}

/** Opens both; whatever else the options say, the node takes transactions. */
export async function openRelayGround(options: ManagerWorldOptions = {}): Promise<RelayGround> {
  const pool = new FakeRelayPool();
  const local = { ...options.local, takesTransactions: true };
  return { node: await ManagerWorld.open({ ...options, local, mempool: pool }), pool };
}

/** What tests of relay have in common; each adds the peers that it is about. */
export class RelayPoolWorld {
  readonly node: ManagerWorld;
  readonly pool: FakeRelayPool;

  constructor({ node, pool }: RelayGround) {
    this.node = node;
    this.pool = pool;
  }

  /** A transaction has come, and everybody is to be told. */
  accept(options: FakeEntryOptions): FakeEntry {
    const entry = this.pool.add(options);
    this.node.manager.relayTransaction(asWtxid(entry.transaction.wtxid), this.node.now);
    return entry;
  }

  /** So many seconds go by; the inventory that the peer gets meanwhile. */
  waitForInv(peer: Peer, seconds = 120): Uint8Array[] {
    const hashes: Uint8Array[] = [];
    for (let i = 0; i < seconds; i++) {
      this.node.wait(1_000);
      for (const { items } of sentOf(this.node.tick(peer), 'inv')) {
        for (let k = 0; k < items.count; k++) hashes.push(items.hash(k));
      }
    }
    return hashes;
  }
}
