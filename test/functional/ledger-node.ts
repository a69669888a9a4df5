// Nodes that keep a ledger made by a test, somebody who gives them commands, and what tests of payments wait for.

import { join } from 'node:path';
import type { ChainParams } from '../../src/kernel/consensus/params.ts';
import { type Block, decodeBlock } from '../../src/kernel/primitives/block.ts';
import { assert } from '../../src/kernel/util/assert.ts';
import { fromHex, toHex } from '../../src/kernel/util/bytes.ts';
import { formatAddress } from '../../src/wallet/address.ts';
import type { Address } from '../bench/chain-wallet.ts';
import { NetworkNode } from './network-programs.ts';
import { hexOf, type Payment } from './payer.ts';
import type { StartOptions } from './programs.ts';
import { findFreePort, RpcClient, RpcFailure } from './rpc-client.ts';

/** How often a condition is looked at. */
const LOOK_MS = 50;

/** How long a test waits for a condition before it fails. */
const PATIENCE_MS = 60_000;

/** A node that keeps the ledger, and takes commands. */
export class LedgerNode {
  readonly params: ChainParams;
  readonly network: NetworkNode;
  readonly rpc: RpcClient;

  private constructor(params: ChainParams, network: NetworkNode, rpc: RpcClient) {
    this.params = params;
    this.network = network;
    this.rpc = rpc;
  }

  /** Starts a node; resolves when it takes commands. */
  static async start(
    folder: string,
    params: ChainParams,
    args: readonly string[],
    options?: StartOptions,
  ): Promise<LedgerNode> {
    const port = await findFreePort();
    const network = await NetworkNode.start(folder, [`-rpcport=${port}`, ...args], options);
    const rpc = new RpcClient(port, join(folder, params.name, '.cookie'));
    await rpc.ready();
    return new LedgerNode(params, network, rpc);
  }

  /** Number and hash of the last page. */
  async tip(): Promise<string> {
    const { blocks, bestblockhash } = await this.rpc.call<{ blocks: number; bestblockhash: string }>(
      'getblockchaininfo',
    );
    return `${blocks} ${bestblockhash}`;
  }

  /** How many connections are open, and how many of them have ended their introductions. */
  async countPeers(): Promise<{ readonly open: number; readonly introduced: number }> {
    const peers = await this.rpc.call<{ bytesrecv_per_msg: Record<string, number> }[]>('getpeerinfo');
    return { open: peers.length, introduced: peers.filter((peer) => 'verack' in peer.bytesrecv_per_msg).length };
  }

  height(): Promise<number> {
    return this.rpc.call<number>('getblockcount');
  }

  /** Transactions that wait, by txid, in order. */
  async waiting(): Promise<readonly string[]> {
    return (await this.rpc.call<string[]>('getrawmempool')).sort();
  }

  send(payment: Payment): Promise<string> {
    return this.rpc.call<string>('sendrawtransaction', hexOf(payment));
  }

  /** What the answer to a payment that must be refused says. */
  async refusal(payment: Payment): Promise<string> {
    try {
      await this.send(payment);
    } catch (error) {
      if (error instanceof RpcFailure) return error.message;
      throw error;
    }
    return 'accepted';
  }

  /** Hands a page in; null, or why it is refused. */
  submit(block: Block): Promise<string | null> {
    return this.rpc.call<string | null>('submitblock', toHex(block.serialized()));
  }

  /** The pages from a height to the last one. */
  async pagesFrom(height: number): Promise<readonly Block[]> {
    const pages: Block[] = [];
    for (let at = height, last = await this.height(); at <= last; at++) {
      const hash = await this.rpc.call<string>('getblockhash', at);
      const page = decodeBlock(fromHex(await this.rpc.call<string>('getblock', hash, 0)));
      assert(page.ok, 'a page that can be read');
      pages.push(page.value);
    }
    return pages;
  }

  /** Begins to mine with a share of the time of its threads; rewards go to an address. */
  async mine(address: Address, share: number): Promise<void> {
    await this.rpc.call('setminer', true, share, formatAddress(address.scriptPubKey, this.params.prefixes));
  }

  async stopMining(): Promise<void> {
    await this.rpc.call('setminer', false);
  }

  /** Hashes per second of its miner, of late. */
  async hashRate(): Promise<number> {
    return (await this.rpc.call<{ hashesPerSecond: number }>('getminerinfo')).hashesPerSecond;
  }
}

/** Resolves when the condition holds; it is looked at again and again. */
export async function until(condition: () => Promise<boolean>, what: string, patienceMs = PATIENCE_MS): Promise<void> {
  const endMs = performance.now() + patienceMs;
  while (!(await condition())) {
    if (performance.now() > endMs) throw new Error(`waited in vain for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
}

/** Resolves when all nodes have the same last page, and gives it. */
export async function agree(nodes: readonly LedgerNode[]): Promise<string> {
  let agreed = '';
  const isAgreed = async (): Promise<boolean> => {
    const tips = await Promise.all(nodes.map((node) => node.tip()));
    agreed = tips[0] ?? '';
    return tips.every((tip) => tip === agreed);
  };
  await until(isAgreed, 'all nodes to have the same last page');
  return agreed;
}

/** A wall clock that runs so many times as fast from `startMs` on, for processes and for whoever makes pages for them. */
export function fastClock(factor: number, startMs: number = Date.now()): { text: string; nowSec: () => number } {
  return {
    text: `${startMs} + (now - ${startMs}) * ${factor}`,
    nowSec: () => Math.floor((startMs + (Date.now() - startMs) * factor) / 1000),
  };
}
