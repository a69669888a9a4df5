// The network of a node while it runs: started when the chain has caught up with what is stored, stopped before the chain is closed.

import type { Chainstate } from '../kernel/chain/chainstate.ts';
import { Node } from '../node/app/node.ts';
import type { NodeOptions } from '../node/app/node-options.ts';
import { ConnectError } from '../node/ports.ts';
import { NodeFolder } from '../platform/node/folder.ts';
import { createHostRng } from '../platform/node/host-rng.ts';
import { hostClock, hostTimers } from '../platform/node/host-time.ts';
import { TcpNetwork } from '../platform/node/tcp-network.ts';
import { StartupError } from './error-text.ts';
import type { Logger } from './log.ts';
import { PEER_WATCH_INTERVAL_MS, PeerWatch } from './peer-watch.ts';
import type { ProgressDisplay } from './progress.ts';
import type { StopRequest } from './stop-request.ts';
import { showSyncProgress } from './sync-progress.ts';

/** What a network is run with. */
export interface NetworkRun {
  readonly options: NodeOptions;
  /** Folder of the small files. */
  readonly folder: string;
  readonly log: Logger;
  readonly progress: ProgressDisplay;
  readonly stop: StopRequest;
}

/** Runs the network around `body`; what breaks in it meanwhile is thrown when `body` is done. */
export async function withNetwork(run: NetworkRun, chain: Chainstate, body: () => Promise<void>): Promise<void> {
  const { options, log, stop } = run;
  if (stop.isMade) return;
  let failure: { readonly error: unknown } | null = null;
  const node = await startNode(run, chain, (error) => {
    failure ??= { error };
    stop.make('failure');
  });
  if (options.listen.length === 0) log.info('Not listening: nobody can connect to this node');
  const endProgress = showSyncProgress(chain, options.params, run.progress, log, () =>
    Math.floor(hostClock.wallMs() / 1000),
  );
  const endWatch = watchPeers(run, node);
  try {
    await body();
  } finally {
    endWatch();
    endProgress();
    await node.stop();
  }
  const broken = failure as { readonly error: unknown } | null;
  if (broken !== null) throw broken.error;
}

/** Tells the log when nobody can be reached. */
function watchPeers({ options, log }: NetworkRun, node: Node): () => void {
  const { connect, addNodes, listen } = options;
  const watch = new PeerWatch({ connect, addNodes, isListening: listen.length > 0 });
  const timer = setInterval(() => {
    const count = node.peers().filter(({ isEstablished }) => isEstablished).length;
    const line = watch.look(count, hostClock.monotonicMs());
    if (line !== null) log.info(line);
  }, PEER_WATCH_INTERVAL_MS);
  return () => clearInterval(timer);
}

async function startNode(run: NetworkRun, chain: Chainstate, onFatal: (error: unknown) => void): Promise<Node> {
  const { options, folder, log } = run;
  log.info('init message: Starting network threads…');
  try {
    return await Node.start(options, {
      clock: hostClock,
      timers: hostTimers,
      network: new TcpNetwork(),
      folder: new NodeFolder(folder),
      log,
      rng: createHostRng(),
      chain,
      onFatal,
    });
  } catch (cause) {
    if (!(cause instanceof ConnectError)) throw cause;
    throw new StartupError(describeListenFailure(cause), { cause });
  }
}

/** Core's sentence for a place that is taken; the system's for the rest. */
function describeListenFailure({ code, message }: ConnectError): string {
  const place = /^listen on (\S+) port (\d+)/.exec(message);
  const where = place === null ? message : formatPlace(place[1]!, place[2]!);
  if (code === 'EADDRINUSE')
    return `Unable to bind to ${where} on this computer. Tallystick is probably already running.`;
  return `Unable to bind to ${where} on this computer (${message})`;
}

function formatPlace(host: string, port: string): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}
