// Puts the app around a running node together: the log of events, further nodes, the door for other machines, links.

import { randomBytes } from 'node:crypto';
import { relative } from 'node:path';
import type { AppPorts } from '../api/app-ports.ts';
import { describePeers } from '../api/event-bodies.ts';
import { RUN_BYTES } from '../api/event-cursor.ts';
import { EventLog } from '../api/events.ts';
import { TcpNetwork } from '../platform/node/tcp-network.ts';
import { AppDoor } from './app-door.ts';
import { AppNodes } from './app-nodes.ts';
import { describeThrown } from './rpc-calls.ts';
import type { RpcRun, RpcSubject } from './rpc-run.ts';
import type { RunningWeb } from './run-web.ts';
import type { Settings } from './settings.ts';

/** Options that choose the ledger and its rules: a further node has the same. */
const CHAIN_OPTIONS = [
  'chain',
  'chainparams',
  'regtest',
  'signet',
  'testnet',
  'testnet4',
  'signetchallenge',
  'vbparams',
  'testactivationheight',
] as const;

/** The log of events of a node, from the moment on in which it can be asked. */
export function createEventLog({ params, log, timers }: RpcRun, { chain, node, pool, mining }: RpcSubject): EventLog {
  return new EventLog({
    network: params.name,
    chain,
    pool: pool.mempool,
    peers: () =>
      describePeers(node.peers(), {
        isActive: node.control.isNetworkActive,
        isListening: node.listening.length > 0,
      }),
    miner: () => mining.minerStatus,
    timers,
    run: randomBytes(RUN_BYTES).toString('hex'),
    onFailure: (error) => log.error(`Events could not be told: ${describeThrown(error)}`),
  });
}

/** An app, and what ends it. */
export interface RunningApp {
  readonly ports: AppPorts;
  close(): Promise<void>;
}

/** The app of a node whose server runs. */
export function createApp(run: RpcRun, subject: RpcSubject, web: RunningWeb, events: EventLog): RunningApp {
  const { settings, params, baseFolder, folder, log } = run;
  const { node } = subject;
  const network = new TcpNetwork();
  const nodes = new AppNodes({
    baseFolder,
    networkFolder: relative(baseFolder, folder),
    mayStart: settings.getFlag('stopwithinput') !== true,
    chainOptions: listChainOptions(settings),
    node: { addNode: (name) => node.addNode(name), control: node.control },
    log,
    onChanged: () => events.nodesChanged(),
  });
  const door = new AppDoor({ settings, params, node, localHosts: () => network.localHosts() });
  return { ports: { nodes, door, createLink: (host) => web.createLink(host) }, close: () => nodes.close() };
}

function listChainOptions(settings: Settings): readonly string[] {
  return CHAIN_OPTIONS.flatMap((name) => settings.getAll(name).map((value) => `-${name}=${value}`));
}
