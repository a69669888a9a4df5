// loadtxoutset: goes on with the coins of a file that are those of a block that the program knows the coins of, while the blocks up to
// that one are verified in the background (Core rpc/blockchain.cpp).

import { type FileHandle, StorageError } from '../../kernel/chain/ports.ts';
import { SNAPSHOT_HEAD_BYTES } from '../../kernel/chain/snapshot.ts';
import { readSnapshotHead } from '../../kernel/chain/snapshot-reader.ts';
import { formatHash } from '../../kernel/primitives/hashes.ts';
import type { Arguments } from '../arguments.ts';
import type { RpcContext } from '../context.ts';
import { RPC_CODE, RpcError } from '../errors.ts';
import type { JsonOutput } from '../json/json-value.ts';
import type { MethodSpec } from '../schema.ts';
import { field, object, param } from '../schema-words.ts';
import { Turns } from '../turns.ts';

/** The file of a path that a caller has named. */
export async function openSnapshotFile({ host }: RpcContext, path: string): Promise<FileHandle> {
  const { folder, name } = host.locate(path);
  try {
    return await folder.open(name, 'read');
  } catch (error) {
    if (!(error instanceof StorageError)) throw error;
    throw new RpcError(RPC_CODE.INVALID_PARAMETER, `Couldn't open file ${path} for reading.`);
  }
}

async function loadTxOutSet(context: RpcContext, args: Arguments): Promise<JsonOutput> {
  const path = context.host.pathOf(args.text('path'));
  const file = await openSnapshotFile(context, path);
  try {
    return await loadFile(context, file, path);
  } finally {
    await file.close();
  }
}

async function loadFile(context: RpcContext, file: FileHandle, path: string): Promise<JsonOutput> {
  const { chain, params, secp, pool, host, clock } = context;
  const size = await file.size();
  const head = readSnapshotHead(await file.read(0, Math.min(size, SNAPSHOT_HEAD_BYTES)), params);
  if (!head.ok) throw new RpcError(RPC_CODE.DESERIALIZATION_ERROR, `Unable to parse metadata: ${head.error}`);
  const loaded = await chain.loadSnapshot(
    {
      file,
      metadata: head.value,
      secp,
      pauses: new Turns(context),
      isStopping: host.isStopping,
      refuse: () => ((pool?.mempool.size ?? 0) > 0 ? "Can't activate a snapshot when mempool not empty" : null),
    },
    () => clock.nowSec(),
  );
  if (!loaded.ok) {
    // Core ends the sentence itself, and some of its reasons with a stop of their own.
    throw new RpcError(RPC_CODE.INTERNAL_ERROR, `Unable to load UTXO snapshot: ${loaded.error}. (${path})`);
  }
  const { blockHash, height } = loaded.value;
  return { coins_loaded: head.value.coinCount, tip_hash: formatHash(blockHash), base_height: height, path };
}

/** The methods of this file. */
export const SNAPSHOT_LOAD_METHODS: readonly MethodSpec[] = Object.freeze([
  {
    name: 'loadtxoutset',
    category: 'blockchain',
    description:
      'Goes on with the unspent outputs of a file, as dumptxoutset writes it here and in Bitcoin Core. The program knows the hash of the outputs at some blocks, and takes no others. The node follows the tip from there at once, while the blocks up to there are fetched and verified in the background; when they make other outputs, the node says so and stops.\nThis may take minutes: call it without a time limit (-rpcclienttimeout=0).',
    parameters: [param('path', 'string', 'The file. A relative path begins in the data folder of the network.')],
    results: [
      object([
        field('coins_loaded', 'number', 'Outputs in the file'),
        field('tip_hash', 'hex', 'Hash of their block'),
        field('base_height', 'number', 'Its height'),
        field('path', 'string', 'Full path of the file'),
      ]),
    ],
    examples: ['"utxo.dat"'],
    run: loadTxOutSet,
  },
]);
