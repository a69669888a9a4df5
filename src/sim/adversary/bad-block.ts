// C05, C23, C35 and their like: blocks that break a rule with proof of work to show for it, and true blocks with false contents
// (mutated: the header is right, the transactions are not). A node must refuse the first for ever and the second only now.

import { compactSizeWidth } from '../../kernel/encoding/compact-size.ts';
import { decodeBlock } from '../../kernel/primitives/block.ts';
import { HEADER_BYTES } from '../../kernel/primitives/header.ts';
import { concatBytes, toHex } from '../../kernel/util/bytes.ts';
import { BLOCK_FAULTS } from '../block-maker.ts';
import { drawOne } from '../chance.ts';
import type { LedgerBlock } from '../checker/reference-ledger.ts';
import { type ActorScript, hashOf, type RawPeer, type ScriptedActor } from './actor.ts';
import { compactSize, headersPayload, INV, inventoryPayload, readInventory } from './raw-wire.ts';

/** Blocks that it makes on top of one of its own. */
const CHILDREN_MAX = 2;

/** Makes and spreads bad blocks. */
export class BadBlock implements ActorScript {
  readonly #actor: ScriptedActor;
  readonly stepMs = 20_000;
  readonly #served: Map<string, Uint8Array> = new Map();
  #mutated = '';

  constructor(actor: ScriptedActor) {
    this.#actor = actor;
  }

  step(): void {
    const best = this.#actor.bestBlock();
    if (best.blockHash !== this.#mutated && this.#actor.rng.below(2) === 0) {
      this.#mutated = best.blockHash;
      this.#spread(best, mutate(best.bytes, this.#actor.rng.below(3)));
    } else if (this.#actor.rng.below(3) === 0) {
      this.#spreadInvalid(best);
    }
  }

  /** A block with a fault, sometimes with good ones on top. */
  #spreadInvalid(best: LedgerBlock): void {
    const { maker, ledger, owner } = this.#actor.parts;
    const fault = drawOne(this.#actor.rng, BLOCK_FAULTS);
    const plan = { miner: owner, nowSec: this.#actor.nowSec(), paymentsMax: 2 };
    let tip = ledger.add(maker.make(best, { ...plan, fault }).serialized());
    this.#actor.parts.world.note(`${this.#actor.name} made ${tip.height} ${tip.blockHash.slice(0, 10)} (${fault})`);
    this.#spread(tip, tip.bytes);
    for (let i = this.#actor.rng.below(CHILDREN_MAX + 1); i > 0; i--) {
      tip = ledger.add(maker.make(tip, plan).serialized());
      this.#spread(tip, tip.bytes);
    }
  }

  /** Announces a block in one way or another, or simply sends it. */
  #spread(block: LedgerBlock, bytes: Uint8Array): void {
    this.#served.set(block.blockHash, bytes);
    for (const peer of this.#actor.peers) {
      const way = this.#actor.rng.below(3);
      if (way === 0) peer.send('block', bytes);
      else if (way === 1) peer.send('headers', headersPayload([bytes]));
      else peer.send('inv', inventoryPayload(INV.block, [hashOf(block)]));
    }
  }

  onMessage(peer: RawPeer, command: string, payload: Uint8Array): void {
    if (command !== 'getdata') return;
    for (const { hash } of readInventory(payload)) {
      const bytes = this.#served.get(toHex(hash));
      if (bytes !== undefined) peer.send('block', bytes);
    }
  }

  headersAfter(locator: readonly Uint8Array[]): readonly Uint8Array[] {
    return this.#actor.branchAfter(this.#actor.bestBlock(), locator);
  }
}

/** The header with other transactions: the last one twice (CVE-2012-2459), the last one missing, or a byte changed. */
function mutate(bytes: Uint8Array, way: number): Uint8Array {
  const decoded = decodeBlock(bytes);
  if (!decoded.ok) return bytes;
  const { txCount } = decoded.value;
  const last = decoded.value.transaction(txCount - 1);
  const listAt = HEADER_BYTES + compactSizeWidth(bytes[HEADER_BYTES]!);
  const list = bytes.subarray(listAt);
  const header = bytes.subarray(0, HEADER_BYTES);
  if (way === 0) return concatBytes(header, compactSize(txCount + 1), list, last.serialized());
  if (way === 1 && txCount > 1)
    return concatBytes(header, compactSize(txCount - 1), bytes.subarray(listAt, last.start));
  const changed = bytes.slice();
  changed[changed.length - 5] = changed[changed.length - 5]! ^ 1;
  return changed;
}
