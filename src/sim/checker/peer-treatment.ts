// How nodes treat their peers: honest ones are never punished, whatever happened to them (restarts, clock skew, partitions), and no
// peer, honest or not, takes more of a node's memory than it may.

import type { SimNode } from '../sim-node.ts';
import type { World } from '../world.ts';

/** What one peer may cost a node, by the node's own account (issue: hostile peer at most 10 MB). */
export const PEER_MEMORY_BYTES_MAX = 10_000_000;

/** Looks at all nodes now. */
export function checkPeerTreatment(world: World, nodes: readonly SimNode[], honestHosts: ReadonlySet<string>): void {
  for (const node of nodes) {
    const { running } = node;
    if (running === null) continue;
    const punished = [...honestHosts].find((host) => running.isPunished(host));
    if (punished !== undefined) world.fail('peace', `node ${node.owner} has punished the honest ${punished}`);
    const big = running.peers().find(({ memoryBytes }) => memoryBytes > PEER_MEMORY_BYTES_MAX);
    if (big !== undefined) {
      world.fail('memory', `node ${node.owner} keeps ${big.memoryBytes} bytes for its peer ${big.host}`);
    }
  }
}
