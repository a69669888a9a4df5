// Every method there is.

import { ADDRESS_TABLE_METHODS } from './methods/address-table.ts';
import { APP_METHODS } from './methods/app.ts';
import { AUDIT_METHODS } from './methods/audit.ts';
import { BLOCK_FILTER_METHODS } from './methods/block-filter.ts';
import { BLOCK_FILTER_SCAN_METHODS } from './methods/block-filter-scan.ts';
import { BLOCK_STATS_METHODS } from './methods/block-stats.ts';
import { BLOCK_TEMPLATE_METHODS } from './methods/block-template.ts';
import { BLOCKCHAIN_METHODS } from './methods/blockchain.ts';
import { CHAIN_CONTROL_METHODS } from './methods/chain-control.ts';
import { CHAIN_STATE_METHODS } from './methods/chain-states.ts';
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
import { LEDGER_ADDRESS_METHODS } from './methods/ledger-addresses.ts';
import { LEDGER_BLOCK_METHODS } from './methods/ledger-blocks.ts';
import { LEDGER_NEXT_METHODS } from './methods/ledger-next.ts';
import { LEDGER_SEARCH_METHODS } from './methods/ledger-search.ts';
import { LEDGER_SERIES_METHODS } from './methods/ledger-series.ts';
import { LEDGER_TRACE_METHODS } from './methods/ledger-trace.ts';
import { MEMPOOL_METHODS } from './methods/mempool.ts';
import { MEMPOOL_ENTRY_METHODS } from './methods/mempool-entry.ts';
import { MINING_METHODS } from './methods/mining.ts';
import { MINING_PROCESSOR_METHODS } from './methods/mining-processor.ts';
import { PACKAGE_METHODS } from './methods/packages.ts';
import { PEER_REQUEST_METHODS } from './methods/peer-requests.ts';
import { PEER_METHODS } from './methods/peers.ts';
import { PRIVATE_BROADCAST_METHODS } from './methods/private-broadcast.ts';
import { PSBT_METHODS } from './methods/psbt.ts';
import { PSBT_PROCESS_METHODS } from './methods/psbt-process.ts';
import { PSBT_SHOW_METHODS } from './methods/psbt-show.ts';
import { RAW_TRANSACTION_METHODS } from './methods/raw-transaction.ts';
import { SCAN_METHODS } from './methods/scan.ts';
import { SIGN_RAW_METHODS } from './methods/sign-raw.ts';
import { SIGNER_METHODS } from './methods/signers.ts';
import { SNAPSHOT_CHECK_METHODS } from './methods/snapshot-check.ts';
import { SNAPSHOT_LOAD_METHODS } from './methods/snapshot-load.ts';
import { SUBMIT_METHODS } from './methods/submit.ts';
import { TESTING_METHODS } from './methods/testing.ts';
import { TXOUT_DUMP_METHODS } from './methods/txout-dump.ts';
import { TXOUT_PROOF_METHODS } from './methods/txout-proof.ts';
import { TXOUT_SET_METHODS } from './methods/txout-set.ts';
import { UTIL_METHODS } from './methods/util.ts';
import { WALLET_ADDRESS_INFO_METHODS } from './methods/wallet-address-info.ts';
import { WALLET_ADDRESS_METHODS } from './methods/wallet-addresses.ts';
import { WALLET_BACKUP_METHODS } from './methods/wallet-backup.ts';
import { WALLET_BALANCE_METHODS } from './methods/wallet-balances.ts';
import { WALLET_BUMP_METHODS } from './methods/wallet-bump.ts';
import { WALLET_COIN_LIST_METHODS } from './methods/wallet-coin-list.ts';
import { WALLET_COIN_METHODS } from './methods/wallet-coins.ts';
import { WALLET_DESCRIPTOR_METHODS } from './methods/wallet-descriptors.ts';
import { WALLET_ENCRYPTION_METHODS } from './methods/wallet-encryption.ts';
import { WALLET_FUND_METHODS } from './methods/wallet-fund.ts';
import { WALLET_HISTORY_METHODS } from './methods/wallet-history.ts';
import { WALLET_IMPORT_METHODS } from './methods/wallet-import.ts';
import { WALLET_MANAGEMENT_METHODS } from './methods/wallet-management.ts';
import { WALLET_OVERVIEW_METHODS } from './methods/wallet-overview.ts';
import { WALLET_PAY_METHODS } from './methods/wallet-pay.ts';
import { WALLET_SCAN_METHODS } from './methods/wallet-scan.ts';
import { WALLET_SEND_ALL_METHODS } from './methods/wallet-send-all.ts';
import { WALLET_SIGN_METHODS } from './methods/wallet-sign.ts';
import { WALLET_SIGNER_METHODS } from './methods/wallet-signer.ts';
import { WALLET_WORDS_METHODS } from './methods/wallet-words.ts';
import { ZMQ_METHODS } from './methods/zmq.ts';
import type { MethodSpec, MethodTable } from './schema.ts';
import { createMethodTable } from './schema-words.ts';

