// A node while it runs, with its mempool and what makes blocks: started when the chain has caught up with what is stored, stopped
// before the chain is closed.

import type { WalletEvents } from '../api/app-ports.ts';
import type { Chainstate } from '../kernel/chain/chainstate.ts';
import { AuditService } from '../node/app/audit-service.ts';
import { I2pKeyFile } from '../node/app/i2p-key-file.ts';
import { I2pNetwork } from '../node/app/i2p-network.ts';
import type { IndexService } from '../node/app/index-service.ts';
import type { MempoolService } from '../node/app/mempool-service.ts';
import type { MiningService } from '../node/app/mining-service.ts';
import { Node, type NodePorts } from '../node/app/node.ts';
import type { NodeOptions } from '../node/app/node-options.ts';
import { OnionKeyFile } from '../node/app/onion-key-file.ts';
import { ProxiedNetwork } from '../node/app/proxied-network.ts';
import { DamagedFileError } from '../node/app/small-files.ts';
import { TorController } from '../node/app/tor-controller.ts';
import type { ZmqNotification } from '../node/app/zmq-publisher.ts';
import { ConnectError, type Network } from '../node/ports.ts';
import { NodeFolder } from '../platform/node/folder.ts';
import { createHostEncryption } from '../platform/node/host-encryption.ts';
import { createHostRng } from '../platform/node/host-rng.ts';
import { hostClock, hostTimers } from '../platform/node/host-time.ts';
import { MessageCapture } from '../platform/node/message-capture.ts';
import { openScratchStore } from '../platform/node/scratch-store.ts';
import { TcpNetwork } from '../platform/node/tcp-network.ts';
import { hostTorSecrets } from '../platform/node/tor-secrets.ts';
import type { WalletManager } from '../wallet/wallet/wallet-manager.ts';
import { StartupError } from './error-text.ts';
import type { IndexSettings } from './index-options.ts';
import { PEER_WATCH_INTERVAL_MS, PeerWatch } from './peer-watch.ts';
import type { ProgressDisplay } from './progress.ts';
import { startIndexes } from './run-indexes.ts';
import { createMempool, createMining, type MempoolRun } from './run-mempool.ts';
import { startWallets, type WalletRun } from './run-wallets.ts';
import { startZmq } from './run-zmq.ts';
import type { StopRequest } from './stop-request.ts';
import { showSyncProgress } from './sync-progress.ts';
import { WalletNewsDesk } from './wallet-news.ts';

/** What a network is run with. */
export interface NetworkRun extends MempoolRun, WalletRun {
  readonly options: NodeOptions;
  readonly indexes: IndexSettings;
  /** What is published over ZeroMQ, and where. */
  readonly zmq: readonly ZmqNotification[];
  readonly progress: ProgressDisplay;
  readonly stop: StopRequest;
}

/** What runs. */
export interface RunningNode {
  readonly chain: Chainstate;
  readonly node: Node;
  readonly pool: MempoolService;
  readonly mining: MiningService;
  readonly indexes: IndexService;
  readonly audits: AuditService;
  /** Null with -disablewallet. */
  readonly wallets: WalletManager | null;
  /** What is published over ZeroMQ. */
  readonly zmq: readonly ZmqNotification[];
  /** What becomes of the wallets. */
  readonly walletEvents: WalletEvents;
}

