// Notifications over ZeroMQ while the node runs: sockets at the addresses of the options, one for each address, and what feeds them.
// As in Core, an address where nobody can listen is an error in the log, and then nothing is published at all; the node goes on.

import type { Chainstate } from '../kernel/chain/chainstate.ts';
import type { MempoolService } from '../node/app/mempool-service.ts';
import { type ZmqNotification, ZmqPublisher } from '../node/app/zmq-publisher.ts';
import { parseZmqAddress } from '../platform/node/zmq-address.ts';
import { ZmqSocket } from '../platform/node/zmq-socket.ts';
import type { Logger } from './log.ts';

/** What publishes. */
export interface RunningZmq {
  /** What is published; empty when nothing is. */
  readonly orders: readonly ZmqNotification[];
  close(): Promise<void>;
}

/** Nothing is published. */
const NOTHING: RunningZmq = Object.freeze({ orders: [], close: () => Promise.resolve() });

/** Begins to publish what happens from now on. */
export async function startZmq(
  orders: readonly ZmqNotification[],
  { chain, pool }: { readonly chain: Chainstate; readonly pool: MempoolService },
  log: Logger,
): Promise<RunningZmq> {
  if (orders.length === 0) return NOTHING;
  const sockets = await bindAll(orders, log);
  if (sockets === null) return NOTHING;
  const notifiers = orders.map(({ topic, address }) => ({ topic, address, socket: sockets.get(address)! }));
  const publisher = new ZmqPublisher(notifiers, { chain, mempool: pool.mempool, keeper: pool.keeper, log });
  return {
    orders,
    close: async () => {
      publisher.close();
      await closeAll(sockets, log);
    },
  };
}

/** A socket for each address, with the high water mark of the first topic there; null when one cannot be had. */
async function bindAll(orders: readonly ZmqNotification[], log: Logger): Promise<Map<string, ZmqSocket> | null> {
  const sockets = new Map<string, ZmqSocket>();
  for (const order of orders) {
    const { topic, address } = order;
    if (sockets.has(address)) log.debug('zmq', () => `Reusing socket for address ${address}`);
    else {
      const socket = await bind(order, log);
      if (socket === null) {
        log.warn('No ZeroMQ notifications are published in this run.');
        await closeAll(sockets, log);
        return null;
      }
      sockets.set(address, socket);
    }
    log.debug('zmq', () => `Notifier pub${topic} ready (address = ${address})`);
  }
  return sockets;
}

async function bind({ topic, address, highWaterMark }: ZmqNotification, log: Logger): Promise<ZmqSocket | null> {
  const what = (): string => `Outbound message high water mark for pub${topic} at ${address} is ${highWaterMark}`;
  log.debug('zmq', what);
  try {
    if (highWaterMark < 0) throw new RangeError('Invalid argument');
    const place = parseZmqAddress(address);
    if (place === null) throw new RangeError('Invalid argument');
    return await ZmqSocket.bind(place, highWaterMark, {
      onClosed: (reason) => log.debug('zmq', () => `A subscriber at ${address} has gone${describe(reason)}`),
    });
  } catch (error) {
    const step = highWaterMark < 0 ? 'Failed to set outbound message high water mark' : 'Failed to bind address';
    log.error(`zmq: Error: ${step}, msg: ${error instanceof Error ? error.message : String(error)} (${address})`);
    return null;
  }
}

function describe(reason: string | null): string {
  return reason === null ? '' : `: ${reason}`;
}

async function closeAll(sockets: ReadonlyMap<string, ZmqSocket>, log: Logger): Promise<void> {
  for (const [address, socket] of sockets) {
    const { droppedCount } = socket;
    if (droppedCount > 0) log.info(`${droppedCount} messages were dropped at ${address} for slow subscribers`);
    log.debug('zmq', () => `Close socket at address ${address}`);
    await socket.close();
  }
}
