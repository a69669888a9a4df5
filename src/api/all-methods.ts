// Every method there is.

import { ADDRESS_TABLE_METHODS } from './methods/address-table.ts';
import { BLOCK_FILTER_METHODS } from './methods/block-filter.ts';
import { BLOCK_FILTER_SCAN_METHODS } from './methods/block-filter-scan.ts';
import { BLOCK_STATS_METHODS } from './methods/block-stats.ts';
import { BLOCK_TEMPLATE_METHODS } from './methods/block-template.ts';
import { BLOCKCHAIN_METHODS } from './methods/blockchain.ts';
import { CHAIN_CONTROL_METHODS } from './methods/chain-control.ts';
import { CHAIN_STATS_METHODS } from './methods/chain-stats.ts';
import { WAIT_METHODS } from './methods/chain-wait.ts';
import { CONNECTION_METHODS } from './methods/connections.ts';
import { CONTROL_METHODS } from './methods/control.ts';
import { DECODE_METHODS } from './methods/decode.ts';
import { DEPLOYMENT_METHODS } from './methods/deployments.ts';
import { DESCRIPTOR_ACTIVITY_METHODS } from './methods/descriptor-activity.ts';
import { DESCRIPTOR_METHODS } from './methods/descriptors.ts';
import { EXPLAIN_METHODS } from './methods/explain.ts';
import { EXPLAIN_BLOCK_METHODS } from './methods/explain-block.ts';
import { FEE_METHODS } from './methods/fees.ts';
import { GENERATE_METHODS } from './methods/generate.ts';
import { INDEX_METHODS } from './methods/indexes.ts';
import { MEMPOOL_METHODS } from './methods/mempool.ts';
import { MEMPOOL_ENTRY_METHODS } from './methods/mempool-entry.ts';
import { MINING_METHODS } from './methods/mining.ts';
import { MINING_PROCESSOR_METHODS } from './methods/mining-processor.ts';
import { PACKAGE_METHODS } from './methods/packages.ts';
import { PEER_REQUEST_METHODS } from './methods/peer-requests.ts';
import { PEER_METHODS } from './methods/peers.ts';
import { RAW_TRANSACTION_METHODS } from './methods/raw-transaction.ts';
import { SCAN_METHODS } from './methods/scan.ts';
import { SIGN_RAW_METHODS } from './methods/sign-raw.ts';
import { SUBMIT_METHODS } from './methods/submit.ts';
import { TESTING_METHODS } from './methods/testing.ts';
import { TXOUT_PROOF_METHODS } from './methods/txout-proof.ts';
import { TXOUT_SET_METHODS } from './methods/txout-set.ts';
import { UTIL_METHODS } from './methods/util.ts';
import type { MethodTable } from './schema.ts';
import { createMethodTable } from './schema-words.ts';

/** All methods by name. */
export const ALL_METHODS: MethodTable = createMethodTable(
  ADDRESS_TABLE_METHODS,
  BLOCK_FILTER_METHODS,
  BLOCK_FILTER_SCAN_METHODS,
  BLOCK_STATS_METHODS,
  BLOCK_TEMPLATE_METHODS,
  BLOCKCHAIN_METHODS,
  CHAIN_CONTROL_METHODS,
  CHAIN_STATS_METHODS,
  WAIT_METHODS,
  CONNECTION_METHODS,
  CONTROL_METHODS,
  DECODE_METHODS,
  DEPLOYMENT_METHODS,
  DESCRIPTOR_ACTIVITY_METHODS,
  DESCRIPTOR_METHODS,
  EXPLAIN_METHODS,
  EXPLAIN_BLOCK_METHODS,
  GENERATE_METHODS,
  INDEX_METHODS,
  MEMPOOL_METHODS,
  MINING_METHODS,
  MINING_PROCESSOR_METHODS,
  PEER_METHODS,
  PEER_REQUEST_METHODS,
  SUBMIT_METHODS,
  TESTING_METHODS,
  FEE_METHODS,
  MEMPOOL_ENTRY_METHODS,
  PACKAGE_METHODS,
  RAW_TRANSACTION_METHODS,
  SCAN_METHODS,
  TXOUT_PROOF_METHODS,
  TXOUT_SET_METHODS,
  SIGN_RAW_METHODS,
  UTIL_METHODS,
);
