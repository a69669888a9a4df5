// Methods that have a wallet look through blocks again (Core wallet/rpc/transactions.cpp rescanblockchain, abortrescan).

import type { RescanResult } from '../../wallet/wallet/rescan.ts';
import type { Wallet } from '../../wallet/wallet/wallet.ts';
import type { Arguments } from '../arguments.ts';
import type { RpcContext } from '../context.ts';
import { RPC_CODE, RpcError } from '../errors.ts';
import type { JsonOutput } from '../json/json-value.ts';
import type { MethodSpec } from '../schema.ts';
import { field, object, optional, param, result } from '../schema-words.ts';
import { ensureUnlocked, requireWallet } from './wallet-lookup.ts';
import { refuseParameter } from './wallet-spend-options.ts';

/** Throws while a scan is going on. */
export function refuseSecondScan(): never {
  throw new RpcError(RPC_CODE.WALLET_ERROR, 'Wallet is currently rescanning. Abort existing rescan or wait.');
}

async function rescanBlockchain(context: RpcContext, args: Arguments): Promise<JsonOutput> {
  const wallet = requireWallet(context);
  await wallet.untilSynchronised();
  if (wallet.scan !== null) refuseSecondScan();
  ensureUnlocked(wallet);
  const startHeight = args.integer('start_height', 0);
  const stopHeight = args.has('stop_height') ? args.integer('stop_height') : null;
  const tipHeight = wallet.lastBlock.height;
  if (startHeight < 0 || startHeight > tipHeight) refuseParameter('Invalid start_height');
  if (stopHeight !== null && (stopHeight < 0 || stopHeight > tipHeight)) refuseParameter('Invalid stop_height');
  if (stopHeight !== null && stopHeight < startHeight) {
    refuseParameter('stop_height must be greater than start_height');
  }
  checkBlocksThere(context, wallet, startHeight, stopHeight ?? tipHeight);
  const scan = wallet.rescan(startHeight, stopHeight, true);
  if (scan === null) return refuseSecondScan();
  return formatScan(startHeight, await scan);
}

function formatScan(startHeight: number, { outcome, lastHeight }: RescanResult): JsonOutput {
  if (outcome === 'failed') {
    throw new RpcError(RPC_CODE.MISC_ERROR, 'Rescan failed. Potentially corrupted data files.');
  }
  if (outcome === 'aborted') throw new RpcError(RPC_CODE.MISC_ERROR, 'Rescan aborted.');
  return { start_height: startHeight, stop_height: lastHeight };
}

/** Throws when a block of the range is not on this disk. */
function checkBlocksThere(
  { chain, host }: RpcContext,
  { name }: Wallet,
  startHeight: number,
  stopHeight: number,
): void {
  const { active, index } = chain;
  let missing = -1;
  for (let height = Math.min(stopHeight, active.height); height >= startHeight; height--) {
    if (!index.hasData(active.at(height))) {
      missing = height;
      break;
    }
  }
  if (missing < 0) return;
  if (host.isPruned) {
    throw new RpcError(
      RPC_CODE.MISC_ERROR,
      `Can't rescan beyond pruned data. Use RPC call getblockchaininfo to determine your pruned height. Wallet ${name} needs blocks from height ${startHeight}, and they begin at height ${missing + 1}.`,
    );
  }
  if (chain.background !== null) {
    throw new RpcError(
      RPC_CODE.MISC_ERROR,
      'Failed to rescan unavailable blocks likely due to an in-progress assumeutxo background sync. Check logs or getchainstates RPC for assumeutxo background sync progress and try again later.',
    );
  }
  throw new RpcError(
    RPC_CODE.MISC_ERROR,
    'Failed to rescan unavailable blocks, potentially caused by data corruption. If the issue persists you may want to reindex (see -reindex option).',
  );
}

function abortRescan(context: RpcContext): JsonOutput {
  return requireWallet(context).abortRescan();
}

/** The methods of this file. */
export const WALLET_SCAN_METHODS: readonly MethodSpec[] = Object.freeze([
  {
    name: 'rescanblockchain',
    category: 'wallet',
    description:
      'Looks through blocks again for transactions of the wallet. How far it is, getwalletinfo tells. With -blockfilterindex it is much faster.',
    parameters: [
      param('start_height', 'number', 'The block to begin with', { default: 0 }),
      optional('stop_height', 'number', 'The last block; left out: the tip at the end of the scan'),
    ],
    results: [
      object([
        field('start_height', 'number', 'The block that it began with'),
        field('stop_height', 'number', 'The last block; null if there was nothing left to scan', {
          skipsTypeCheck: true,
        }),
      ]),
    ],
    examples: ['100000 120000'],
    run: rescanBlockchain,
  },
  {
    name: 'abortrescan',
    category: 'wallet',
    description: 'Ends a scan that was asked for.',
    parameters: [],
    results: [result('boolean', 'Whether there was one to end')],
    examples: [''],
    run: abortRescan,
  },
]);