/** Runs the network around `body`; what breaks in it meanwhile is thrown when `body` is done. */
export async function withNetwork(
  run: NetworkRun,
  chain: Chainstate,
  body: (running: RunningNode) => Promise<void>,
): Promise<void> {
  const { options, log, stop } = run;
  if (stop.isMade) return;
  let failure: { readonly error: unknown } | null = null;
  const onFatal = (error: unknown): void => {
    failure ??= { error };
    stop.make('failure');
  };
  const indexes = await startIndexes(run, chain, onFatal);
  const pool = createMempool(run, chain);
  const node = await startNode(run, chain, pool, indexes, onFatal);
  const zmq = await startZmq(run.zmq, { chain, pool }, log);
  const mining = createMining(run, node, pool, onFatal);
  const audits = createAudits(run.folder, chain);
  if (options.listen.length === 0) log.info('Not listening: nobody can connect to this node');
  const endProgress = showSyncProgress(chain, options.params, run.progress, log, () =>
    Math.floor(hostClock.wallMs() / 1000),
  );
  const endWatch = watchPeers(run, node);
  let wallets: WalletManager | null = null;
  try {
    const walletNews = new WalletNewsDesk();
    wallets = await startWallets(run, { chain, node, pool, indexes, walletNews });
    await body({ chain, node, pool, mining, indexes, audits, wallets, walletEvents: walletNews, zmq: zmq.orders });
  } finally {
    // Wallets are saved while there still is a chain to follow.
    await wallets?.close();
    endWatch();
    endProgress();
    await audits.close();
    await mining.close();
    await zmq.close();
    await node.stop();
    await indexes.close();
  }
  const broken = failure as { readonly error: unknown } | null;
  if (broken !== null) throw broken.error;
}

/** Memory for the coins of an audit; what does not fit goes to a folder beside the chain. */
const AUDIT_COINS_BYTES: number = 128 * 2 ** 20;

function createAudits(folder: string, chain: Chainstate): AuditService {
  const openStore = () => openScratchStore(folder, 'audit-');
  // Real time: whether pages come from the future is a matter of this machine's clock.
  return new AuditService({
    chain,
    clock: hostClock,
    timers: hostTimers,
    openStore,
    coinsCacheBytes: AUDIT_COINS_BYTES,
  });
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

function createCapture({ folder, clock, log }: NetworkRun): MessageCapture {
  return new MessageCapture(folder, clock, (error) => {
    log.error(`Messages are captured no more: ${error instanceof Error ? error.message : String(error)}`);
  });
}

/** The ways into the networks that there are, and out of them to us. Waiting for proxies is a matter of real time. */
function createNetwork(run: NetworkRun): Pick<NodePorts, 'network' | 'onionService'> {
  const { proxies, usesCjdns } = run.options;
  const straight = new TcpNetwork();
  const inner = new ProxiedNetwork(straight, proxies, hostTimers, createHostRng(), usesCjdns);
  return { network: addI2p(run, inner), ...createOnionService(run, straight, inner) };
}

function createOnionService(
  { options: { tor, connectTimeoutMs }, folder, log }: NetworkRun,
  network: Network,
  proxied: ProxiedNetwork,
): Pick<NodePorts, 'onionService'> {
  if (tor === null) return {};
  const onionService = new TorController({
    ...tor,
    network,
    connectTimeoutMs,
    useProxy: (proxy) => proxied.useProxy('onion', proxy),
    keys: new OnionKeyFile(new NodeFolder(folder)),
    secrets: hostTorSecrets,
    timers: hostTimers,
    log,
  });
  return { onionService };
}

function addI2p({ options: { i2p, connectTimeoutMs }, folder, log }: NetworkRun, inner: Network): Network {
  if (i2p === null) return inner;
  const timers = hostTimers;
  const keys = i2p.acceptsIncoming ? new I2pKeyFile(new NodeFolder(folder)) : null;
  return new I2pNetwork({ inner, sam: i2p.sam, connectTimeoutMs, keys, timers, log, rng: createHostRng() });
}

async function startNode(
  run: NetworkRun,
  chain: Chainstate,
  mempool: MempoolService,
  indexes: IndexService,
  onFatal: (error: unknown) => void,
): Promise<Node> {
  const { options, folder, log, clock, timers } = run;
  log.info('init message: Starting network threads…');
  try {
    return await Node.start(options, {
      clock,
      timers,
      ...createNetwork(run),
      folder: new NodeFolder(folder),
      log,
      rng: createHostRng(),
      chain,
      mempool,
      ...(run.indexes.servesFilters ? { filters: indexes } : {}),
      ...(run.settings.getFlag('capturemessages') === true ? { recorder: createCapture(run) } : {}),
      encryption: createHostEncryption(run.secp),
      onFatal,
    });
  } catch (cause) {
    if (cause instanceof DamagedFileError) throw new StartupError(cause.message, { cause });
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
