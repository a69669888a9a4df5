// What the simulation starts: a node over given ports. The real one is app/node.ts; tests put something smaller in its place, to
// see the world itself at work.

import type { SubmitResult } from '../kernel/chain/chainstate.ts';
import type { Block } from '../kernel/primitives/block.ts';
import type { Transaction } from '../kernel/primitives/transaction.ts';
import { Node, type NodePorts } from '../node/app/node.ts';
import type { NodeOptions } from '../node/app/node-options.ts';
import type { SingleResult } from '../node/mempool/accept-result.ts';
import { parseHost } from '../node/wire/net-address.ts';

/** A connection as a node tells of it. */
export interface PeerSight {
  readonly id: number;
  readonly host: string;
  /** Bytes of memory that the node keeps for it, by its own account. */
  readonly memoryBytes: number;
}

/** A node at work. */
export interface RunningNode {
  /** Takes a block that its miner has found: judged, connected, announced. */
  submitBlock(block: Block): Promise<SubmitResult>;
  /** Takes a payment that somebody has made; left out by nodes that keep none. */
  submitTransaction?(transaction: Transaction): Promise<SingleResult>;
  peers(): readonly PeerSight[];
  /** Whether it refuses or shuns an address. */
  isPunished(host: string): boolean;
  stop(): Promise<void>;
}

/** Starts a node. */
export type StartNode = (options: NodeOptions, ports: NodePorts) => Promise<RunningNode>;

/** Starts the real node. */
export const startNode: StartNode = async (options, ports) => {
  const node = await Node.start(options, ports);
  return {
    submitBlock: (block) => node.submitBlock(block),
    submitTransaction: (transaction) => node.submitTransaction(transaction),
    peers: () => node.peers(),
    isPunished: (host) => {
      const address = parseHost(host, options.params.ports.p2p);
      const nowSec = Math.floor(ports.clock.wallMs() / 1000);
      return address !== null && (node.banList.isDiscouraged(address) || node.banList.isBanned(address, nowSec));
    },
    stop: () => node.stop(),
  };
};
