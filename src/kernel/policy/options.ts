// What an operator can set of policy (Core kernel/mempool_options.h, mempool_limits.h), and the size by which everything in the
// mempool is measured: virtual bytes that signature operations can make larger (Core GetVirtualTransactionSize).

import { WITNESS_SCALE_FACTOR } from '../primitives/transaction.ts';
import {
  BYTES_PER_SIGOP_DEFAULT,
  CLUSTER_COUNT_DEFAULT,
  CLUSTER_VSIZE_DEFAULT,
  DATACARRIER_BYTES_DEFAULT,
  DUST_FEERATE_DEFAULT,
  INCREMENTAL_FEERATE_DEFAULT,
  MEMPOOL_BYTES_DEFAULT,
  MEMPOOL_EXPIRY_SEC_DEFAULT,
  MIN_RELAY_FEERATE_DEFAULT,
} from './limits.ts';

/** Everything that policy lets an operator choose. Rates are whole satoshis per 1,000 virtual bytes. */
export interface PolicyOptions {
  /** Lowest rate that is relayed and kept (-minrelaytxfee). */
  readonly minRelayFeerate: number;
  /** What a replacement pays for its own relay, and by how much a full mempool raises its price (-incrementalrelayfee). */
  readonly incrementalFeerate: number;
  /** Rate that decides which outputs are dust (-dustrelayfee). */
  readonly dustFeerate: number;
  /** Bytes per unit of signature operation cost (-bytespersigop). */
  readonly bytesPerSigop: number;
  /**
   * Most bytes of all OP_RETURN output scripts of a transaction; null: not a single one is relayed (-datacarriersize,
   * -datacarrier).
   */
  readonly datacarrierBytesMax: number | null;
  /** Whether multisig outputs that are no hash are relayed (-permitbaremultisig). */
  readonly permitsBareMultisig: boolean;
  /** False only on test networks: every valid transaction is standard (-acceptnonstdtxn). */
  readonly requiresStandard: boolean;
  /** Most transactions of a cluster (-limitclustercount). */
  readonly clusterCountMax: number;
  /** Heaviest cluster, in weight units: four times -limitclustersize. */
  readonly clusterWeightMax: number;
  /** Memory that the mempool may use (-maxmempool). */
  readonly mempoolBytesMax: number;
  /** Age at which a transaction is given up (-mempoolexpiry). */
  readonly expirySec: number;
}

/** Core's defaults. */
export const POLICY_DEFAULTS: PolicyOptions = Object.freeze({
  minRelayFeerate: MIN_RELAY_FEERATE_DEFAULT,
  incrementalFeerate: INCREMENTAL_FEERATE_DEFAULT,
  dustFeerate: DUST_FEERATE_DEFAULT,
  bytesPerSigop: BYTES_PER_SIGOP_DEFAULT,
  datacarrierBytesMax: DATACARRIER_BYTES_DEFAULT,
  permitsBareMultisig: true,
  requiresStandard: true,
  clusterCountMax: CLUSTER_COUNT_DEFAULT,
  clusterWeightMax: CLUSTER_VSIZE_DEFAULT * WITNESS_SCALE_FACTOR,
  mempoolBytesMax: MEMPOOL_BYTES_DEFAULT,
  expirySec: MEMPOOL_EXPIRY_SEC_DEFAULT,
});

/** Weight, or what the signature operations count for if that is more (Core GetSigOpsAdjustedWeight). */
export function computeAdjustedWeight(weightWu: number, sigopsCost: number, bytesPerSigop: number): number {
  return Math.max(weightWu, sigopsCost * bytesPerSigop);
}

/** Virtual bytes of a weight with its signature operations, rounded up (Core GetVirtualTransactionSize). */
export function computeVsize(weightWu: number, sigopsCost: number, bytesPerSigop: number): number {
  return Math.ceil(computeAdjustedWeight(weightWu, sigopsCost, bytesPerSigop) / WITNESS_SCALE_FACTOR);
}
