// A node with wallets that is stopped, killed and started again in the course of a test, and the wallets on it as a test knows them:
// what they were told, so that it can be asked for again.

import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createRegtestParams } from '../../src/kernel/consensus/networks/regtest.ts';
import { decodeExtendedKey } from '../model/descriptor-scripts.ts';
import { LedgerNode, until } from './ledger-node.ts';
import type { StartOptions } from './programs.ts';
import type { RpcClient } from './rpc-client.ts';

/** Every type of address. */
export const ADDRESS_TYPES: readonly AddressKind[] = ['legacy', 'p2sh-segwit', 'bech32', 'bech32m'];
export type AddressKind = 'legacy' | 'p2sh-segwit' | 'bech32' | 'bech32m';

/** Wallets of tests know fewer addresses ahead than usual: so they come to the end of what they know. */
const ARGS: readonly string[] = [
  '-chain=regtest',
  '-whitelist=in,out,noban@127.0.0.1',
  '-fallbackfee=0.0002',
  '-keypool=40',
];

/** No node of these tests lives longer: a nightly run on a machine that has much else to do. */
const LIFE_MS_MAX = 10_800_000;

/** How long the keys of a wallet stay usable. */
const UNLOCK_SEC = 100_000;

/** Scrypt makes a start with a passphrase slow. */
const LOAD_PATIENCE_MS = 60_000;

/** A node of the test, whether it runs or not. */
export class WalletNode {
  readonly name: string;
  readonly folder: string;
  readonly purses: Purse[] = [];
  /** Talks to nobody. */
  isIsolated = false;
  #running: LedgerNode | null = null;

  constructor(name: string, folder: string) {
    this.name = name;
    this.folder = join(folder, name);
  }

  /** The process; throws when there is none. */
  get running(): LedgerNode {
    assert.ok(this.#running !== null, `${this.name} runs`);
    return this.#running;
  }

  get rpc(): RpcClient {
    return this.running.rpc;
  }

  /** Starts it with its wallets, all of which are loaded and can sign afterwards. */
  async start(args: readonly string[] = [], options: StartOptions = {}): Promise<void> {
    const params = createRegtestParams();
    this.#running = await LedgerNode.start(this.folder, params, [...ARGS, ...args], {
      patienceMs: LIFE_MS_MAX,
      ...options,
    });
    const names = this.purses.map(({ name }) => name).sort();
    const areLoaded = async (): Promise<boolean> => {
      const loaded = await this.rpc.call<string[]>('listwallets');
      return loaded.sort().join() === names.join();
    };
    await until(areLoaded, `${this.name} to load ${names.join()}`, LOAD_PATIENCE_MS);
    for (const purse of this.purses) await purse.unlock();
  }

  /** Makes a wallet that is loaded at every start. */
  async create(
    name: string,
    kind: PurseKind = 'signing',
    { isBlank = kind !== 'signing', passphrase = '' }: { isBlank?: boolean; passphrase?: string } = {},
  ): Promise<Purse> {
    await this.rpc.callNamed('createwallet', {
      wallet_name: name,
      disable_private_keys: kind !== 'signing',
      blank: isBlank,
      ...(passphrase === '' ? {} : { passphrase }),
      load_on_startup: true,
    });
    const purse = new Purse(this, name, kind, passphrase === '' ? null : passphrase);
    this.purses.push(purse);
    await purse.unlock();
    return purse;
  }

  /** Where the file of a wallet is. */
  walletFile(name: string): string {
    const folder = join(this.folder, 'regtest');
    const wallets = join(folder, 'wallets');
    return join(existsSync(wallets) ? wallets : folder, name, 'wallet.dat');
  }

  /** Ends the process in order. */
  async stop(): Promise<string> {
    const { network } = this.running;
    this.#running = null;
    return network.stop();
  }

  /** Ends it at once. */
  async kill(): Promise<string> {
    const { network } = this.running;
    this.#running = null;
    return (await network.kill()).stdout;
  }

  /** Ends it if it runs, after a failure too. */
  async end(): Promise<void> {
    if (this.#running !== null) await this.kill();
  }

  height(): Promise<number> {
    return this.rpc.call<number>('getblockcount');
  }
}

