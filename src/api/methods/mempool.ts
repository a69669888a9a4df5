// Methods about the memory pool as a whole (Core rpc/mempool.cpp).

import { StorageError } from '../../kernel/chain/ports.ts';
import type { FeeFrac } from '../../kernel/policy/fee-frac.ts';
import { POLICY_DEFAULTS } from '../../kernel/policy/options.ts';
import { formatHash } from '../../kernel/primitives/hashes.ts';
import { WITNESS_SCALE_FACTOR } from '../../kernel/primitives/transaction.ts';
import { MEMPOOL_FILE_NAME } from '../../node/app/mempool-file.ts';
import { valueFromAmount } from '../amount.ts';
import { type Arguments, asFlag } from '../arguments.ts';
import type { RpcContext } from '../context.ts';
import { RPC_CODE, RpcError } from '../errors.ts';
import { ENTRY_FIELDS, formatEntry } from '../format/mempool-entry.ts';
import type { JsonOutput } from '../json/json-value.ts';
import type { MethodSpec } from '../schema.ts';
import { field, object, optional, param, result } from '../schema-words.ts';
import { Turns } from '../turns.ts';
import { requirePool } from './pool-lookup.ts';

function getMempoolInfo({ pool, clock, host }: RpcContext): JsonOutput {
  const mempool = pool?.mempool ?? null;
  const options = mempool?.options ?? POLICY_DEFAULTS;
  const minimum = mempool === null ? 0 : mempool.minimumFeerate(clock.nowSec());
  return {
    loaded: pool?.isLoaded ?? true,
    size: mempool?.size ?? 0,
    bytes: mempool?.totalVsize ?? 0,
    usage: mempool?.usedBytes ?? 0,
    total_fee: valueFromAmount(mempool?.totalFeeSat ?? 0),
    maxmempool: options.mempoolBytesMax,
    mempoolminfee: valueFromAmount(Math.max(minimum, options.minRelayFeerate)),
    minrelaytxfee: valueFromAmount(options.minRelayFeerate),
    incrementalrelayfee: valueFromAmount(options.incrementalFeerate),
    unbroadcastcount: mempool?.unbroadcast().length ?? 0,
    permitbaremultisig: options.permitsBareMultisig,
    maxdatacarriersize: options.datacarrierBytesMax ?? 0,
    limitclustercount: options.clusterCountMax,
    limitclustersize: options.clusterWeightMax / WITNESS_SCALE_FACTOR,
    optimal: true,
    fullrbf: host.deprecated.has('fullrbf') ? true : undefined,
  };
}

async function getRawMempool(context: RpcContext, args: Arguments): Promise<JsonOutput> {
  const isVerbose = args.flag('verbose', false);
  const showsSequence = args.flag('mempool_sequence', false);
  const { mempool } = requirePool(context);
  if (isVerbose) {
    if (!showsSequence) return listEntries(context);
    throw new RpcError(RPC_CODE.INVALID_PARAMETER, 'Verbose results cannot contain mempool sequence values.');
  }
  const { sequence } = mempool;
  const txids: string[] = [];
  const turns = new Turns(context);
  for (const { transaction } of mempool.sorted()) {
    txids.push(formatHash(transaction.txid));
    if (turns.isDue) await turns.pause();
  }
  return showsSequence ? { txids, mempool_sequence: sequence } : txids;
}

/** All entries by txid; those that leave while they are listed are left out. */
async function listEntries(context: RpcContext): Promise<JsonOutput> {
  const { mempool } = requirePool(context);
  const showsReplaceable = context.host.deprecated.has('bip125');
  const entries: Map<string, JsonOutput> = new Map();
  const turns = new Turns(context);
  for (const entry of mempool.sorted()) {
    if (!mempool.contains(entry)) continue;
    entries.set(formatHash(entry.transaction.txid), formatEntry(mempool, entry, showsReplaceable));
    if (turns.isDue) await turns.pause();
  }
  return entries;
}

function getFeerateDiagram(context: RpcContext): JsonOutput {
  const builder = requirePool(context).mempool.graph.beginBlock();
  const points: FeeFrac[] = [{ feeSat: 0, size: 0 }];
  try {
    for (let chunk = builder.current(); chunk !== null; chunk = builder.current()) {
      const { feeSat, size } = points.at(-1)!;
      points.push({ feeSat: feeSat + chunk.feerate.feeSat, size: size + chunk.feerate.size });
      builder.include();
    }
  } finally {
    builder.close();
  }
  return points.map(({ feeSat, size }) => ({ weight: size, fee: valueFromAmount(feeSat) }));
}

async function saveMempool(context: RpcContext): Promise<JsonOutput> {
  const pool = requirePool(context);
  if (!pool.isLoaded) throw new RpcError(RPC_CODE.MISC_ERROR, 'The mempool was not loaded yet');
  try {
    await pool.file.save();
  } catch (error) {
    if (!(error instanceof StorageError)) throw error;
    throw new RpcError(RPC_CODE.MISC_ERROR, 'Unable to dump mempool to disk');
  }
  return { filename: context.host.pathOf(MEMPOOL_FILE_NAME) };
}

