// Several nodes with the same first pages on their disks, and the payer to whom the rewards of these pages belong.

import { join } from 'node:path';
import type { ChainParams } from '../../src/kernel/consensus/params.ts';
import { Ledger } from './ledger.ts';
import { fastClock, LedgerNode, until } from './ledger-node.ts';
import { Payer } from './payer.ts';
import { type StartOptions, withFolder } from './programs.ts';

/** Arguments with which peers on this machine hear of payments at once, not after a delay that hides where they come from. */
export const PROMPT_RELAY: readonly string[] = ['-whitelist=in,out,noban@127.0.0.1'];

/** Nodes with a ledger on their disks, all of which are ended in the end. */
export class Town {
  readonly folder: string;
  readonly ledger: Ledger;
  readonly nodes: LedgerNode[] = [];
  readonly #args: readonly string[];
  readonly #options: StartOptions;

  constructor(folder: string, ledger: Ledger, args: readonly string[], options: StartOptions) {
    this.folder = folder;
    this.ledger = ledger;
    this.#args = args;
    this.#options = options;
    ledger.write(join(folder, 'ground.dat'));
  }

  /** Starts a node that connects to those named; resolves when it has read the ledger, and they know each other. */
  async start(name: string, peers: readonly LedgerNode[] = []): Promise<LedgerNode> {
    const { params } = this.ledger;
    const args = [`-chain=${params.name}`, `-loadblock=${join(this.folder, 'ground.dat')}`, ...this.#args];
    const connections = peers.map(({ network }) => `-connect=127.0.0.1:${network.port}`);
    const node = await LedgerNode.start(join(this.folder, name), params, [...args, ...connections], this.#options);
    this.nodes.push(node);
    const height = this.ledger.height;
    await until(async () => (await node.height()) >= height, `${name} to have read the ledger`);
    await until(async () => (await node.countPeers()).introduced === peers.length, `${name} to know its peers`);
    for (const peer of peers) await until(() => areIntroduced(peer), `the peers of ${name} to know it`);
    return node;
  }

  /** To be called at the very end, after a failure too. */
  abandon(): void {
    for (const { network } of this.nodes) network.process.signal('SIGKILL');
  }
}

async function areIntroduced(node: LedgerNode): Promise<boolean> {
  const { open, introduced } = await node.countPeers();
  return open > 0 && open === introduced;
}

/** Lets a test have a town whose clocks run `clockFactor` times as fast as they should. */
export async function withTown(
  params: ChainParams,
  clockFactor: number,
  args: readonly string[],
  use: (town: Town) => Promise<void>,
): Promise<void> {
  await withFolder(async (folder) => {
    const clock = fastClock(clockFactor);
    const ledger = Ledger.ground(params, new Payer(), clock.nowSec());
    const town = new Town(folder, ledger, args, { clock: clock.text });
    try {
      await use(town);
    } finally {
      town.abandon();
    }
  });
}
