// A node in its network: the composition root of everything in this project. It is given a chain that is open, and ports; it makes
// the machines, listens, connects, saves its small files, and stops in order. What the parts decide is theirs; this file only wires
// them and keeps time.
//
// Phases of start: small files are read; machines are made; the chain's signals are heard; listeners are open; connections are made.
// stop() goes back the same way and may be called at any time, also twice. The chain is not closed here: it is its owner's.

import { type BlockEntry, NO_ENTRY } from '../../kernel/chain/block-index.ts';
import type { Chainstate, SubmitResult } from '../../kernel/chain/chainstate.ts';
import type { Folder } from '../../kernel/chain/ports.ts';
import type { Block } from '../../kernel/primitives/block.ts';
import type { Transaction } from '../../kernel/primitives/transaction.ts';
import { nextU64, type Rng } from '../../kernel/util/prng.ts';
import type { Unsubscribe } from '../../kernel/util/signal.ts';
import type { SingleResult } from '../mempool/accept-result.ts';
import type { LocalAddresses } from '../p2p/addr-local.ts';
import type { AddressManager } from '../p2p/addrman.ts';
import { chooseAnchors } from '../p2p/anchors.ts';
import { describeMapHealth } from '../p2p/asmap-health.ts';
import type { BanList } from '../p2p/ban-list.ts';
import { type ConnectionPlan, computeConnectionLimits } from '../p2p/connection-plan.ts';
import { estimateBlocksBehind } from '../p2p/desirable-services.ts';
import { formatPeerForLog } from '../p2p/misbehavior.ts';
import { NO_PERMISSIONS } from '../p2p/net-permissions.ts';
import { OUTBOUND_CHECK_INTERVAL_MS, OutboundHealth } from '../p2p/outbound-health.ts';
import type { Peer, PeerFacts } from '../p2p/peer.ts';
import { asPeerId, type PeerId } from '../p2p/peer-id.ts';
import type { PeerManager } from '../p2p/peer-manager.ts';
import type {
  Clock,
  Connection,
  Encryption,
  Endpoint,
  Listener,
  Logger,
  MessageRecorder,
  Network,
  OnionService,
  SocksProxy,
  Timers,
} from '../ports.ts';
import {
  asUsed,
  equalHosts,
  formatNetAddress,
  type NetAddress,
  type Network as NetworkKind,
  parseHost,
  unspecifiedAddress,
} from '../wire/net-address.ts';
import { NODE_BLOOM } from '../wire/protocol.ts';
import { BlockIntake } from './block-intake.ts';
import { Connector, type Dialled } from './connector.ts';
import { type DoorFacts, Doorkeeper } from './doorkeeper.ts';
import type { FilterSource } from './filter-reader.ts';
import { followMempoolNews } from './mempool-news.ts';
import type { MempoolService } from './mempool-service.ts';
import { NodeControl } from './node-control.ts';
import type { ListenAt, NodeOptions } from './node-options.ts';
import {
  acceptByI2p,
  computeLocalServices,
  createConnectionPlan,
  createLocalAddresses,
  createPeerManager,
  createPrivateBroadcaster,
  mayReachOnion,
  offerByTor,
  reachableNetworks,
} from './node-parts.ts';
import { describePeer, type PeerInfo } from './peer-info.ts';
import { PeerLinks } from './peer-links.ts';
import type { PrivateBroadcaster } from './private-broadcaster.ts';
import { SmallFiles } from './small-files.ts';
import { Transports } from './transports.ts';

/** What a node stands on. */
export interface NodePorts {
  readonly clock: Clock;
  readonly timers: Timers;
  readonly network: Network;
  /** For peers.dat, anchors.dat and banlist.json. */
  readonly folder: Folder;
  readonly log: Logger;
  readonly rng: Rng;
  /** Open, and caught up with what is stored; its owner closes it after the node has stopped. */
  readonly chain: Chainstate;
  /** Over the same chain; the node starts and stops it. Null: it takes no transactions. */
  readonly mempool: MempoolService | null;
  /** Filters of blocks for peers (BIP157); absent: we offer none. */
  readonly filters?: FilterSource;
  /** For connections that nobody can listen to (BIP324); absent: all of ours are plain. */
  readonly encryption?: Encryption;
  /** Has Tor bring connections to us; absent: nobody does. */
  readonly onionService?: OnionService;
  /** Writes down what peers send and are sent; absent: nobody. */
  readonly recorder?: MessageRecorder;
  /** The chain or a port has failed, or an invariant is broken: the owner is to stop the node and itself. */
  readonly onFatal: (error: unknown) => void;
}