async function importMempool(context: RpcContext, args: Arguments): Promise<JsonOutput> {
  const pool = requirePool(context);
  if (context.chain.isInitialDownload) {
    throw new RpcError(
      RPC_CODE.CLIENT_IN_INITIAL_DOWNLOAD,
      'Can only import the mempool after the block download and sync is done.',
    );
  }
  const options = args.object('options', null);
  const isSet = (name: string, fallback: boolean): boolean => {
    const value = options?.get(name) ?? null;
    return value === null ? fallback : asFlag(value);
  };
  const { folder, name } = context.host.locate(args.text('filepath'));
  const loaded = await pool.file.load(
    name,
    {
      usesCurrentTime: isSet('use_current_time', true),
      appliesDeltas: isSet('apply_fee_delta_priority', false),
      appliesUnbroadcast: isSet('apply_unbroadcast_set', false),
    },
    folder,
  );
  if (loaded.outcome === 'loaded') return {};
  throw new RpcError(RPC_CODE.MISC_ERROR, 'Unable to import mempool file, see debug log for details.');
}

/** The methods of this file. */
export const MEMPOOL_METHODS: readonly MethodSpec[] = Object.freeze([
  {
    name: 'getmempoolinfo',
    category: 'blockchain',
    description: 'Tells the state of the memory pool.',
    parameters: [],
    results: [
      object([
        field('loaded', 'boolean', 'Whether the pool of the last run has been read'),
        field('size', 'number', 'Transactions'),
        field('bytes', 'number', 'Their virtual size'),
        field('usage', 'number', 'Bytes of memory'),
        field('total_fee', 'amount', 'Their fees in BTC, without priorities'),
        field('maxmempool', 'number', 'Bytes of memory that it may use'),
        field('mempoolminfee', 'amount', 'Lowest fee rate that is taken, in BTC/kvB'),
        field('minrelaytxfee', 'amount', 'Lowest fee rate that is ever taken'),
        field('incrementalrelayfee', 'amount', 'What a replacement must pay for its relay'),
        field('unbroadcastcount', 'number', 'Transactions that nobody has asked for yet'),
        field('permitbaremultisig', 'boolean', 'Whether bare multisig outputs are relayed'),
        field('maxdatacarriersize', 'number', 'Most bytes of OP_RETURN outputs'),
        field('limitclustercount', 'number', 'Most transactions in a cluster'),
        field('limitclustersize', 'number', 'Largest cluster, in virtual bytes'),
        field('optimal', 'boolean', 'Whether the order of the transactions is known to be the best'),
        field('fullrbf', 'boolean', 'True (deprecated)', { isOptional: true }),
      ]),
    ],
    examples: [''],
    run: getMempoolInfo,
  },
  {
    name: 'getrawmempool',
    category: 'blockchain',
    description: 'Lists the transactions of the memory pool. For a single one there is getmempoolentry.',
    parameters: [
      param('verbose', 'boolean', 'true for objects, false for ids', { default: false }),
      param('mempool_sequence', 'boolean', 'Whether the sequence number of the pool is told, too', { default: false }),
    ],
    results: [
      result('array', '', { condition: 'for verbose = false', inner: [result('hex', 'A transaction id')] }),
      result('object-dynamic', '', {
        condition: 'for verbose = true',
        inner: [field('transactionid', 'object', '', { inner: ENTRY_FIELDS })],
      }),
      object(
        [
          field('txids', 'array', '', { inner: [result('hex', 'A transaction id')] }),
          field('mempool_sequence', 'number', 'The sequence number of the pool'),
        ],
        { condition: 'for verbose = false and mempool_sequence = true' },
      ),
    ],
    examples: ['true'],
    run: getRawMempool,
  },
  {
    name: 'getmempoolfeeratediagram',
    category: 'hidden',
    description: 'Tells what blocks of any size would earn from the memory pool, chunk by chunk.',
    parameters: [],
    results: [
      result('array', '', {
        condition: 'mempool chunks',
        inner: [
          object([
            field('weight', 'number', 'Weight of this chunk and those before it'),
            field('fee', 'amount', 'Their fees in BTC'),
          ]),
        ],
      }),
    ],
    examples: [''],
    run: getFeerateDiagram,
  },
  {
    name: 'savemempool',
    category: 'blockchain',
    description: 'Writes the memory pool to disk, unless its file has not been read yet.',
    parameters: [],
    results: [object([field('filename', 'string', 'The file')])],
    examples: [''],
    run: saveMempool,
  },
  {
    name: 'importmempool',
    category: 'blockchain',
    description:
      'Reads a mempool.dat and takes what is good of it. A file of somebody else is dangerous, most of all what it says beside the transactions.',
    parameters: [
      param('filepath', 'string', 'The file'),
      optional('options', 'named-options', '', {
        oneline: 'options',
        inner: [
          param('use_current_time', 'boolean', 'Transactions come now, not when the file says', { default: true }),
          param(
            'apply_fee_delta_priority',
            'boolean',
            'What the file says was added to fees (prioritisetransaction) is added to what is there',
            { default: false },
          ),
          param('apply_unbroadcast_set', 'boolean', 'What the file says nobody has fetched yet is announced again', {
            default: false,
          }),
        ],
      }),
    ],
    results: [object([])],
    examples: ['/path/to/mempool.dat'],
    run: importMempool,
  },
]);
