// Further nodes on this machine, as the app starts them: each a process of its own with its own folder (nodes/<id> in the data folder),
// its own ports on this machine alone, its own app; connected to this node, which dials it. Each hears the end of this program at its
// standard input and stops in order then, whatever has ended us.

import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { AppRefusal, type LedgerNodeInfo, type LedgerNodes } from '../api/app-ports.ts';
import { readReply } from '../api/command-line.ts';
import { isJsonObject, JsonNumber, type JsonValue } from '../api/json/json-value.ts';
import { formatJson } from '../api/json/json-writer.ts';
import type { Node } from '../node/app/node.ts';
import { findFreePorts } from './free-ports.ts';
import type { Logger } from './log.ts';
import { callNode } from './rpc-client.ts';
import { readCookieFile } from './rpc-cookie.ts';

/** Nodes that run at one time: each takes some hundred megabytes. */
export const NODES_MAX = 8;

/** Nodes that there have ever been, stopped ones included: numbers of folders. */
const ID_MAX = 999;

/** How long a node may take until it answers, and until it has stopped. */
const START_MS_MAX = 60_000;
const STOP_MS_MAX = 30_000;

/** How often is looked whether it answers. */
const LOOK_MS = 100;

/** How long it may take to answer a question. */
const ANSWER_MS_MAX = 5000;

/** What is kept of what a node complains about. */
const COMPLAINT_LENGTH_MAX = 2000;

/** Megabytes for the coins of a further node. */
const CACHE_MIB = 32;

/** What further nodes are made of. */
export interface AppNodesParts {
  /** The data folder, that of the network not included. */
  readonly baseFolder: string;
  /** Name of the folder of the network in a data folder. */
  readonly networkFolder: string;
  /** False for a node that was started in this way itself: it ends with another, and a tree of nodes has no bounds. */
  readonly mayStart: boolean;
  /** Options that choose the ledger. */
  readonly chainOptions: readonly string[];
  readonly node: Pick<Node, 'addNode' | 'control'>;
  readonly log: Logger;
  readonly onChanged: () => void;
}

interface Ports {
  readonly p2p: number;
  readonly rpc: number;
  readonly web: number;
}

/** A node whose process was started. */
interface Child {
  readonly process: ChildProcess;
  readonly ports: Ports;
  /** Resolves to its exit code. */
  readonly ended: Promise<number | null>;
  state: LedgerNodeInfo['state'];
  complaint: string;
}

/** The nodes. */
export class AppNodes implements LedgerNodes {
  readonly #parts: AppNodesParts;
  readonly #children: Map<number, Child> = new Map();
  /** Numbers of nodes whose processes are about to be started. */
  readonly #launching: Set<number> = new Set();
  #isClosed = false;

  constructor(parts: AppNodesParts) {
    this.#parts = parts;
  }