/** What a wallet is for. */
export type PurseKind = 'signing' | 'watching' | 'shared';

/** A wallet on a node. */
export class Purse {
  readonly node: WalletNode;
  readonly name: string;
  readonly kind: PurseKind;
  passphrase: string | null;
  /** Every address that it has told, with the label of each. */
  readonly labels: Map<string, string> = new Map();
  /** Transactions that it has answered with. */
  readonly answered: Set<string> = new Set();

  constructor(node: WalletNode, name: string, kind: PurseKind, passphrase: string | null = null) {
    this.node = node;
    this.name = name;
    this.kind = kind;
    this.passphrase = passphrase;
  }

  get rpc(): RpcClient {
    return this.node.rpc.wallet(this.name);
  }

  call<T = unknown>(method: string, ...params: readonly unknown[]): Promise<T> {
    return this.rpc.call<T>(method, ...params);
  }

  /** Makes its keys usable, where it has a passphrase. */
  async unlock(): Promise<void> {
    if (this.passphrase !== null) await this.call('walletpassphrase', this.passphrase, UNLOCK_SEC);
  }

  /** An address that it has never told before. */
  async newAddress(kind: AddressKind, label = ''): Promise<string> {
    const type = this.kind === 'shared' ? 'bech32' : kind;
    const address = await this.call<string>('getnewaddress', label, type);
    assert.ok(!this.labels.has(address), `${this.name} has told ${address} twice`);
    this.labels.set(address, label);
    return address;
  }
}

/** What a wallet has to say of itself, for comparing it with what it says later. */
export async function remember(purse: Purse): Promise<unknown> {
  const labels: Record<string, unknown> = {};
  for (const label of (await purse.call<string[]>('listlabels')).sort()) {
    labels[label] = await purse.call('getaddressesbylabel', label);
  }
  const { mine } = await purse.call<{ mine: unknown }>('getbalances');
  // How many addresses are known ahead may grow when it is unlocked.
  const descriptors = (await listDescriptors(purse)).map(({ desc, next_index }) => ({ desc, next_index }));
  return { labels, mine, descriptors, list: await purse.call('listtransactions', '*', 100) };
}

/** A public descriptor of a wallet. */
export interface ListedDescriptor {
  readonly desc: string;
  readonly active: boolean;
  readonly internal?: boolean;
  readonly range?: readonly [number, number];
  readonly next_index?: number;
}

/** The descriptors of a wallet as anybody may see them. */
export async function listDescriptors(purse: Purse): Promise<readonly ListedDescriptor[]> {
  return (await purse.call<{ descriptors: readonly ListedDescriptor[] }>('listdescriptors')).descriptors;
}

/** The root of a wallet's keys as it is exported, and its secret in hexadecimal, as files may hold it. */
export async function readRoot(purse: Purse): Promise<readonly [text: string, secretHex: string]> {
  const { descriptors } = await purse.call<{ descriptors: { desc: string }[] }>('listdescriptors', true);
  const text = /tprv[1-9A-HJ-NP-Za-km-z]+/.exec(descriptors[0]!.desc)![0];
  return [text, secretOf(text)];
}

/** The secret of an extended key in hexadecimal. */
export function secretOf(text: string): string {
  return Buffer.from(decodeExtendedKey(text).key.subarray(1)).toString('hex');
}

/** A descriptor to be imported, without its checksum. */
export interface DescriptorImport {
  readonly desc: string;
  readonly internal: boolean;
  readonly range?: readonly [number, number];
}

/** Imports descriptors that new addresses come from. */
export async function importDescriptors(purse: Purse, wanted: readonly DescriptorImport[]): Promise<void> {
  const requests = [];
  for (const { desc, internal, range } of wanted) {
    const plain = desc.replace(/#.*$/, '');
    const { checksum } = await purse.node.rpc.call<{ checksum: string }>('getdescriptorinfo', plain);
    const whole = `${plain}#${checksum}`;
    requests.push({ desc: whole, active: true, internal, timestamp: 'now', range: range ?? [0, 99] });
  }
  const results = await purse.call<readonly { success: boolean; error?: { message: string } }[]>(
    'importdescriptors',
    requests,
  );
  for (const { success, error } of results) assert.ok(success, error?.message);
}
