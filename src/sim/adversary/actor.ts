// What every hostile peer is: one or more hosts of its own, a script, and connections to nodes over which it says what it likes.
// Actors know all that was ever shown to anybody (through the reference ledger) and obey nothing but the network: they cannot forge
// addresses, read what others send, or find blocks without work.

import type { ChainParams } from '../../kernel/consensus/params.ts';
import { fromHex, toHex } from '../../kernel/util/bytes.ts';
import type { Rng } from '../../kernel/util/prng.ts';
import type { Connection, Network } from '../../node/ports.ts';
import type { BlockMaker } from '../block-maker.ts';
import { branchOf, type LedgerBlock, type ReferenceLedger } from '../checker/reference-ledger.ts';
import { MachineLife } from '../machine.ts';
import type { Payers } from '../payers.ts';
import type { SimNet } from '../sim-net.ts';
import { SIM_PORT } from '../sim-params.ts';
import type { World } from '../world.ts';
import { FrameReader, frame, headersPayload, readLocator, versionPayload } from './raw-wire.ts';

/** What an actor stands in. */
export interface ActorParts {
  readonly world: World;
  readonly net: SimNet;
  readonly params: ChainParams;
  readonly ledger: ReferenceLedger;
  readonly maker: BlockMaker;
  readonly payers: Payers;
  readonly rng: Rng;
  /** Addresses of the nodes. */
  readonly victims: readonly string[];
  /** Unix time of the beginning of the world. */
  readonly epochSec: number;
  /** Number of its first machine, for the trace. */
  readonly owner: number;
  /** Its addresses; each becomes a host. */
  readonly addresses: readonly string[];
}

/** A hostile peer. */
export interface Actor {
  readonly name: string;
  readonly addresses: readonly string[];
  /** It goes on when the chaos is over, until everything has been looked at: nodes must be able to live with it. */
  readonly staysInPeace: boolean;
  start(): void;
  /** Ends all its connections and says no more. */
  stop(): void;
}

/** A connection of an actor, after its handshake. */
export interface RawPeer {
  /** The node at the other end, or whoever dialled. */
  readonly victim: string;
  send(command: string, payload: Uint8Array): void;
  close(): void;
}

/** What an actor does; everything but the steps may be left out. */
export interface ActorScript {
  /** See {@link Actor.staysInPeace}; false when left out. */
  readonly staysInPeace?: boolean;
  /** Average time between two steps. */
  readonly stepMs: number;
  step(): void;
  /** A node said something; pings and requests for headers are answered already. */
  onMessage?(peer: RawPeer, command: string, payload: Uint8Array): void;
  /** A handshake is over. */
  onReady?(peer: RawPeer): void;
  /** Headers for someone with this locator; none by default. */
  headersAfter?(locator: readonly Uint8Array[]): readonly Uint8Array[];
}

/** Up to this spacing of blocks the steps of scripts are as they say. */
const PACED_SPACING_SEC = 60;

/** An actor that follows a script: it has hosts, dials again and again, shakes hands and keeps the time. */
export class ScriptedActor implements Actor {
  readonly name: string;
  readonly parts: ActorParts;
  readonly rng: Rng;
  readonly peers: Set<RawPeer> = new Set();
  readonly #script: ActorScript;
  readonly #lives: MachineLife[] = [];
  #isOver = false;

  constructor(name: string, parts: ActorParts, createScript: (actor: ScriptedActor) => ActorScript) {
    this.name = name;
    this.parts = parts;
    this.rng = parts.rng;
    this.#script = createScript(this);
  }

  get addresses(): readonly string[] {
    return this.parts.addresses;
  }

  get staysInPeace(): boolean {
    return this.#script.staysInPeace === true;
  }