/** How often the regular work on peers is done (Core: the message thread wakes every 100 ms). */
const TICK_MS = 100;

/** How often the known addresses are saved (Core DUMP_PEERS_INTERVAL). */
const SAVE_INTERVAL_MS: number = 15 * 60_000;

/** How often it is told how well the map of autonomous systems fits (Core ASMAP_HEALTH_CHECK_INTERVAL). */
const MAP_HEALTH_INTERVAL_MS: number = 24 * 60 * 60_000;

/** Own transactions that nobody fetched are announced again after ten to fifteen minutes (Core ReattemptInitialBroadcast). */
const REBROADCAST_MS: number = 10 * 60_000;
const REBROADCAST_SPREAD_MS: number = 5 * 60_000;

/** Whoever comes by I2P is granted nothing for it. */
const BY_I2P: DoorFacts = Object.freeze({ whitebind: null, isOnion: false });

/** A node at work. */
export class Node {
  readonly chain: Chainstate;
  /** What an operator may ask of it. */
  readonly control: NodeControl;
  readonly #options: NodeOptions;
  readonly #ports: NodePorts;
  readonly #files: SmallFiles;
  readonly #addressManager: AddressManager;
  readonly #banList: BanList;
  readonly #localAddresses: LocalAddresses;
  /** Networks that are connected to; Tor may come later. */
  readonly #reachable: Set<NetworkKind>;
  readonly #health: OutboundHealth;
  readonly #manager: PeerManager;
  readonly #intake: BlockIntake;
  readonly #links: PeerLinks;
  readonly #plan: ConnectionPlan;
  readonly #connector: Connector;
  /** Sends transactions so that nobody sees where they come from; null: they are told to all peers. */
  readonly privateBroadcaster: PrivateBroadcaster | null;
  readonly #doorkeeper: Doorkeeper;
  readonly #listeners: Listener[] = [];
  readonly #subscriptions: Unsubscribe[] = [];
  readonly #timers: Set<Unsubscribe> = new Set();
  /** As Tor has said; null: it has not. */
  #onionProxy: SocksProxy | null = null;
  #nextPeerId = 0;
  #isStopping = false;
  #stopped: Promise<void> | null = null;

