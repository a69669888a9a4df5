// The smallest node that keeps a ledger with others, in place of the real one: it says its tip to everyone it knows, asks for what it
// lacks, and sends whole branches. No defences, no manners, no memory of its peers. It shows that the simulated world, its disks,
// miners and checkers work whatever the real node does.

import { findFork } from '../../src/kernel/chain/active-chain.ts';
import type { Chainstate } from '../../src/kernel/chain/chainstate.ts';
import { decodeBlock } from '../../src/kernel/primitives/block.ts';
import { asBlockHash } from '../../src/kernel/primitives/hashes.ts';
import type { NodePorts } from '../../src/node/app/node.ts';
import type { Connection, Listener } from '../../src/node/ports.ts';
import { FrameReader, frame } from '../../src/sim/adversary/raw-wire.ts';
import type { RunningNode, StartNode } from '../../src/sim/running-node.ts';
import { SIM_PORT } from '../../src/sim/sim-params.ts';

const MAGIC = Uint8Array.of(1, 2, 3, 4);
const REDIAL_MS = 30_000;
const BLOCKS_MAX = 200;

/** Starts a node that floods. */
export const startFloodNode: StartNode = async (options, ports) => {
  const node = new FloodNode(ports);
  const names = [...options.addNodes];
  if (options.usesDnsSeeds) {
    for (const seed of options.params.dnsSeeds) names.push(...(await ports.network.resolve(seed)));
  }
  node.listener = await ports.network.listen(options.listen[0]!.endpoint, (connection) => node.talk(connection));
  const own = ports.network.localHosts();
  for (const name of names) {
    const [host, port] = name.split(':') as [string, string | undefined];
    if (!own.includes(host)) node.dial(host, Number(port ?? SIM_PORT));
  }
  return node;
};

class FloodNode implements RunningNode {
  readonly #ports: NodePorts;
  readonly #chain: Chainstate;
  readonly #connections: Set<Connection> = new Set();
  listener: Listener | null = null;
  readonly #timers: Set<() => void> = new Set();
  #isOver = false;

  constructor(ports: NodePorts) {
    this.#ports = ports;
    this.#chain = ports.chain;
    this.#chain.signals.tipChanged.subscribe(() => {
      for (const connection of this.#connections) this.#sayTip(connection);
    });
  }

  get #nowSec(): number {
    return Math.floor(this.#ports.clock.wallMs() / 1000);
  }

  dial(host: string, port: number): void {
    if (this.#isOver) return;
    const again = (): void => {
      if (this.#isOver) return;
      const cancel = this.#ports.timers.after(REDIAL_MS, () => {
        this.#timers.delete(cancel);
        this.dial(host, port);
      });
      this.#timers.add(cancel);
    };
    this.#ports.network.dial({ host, port }, 5_000).then((connection) => this.talk(connection, again), again);
  }

  talk(connection: Connection, onOver?: () => void): void {
    if (this.#isOver) {
      connection.close();
      return;
    }
    const reader = new FrameReader();
    this.#connections.add(connection);
    connection.start({
      onBytes: (bytes) => {
        for (const { command, payload } of reader.read(bytes)) this.#hear(connection, command, payload);
      },
      onSent: () => {},
      onClosed: () => {
        this.#connections.delete(connection);
        onOver?.();
      },
    });
    this.#sayTip(connection);
  }

  #sayTip(connection: Connection): void {
    connection.send(frame(MAGIC, 'tip', this.#chain.tipHash.slice()));
  }

  #hear(connection: Connection, command: string, payload: Uint8Array): void {
    const { index, active } = this.#chain;
    if (command === 'tip') {
      const entry = index.find(payload);
      if (entry !== -1 && index.hasData(entry)) return;
      const locator: number[] = [];
      for (let height = active.height, step = 1; height >= 0; height -= step) {
        locator.push(...index.blockHash(active.at(height)));
        if (locator.length > 32 * 10) step *= 2;
      }
      connection.send(frame(MAGIC, 'want', Uint8Array.from(locator)));
    } else if (command === 'want') {
      const hashes = Array.from({ length: payload.length / 32 }, (_, i) =>
        asBlockHash(payload.slice(32 * i, 32 * i + 32)),
      );
      this.#sendAfter(connection, hashes).catch((error: unknown) => this.#ports.onFatal(error));
    } else if (command === 'block') {
      const decoded = decodeBlock(payload);
      if (!decoded.ok) return;
      this.#chain.submitBlock(decoded.value, this.#nowSec).catch((error: unknown) => this.#ports.onFatal(error));
    } else if (command === 'more') {
      this.#sayTip(connection);
    }
  }

  async #sendAfter(connection: Connection, locator: readonly ReturnType<typeof asBlockHash>[]): Promise<void> {
    const { index, active } = this.#chain;
    const fork = findFork(index, active, locator);
    const from = index.height(fork) + 1;
    for (let height = from; height <= Math.min(active.height, from + BLOCKS_MAX); height++) {
      const block = await this.#chain.readBlock(active.at(height));
      connection.send(frame(MAGIC, 'block', block.serialized().slice()));
    }
    this.#sayTip(connection);
  }

  async submitBlock(block: Parameters<RunningNode['submitBlock']>[0]): ReturnType<RunningNode['submitBlock']> {
    return this.#chain.submitBlock(block, this.#nowSec);
  }

  peers(): [] {
    return [];
  }

  isPunished(): boolean {
    return false;
  }

  async stop(): Promise<void> {
    this.#isOver = true;
    for (const cancel of this.#timers) cancel();
    await this.listener?.close();
    for (const connection of this.#connections) connection.close();
  }
}