  start(): void {
    const { world, net, owner, addresses } = this.parts;
    addresses.forEach((address, i) => {
      net.addHost(address, owner + i);
      const life = new MachineLife(world, owner + i);
      this.#lives.push(life);
      const network = net.powerOn(address, life);
      void network.listen({ host: address, port: SIM_PORT }, (connection) => {
        this.#talk(life, connection, connection.remote.host, false);
      });
      for (const victim of this.parts.victims) this.#dial(life, network, victim);
    });
    this.#schedule();
  }

  stop(): void {
    this.#isOver = true;
    this.parts.addresses.forEach((address, i) => {
      this.#lives[i]!.end();
      this.parts.net.powerOff(address, true);
    });
    this.peers.clear();
  }

  #schedule(): void {
    // Where blocks are far apart nothing is in a hurry, and a run is as long as its blocks.
    const pace = Math.max(1, this.parts.params.consensus.pow.spacingSec / PACED_SPACING_SEC);
    const stepMs = Math.floor(this.#script.stepMs * pace);
    this.#lives[0]?.after(1 + this.rng.below(2 * stepMs), this.name, () => {
      this.#script.step();
      this.#schedule();
    });
  }

  #dial(life: MachineLife, network: Network, victim: string): void {
    if (this.#isOver) return;
    const again = (): void => {
      life.after(10_000 + this.rng.below(60_000), 'dial again', () => this.#dial(life, network, victim));
    };
    network.dial({ host: victim, port: SIM_PORT }, 5_000).then((connection) => {
      this.#talk(life, connection, victim, true, again);
    }, again);
  }

  #talk(life: MachineLife, connection: Connection, victim: string, isDialer: boolean, onOver?: () => void): void {
    const { magic } = this.parts.params;
    const reader = new FrameReader();
    const peer: RawPeer = {
      victim,
      send: (command, payload) => connection.send(frame(magic, command, payload)),
      close: () => connection.close(),
    };
    const greet = (): void => peer.send('version', versionPayload(this.nowSec(), this.rng.bytes(8), 0));
    connection.start({
      onBytes: (bytes) => {
        for (const { command, payload } of reader.read(bytes)) {
          if (life.isOver) return;
          this.#hear(peer, command, payload, isDialer ? null : greet);
        }
      },
      onSent: () => {},
      onClosed: () => {
        this.peers.delete(peer);
        onOver?.();
      },
    });
    if (isDialer) greet();
  }

  #hear(peer: RawPeer, command: string, payload: Uint8Array, greet: (() => void) | null): void {
    switch (command) {
      case 'version':
        greet?.();
        peer.send('verack', new Uint8Array(0));
        return;
      case 'verack':
        this.peers.add(peer);
        this.#script.onReady?.(peer);
        return;
      case 'ping':
        peer.send('pong', payload);
        return;
      case 'getheaders': {
        const headers = this.#script.headersAfter?.(readLocator(payload)) ?? [];
        peer.send('headers', headersPayload(headers));
        this.#script.onMessage?.(peer, command, payload);
        return;
      }
      default:
        this.#script.onMessage?.(peer, command, payload);
    }
  }

  /** Its clock, which is right. */
  nowSec(): number {
    return this.parts.epochSec + Math.floor(this.parts.world.nowMs / 1000);
  }

  /** The valid block of most work that is no secret. */
  bestBlock(): LedgerBlock {
    return this.parts.ledger.bestShown();
  }

  /** Headers of the branch of `tip` after the first hash of a locator that is on it. */
  branchAfter(tip: LedgerBlock, locator: readonly Uint8Array[]): readonly Uint8Array[] {
    const branch = branchOf(tip);
    const known = new Set(locator.map((hash) => toHex(hash)));
    let from = 1;
    for (let i = branch.length - 1; i > 0; i--) {
      if (!known.has(branch[i]!.blockHash)) continue;
      from = i + 1;
      break;
    }
    return branch.slice(from, from + 2000).map(({ bytes }) => bytes.subarray(0, 80));
  }
}

/** Hash of a block of the ledger as bytes. */
export function hashOf(block: LedgerBlock): Uint8Array {
  return fromHex(block.blockHash);
}
