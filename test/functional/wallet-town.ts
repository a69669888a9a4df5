// Three nodes with six wallets: one made by its node, one of twelve words, one with a passphrase, one that only watches another's
// descriptors, one more, and one that three of them share. The nodes can be cut off from each other and brought together again.

import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Rng } from '../../src/kernel/util/prng.ts';
import { rootOfWords } from '../model/word-root.ts';
import { agree, until } from './ledger-node.ts';
import { WalletJudge } from './wallet-judge.ts';
import {
  ADDRESS_TYPES,
  type DescriptorImport,
  importDescriptors,
  listDescriptors,
  Purse,
  WalletNode,
} from './wallet-node.ts';

/** BIP39, second vector of the English list. */
const WORDS = 'legal winner thank year wave sausage worth useful legal winner thank yellow';

/** Accounts of test networks by BIP44, 49, 84 and 86. */
const ACCOUNTS: readonly ((root: string) => string)[] = [
  (root) => `pkh(${root}/44h/1h/0h/CHAIN/*)`,
  (root) => `sh(wpkh(${root}/49h/1h/0h/CHAIN/*))`,
  (root) => `wpkh(${root}/84h/1h/0h/CHAIN/*)`,
  (root) => `tr(${root}/86h/1h/0h/CHAIN/*)`,
];

/** Pages whose rewards each signing wallet has in the beginning, and pages after them that belong to nobody. */
const FIRST_REWARDS = 8;
const RIPENING_PAGES = 100;
const NOBODY = 'raw(51)';

/** What a watcher knows ahead: as much as the watched one can come to in a test. */
const WATCHED_RANGE = [0, 400] as const;

/** The nodes and wallets of a test. */
export class WalletTown {
  readonly folder: string;
  readonly nodes: readonly WalletNode[];
  readonly judge = new WalletJudge();
  /** Wallets that make payments by themselves. */
  readonly signing: Purse[] = [];

  constructor(folder: string) {
    this.folder = folder;
    mkdirSync(join(folder, 'backups'));
    this.nodes = ['a', 'b', 'c'].map((name) => new WalletNode(name, folder));
  }

  get purses(): readonly Purse[] {
    return this.nodes.flatMap(({ purses }) => purses);
  }

  /** A wallet by its name. */
  purse(name: string): Purse {
    const purse = this.purses.find((one) => one.name === name);
    assert.ok(purse !== undefined, name);
    return purse;
  }

  /** Starts the nodes, makes the wallets and gives them money. */
  async found(): Promise<void> {
    await Promise.all(this.nodes.map((node) => node.start()));
    const [a, b, c] = this.nodes as [WalletNode, WalletNode, WalletNode];
    await this.connectAll();
    const plain = await a.create('plain', 'signing');
    const words = await this.createFromWords(a, 'words');
    const locked = await b.create('locked', 'signing', { passphrase: 'a marked passphrase' });
    const signer = await c.create('signer', 'signing');
    const watch = await b.create('watch', 'watching');
    const shared = await c.create('shared', 'shared');
    const watched = await listDescriptors(plain);
    await importDescriptors(
      watch,
      watched.map(({ desc, internal = false }) => ({ desc, internal, range: WATCHED_RANGE })),
    );
    await importDescriptors(shared, await shareOf([plain, locked, signer]));
    this.signing.push(plain, words, locked, signer);
    for (const purse of [...this.signing, shared]) {
      await this.mine(purse.node, FIRST_REWARDS, purse);
      await this.settle();
    }
    await a.rpc.call('generatetodescriptor', RIPENING_PAGES, NOBODY);
    await this.settle();
  }

  /** Makes a wallet of words; what it comes to is what Node's own functions make of the words. */
  async createFromWords(node: WalletNode, name: string): Promise<Purse> {
    const twin = await node.create('twin', 'signing', { isBlank: true });
    await importDescriptors(twin, listAccounts(rootOfWords(WORDS)));
    const expected = (await listDescriptors(twin)).map(({ desc }) => desc);
    await node.rpc.call('unloadwallet', twin.name, false);
    node.purses.pop();
    await node.rpc.callNamed('createmnemonicwallet', { wallet_name: name, mnemonic: WORDS, load_on_startup: true });
    const purse = new Purse(node, name, 'signing');
    node.purses.push(purse);
    const descriptors = await listDescriptors(purse);
    assert.deepEqual(descriptors.map(({ desc }) => desc).sort(), [...expected].sort(), 'descriptors of the words');
    return purse;
  }

