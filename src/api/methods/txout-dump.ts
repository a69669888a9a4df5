// dumptxoutset: all unspent coins in a file that Bitcoin Core can load (Core rpc/blockchain.cpp), those of the tip or of an earlier block.

import type { BlockEntry } from '../../kernel/chain/block-index.ts';
import { CoinCodec } from '../../kernel/chain/coin-codec.ts';
import { type FileHandle, StorageError } from '../../kernel/chain/ports.ts';
import { rollBackCoins } from '../../kernel/chain/rolled-back-coins.ts';
import { writeSnapshot } from '../../kernel/chain/snapshot.ts';
import type { UtxoStats } from '../../kernel/chain/utxo-hash.ts';
import { formatHash } from '../../kernel/primitives/hashes.ts';
import { reversedBytes, toHex } from '../../kernel/util/bytes.ts';
import type { Arguments } from '../arguments.ts';
import type { PipeEnd, RpcContext } from '../context.ts';
import { RPC_CODE, RpcError } from '../errors.ts';
import { JsonNumber, type JsonOutput, type JsonValue } from '../json/json-value.ts';
import type { MethodSpec } from '../schema.ts';
import { field, object, optional, param } from '../schema-words.ts';
import { Turns } from '../turns.ts';
import { findHashOrHeight } from './indexes.ts';

/** What a file that is not finished is called. */
const INCOMPLETE_SUFFIX = '.incomplete';

/** The block that the caller wants the coins of. */
function findTarget(context: RpcContext, args: Arguments): BlockEntry {
  const { chain, params } = context;
  const type = args.text('type', '');
  const rollback: JsonValue = args.object('options', null)?.get('rollback') ?? null;
  if (rollback !== null) {
    if (type === '' || type === 'rollback') return findHashOrHeight(context, rollback);
    throw new RpcError(RPC_CODE.INVALID_PARAMETER, `Invalid snapshot type "${type}" specified with rollback option`);
  }
  if (type === 'latest') return chain.active.tip;
  if (type === 'rollback') {
    const height = Math.max(...params.assumeUtxo.map((snapshot) => snapshot.height), -1);
    if (height >= 0) return findHashOrHeight(context, new JsonNumber(String(height)));
    throw new RpcError(
      RPC_CODE.INVALID_PARAMETER,
      'No snapshots of this ledger are known to roll back to: name a block with the option rollback',
    );
  }
  throw new RpcError(
    RPC_CODE.INVALID_PARAMETER,
    `Invalid snapshot type "${type}" specified. Please specify "rollback" or "latest"`,
  );
}

async function dumpTxOutSet(context: RpcContext, args: Arguments): Promise<JsonOutput> {
  const { chain, host } = context;
  const target = findTarget(context, args);
  const path = host.pathOf(args.text('path'));
  const { folder, name } = host.locate(path);
  const pipe = await host.openPipe(path);
  if (pipe === null && (await folder.exists(name))) {
    throw new RpcError(
      RPC_CODE.INVALID_PARAMETER,
      `${path} already exists. If you are sure this is what you want, move it out of the way first`,
    );
  }
  let written: Written;
  try {
    written = await writeFile(context, target, path, pipe);
  } finally {
    pipe?.close();
  }
  const { index } = chain;
  return {
    coins_written: written.stats.coinCount,
    base_hash: formatHash(index.blockHash(written.entry)),
    base_height: index.height(written.entry),
    path,
    txoutset_hash: toHex(reversedBytes(written.stats.hashSerialized3!)),
    nchaintx: index.chainTxCount(written.entry),
  };
}

/**
 * Writes the coins to a file of another name, which gets its own when it is whole. A pipe cannot be gone back in to write the count, so
 * the file is poured into it, and goes.
 */
async function writeFile(
  context: RpcContext,
  target: BlockEntry,
  path: string,
  pipe: PipeEnd | null,
): Promise<Written> {
  const { host, params } = context;
  const { folder, name } = host.locate(path);
  const temporary = `${name}${INCOMPLETE_SUFFIX}`;
  const file = await folder.open(temporary, 'create').catch((error: unknown) => {
    if (!(error instanceof StorageError)) throw error;
    throw new RpcError(RPC_CODE.INVALID_PARAMETER, `Couldn't open file ${path}${INCOMPLETE_SUFFIX} for writing.`);
  });
  let isKept = false;
  let written: Written;
  try {
    // A process that was killed may have left one behind.
    await file.truncate(0);
    written = await writeCoins(context, target, { magic: params.magic, file });
    if (pipe !== null) await pour(file, pipe);
    isKept = pipe === null;
  } finally {
    await file.close();
    if (!isKept) await folder.remove(temporary);
  }
  if (isKept) await folder.rename(temporary, name);
  await folder.sync();
  return written;
}