/** Methods of wallets. */
const WALLET_METHODS: readonly (readonly MethodSpec[])[] = [
  WALLET_MANAGEMENT_METHODS,
  WALLET_ENCRYPTION_METHODS,
  WALLET_ADDRESS_INFO_METHODS,
  WALLET_ADDRESS_METHODS,
  WALLET_BACKUP_METHODS,
  WALLET_BALANCE_METHODS,
  WALLET_BUMP_METHODS,
  WALLET_COIN_LIST_METHODS,
  WALLET_COIN_METHODS,
  WALLET_DESCRIPTOR_METHODS,
  WALLET_FUND_METHODS,
  WALLET_HISTORY_METHODS,
  WALLET_IMPORT_METHODS,
  WALLET_OVERVIEW_METHODS,
  WALLET_PAY_METHODS,
  WALLET_SCAN_METHODS,
  WALLET_SEND_ALL_METHODS,
  WALLET_SIGN_METHODS,
  WALLET_SIGNER_METHODS,
  WALLET_WORDS_METHODS,
];

/** Methods of a program that keeps no wallets. */
export const METHODS_WITHOUT_WALLETS: MethodTable = createMethodTable(
  ADDRESS_TABLE_METHODS,
  APP_METHODS,
  AUDIT_METHODS,
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
  LEDGER_ADDRESS_METHODS,
  LEDGER_BLOCK_METHODS,
  LEDGER_NEXT_METHODS,
  LEDGER_SEARCH_METHODS,
  LEDGER_SERIES_METHODS,
  LEDGER_TRACE_METHODS,
  MEMPOOL_METHODS,
  MINING_METHODS,
  MINING_PROCESSOR_METHODS,
  PEER_METHODS,
  PEER_REQUEST_METHODS,
  SIGNER_METHODS,
  SNAPSHOT_CHECK_METHODS,
  SNAPSHOT_LOAD_METHODS,
  CHAIN_STATE_METHODS,
  SUBMIT_METHODS,
  TESTING_METHODS,
  FEE_METHODS,
  MEMPOOL_ENTRY_METHODS,
  PACKAGE_METHODS,
  PRIVATE_BROADCAST_METHODS,
  PSBT_METHODS,
  PSBT_PROCESS_METHODS,
  PSBT_SHOW_METHODS,
  RAW_TRANSACTION_METHODS,
  SCAN_METHODS,
  TXOUT_DUMP_METHODS,
  TXOUT_PROOF_METHODS,
  TXOUT_SET_METHODS,
  SIGN_RAW_METHODS,
  UTIL_METHODS,
  ZMQ_METHODS,
);

/** All methods by name. */
export const ALL_METHODS: MethodTable = createMethodTable([...METHODS_WITHOUT_WALLETS.values()], ...WALLET_METHODS);
