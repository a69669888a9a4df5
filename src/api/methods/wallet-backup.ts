// Methods that copy wallets and bring them back, and that take in and out what a pruned node cannot scan for (Core wallet/rpc/backup.cpp).

import { StorageError } from '../../kernel/chain/ports.ts';
import { decodeMerkleBlock, extractMatches } from '../../kernel/primitives/partial-merkle-tree.ts';
import { equalBytes } from '../../kernel/util/bytes.ts';
import { type Arguments, asHash, asHexBytes } from '../arguments.ts';
import type { RpcContext } from '../context.ts';
import { RPC_CODE, RpcError } from '../errors.ts';
import type { JsonOutput } from '../json/json-value.ts';
import type { MethodSpec } from '../schema.ts';
import { field, NOTHING, object, param } from '../schema-words.ts';
import { parseTransaction } from './parse-transaction.ts';
import { requireWallet, requireWallets } from './wallet-lookup.ts';
import { formatManaged, MANAGED_FIELDS, readStartup, STARTUP_PARAMETER } from './wallet-management.ts';

async function backupWallet(context: RpcContext, args: Arguments): Promise<JsonOutput> {
  const wallet = requireWallet(context);
  await wallet.untilSynchronised();
  let isDone = false;
  try {
    isDone = await requireWallets(context).backup(wallet, args.text('destination'));
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new RpcError(RPC_CODE.WALLET_ERROR, `Error: Wallet backup failed! ${reason}`);
  }
  if (!isDone) {
    throw new RpcError(
      RPC_CODE.WALLET_ERROR,
      'Error: Wallet backup failed! Another file is there, which is not overwritten',
    );
  }
  return null;
}

/** Nothing there is ever overwritten. */
async function exportWatchOnly(context: RpcContext, args: Arguments): Promise<JsonOutput> {
  const wallet = requireWallet(context);
  const destination = args.text('destination');
  const refuseExport = (sentence: string): never => {
    throw new RpcError(RPC_CODE.WALLET_ERROR, `Error: ${sentence}`);
  };
  if (destination === '') refuseExport('Export destination cannot be empty');
  try {
    const exported = await requireWallets(context).exportWatchOnly(wallet, destination);
    if (!exported.ok) refuseExport(exported.error);
  } catch (cause) {
    if (!(cause instanceof StorageError)) throw cause;
    refuseExport(`Could not create file '${destination}': ${cause.message}`);
  }
  return { exported_file: destination };
}

async function restoreWallet(context: RpcContext, args: Arguments): Promise<JsonOutput> {
  const wallets = requireWallets(context);
  return formatManaged(await wallets.restore(args.text('wallet_name'), args.text('backup_file'), readStartup(args)));
}

function refuse(message: string): never {
  throw new RpcError(RPC_CODE.INVALID_ADDRESS_OR_KEY, message);
}

/** A transaction with the proof that a block has it is taken in without that block. */
async function importPrunedFunds(context: RpcContext, args: Arguments): Promise<JsonOutput> {
  const wallet = requireWallet(context);
  const transaction = parseTransaction(args.text('rawtransaction'));
  if (transaction === null) {
    throw new RpcError(RPC_CODE.DESERIALIZATION_ERROR, 'TX decode failed. Make sure the tx has at least one input.');
  }
  const proof = decodeMerkleBlock(asHexBytes(args.value('txoutproof'), 'proof'));
  if (!proof.ok) refuse('Something wrong with merkleblock');
  const { header, tree } = proof.value;
  const extracted = extractMatches(tree);
  if (!extracted.ok || !equalBytes(extracted.value.merkleRoot, header.merkleRoot))
    refuse('Something wrong with merkleblock');
  const match = extracted.value.matches.find(({ txid }) => equalBytes(txid, transaction.txid));
  await wallet.run(async () => {
    const { chain, books, host } = wallet;
    const { blockHash } = header;
    const height = chain.heightOf(blockHash);
    const block = height === null || height > wallet.lastBlock.height ? null : chain.findBlock(blockHash);
    if (block === null) refuse('Block not found in chain');
    if (match === undefined) refuse("Transaction given doesn't exist in proof");
    const isTaken = await wallet.changeNow((draft) =>
      books.transactions.importConfirmed(block, match.position, transaction, host.nowSec(), draft.books),
    );
    if (!isTaken) refuse('No addresses in wallet correspond to included transaction');
  });
  return null;
}

async function removePrunedFunds(context: RpcContext, args: Arguments): Promise<JsonOutput> {
  const wallet = requireWallet(context);
  const txid = asHash(args.value('txid'), 'txid');
  await wallet.run(async () => {
    const known = wallet.books.view.find(txid);
    if (known === null) {
      throw new RpcError(RPC_CODE.WALLET_ERROR, `Transaction ${args.text('txid')} does not belong to this wallet`);
    }
    await wallet.editNow((draft) => {
      wallet.books.transactions.remove(known, draft.books);
    });
  });
  return null;
}

/** The methods of this file. */
export const WALLET_BACKUP_METHODS: readonly MethodSpec[] = Object.freeze([
  {
    name: 'backupwallet',
    category: 'wallet',
    description: 'Copies the file of a wallet. An older backup of the same wallet is replaced, any other file is not.',
    parameters: [param('destination', 'string', 'The file, or the folder')],
    results: NOTHING,
    examples: ['"backup.dat"'],
    run: backupWallet,
  },
  {
    name: 'exportwatchonlywallet',
    category: 'wallet',
    description:
      'Makes a file of a wallet that watches what this one has: without private keys, with all addresses, transactions and locked coins. restorewallet makes a wallet of it, here or elsewhere. Nothing is overwritten.',
    parameters: [param('destination', 'string', 'The file')],
    results: [object([field('exported_file', 'string', 'The file that was made')])],
    examples: ['"watch.tally"'],
    run: exportWatchOnly,
  },
  {
    name: 'restorewallet',
    category: 'wallet',
    description:
      'Makes a wallet out of a backup and loads it. The chain is looked through from where the backup was; with -blockfilterindex that is much faster.',
    parameters: [
      param('wallet_name', 'string', 'The name of the new wallet'),
      param('backup_file', 'string', 'The backup'),
      STARTUP_PARAMETER,
    ],
    results: MANAGED_FIELDS,
    examples: ['"testwallet" "/home/me/backup.dat"'],
    run: restoreWallet,
  },
  {
    name: 'importprunedfunds',
    category: 'wallet',
    description:
      'Takes in a transaction that pays the wallet, without a scan: for nodes that no longer have its block. What spends it later has to be taken in as well.',
    parameters: [
      param('rawtransaction', 'hex', 'The transaction in hexadecimal'),
      param('txoutproof', 'hex', 'The proof that a block has it, from gettxoutproof'),
    ],
    results: NOTHING,
    examples: [''],
    run: importPrunedFunds,
  },
  {
    name: 'removeprunedfunds',
    category: 'wallet',
    description: 'Takes a transaction out of the wallet that importprunedfunds has taken in. Balances change by it.',
    parameters: [param('txid', 'hex', 'The transaction id')],
    results: NOTHING,
    examples: ['"a8d0c0184dde994a09ec054286f1ce581bebf46446a512166eae7628734ea0a5"'],
    run: removePrunedFunds,
  },
]);
