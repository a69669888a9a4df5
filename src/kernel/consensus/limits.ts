// The numbers that bound transactions and blocks (Core consensus/consensus.h, consensus/validation.h). A change of any of them
// splits the ledger. Limits of scripts live in script/script.ts, of amounts in primitives/amount.ts.

/** Heaviest block, in weight units (BIP141). */
export const MAX_BLOCK_WEIGHT = 4_000_000;

/** Most that the signature operations of a block may cost: 20,000 of the old count, four each (BIP141). */
export const MAX_BLOCK_SIGOPS_COST = 80_000;

/** The outputs of a coinbase can be spent in the 100th block after it at the earliest (Core COINBASE_MATURITY). */
export const COINBASE_MATURITY = 100;

/** Shortest script of a coinbase, in bytes. */
export const MIN_COINBASE_SCRIPT_SIZE = 2;

/** Longest script of a coinbase, in bytes. */
export const MAX_COINBASE_SCRIPT_SIZE = 100;

/** Shortest output script that commits to witnesses: OP_RETURN, a push of 36, the header, a 32-byte hash (BIP141). */
export const MIN_WITNESS_COMMITMENT_SIZE = 38;

/** Bytes of the witness reserved value, the only item of a committing coinbase's witness (BIP141). */
export const WITNESS_RESERVED_VALUE_SIZE = 32;

/** Most outputs a block can hold: its weight over that of the smallest output, 9 bytes (Core MAX_OUTPUTS_PER_BLOCK). */
export const MAX_OUTPUTS_PER_BLOCK = 111_111;

/**
 * From this height on BIP34 no longer rules out a second transaction of the same txid: a coinbase from before BIP34 happens to
 * begin with this height, so block 1,983,702 could repeat it (Core BIP34_IMPLIES_BIP30_LIMIT; C07).
 */
export const BIP34_IMPLIES_BIP30_LIMIT = 1_983_702;