  private constructor(options: NodeOptions, ports: NodePorts, loaded: Loaded) {
    const { rng } = ports;
    const limits = computeConnectionLimits(options.connectionCountMax);
    const reachable = reachableNetworks(options);
    this.#reachable = reachable;
    this.chain = ports.chain;
    this.#options = options;
    this.#ports = ports;
    this.#files = loaded.files;
    this.#addressManager = loaded.addressManager;
    this.#banList = loaded.banList;
    this.#localAddresses = createLocalAddresses(
      options,
      reachable,
      options.discovers ? ports.network.localHosts() : [],
      rng.fork('local addresses'),
    );
    this.#health = new OutboundHealth({
      fullRelayMax: limits.fullRelay,
      blockRelayMax: limits.blockRelay,
      blockSpacingSec: options.params.consensus.pow.spacingSec,
    });
    this.#manager = createPeerManager({
      options,
      chain: this.chain,
      reachable,
      addressManager: this.#addressManager,
      localAddresses: this.#localAddresses,
      health: this.#health,
      isUnwelcome: (address) => this.#isUnwelcome(address),
      mempool: ports.mempool?.mempool ?? null,
      rng,
    });
    this.#intake = this.#makeIntake();
    this.#links = this.#makeLinks();
    this.#plan = createConnectionPlan(
      options,
      limits,
      reachable,
      loaded.anchors,
      this.#encryption !== null,
      rng.fork('plan'),
    );
    this.#connector = this.#makeConnector();
    this.privateBroadcaster = this.#makePrivateBroadcaster();
    this.#doorkeeper = new Doorkeeper({
      banList: this.#banList,
      whitelist: options.whitelist,
      whitelistDefaults: options.whitelistDefaults,
      inboundMax: limits.inbound,
      netGroups: options.netGroups,
      peers: () => this.#manager.peers.values(),
      rng: rng.fork('doorkeeper'),
    });
    this.control = new NodeControl({
      options,
      clock: ports.clock,
      manager: this.#manager,
      links: this.#links,
      plan: this.#plan,
      connector: this.#connector,
      banList: this.#banList,
      addressManager: this.#addressManager,
      localAddresses: this.#localAddresses,
      localServices: () => this.#localServices(),
      reachable,
      onionProxy: () => this.#onionProxy,
    });
  }

  /** Starts a node. Rejects with a StorageError or a ConnectError when a file or a place to listen at is of no use. */
  static async start(options: NodeOptions, ports: NodePorts): Promise<Node> {
    const files = new SmallFiles(ports.folder, options.params.magic, ports.log);
    const nowSec = Math.floor(ports.clock.wallMs() / 1000);
    const node = new Node(options, ports, {
      files,
      addressManager: await files.loadAddresses(ports.rng.fork('addresses'), options),
      banList: await files.loadBans(ports.rng.fork('bans'), nowSec, reachableNetworks(options).has('cjdns')),
      anchors: options.connect === null ? await files.takeAnchors() : [],
    });
    try {
      await node.#start();
    } catch (error) {
      // What else goes wrong now comes of it.
      await node.stop().catch((other: unknown) => ports.log.debug('net', () => `while giving up: ${String(other)}`));
      throw error;
    }
    return node;
  }

  // --- what it offers -------------------------------------------------------------------------------------------------

  /** Takes a block in that came by no peer: mined here, or handed in by a person. */
  async submitBlock(block: Block): Promise<SubmitResult> {
    const result = await this.chain.submitBlock(block, this.#nowSec());
    if ((result.outcome === 'connected' || result.outcome === 'stored') && !this.#isStopping) {
      this.#links.apply(this.#manager.ownBlockStored(block, result.entry, this.#links.now()));
    }
    return result;
  }

  /** Takes a transaction in that came by no peer, and tells the peers of it if it is good. */
  async submitTransaction(transaction: Transaction): Promise<SingleResult> {
    const { mempool } = this.#ports;
    if (mempool === null) throw new Error('the node keeps no transactions');
    const result = await mempool.intake.submit(transaction);
    if (result.outcome === 'accepted') this.announceTransaction(transaction);
    return result;
  }

  /** Tells the peers of a transaction of the mempool, and again later until one of them has fetched it. */
  announceTransaction(transaction: Transaction): void {
    this.#ports.mempool?.mempool.addUnbroadcast(transaction.txid);
    this.relayTransaction(transaction);
  }

  /** Tells the peers of a transaction of the mempool, once. */
  relayTransaction({ wtxid }: Transaction): void {
    if (!this.#isStopping) this.#links.apply(this.#manager.relayTransaction(wtxid, this.#links.now()));
  }

  /** The clock was set by hand: what is due on connections by now is done without waiting for the next round. */
  clockWasSet(): void {
    if (!this.#isStopping) this.#links.tick();
  }

  /** The connections. */
  peers(): readonly PeerInfo[] {
    const infos: PeerInfo[] = [];
    for (const peer of this.#manager.peers.values()) {
      const link = this.#links.links.get(peer.id);
      if (link !== undefined) infos.push(describePeer(this.#manager, peer, link));
    }
    return infos;
  }

  /** Chance for those who answer callers: orders that are to say nothing. */
  get rng(): Rng {
    return this.#ports.rng;
  }

  /** Where it listens. */
  get listening(): readonly Endpoint[] {
    return this.#listeners.map((listener) => listener.local);
  }

  /** Listens at one more place from now on; rejects with a ConnectError. Resolves to the place, where port 0 has become a number. */
  listenAt(place: ListenAt): Promise<Endpoint> {
    return this.#listen(place);
  }

  /** Listens there no more; connections that came in stay. False when it did not listen there. */
  stopListening({ host, port }: Endpoint): boolean {
    const at = this.#listeners.findIndex(({ local }) => local.host === host && local.port === port);
    const [listener] = at < 0 ? [] : this.#listeners.splice(at, 1);
    // It is closed when its last connection is.
    void listener?.close();
    return listener !== undefined;
  }

  /** Whether a host, a numeric address, is banned or discouraged. */
  isUnwelcome(host: string): boolean {
    const address = parseHost(host, 0);
    return address !== null && this.#isUnwelcome(address);
  }

  /** Bans and discouraged addresses. */
  get banList(): BanList {
    return this.#banList;
  }

  /** Keeps a connection to a node from now on (RPC addnode add); false when it is asked for already. */
  addNode(name: string): boolean {
    const isNew = this.#plan.addNode(name);
    this.#connector.changed();
    return isNew;
  }

  /** Ends a connection; false when there is no such peer. */
  disconnect(id: PeerId): boolean {
    if (!this.#manager.peers.has(id)) return false;
    this.#links.apply(this.#manager.drop(id, 'disconnect by id', this.#links.now()));
    return true;
  }

  /** Stops in order; resolves when nothing of the node is at work any more. */
  stop(): Promise<void> {
    this.#stopped ??= this.#stop();
    return this.#stopped;
  }

  // --- start and stop -------------------------------------------------------------------------------------------------

  async #start(): Promise<void> {
    const { timers, mempool, onFatal } = this.#ports;
    const { signals } = this.chain;
    // The mempool hears of a block before the peers do.
    mempool?.start(onFatal);
    this.#subscriptions.push(
      // Whoever gave the command may be somebody who only asked, and does not know what it means that the chain has stopped.
      this.chain.followTip({ follow: () => Promise.resolve(), chainStopped: onFatal }),
      signals.blockConnected.subscribe(({ block }) => {
        this.#links.apply(this.#manager.blockConnected(block, this.#links.now()));
      }),
      ...this.#followMempool(),
      signals.blockDisconnected.subscribe(() => {
        this.#links.apply(this.#manager.blockDisconnected(this.#links.now()));
      }),
      signals.blockChecked.subscribe(({ block, reject }) => {
        this.#links.apply(this.#manager.blockChecked(block, reject, this.#links.now()));
        this.#intake.blockChecked(block, reject === null);
      }),
      signals.tipChanged.subscribe(({ tip, fork }) => {
        this.#links.apply(this.#manager.tipChanged(tip, fork, this.#links.now()));
        this.#links.retryRequests();
      }),
    );
    for (const place of this.#options.listen) await this.#listen(place);
    const admit = (connection: Connection): void => this.#guard(() => this.#admit(connection, BY_I2P));
    this.#subscriptions.push(acceptByI2p(this.#ports.network, this.#localAddresses, admit, onFatal));
    this.#subscriptions.push(this.#offerByTor());
    this.#every(TICK_MS, () => this.#links.tick());
    this.#every(OUTBOUND_CHECK_INTERVAL_MS, () => this.#checkHealth());
    this.#every(SAVE_INTERVAL_MS, () => this.#save());
    this.#reattemptBroadcastLater();
    this.#watchMap();
    // A list that was not there, or was damaged, is there again from the beginning.
    await this.#files.saveBans(this.#banList, this.#nowSec());
    await timers.yieldToHost();
    this.#connector.start();
    this.privateBroadcaster?.start();
  }

  async #stop(): Promise<void> {
    this.#isStopping = true;
    for (const cancel of this.#timers) cancel();
    this.#timers.clear();
    const anchors = this.#options.connect === null ? chooseAnchors(this.#manager.peers.values(), this.#nowSec()) : [];
    await Promise.all(this.#listeners.map((listener) => this.#closeSoon(listener)));
    this.#ports.network.abandonDials?.();
    await Promise.all([this.#connector.stop(), this.privateBroadcaster?.stop()]);
    await this.#links.stop();
    await this.#intake.stop();
    await this.#ports.mempool?.stop();
    for (const unsubscribe of this.#subscriptions) unsubscribe();
    await this.#files.saveAddresses(this.#addressManager);
    await this.#files.saveBans(this.#banList, this.#nowSec());
    if (anchors.length > 0) await this.#files.saveAnchors(anchors);
  }

  /** Tells how much of what we know the map of autonomous systems knows, now and every day: it ages. */
  #watchMap(): void {
    const { netGroups } = this.#options;
    if (!netGroups.hasMap) return;
    const tell = (): void => this.#ports.log.info(describeMapHealth(this.#addressManager, netGroups, this.#nowSec()));
    tell();
    this.#every(MAP_HEALTH_INTERVAL_MS, tell);
  }

  /** A listener closes only when its connections have: it is not waited for before they are closed. */
  async #closeSoon(listener: Listener): Promise<void> {
    this.#ports.log.debug('net', () => `closing ${listener.local.host} port ${listener.local.port}`);
    void listener.close();
    await this.#ports.timers.yieldToHost();
  }

  #followMempool(): readonly Unsubscribe[] {
    const { mempool, log } = this.#ports;
    if (mempool === null) return [];
    return followMempoolNews(mempool.mempool, log, (transaction) => this.relayTransaction(transaction));
  }

  /** Has Tor bring connections to us, and takes its proxy where there is no other. */
  #offerByTor(): Unsubscribe {
    return offerByTor(this.#ports.onionService, this.#options, this.listening, this.#localAddresses, {
      onProxy: (proxy) => {
        this.#onionProxy = proxy;
        if (mayReachOnion(this.#options)) this.#reachable.add('onion');
        this.#connector.changed();
        this.privateBroadcaster?.wake();
      },
      onFailed: this.#ports.onFatal,
    });
  }

  #reattemptBroadcastLater(): void {
    const delayMs = REBROADCAST_MS + this.#ports.rng.below(REBROADCAST_SPREAD_MS);
    const cancel = this.#ports.timers.after(delayMs, () => {
      this.#timers.delete(cancel);
      if (this.#isStopping) return;
      this.#guard(() => this.#links.apply(this.#manager.reattemptBroadcast(this.#links.now())));
      this.#reattemptBroadcastLater();
    });
    this.#timers.add(cancel);
  }

  #every(intervalMs: number, action: () => void): void {
    const run = (): void => {
      this.#timers.delete(cancel);
      if (this.#isStopping) return;
      this.#guard(action);
      this.#every(intervalMs, action);
    };
    const cancel = this.#ports.timers.after(intervalMs, run);
    this.#timers.add(cancel);
  }

  /** Runs what the host calls: what is thrown there would reach nobody. */
  #guard(action: () => void): void {
    try {
      action();
    } catch (error) {
      this.#ports.onFatal(error);
    }
  }

  #save(): void {
    const work = async (): Promise<void> => {
      await this.#files.saveAddresses(this.#addressManager);
      await this.#files.saveBans(this.#banList, this.#nowSec());
    };
    work().catch((error: unknown) => this.#ports.onFatal(error));
  }

  // --- connections ----------------------------------------------------------------------------------------------------

  async #listen(place: ListenAt): Promise<Endpoint> {
    const { network, log } = this.#ports;
    const listener = await network.listen(place.endpoint, (connection) =>
      this.#guard(() => this.#admit(connection, place)),
    );
    this.#listeners.push(listener);
    const { host, port } = listener.local;
    log.info(`Bound to ${host.includes(':') ? `[${host}]` : host}:${port}`);
    return listener.local;
  }

  #admit(connection: Connection, place: DoorFacts): void {
    const { log } = this.#ports;
    const address = this.#parseEnd(connection.remote);
    if (this.#isStopping || address === null || !this.#connector.isNetworkActive) {
      connection.close();
      return;
    }
    const admission = this.#doorkeeper.decide(address, place, this.#nowSec());
    if (admission.type === 'refuse') {
      log.debug('net', () => admission.text);
      connection.close();
      return;
    }
    const { permissions, evicted } = admission;
    if (evicted !== null) this.#links.apply(this.#manager.drop(evicted, 'evicted', this.#links.now()));
    const kind = 'inbound';
    log.debug('net', () => `connection from ${formatNetAddress(address)} accepted`);
    this.#adopt(connection, { kind, address, name: null, permissions, isInboundOnion: place.isOnion });
  }

  #parseEnd({ host, port }: Endpoint): NetAddress | null {
    const address = parseHost(host, port);
    return address === null ? null : asUsed(address, this.#reachable);
  }

  #onDialled({ connection, kind, address, name, wantsEncryption }: Dialled): void {
    const permissions = kind === 'manual' ? this.#doorkeeper.manualPermissions(address) : NO_PERMISSIONS;
    this.#adopt(connection, { kind, address, name, permissions }, wantsEncryption);
  }

  /** Dials a peer once more, without encryption. That it can be reached is known: a failure would say nothing. */
  #redialPlainly({ kind, address, name }: Peer): void {
    if (kind === 'inbound') return;
    const dial = { type: 'dial', kind, address, name, isFailureCounted: false, wantsEncryption: false } as const;
    void this.#connector.dialNow(dial);
  }

  #adopt(
    connection: Connection,
    facts: Pick<PeerFacts, 'kind' | 'address' | 'name' | 'permissions' | 'isInboundOnion'>,
    wantsEncryption = false,
  ): void {
    const { local } = connection;
    const id = asPeerId(this.#nextPeerId++);
    const addressForLog = this.#options.logsAddresses ? { addressForLog: formatNetAddress(facts.address) } : {};
    this.#ports.log.debug('net', () => `Added connection ${formatPeerForLog({ id, ...addressForLog })}`);
    const peerFacts: PeerFacts = {
      ...facts,
      ...addressForLog,
      id,
      localAddress: this.#parseEnd(local) ?? unspecifiedAddress(local.port),
      localServices: this.#localServices() | (facts.permissions.bloomfilter ? NODE_BLOOM : 0n),
      localNonce: nextU64(this.#ports.rng),
    };
    this.#links.adopt(connection, peerFacts, wantsEncryption);
    this.#connector.changed();
  }

  /** What encrypts connections; null: all are plain. */
  get #encryption(): Encryption | null {
    return this.#options.encryptsConnections ? (this.#ports.encryption ?? null) : null;
  }

  #localServices(): bigint {
    return computeLocalServices({
      servesFilters: this.#ports.filters !== undefined,
      offersBloomFilters: this.#options.offersBloomFilters,
      encrypts: this.#encryption !== null,
      hasHistory: !this.#options.isPruned && this.chain.background === null,
    });
  }

  /** Whoever shares the address of a peer that misbehaved goes, too. */
  #discourage(address: NetAddress): void {
    this.#banList.discourage(address);
    for (const peer of this.#manager.peers.values()) {
      if (!equalHosts(peer.address, address) || peer.permissions.noban) continue;
      this.#links.apply(this.#manager.drop(peer.id, 'disconnect by subnet match', this.#links.now()));
    }
  }

  #checkHealth(): void {
    const outcomes = this.#health.check(
      {
        peers: this.#manager.peers.values(),
        blocksInFlight: (id) => this.#manager.download.inFlightOf(id).length,
        canDial: this.#options.connect === null,
        isTipRecent: this.#manager.download.canFetchDirectly(this.#nowSec()),
      },
      this.#ports.clock.monotonicMs(),
      this.#nowSec(),
    );
    const { log } = this.#ports;
    for (const outcome of outcomes) {
      if (outcome.type === 'disconnect') {
        log.debug('net', () => outcome.text);
        this.#links.apply(this.#manager.drop(outcome.peer, '', this.#links.now()));
      } else if (outcome.type === 'try-another-outbound') this.#plan.setTryingAnother(outcome.isWanted);
      else if (outcome.type === 'start-extra-block-relay') this.#plan.startExtraBlockRelay();
      else if (outcome.level === 'info') log.info(outcome.text);
      else log.debug('net', () => outcome.text);
    }
    if (outcomes.length > 0) this.#connector.changed();
  }

  // --- making the parts -----------------------------------------------------------------------------------------------

  #makeIntake(): BlockIntake {
    return new BlockIntake(this.chain, () => this.#nowSec(), {
      onAccepted: (peer, block, acceptance) => {
        this.#links.apply(this.#manager.blockAccepted(peer, block, acceptance, this.#links.now()));
      },
      onSettled: (peer) => this.#links.blockSettled(peer),
      onRoom: () => this.#links.resume(),
      onFailed: (error) => this.#ports.onFatal(error),
    });
  }

  #makeLinks(): PeerLinks {
    const { clock, timers, log, rng, mempool, onFatal } = this.#ports;
    return new PeerLinks({
      manager: this.#manager,
      chain: this.chain,
      intake: this.#intake,
      transactions: mempool?.intake ?? null,
      filters: this.#ports.filters ?? null,
      recorder: this.#ports.recorder ?? null,
      clock,
      timers,
      log,
      rng: rng.fork('links'),
      handshakeTimeoutMs: this.#options.handshakeTimeoutMs,
      limits: this.#options,
      transports: new Transports(this.#options.params.magic, this.#encryption),
      onUnanswered: (peer) => this.#redialPlainly(peer),
      onDiscouraged: (address) => this.#discourage(address),
      onGone: () => {
        this.#connector.changed();
        this.privateBroadcaster?.wake();
      },
      onFatal,
    });
  }

  #makeConnector(): Connector {
    const { network, clock, timers, log, rng, onFatal } = this.#ports;
    const { params, connectTimeoutMs } = this.#options;
    return new Connector({
      plan: this.#plan,
      addressManager: this.#addressManager,
      network,
      clock,
      timers,
      log,
      rng: rng.fork('connector'),
      defaultPort: params.ports.p2p,
      reachable: this.#reachable,
      timeoutMs: connectTimeoutMs,
      connections: () => [...this.#manager.peers.values()].map(asPlanned),
      blocksBehind: () => this.#blocksBehind(),
      isOwn: (address) => this.#localAddresses.has(address),
      isUnwanted: (address) => this.#isUnwelcome(address),
      onConnected: (dialled) => this.#onDialled(dialled),
      onFatal,
    });
  }

  #makePrivateBroadcaster(): PrivateBroadcaster | null {
    const { mempool, rng } = this.#ports;
    if (!this.#options.broadcastsPrivately || mempool === null) return null;
    return createPrivateBroadcaster({
      ports: this.#ports,
      intake: mempool.intake,
      manager: this.#manager,
      connector: this.#connector,
      reachable: this.#reachable,
      addressManager: this.#addressManager,
      localAddresses: this.#localAddresses,
      encrypts: this.#encryption !== null,
      isUnwanted: (address) => this.#isUnwelcome(address),
      rng: rng.fork('private broadcast'),
    });
  }

  #blocksBehind(): number {
    const { index, active } = this.chain;
    const tip: BlockEntry = active.tip;
    if (tip === NO_ENTRY) return Number.MAX_SAFE_INTEGER;
    return estimateBlocksBehind(index.timeSec(tip), this.#nowSec(), this.#options.params.consensus.pow.spacingSec);
  }

  #isUnwelcome(address: NetAddress): boolean {
    return this.#banList.isBanned(address, this.#nowSec()) || this.#banList.isDiscouraged(address);
  }

  #nowSec(): number {
    return Math.floor(this.#ports.clock.wallMs() / 1000);
  }
}

/** What is read before the parts are made. */
interface Loaded {
  readonly files: SmallFiles;
  readonly addressManager: AddressManager;
  readonly banList: BanList;
  readonly anchors: Awaited<ReturnType<SmallFiles['takeAnchors']>>;
}

function asPlanned({ kind, address, name, stage }: Peer) {
  return { kind, address, name, isEstablished: stage === 'established' };
}