  list(): Promise<readonly LedgerNodeInfo[]> {
    const ids = new Set([...this.#findFolders(), ...this.#children.keys()]);
    return Promise.all([...ids].sort((a, b) => a - b).map((id) => this.#describe(id)));
  }

  async start(id: number | null): Promise<LedgerNodeInfo> {
    if (this.#isClosed) throw new AppRefusal('The program is stopping');
    if (!this.#parts.mayStart) throw new AppRefusal('This node was started from another one: start further ones there');
    const taken = new Set(this.#launching);
    for (const [one, child] of this.#children) if (isAlive(child)) taken.add(one);
    if (taken.size >= NODES_MAX) throw new AppRefusal(`There are ${NODES_MAX} further nodes already`);
    const chosen = this.#choose(id, taken);
    this.#launching.add(chosen);
    try {
      await this.#launch(chosen);
    } finally {
      this.#launching.delete(chosen);
    }
    return this.#describe(chosen);
  }

  /** The number of the node that is to be started. */
  #choose(id: number | null, taken: ReadonlySet<number>): number {
    const folders = this.#findFolders();
    if (id === null) {
      const next = Math.max(0, ...folders, ...taken, ...this.#children.keys()) + 1;
      if (next > ID_MAX) throw new AppRefusal(`There were ${ID_MAX} further nodes already`);
      return next;
    }
    if (!folders.includes(id)) throw new AppRefusal(`There is no node ${id}`);
    if (taken.has(id)) throw new AppRefusal(`Node ${id} runs already`);
    return id;
  }

  async stop(id: number): Promise<LedgerNodeInfo> {
    const child = this.#children.get(id);
    if (child === undefined || !isAlive(child)) throw new AppRefusal(`Node ${id} does not run`);
    await this.#end(child);
    return this.#describe(id);
  }

  async createLink(id: number): Promise<string> {
    const child = this.#children.get(id);
    if (child?.state !== 'running') throw new AppRefusal(`Node ${id} does not run`);
    const link = await this.#ask(id, child, 'getapplink');
    if (typeof link !== 'string') throw new AppRefusal(`Node ${id} gives no link`);
    return link;
  }

  /** Stops all; resolves when none is left. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.all([...this.#children.values()].filter(isAlive).map((child) => this.#end(child)));
  }

  // --- processes ------------------------------------------------------------------------------------------------------

  async #launch(id: number): Promise<void> {
    const folder = this.#folderOf(id);
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const [p2p, rpc, web] = await findFreePorts(3);
    if (p2p === undefined || rpc === undefined || web === undefined)
      throw new AppRefusal('No port of this machine is free');
    if (this.#isClosed) throw new AppRefusal('The program is stopping');
    const ports = { p2p, rpc, web };
    const program = fileURLToPath(new URL(`tallyd${extname(import.meta.url)}`, import.meta.url));
    const options = [
      ...this.#parts.chainOptions,
      `-datadir=${folder}`,
      `-bind=127.0.0.1:${ports.p2p}`,
      '-connect=0',
      '-discover=0',
      '-listenonion=0',
      `-rpcport=${ports.rpc}`,
      `-webport=${ports.web}`,
      `-dbcache=${CACHE_MIB}`,
      '-par=1',
      '-printtoconsole=0',
      '-stopwithinput',
    ];
    const child = this.#spawn(id, [...process.execArgv, program, ...options], ports);
    this.#parts.log.info(`Started node ${id} on this machine: process ${child.process.pid}, folder ${folder}`);
    await this.#becomeReady(id, child);
    if (child.state === 'running') this.#parts.node.addNode(`127.0.0.1:${ports.p2p}`);
    this.#parts.onChanged();
  }

  #spawn(id: number, args: readonly string[], ports: Ports): Child {
    const started = spawn(process.execPath, args, { stdio: ['pipe', 'ignore', 'pipe'] });
    const ended = new Promise<number | null>((resolve) => {
      started.once('error', () => resolve(null));
      started.once('close', (code) => resolve(code));
    });
    const child: Child = { process: started, ports, ended, state: 'starting', complaint: '' };
    this.#children.set(id, child);
    // Writing to a process that is gone is no failure of ours.
    started.stdin?.on('error', () => undefined);
    started.stderr?.setEncoding('utf8').on('data', (text: string) => {
      child.complaint = (child.complaint + text).slice(-COMPLAINT_LENGTH_MAX);
    });
    void ended.then((code) => {
      child.state = code === 0 ? 'stopped' : 'failed';
      this.#parts.node.control.removeNode(`127.0.0.1:${ports.p2p}`);
      this.#parts.onChanged();
    });
    return child;
  }

  /** Waits until a node answers, or has ended, or takes too long, which ends it. */
  async #becomeReady(id: number, child: Child): Promise<void> {
    const endMs = performance.now() + START_MS_MAX;
    while (child.state === 'starting' && performance.now() < endMs) {
      if (typeof (await this.#readHeight(id, child)) === 'number') {
        child.state = 'running';
        return;
      }
      await Promise.race([child.ended, new Promise((resolve) => setTimeout(resolve, LOOK_MS))]);
    }
    if (child.state === 'starting') await this.#end(child);
  }

  /** Ends a node in order, or, when it does not, at once. */
  async #end(child: Child): Promise<void> {
    if (!isAlive(child)) return;
    child.state = 'stopping';
    this.#parts.onChanged();
    child.process.stdin?.end();
    const timer = setTimeout(() => child.process.kill('SIGKILL'), STOP_MS_MAX);
    await child.ended;
    clearTimeout(timer);
  }

  // --- looking --------------------------------------------------------------------------------------------------------

  #folderOf(id: number): string {
    return join(this.#parts.baseFolder, 'nodes', String(id));
  }

  /** Numbers of the folders that there are. */
  #findFolders(): readonly number[] {
    const folder = join(this.#parts.baseFolder, 'nodes');
    if (!existsSync(folder)) return [];
    const names = readdirSync(folder).filter((name) => /^[1-9]\d{0,2}$/.test(name));
    return names.map(Number).filter((id) => existsSync(join(this.#folderOf(id), this.#parts.networkFolder)));
  }

  async #describe(id: number): Promise<LedgerNodeInfo> {
    const child = this.#children.get(id);
    const isThere = child !== undefined && isAlive(child);
    return {
      id,
      state: child?.state ?? 'stopped',
      pid: isThere ? (child.process.pid ?? null) : null,
      folder: this.#folderOf(id),
      port: isThere ? child.ports.p2p : null,
      rpcPort: isThere ? child.ports.rpc : null,
      webPort: isThere ? child.ports.web : null,
      height: child?.state === 'running' ? await this.#readHeight(id, child) : null,
      fault: child?.state === 'failed' ? child.complaint.trim() || 'It ended without a word' : null,
    };
  }

  async #readHeight(id: number, child: Child): Promise<number | null> {
    const height = await this.#ask(id, child, 'getblockcount');
    return height instanceof JsonNumber ? Number(height.text) : null;
  }

  /** What a node answers; null when it does not, or refuses. */
  async #ask(id: number, { ports }: Child, method: string): Promise<JsonValue> {
    const cookie = readCookieFile(join(this.#folderOf(id), this.#parts.networkFolder, '.cookie'));
    if (cookie === null) return null;
    const door = {
      host: '127.0.0.1',
      port: ports.rpc,
      path: '/',
      credentials: `${cookie.user}:${cookie.password}`,
      refusal: '',
      timeoutMs: ANSWER_MS_MAX,
    };
    try {
      const reply = readReply(await callNode(door, formatJson({ jsonrpc: '2.0', id: 1, method, params: [] })));
      return reply === null || isJsonObject(reply.error) ? null : reply.result;
    } catch {
      return null;
    }
  }
}

function isAlive({ state }: Child): boolean {
  return state !== 'stopped' && state !== 'failed';
}
