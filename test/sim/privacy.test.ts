// A spy with several connections to every node, who writes down when it hears of which payment from whom: what a node says tells
// little about which payments are its own.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Transaction } from '../../src/kernel/primitives/transaction.ts';
import { toHex } from '../../src/kernel/util/bytes.ts';
import { type ActorScript, type RawPeer, ScriptedActor } from '../../src/sim/adversary/actor.ts';
import { INV, inventoryPayload, readInventory } from '../../src/sim/adversary/raw-wire.ts';
import { readTransactionText } from '../../src/sim/checker/ledger-text.ts';
import { formatReport } from '../../src/sim/report.ts';
import type { SimNode } from '../../src/sim/sim-node.ts';
import type { Simulation } from '../../src/sim/simulation.ts';
import { runWholeNodes } from './hosts.ts';
import { CALM } from './worlds.ts';

const SPY_ADDRESSES = ['150.1.1.1', '151.1.1.1', '152.1.1.1'];
const SPY_OWNER = 5000;

/** Mean of the time between two announcements to all inbound peers (Core INBOUND_INVENTORY_BROADCAST_INTERVAL). */
const INBOUND_MEAN_MS = 5000;

/** What one moment of a node is spread to on its way: latency, and timers that ring late. */
const SPREAD_MS = 1500;

/** What a spy has seen. */
class Spy implements ActorScript {
  readonly stepMs = 60_000;
  /** When each connection heard of a payment, by the node and the payment. */
  readonly heard: Map<string, Map<RawPeer, number>> = new Map();
  /** When and where a payment was handed in. */
  readonly handedIn: Map<string, { readonly victim: string; readonly atMs: number }> = new Map();
  /** Payments that a node gave away before it had announced them on that connection. */
  leakCount = 0;
  askedCount = 0;
  readonly #actor: ScriptedActor;

  constructor(actor: ScriptedActor) {
    this.#actor = actor;
  }

  step(): void {
    // It listens.
  }

  /** A payment is handed in at a node: asks it at once, over every connection. */
  onHandedIn(node: SimNode, { txid }: Transaction): void {
    const { world } = this.#actor.parts;
    const victim = node.options.address;
    this.handedIn.set(toHex(txid), { victim, atMs: world.nowMs });
    world.after(300, 'probe', SPY_OWNER, () => {
      for (const peer of this.#actor.peers) {
        if (peer.victim !== victim || this.heard.get(`${victim} ${toHex(txid)}`)?.has(peer) === true) continue;
        this.askedCount++;
        peer.send('getdata', inventoryPayload(INV.tx, [txid]));
      }
    });
  }

  onMessage(peer: RawPeer, command: string, payload: Uint8Array): void {
    if (command === 'tx') {
      const { txid } = readTransactionText(payload);
      // An announcement may have been on its way when the probe was.
      if (this.heard.get(`${peer.victim} ${txid}`)?.has(peer) !== true) this.leakCount++;
    }
    if (command !== 'inv') return;
    for (const { kind, hash } of readInventory(payload)) {
      if (kind !== INV.tx) continue;
      const name = `${peer.victim} ${toHex(hash)}`;
      const times = this.heard.get(name) ?? new Map<RawPeer, number>();
      if (!times.has(peer)) times.set(peer, this.#actor.parts.world.nowMs);
      this.heard.set(name, times);
    }
  }
}

function placeSpy({ world, net, ledger, maker, payers, nodes, honestHosts, epochSec }: Simulation): Spy {
  let spy: Spy | null = null;
  const { params } = nodes[0]!.options.node;
  const parts = { world, net, ledger, maker, payers, params, epochSec };
  const actor = new ScriptedActor(
    'spy',
    { ...parts, rng: world.fork('spy'), victims: [...honestHosts], owner: SPY_OWNER, addresses: SPY_ADDRESSES },
    (self) => {
      spy = new Spy(self);
      return spy;
    },
  );
  assert.ok(spy !== null);
  const found: Spy = spy;
  payers.onShown.push((transaction, node) => found.onHandedIn(node, transaction));
  actor.start();
  return found;
}

test('M13: all who listen to a node hear of a payment at one moment, seconds after it came, and nobody gets it before', async (context) => {
  let spy: Spy | null = null;
  const report = await runWholeNodes(41, {
    overrides: { ...CALM, nodeCount: 3, chaosBlocks: 40, payments: { perBlockPerMille: 8000, doublePerMille: 0 } },
    onReady: (simulation) => {
      spy = placeSpy(simulation);
    },
  });
  assert.equal(report.failure, null, formatReport(report));
  assert.ok(spy !== null);
  const { heard, handedIn, leakCount, askedCount }: Spy = spy;
  const spreads: number[] = [];
  const delays: number[] = [];
  for (const [name, times] of heard) {
    const [victim, txid] = name.split(' ') as [string, string];
    const moments = [...times.values()];
    if (moments.length === SPY_ADDRESSES.length) spreads.push(Math.max(...moments) - Math.min(...moments));
    const origin = handedIn.get(txid);
    if (origin?.victim === victim) delays.push(Math.min(...moments) - origin.atMs);
  }
  const mean = delays.reduce((sum, delay) => sum + delay, 0) / delays.length;
  context.diagnostic(`${spreads.length} announcements, spread at most ${Math.max(...spreads)} ms`);
  context.diagnostic(`${delays.length} payments at their origin, announced after ${Math.round(mean)} ms on average`);
  assert.ok(askedCount >= 100 && leakCount === 0, `${leakCount} of ${askedCount} probes were answered`);
  assert.ok(spreads.length >= 100 && Math.max(...spreads) <= SPREAD_MS, `spread over ${Math.max(...spreads)} ms`);
  // Of so many waits of a Poisson process the mean is within a quarter but for one world in hundred thousand.
  assert.ok(
    delays.length >= 100 && mean > 0.7 * INBOUND_MEAN_MS && mean < 1.4 * INBOUND_MEAN_MS + SPREAD_MS,
    `${mean} ms`,
  );
});
