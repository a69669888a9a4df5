// The numbers of policy (Core policy/policy.h, policy/rbf.h, policy/truc_policy.h, policy/packages.h,
// kernel/mempool_options.h): what this node relays and keeps beyond what the ledger's rules ask. A change of any of them splits
// no ledger. The comment of each names Core's constant.

import { MAX_BLOCK_SIGOPS_COST } from '../consensus/limits.ts';

// --- single transactions ----------------------------------------------------------------------------------------------

/** Lowest version that is relayed (TX_MIN_STANDARD_VERSION). */
export const TX_VERSION_MIN = 1;

/** Highest version that is relayed (TX_MAX_STANDARD_VERSION). */
export const TX_VERSION_MAX = 3;

/** Heaviest transaction, in weight units (MAX_STANDARD_TX_WEIGHT). */
export const TX_WEIGHT_MAX = 400_000;

/**
 * Smallest transaction without its witness, in bytes: one more than the 64 that could be taken for an inner node of a merkle
 * tree (MIN_STANDARD_TX_NONWITNESS_SIZE).
 */
export const TX_STRIPPED_SIZE_MIN = 65;

/** Most that the signature operations of a transaction may cost: a fifth of a block's (MAX_STANDARD_TX_SIGOPS_COST). */
export const TX_SIGOPS_COST_MAX: number = MAX_BLOCK_SIGOPS_COST / 5;

/** Most signature operations that the inputs of a transaction may run outside the witness (MAX_TX_LEGACY_SIGOPS, BIP54). */
export const TX_LEGACY_SIGOPS_MAX = 2_500;

/** Longest scriptSig, in bytes: a 15-of-15 multisig in P2SH, rounded up (MAX_STANDARD_SCRIPTSIG_SIZE). */
export const SCRIPT_SIG_SIZE_MAX = 1_650;

/** Most signature operations in a redeemScript (MAX_P2SH_SIGOPS). */
export const P2SH_SIGOPS_MAX = 15;

/** Most keys of a multisig output that is no hash (Core IsStandard: x-of-3). */
export const BARE_MULTISIG_KEYS_MAX = 3;

/** Most items of a P2WSH witness below its script (MAX_STANDARD_P2WSH_STACK_ITEMS). */
export const P2WSH_ITEM_COUNT_MAX = 100;

/** Longest such item, in bytes (MAX_STANDARD_P2WSH_STACK_ITEM_SIZE). */
export const P2WSH_ITEM_SIZE_MAX = 80;

/** Longest witness script, in bytes (MAX_STANDARD_P2WSH_SCRIPT_SIZE). */
export const P2WSH_SCRIPT_SIZE_MAX = 3_600;

/** Longest item that a tapscript is given, in bytes (MAX_STANDARD_TAPSCRIPT_STACK_ITEM_SIZE). */
export const TAPSCRIPT_ITEM_SIZE_MAX = 80;

/** Most outputs below the dust threshold; one is allowed so that a child must spend it (MAX_DUST_OUTPUTS_PER_TX). */
export const DUST_OUTPUT_COUNT_MAX = 1;

// --- replacement, TRUC, packages --------------------------------------------------------------------------------------

/** Most clusters that a replacement may conflict with directly (MAX_REPLACEMENT_CANDIDATES). */
export const REPLACEMENT_CLUSTER_COUNT_MAX = 100;

/** Version of a transaction that keeps its topology restricted (TRUC_VERSION, BIP431). */
export const TRUC_VERSION = 3;

/** Most transactions among a TRUC transaction and its unconfirmed ancestors (TRUC_ANCESTOR_LIMIT). */
export const TRUC_ANCESTOR_COUNT_MAX = 2;

/** Most transactions among a TRUC transaction and its unconfirmed descendants (TRUC_DESCENDANT_LIMIT). */
export const TRUC_DESCENDANT_COUNT_MAX = 2;

/** Largest TRUC transaction, in virtual bytes with its signature operations (TRUC_MAX_VSIZE). */
export const TRUC_VSIZE_MAX = 10_000;

/** Largest TRUC transaction that spends an unconfirmed one, likewise (TRUC_CHILD_MAX_VSIZE). */
export const TRUC_CHILD_VSIZE_MAX = 1_000;

/** Most transactions of a package (MAX_PACKAGE_COUNT). */
export const PACKAGE_COUNT_MAX = 25;

/** Heaviest package, in weight units (MAX_PACKAGE_WEIGHT). */
export const PACKAGE_WEIGHT_MAX = 404_000;

// --- defaults of options ----------------------------------------------------------------------------------------------

/** Rate below which a transaction counts as free, in sat/kvB (DEFAULT_MIN_RELAY_TX_FEE). */
export const MIN_RELAY_FEERATE_DEFAULT = 100;

/** Rate that a replacement, or a mempool that was full, asks on top, in sat/kvB (DEFAULT_INCREMENTAL_RELAY_FEE). */
export const INCREMENTAL_FEERATE_DEFAULT = 100;

/** Rate at which spending an output must not cost more than the output is worth, in sat/kvB (DUST_RELAY_TX_FEE). */
export const DUST_FEERATE_DEFAULT = 3_000;

/** Bytes that a unit of signature operation cost counts for at least (DEFAULT_BYTES_PER_SIGOP). */
export const BYTES_PER_SIGOP_DEFAULT = 20;

/** Most bytes in the OP_RETURN outputs of a transaction: as many as fit (MAX_OP_RETURN_RELAY). */
export const DATACARRIER_BYTES_DEFAULT = 100_000;

/** Most transactions of a cluster (DEFAULT_CLUSTER_LIMIT). */
export const CLUSTER_COUNT_DEFAULT = 64;

/** Most transactions of a cluster that an operator may ask for (Core MAX_CLUSTER_COUNT_LIMIT). */
export const CLUSTER_COUNT_CEILING = 64;

/** Largest cluster, in virtual bytes (DEFAULT_CLUSTER_SIZE_LIMIT_KVB). */
export const CLUSTER_VSIZE_DEFAULT = 101_000;

/** Memory of the mempool, in bytes (DEFAULT_MAX_MEMPOOL_SIZE_MB). */
export const MEMPOOL_BYTES_DEFAULT = 300_000_000;

/** How long a transaction waits for a block, in seconds (DEFAULT_MEMPOOL_EXPIRY_HOURS). */
export const MEMPOOL_EXPIRY_SEC_DEFAULT: number = 336 * 3_600;
