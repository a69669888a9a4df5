// What a generated chain consists of, counted while it is made: the sheet that lies beside its file.

import type { Block } from '../../src/kernel/primitives/block.ts';
import { type ChainProfile, COIN_KINDS, type CoinKind } from './chain-profile.ts';
import type { Address, CurveWork } from './chain-wallet.ts';

/** How much of everything a chain has. */
export interface ChainSummary {
  readonly network: 'regtest';
  readonly seed: number;
  readonly height: number;
  /** As people write it. */
  readonly tipHash: string;
  /** Coinbases not counted. */
  readonly transactions: number;
  readonly inputs: number;
  /** Outputs of data and of coinbases included. */
  readonly outputs: number;
  /** Serialized bytes of all blocks. */
  readonly blockBytes: number;
  readonly largestBlockBytes: number;
  readonly largestBlockWeightWu: number;
  /** Signatures and what checking them costs. */
  readonly work: CurveWork;
  readonly inputsByKind: Readonly<Record<CoinKind, number>>;
  readonly signaturesByKind: Readonly<Record<CoinKind, number>>;
  readonly transactionsByShape: Readonly<Record<string, number>>;
  readonly profile: ChainProfile;
  /** What an independent replay came to, once there was one; hashes as people write them. */
  readonly replay?: {
    readonly height: number;
    readonly tipHash: string;
    readonly coinCount: number;
    readonly totalSat: string;
    readonly hashSerialized: string;
    readonly muhash: string;
  };
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

function zeroByKind(): Record<CoinKind, number> {
  return Object.fromEntries(COIN_KINDS.map((kind) => [kind, 0])) as Record<CoinKind, number>;
}

/** Counts as blocks are made. */
export class SummaryCounter {
  readonly #seed: number;
  readonly #profile: ChainProfile;
  readonly #work: Mutable<CurveWork> = { signatures: 0, ecdsaChecks: 0, schnorrChecks: 0, tweakChecks: 0 };
  readonly #inputsByKind: Record<CoinKind, number> = zeroByKind();
  readonly #signaturesByKind: Record<CoinKind, number> = zeroByKind();
  readonly #transactionsByShape: Record<string, number> = {};
  #transactions = 0;
  #inputs = 0;
  #outputs = 0;
  #blockBytes = 0;
  #largestBlockBytes = 0;
  #largestBlockWeightWu = 0;

  constructor(seed: number, profile: ChainProfile) {
    this.#seed = seed;
    this.#profile = profile;
  }

  /** Counts a transaction that spends coins of these addresses. */
  addTransaction(shape: string, spends: readonly Address[], outputCount: number): void {
    this.#transactions++;
    this.#inputs += spends.length;
    this.#outputs += outputCount;
    this.#transactionsByShape[shape] = (this.#transactionsByShape[shape] ?? 0) + 1;
    for (const { kind, work } of spends) {
      this.#inputsByKind[kind]++;
      if (this.#profile.isSigned) this.#addWork(kind, work);
    }
  }

  #addWork(kind: CoinKind, work: CurveWork): void {
    this.#signaturesByKind[kind] += work.signatures;
    this.#work.signatures += work.signatures;
    this.#work.ecdsaChecks += work.ecdsaChecks;
    this.#work.schnorrChecks += work.schnorrChecks;
    this.#work.tweakChecks += work.tweakChecks;
  }

  /** Counts a block, whose transactions but the coinbase have been counted. */
  addBlock(block: Block): void {
    this.#outputs += block.transaction(0).outputCount;
    this.#blockBytes += block.totalSize;
    this.#largestBlockBytes = Math.max(this.#largestBlockBytes, block.totalSize);
    this.#largestBlockWeightWu = Math.max(this.#largestBlockWeightWu, block.weightWu);
  }

  /** The sheet of a chain that ends here. */
  finish(height: number, tipHash: string): ChainSummary {
    return {
      network: 'regtest',
      seed: this.#seed,
      height,
      tipHash,
      transactions: this.#transactions,
      inputs: this.#inputs,
      outputs: this.#outputs,
      blockBytes: this.#blockBytes,
      largestBlockBytes: this.#largestBlockBytes,
      largestBlockWeightWu: this.#largestBlockWeightWu,
      work: { ...this.#work },
      inputsByKind: { ...this.#inputsByKind },
      signaturesByKind: { ...this.#signaturesByKind },
      transactionsByShape: { ...this.#transactionsByShape },
      profile: this.#profile,
    };
  }
}
