// Watches the chain of every node against the reference ledger, at every step: what is connected is valid, what is condemned is
// not, no verdict is ever taken back, the tip never loses work, and nothing that was reported durable is lost.

import { NO_ENTRY } from '../../kernel/chain/block-index.ts';
import type { Chainstate } from '../../kernel/chain/chainstate.ts';
import type { BlockReject, BlockRejectKind } from '../../kernel/consensus/reject.ts';
import { formatHash } from '../../kernel/primitives/hashes.ts';
import { fromHex, toHex } from '../../kernel/util/bytes.ts';
import type { NodeEnd, NodeWatcher, SimNode } from '../sim-node.ts';
import type { World } from '../world.ts';
import type { LedgerBlock, ReferenceLedger } from './reference-ledger.ts';

/** Verdicts that condemn a block for good. */
const CONDEMNING: readonly BlockRejectKind[] = ['consensus', 'cached-invalid', 'invalid-header', 'invalid-prev'];

/** Counts of one node over all its lives. */
export interface NodeFigures {
  connectedCount: number;
  disconnectedCount: number;
  reorgCount: number;
  reorgDepthMax: number;
  refusedCount: number;
}

interface Watched {
  readonly figures: NodeFigures;
  readonly verdicts: Map<string, 'valid' | 'invalid'>;
  /** The last tip that was reported durable. */
  durable: LedgerBlock;
  /** The tip of this life. */
  tip: LedgerBlock | null;
  /** Blocks taken off since the last new tip. */
  takenOff: number;
  lastEnd: NodeEnd | null;
}

/** Sees every block of every node. */
export class ChainWatch implements NodeWatcher {
  readonly #world: World;
  readonly #ledger: ReferenceLedger;
  readonly #nodes: Map<SimNode, Watched> = new Map();

  constructor(world: World, ledger: ReferenceLedger) {
    this.#world = world;
    this.#ledger = ledger;
  }

  figures(node: SimNode): NodeFigures {
    return this.#of(node).figures;
  }

  /** What a node has on its disk when it starts for the first time, or after its disk was replaced. */
  expectTip(node: SimNode, tip: LedgerBlock): void {
    this.#of(node).durable = tip;
  }

  /** An operator has declared a block invalid: the next tip may have less work. */
  allowLess(node: SimNode): void {
    this.#of(node).tip = null;
  }

  #of(node: SimNode): Watched {
    let watched = this.#nodes.get(node);
    if (watched === undefined) {
      watched = {
        figures: { connectedCount: 0, disconnectedCount: 0, reorgCount: 0, reorgDepthMax: 0, refusedCount: 0 },
        verdicts: new Map(),
        durable: this.#ledger.genesis,
        tip: null,
        takenOff: 0,
        lastEnd: null,
      };
      this.#nodes.set(node, watched);
    }
    return watched;
  }

  onOpened(node: SimNode): void {
    const { chain } = node;
    if (chain === null) return;
    const watched = this.#of(node);
    this.#checkRecovered(node, chain, watched);
    this.checkIndex(node, chain);
    const { signals } = chain;
    signals.blockChecked.subscribe(({ block, reject }) => {
      this.#onVerdict(node, watched, toHex(block.header.blockHash), reject);
    });
    signals.blockConnected.subscribe(() => {
      watched.figures.connectedCount++;
    });
    signals.blockDisconnected.subscribe(() => {
      watched.figures.disconnectedCount++;
      watched.takenOff++;
    });
    signals.flushed.subscribe(({ tip }) => {
      watched.durable = this.#ledger.find(toHex(chain.index.blockHash(tip))) ?? watched.durable;
    });
  }

  /** Nothing reported durable is lost, and what is found was valid once (S01, S02). */
  #checkRecovered(node: SimNode, chain: Chainstate, watched: Watched): void {
    const found = this.#ledger.find(toHex(chain.tipHash));
    if (found === undefined) {
      this.#world.fail('durability', `node ${node.owner} opened at ${formatHash(chain.tipHash)}, which nobody made`);
      return;
    }
    watched.tip = found;
    const isKept = found === watched.durable || found.work > watched.durable.work;
    if (found.fault === null && (isKept || found.work === watched.durable.work)) return;
    this.#world.fail(
      'durability',
      `node ${node.owner} opened at ${describe(found)} (${found.fault ?? 'valid'}) after ${describe(watched.durable)} was reported durable; its last end: ${watched.lastEnd}`,
    );
  }

  /** No valid block is marked invalid, and no invalid one is part of the chain; asked at every start and at the end. */
  checkIndex(node: SimNode, chain: Chainstate): void {
    const { index, active } = chain;
    for (const block of this.#ledger.blocks()) {
      const entry = index.find(fromHex(block.blockHash));
      if (entry === NO_ENTRY) continue;
      if (block.fault === null && index.isFailed(entry)) {
        this.#world.fail('verdicts', `node ${node.owner} holds the valid block ${describe(block)} for invalid`);
      }
      if (block.fault !== null && active.contains(entry)) {
        this.#world.fail('validity', `node ${node.owner} has ${describe(block)} in its chain: ${block.fault}`);
      }
    }
  }

  #onVerdict(node: SimNode, watched: Watched, blockHash: string, reject: BlockReject | null): void {
    const block = this.#ledger.find(blockHash);
    const name = block === undefined ? blockHash : describe(block);
    if (reject === null) {
      if (block === undefined) this.#world.fail('validity', `node ${node.owner} connected ${name}, which nobody made`);
      else if (block.fault !== null) {
        this.#world.fail('validity', `node ${node.owner} connected ${name}: ${block.fault}`);
      }
      this.#note(node, watched, blockHash, 'valid');
      return;
    }
    watched.figures.refusedCount++;
    if (!CONDEMNING.includes(reject.kind)) return;
    if (block?.fault === null) {
      this.#world.fail('verdicts', `node ${node.owner} refused the valid block ${name}: ${reject.reason}`);
    }
    this.#note(node, watched, blockHash, 'invalid');
  }

  #note(node: SimNode, watched: Watched, blockHash: string, verdict: 'valid' | 'invalid'): void {
    const before = watched.verdicts.get(blockHash);
    if (before !== undefined && before !== verdict) {
      this.#world.fail('verdicts', `node ${node.owner} found ${blockHash} ${before} and now ${verdict}`);
    }
    watched.verdicts.set(blockHash, verdict);
  }

  onTip(node: SimNode, tip: LedgerBlock): void {
    const watched = this.#of(node);
    const { figures, takenOff } = watched;
    if (takenOff > 0) figures.reorgCount++;
    figures.reorgDepthMax = Math.max(figures.reorgDepthMax, takenOff);
    watched.takenOff = 0;
    if (watched.tip !== null && tip.work < watched.tip.work) {
      this.#world.fail(
        'most work',
        `node ${node.owner} left ${describe(watched.tip)} for ${describe(tip)} of less work`,
      );
    }
    watched.tip = tip;
    const depth = takenOff > 0 ? `, ${takenOff} taken off` : '';
    this.#world.note(`node ${node.owner} at ${describe(tip)}${depth}`);
  }

  onEnded(node: SimNode, end: NodeEnd): void {
    const watched = this.#of(node);
    watched.lastEnd = end;
    watched.takenOff = 0;
  }
}

/** Height and beginning of the hash. */
export function describe(block: LedgerBlock): string {
  return `${block.height} ${block.blockHash.slice(0, 10)}`;
}
