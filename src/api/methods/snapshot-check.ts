// verifysnapshot: whether a file of all unspent coins, from who knows where, is what this ledger had at its block. The file is read to
// its end and held against coins that are computed here; the chain stays as it is (S17). Core has no such method.

import { NO_ENTRY } from '../../kernel/chain/block-index.ts';
import { CoinCodec } from '../../kernel/chain/coin-codec.ts';
import type { FileHandle } from '../../kernel/chain/ports.ts';
import { rollBackCoins } from '../../kernel/chain/rolled-back-coins.ts';
import { SNAPSHOT_HEAD_BYTES } from '../../kernel/chain/snapshot.ts';
import { readSnapshotCoins, readSnapshotHead } from '../../kernel/chain/snapshot-reader.ts';
import { UtxoHasher, type UtxoStats } from '../../kernel/chain/utxo-hash.ts';
import { formatHash } from '../../kernel/primitives/hashes.ts';
import { equalBytes, reversedBytes, toHex } from '../../kernel/util/bytes.ts';
import type { Arguments } from '../arguments.ts';
import type { RpcContext } from '../context.ts';
import type { JsonOutput, JsonRecord } from '../json/json-value.ts';
import type { MethodSpec } from '../schema.ts';
import { field, maybe, OURS, object, param } from '../schema-words.ts';
import { Turns } from '../turns.ts';
import { openSnapshotFile } from './snapshot-load.ts';
import { requireBlocks } from './txout-dump.ts';

async function verifySnapshot(context: RpcContext, args: Arguments): Promise<JsonOutput> {
  const path = context.host.pathOf(args.text('path'));
  const file = await openSnapshotFile(context, path);
  try {
    return { path, ...(await verifyFile(context, file)) };
  } finally {
    await file.close();
  }
}

function bad(problem: string, known: JsonRecord = {}): JsonRecord {
  return { valid: false, problem, ...known };
}

async function verifyFile(context: RpcContext, file: FileHandle): Promise<JsonRecord> {
  const { chain, params, secp } = context;
  const size = await file.size();
  const head = readSnapshotHead(await file.read(0, Math.min(size, SNAPSHOT_HEAD_BYTES)), params);
  if (!head.ok) return bad(head.error);
  const { baseHash } = head.value;
  const entry = chain.index.find(baseHash);
  if (entry === NO_ENTRY) return bad(`Did not find snapshot start blockheader ${formatHash(baseHash)}`);
  const height = chain.index.height(entry);
  const known = { base_hash: formatHash(baseHash), base_height: height };
  if (!chain.active.contains(entry)) return bad('The block of the snapshot is not in main chain', known);
  requireBlocks(context, entry);
  const turns = new Turns(context);
  const read = await readSnapshotCoins(file, head.value, height, new CoinCodec(secp), turns);
  if (!read.ok) return bad(read.error, known);
  const expected = await computeCoins(context, entry);
  const found = formatStats(read.value);
  if (equalBytes(expected.hashSerialized3!, read.value.hashSerialized3!)) return { valid: true, ...known, ...found };
  const [wanted, got] = [expected, read.value].map(({ hashSerialized3 }) => toHex(reversedBytes(hashSerialized3!)));
  return bad(`Bad snapshot content hash: expected ${wanted}, got ${got}`, { ...known, ...found });
}

function formatStats({ coinCount, hashSerialized3 }: UtxoStats): JsonRecord {
  return { coins: coinCount, txoutset_hash: toHex(reversedBytes(hashSerialized3!)) };
}

/** Figures of the coins as of a block of the chain. */
async function computeCoins(context: RpcContext, entry: number): Promise<UtxoStats> {
  const { chain, clock, host } = context;
  const turns = new Turns(context);
  await chain.flush(clock.nowSec());
  const scratch = await host.openScratch();
  try {
    const coins = await rollBackCoins(chain.state, entry, scratch.store, turns);
    const hasher = new UtxoHasher({ serialized: true, muhash: false });
    await coins.forEachCoin((outpoint, coin) => hasher.add(outpoint, coin), turns);
    return hasher.finish();
  } finally {
    await scratch.remove();
  }
}

/** The methods of this file. */
export const SNAPSHOT_CHECK_METHODS: readonly MethodSpec[] = Object.freeze([
  {
    ...OURS,
    name: 'verifysnapshot',
    description:
      'Tells whether a file of all unspent outputs, as dumptxoutset writes it here and in Bitcoin Core, is what this ledger had at its block. It loads nothing.\nThis may take minutes: call it without a time limit (-rpcclienttimeout=0).',
    parameters: [param('path', 'string', 'The file. A relative path begins in the data folder of the network.')],
    results: [
      object([
        field('path', 'string', 'Full path of the file'),
        field('valid', 'boolean', 'Whether it is right in everything'),
        maybe('problem', 'string', 'What is wrong'),
        maybe('base_hash', 'hex', 'Hash of its block'),
        maybe('base_height', 'number', 'Height of its block'),
        maybe('coins', 'number', 'Outputs in it'),
        maybe('txoutset_hash', 'hex', 'Hash of the outputs in it'),
      ]),
    ],
    examples: ['"utxo.dat"'],
    run: verifySnapshot,
  },
]);