/** Bytes that are poured at a time. */
const POURED_BYTES = 1_048_576;

async function pour(file: FileHandle, pipe: PipeEnd): Promise<void> {
  const size = await file.size();
  for (let at = 0; at < size; at += POURED_BYTES) {
    await pipe.write(await file.read(at, Math.min(POURED_BYTES, size - at)));
  }
}

/** What was written: the coins of which block. */
interface Written {
  readonly entry: BlockEntry;
  readonly stats: UtxoStats;
}

async function writeCoins(
  context: RpcContext,
  target: BlockEntry,
  { magic, file }: { readonly magic: Uint8Array; readonly file: FileHandle },
): Promise<Written> {
  const { chain, clock, host, secp } = context;
  const turns = new Turns(context);
  const codec = new CoinCodec(secp);
  const { index, active, state } = chain;
  const isTip = target === active.tip;
  await chain.flush(clock.nowSec());
  if (isTip) {
    // The walk sees the coins as they are when it begins: at this block, which may be a later one by now.
    const entry = index.find(state.coins.bestBlock!);
    const stats = await writeSnapshot(file, { magic, baseHash: index.blockHash(entry) }, state.coins, codec, turns);
    return { entry, stats };
  }
  requireBlocks(context, target);
  const scratch = await host.openScratch();
  try {
    const coins = await rollBackCoins(state, target, scratch.store, turns);
    const stats = await writeSnapshot(file, { magic, baseHash: index.blockHash(target) }, coins, codec, turns);
    return { entry: target, stats };
  } finally {
    await scratch.remove();
  }
}

/** Throws unless every block from the tip down to the one above `target` can be taken off. */
export function requireBlocks({ chain }: RpcContext, target: BlockEntry): void {
  const { index, active } = chain;
  if (!active.contains(target)) throw new RpcError(RPC_CODE.MISC_ERROR, 'Block is not in main chain');
  for (let height = index.height(target) + 1; height <= active.height; height++) {
    const entry = active.at(height);
    if (index.hasData(entry) && index.hasUndo(entry)) continue;
    throw new RpcError(
      RPC_CODE.MISC_ERROR,
      'Could not roll back to requested height since necessary block data is already pruned.',
    );
  }
}

/** The methods of this file. */
export const TXOUT_DUMP_METHODS: readonly MethodSpec[] = Object.freeze([
  {
    name: 'dumptxoutset',
    category: 'blockchain',
    description:
      'Writes all unspent outputs to a file, which Bitcoin Core can load where it knows the block. For an earlier block a copy of the outputs is made beside the chain, which stays as it is.\nThis may take minutes: call it without a time limit (-rpcclienttimeout=0).',
    parameters: [
      param(
        'path',
        'string',
        'The file; it must not exist, unless it is a named pipe. A relative path begins in the data folder of the network.',
      ),
      param('type', 'string', 'latest: the outputs at the tip. rollback: those at an earlier block.', { default: '' }),
      optional('options', 'named-options', '', {
        inner: [
          optional('rollback', 'number', 'Height or hash of the block', {
            skipsTypeCheck: true,
            typeTexts: ['', 'string or numeric'],
          }),
          param('in_memory', 'boolean', 'Taken, and without effect: a copy that fits the memory is kept there', {
            default: false,
          }),
        ],
      }),
    ],
    results: [
      object([
        field('coins_written', 'number', 'Outputs in the file'),
        field('base_hash', 'hex', 'Hash of their block'),
        field('base_height', 'number', 'Height of their block'),
        field('path', 'string', 'Full path of the file'),
        field('txoutset_hash', 'hex', 'Hash of the outputs, as gettxoutsetinfo tells it'),
        field('nchaintx', 'number', 'Transactions up to their block'),
      ]),
    ],
    examples: ['"utxo.dat" latest'],
    run: dumpTxOutSet,
  },
]);