  /** Pages at a node; the rewards are a wallet's. */
  async mine(node: WalletNode, count: number, purse: Purse, rng?: Rng): Promise<void> {
    const kind = ADDRESS_TYPES[rng?.below(ADDRESS_TYPES.length) ?? 2]!;
    await node.rpc.call('generatetoaddress', count, await purse.newAddress(kind));
  }

  // --- who talks to whom ----------------------------------------------------------------------------------------------

  /** Nodes that are not cut off. */
  get together(): readonly WalletNode[] {
    return this.nodes.filter(({ isIsolated }) => !isIsolated);
  }

  /** Connects all that are not cut off. */
  async connectAll(): Promise<void> {
    const { together } = this;
    for (const [i, node] of together.entries()) {
      for (const other of together.slice(i + 1)) await connect(node, other);
    }
  }

  /** Cuts a node off. */
  async isolate(node: WalletNode): Promise<void> {
    node.isIsolated = true;
    await node.rpc.call('setnetworkactive', false);
    await until(async () => (await countPeers(node)) === 0, `${node.name} to be alone`);
  }

  /** Brings all together again; whoever is ahead mines a page, so that one branch wins. */
  async reunite(): Promise<void> {
    for (const node of this.nodes) {
      if (!node.isIsolated) continue;
      node.isIsolated = false;
      await node.rpc.call('setnetworkactive', true);
    }
    await this.connectAll();
    const heights = await Promise.all(this.nodes.map((node) => node.height()));
    const first = this.nodes[heights.indexOf(Math.max(...heights))]!;
    await first.rpc.call('generatetodescriptor', 1, NOBODY);
    await this.settle();
  }

  /** All that are not cut off have the same last page. */
  async settle(): Promise<void> {
    await agree(this.together.map(({ running }) => running));
  }

  /** Judges every wallet. */
  async judgeAll(): Promise<void> {
    for (const purse of this.purses) await this.judge.judge(purse);
  }

  /** To be called at the very end, after a failure too. */
  async end(): Promise<void> {
    await Promise.all(this.nodes.map((node) => node.end()));
  }
}

async function countPeers({ rpc }: WalletNode): Promise<number> {
  return (await rpc.call<unknown[]>('getpeerinfo')).length;
}

async function connect(node: WalletNode, other: WalletNode): Promise<void> {
  const address = `127.0.0.1:${other.running.network.port}`;
  const isConnected = async (): Promise<boolean> => {
    const peers = await node.rpc.call<{ addr: string; bytesrecv_per_msg: Record<string, number> }[]>('getpeerinfo');
    return peers.some(({ addr, bytesrecv_per_msg }) => addr === address && 'verack' in bytesrecv_per_msg);
  };
  if (await isConnected()) return;
  await node.rpc.call('addnode', address, 'onetry');
  await until(isConnected, `${node.name} to know ${other.name}`);
}

function listAccounts(root: string): readonly DescriptorImport[] {
  return ACCOUNTS.flatMap((account) =>
    [0, 1].map((chain) => ({ desc: account(root).replace('CHAIN', String(chain)), internal: chain === 1 })),
  );
}

/** Two of three, with the keys that the owners have for old addresses. */
async function shareOf(owners: readonly Purse[]): Promise<readonly DescriptorImport[]> {
  const share = async (isInternal: boolean): Promise<DescriptorImport> => {
    const keys = [];
    for (const owner of owners) {
      const all = await listDescriptors(owner);
      const own = all.find(({ desc, internal }) => desc.startsWith('pkh(') && internal === isInternal);
      assert.ok(own !== undefined, owner.name);
      keys.push(/^pkh\((.*)\)/.exec(own.desc)![1]!);
    }
    return { desc: `wsh(sortedmulti(2,${keys.join()}))`, internal: isInternal };
  };
  return [await share(false), await share(true)];
}
