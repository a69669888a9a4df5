// What is known of a block of the index, in the bits of Core's BlockStatus (chain.h), which are also what the database holds: a
// level of validity in the low three bits, flags above it.

/** Levels of validity, each including those before it. */
export const VALIDITY: {
  /** The header is valid and so are all before it. */
  readonly tree: number;
  /** The transactions were seen once and are valid as far as they show it by themselves. */
  readonly transactions: number;
  /** The coins that the block spends exist; so it is for all blocks before it. */
  readonly chain: number;
  /** The scripts succeed, or were taken on trust as assumevalid says; so it is for all blocks before it. */
  readonly scripts: number;
} = Object.freeze({ tree: 2, transactions: 3, chain: 4, scripts: 5 });

/** Bits of the level. */
export const VALIDITY_MASK = 7;

/** Flags beside the level of validity. */
export const BLOCK_FLAG: {
  /** The block is in a file. */
  readonly haveData: number;
  /** What undoes the block is in a file. */
  readonly haveUndo: number;
  /** The block breaks a rule, or stands on one that does. */
  readonly failed: number;
  /** Old databases: the block stands on an invalid one. Read as `failed`, never written. */
  readonly failedChild: number;
  /** The block was checked by a node that knows the rules of witnesses. */
  readonly witness: number;
} = Object.freeze({ haveData: 8, haveUndo: 16, failed: 32, failedChild: 64, witness: 128 });
