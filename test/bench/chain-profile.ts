// What a generated chain looks like: which scripts its coins have, what shapes its transactions have, how old the coins are that
// are spent. Plain tables, near to what a busy public chain showed in the mid-2020s; every share can be changed.

/** How a coin is locked, and thus what spending it costs. */
export const COIN_KINDS = ['p2pkh', 'p2sh-p2wpkh', 'p2wpkh', 'p2wsh-multisig', 'p2tr-key', 'p2tr-script'] as const;

/** One of {@link COIN_KINDS}; the multisig is two of three, the taproot script one of two leaves. */
export type CoinKind = (typeof COIN_KINDS)[number];

/** A choice that comes up in proportion to its weight. */
export interface Weighted {
  readonly weight: number;
}

/** A number of inputs or outputs: from the first to the second, each equally likely. */
export type CountRange = readonly [min: number, max: number];

/** A sort of transaction. */
export interface TransactionShape extends Weighted {
  readonly name: string;
  readonly inputs: CountRange;
  readonly outputs: CountRange;
}

/** Spends among the newest coins: those that about this many blocks made, or any coin at all. */
export interface CoinAge extends Weighted {
  readonly blocks: number | 'any';
}

/** Everything about a chain but its length and its seed. */
export interface ChainProfile {
  /** Weights of the kinds among all outputs. */
  readonly kinds: Readonly<Record<CoinKind, number>>;
  readonly shapes: readonly TransactionShape[];
  /** Makes many coins of one; used instead of the others while there are too few coins. */
  readonly splitShape: TransactionShape;
  readonly ages: readonly CoinAge[];
  /** One transaction in so many carries an output of data that is never a coin; 0: none does. */
  readonly dataOutputEvery: number;
  /** One input in so many is signed as an offer (SINGLE with ANYONECANPAY); 0: none is. */
  readonly offerEvery: number;
  /** Different scripts that coins are locked with. */
  readonly addressCount: number;
  /** False: inputs stay empty. Valid in everything but scripts, and made many times faster. */
  readonly isSigned: boolean;
}

/** About two inputs and three outputs per transaction; the set of coins grows. */
export const REALISTIC: ChainProfile = {
  kinds: { p2pkh: 12, 'p2sh-p2wpkh': 8, p2wpkh: 44, 'p2wsh-multisig': 7, 'p2tr-key': 21, 'p2tr-script': 8 },
  shapes: [
    { name: 'payment', weight: 57, inputs: [1, 1], outputs: [2, 2] },
    { name: 'sweep', weight: 11, inputs: [1, 1], outputs: [1, 1] },
    { name: 'payment of several coins', weight: 18, inputs: [2, 3], outputs: [2, 2] },
    { name: 'payment to several', weight: 5, inputs: [1, 1], outputs: [3, 5] },
    { name: 'small consolidation', weight: 5, inputs: [4, 10], outputs: [1, 2] },
    { name: 'payout', weight: 3, inputs: [1, 3], outputs: [10, 60] },
    { name: 'consolidation', weight: 1, inputs: [11, 50], outputs: [1, 1] },
  ],
  splitShape: { name: 'split', weight: 0, inputs: [1, 1], outputs: [20, 40] },
  ages: [
    { weight: 12, blocks: 1 },
    { weight: 33, blocks: 10 },
    { weight: 25, blocks: 100 },
    { weight: 30, blocks: 'any' },
  ],
  dataOutputEvery: 25,
  offerEvery: 60,
  addressCount: 16_384,
  isSigned: true,
};
