// The choice of a chain, spelled out: every block is an object, every question is answered by looking at all of them. Slow,
// obvious, and sharing no code with the index, the candidates and the windows that it is compared with. All blocks have equal
// difficulty, so that work is height.

import type { Block } from '../../src/kernel/primitives/block.ts';
import { toHex } from '../../src/kernel/util/bytes.ts';

/** A block of the test's tree. */
export interface ModelBlock {
  readonly name: string;
  readonly parent: string;
  readonly height: number;
  /** It will be refused when it is connected. */
  readonly isBad: boolean;
  readonly block: Block;
}

/** What the node knows of a block. */
interface Known {
  hasData: boolean;
  isFailed: boolean;
  isLinked: boolean;
  /** When it came, as long as it is not linked. */
  sequence: number;
}

const FROM_DISK = 1;

/** Name of a block: its hash as the wire has it. */
export function nameOf(block: Block): string {
  return toHex(block.header.blockHash);
}

/** What a node should know and have as its tip. */
export class ChainModel {
  readonly blocks: ReadonlyMap<string, ModelBlock>;
  readonly #genesis: string;
  known: Map<string, Known> = new Map();
  tip: string;
  #nextSequence = 2;
  #nextPrecious = -1;
  #preciousHeight = -1;

  constructor(genesis: Block, blocks: Iterable<ModelBlock>) {
    this.blocks = new Map([...blocks].map((each) => [each.name, each]));
    this.#genesis = nameOf(genesis);
    this.tip = this.#genesis;
    this.known.set(this.#genesis, { hasData: true, isFailed: false, isLinked: true, sequence: 0 });
  }

  height(name: string): number {
    return name === this.#genesis ? 0 : this.blocks.get(name)!.height;
  }

  #parent(name: string): string | null {
    return name === this.#genesis ? null : this.blocks.get(name)!.parent;
  }

  #path(name: string): string[] {
    const path: string[] = [];
    for (let walk: string | null = name; walk !== null; walk = this.#parent(walk)) path.push(walk);
    return path.reverse();
  }

  #descendsFrom(name: string, ancestor: string): boolean {
    return this.#path(name).includes(ancestor);
  }

  /** Takes a header in; the reason of a refusal, or what happened. */
  acceptHeader(name: string): string {
    const known = this.known.get(name);
    if (known !== undefined) return known.isFailed ? 'duplicate-invalid' : 'known';
    const parent = this.known.get(this.#parent(name)!);
    if (parent === undefined) return 'prev-blk-not-found';
    if (parent.isFailed) return 'bad-prevblk';
    this.known.set(name, { hasData: false, isFailed: false, isLinked: false, sequence: FROM_DISK });
    return 'known';
  }

  /** Takes a block in and chooses the tip. */
  submit(name: string): string {
    const header = this.acceptHeader(name);
    if (header !== 'known') return header;
    const known = this.known.get(name)!;
    if (known.hasData) return 'duplicate';
    known.hasData = true;
    known.sequence = this.known.get(this.#parent(name)!)!.isLinked ? known.sequence : this.#nextSequence++;
    this.#link();
    this.choose();
    if (known.isFailed) return this.#firstBad(name) === name ? 'bad-cb-amount' : 'bad-prevblk';
    return this.#path(this.tip).includes(name) ? 'connected' : 'stored';
  }

  /** Gives sequences to blocks that can be connected since the last block came: level by level, and in each as they came. */
  #link(): void {
    for (;;) {
      const ready = [...this.known].filter(
        ([name, each]) => each.hasData && !each.isLinked && this.known.get(this.#parent(name)!)!.isLinked,
      );
      if (ready.length === 0) return;
      const lowest = Math.min(...ready.map(([name]) => this.height(name)));
      const level = ready
        .filter(([name]) => this.height(name) === lowest)
        .sort(([a, left], [b, right]) => {
          const byParent = this.#sequenceOfParent(a) - this.#sequenceOfParent(b);
          return byParent || left.sequence - right.sequence || (a < b ? -1 : 1);
        });
      for (const [, each] of level) {
        each.isLinked = true;
        each.sequence = this.#nextSequence++;
      }
    }
  }

  #sequenceOfParent(name: string): number {
    return this.known.get(this.#parent(name)!)!.sequence;
  }

  /** True when `a` is the better tip. */
  #isBetter(a: string, b: string): boolean {
    if (this.height(a) !== this.height(b)) return this.height(a) > this.height(b);
    const difference = this.known.get(a)!.sequence - this.known.get(b)!.sequence;
    return difference !== 0 ? difference < 0 : a < b;
  }

  /** Finds the best block without anything against it; what turns out bad on the way is marked. */
  choose(): void {
    for (;;) {
      let best: string | null = null;
      for (const [name, each] of this.known) {
        if (each.isLinked && !each.isFailed && (best === null || this.#isBetter(name, best))) best = name;
      }
      const bad = this.#firstBad(best!);
      if (bad === undefined) {
        this.tip = best!;
        return;
      }
      this.#markFailed(bad);
    }
  }

  #firstBad(name: string): string | undefined {
    return this.#path(name).find((each) => each !== this.#genesis && this.blocks.get(each)!.isBad);
  }

  #markFailed(bad: string): void {
    for (const [name, each] of this.known) {
      if (this.#descendsFrom(name, bad)) each.isFailed = true;
    }
  }

  invalidate(name: string): void {
    this.#markFailed(name);
    this.choose();
  }

  reconsider(name: string): void {
    for (const [other, each] of this.known) {
      if (this.#descendsFrom(other, name) || this.#descendsFrom(name, other)) each.isFailed = false;
    }
    this.choose();
  }

  prefer(name: string): void {
    const tipHeight = this.height(this.tip);
    if (this.height(name) < tipHeight) return;
    if (tipHeight > this.#preciousHeight) this.#nextPrecious = -1;
    this.#preciousHeight = tipHeight;
    this.known.get(name)!.sequence = this.#nextPrecious--;
    this.choose();
  }

  /** Height of the best header: the highest that is not invalid. */
  bestHeaderHeight(): number {
    return Math.max(...[...this.known].filter(([, each]) => !each.isFailed).map(([name]) => this.height(name)));
  }

  /** What a node that ends now finds again. */
  snapshot(): ChainModel {
    const copy = new ChainModel({ header: { blockHash: new Uint8Array(0) } } as unknown as Block, this.blocks.values());
    copy.restore(this);
    return copy;
  }

  /** Becomes a node that has just started with what `other` had. */
  restore(other: ChainModel): void {
    this.known = new Map([...other.known].map(([name, each]) => [name, { ...each, sequence: FROM_DISK }]));
    this.tip = other.tip;
  }

  /** A node starts: the active chain goes first among equals, all others are equal. */
  restart(): void {
    for (const each of this.known.values()) each.sequence = FROM_DISK;
    for (const name of this.#path(this.tip)) this.known.get(name)!.sequence = 0;
    this.#nextSequence = 2;
    this.#nextPrecious = -1;
    this.#preciousHeight = -1;
    this.choose();
  }
}
