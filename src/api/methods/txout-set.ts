// Methods that look at coins: one of them, or figures of all (Core rpc/blockchain.cpp: gettxout, gettxoutsetinfo).

import { CoinsLookup } from '../../kernel/chain/coins-lookup.ts';
import { UtxoHasher } from '../../kernel/chain/utxo-hash.ts';
import { CoinRef } from '../../kernel/consensus/coin.ts';
import { formatHash } from '../../kernel/primitives/hashes.ts';
import { encodeOutpoint, OUTPOINT_BYTES, type Outpoint } from '../../kernel/primitives/outpoint.ts';
import { reversedBytes, toHex } from '../../kernel/util/bytes.ts';
import { valueFromAmount } from '../amount.ts';
import { type Arguments, asInteger } from '../arguments.ts';
import type { RpcContext } from '../context.ts';
import { RPC_CODE, RpcError } from '../errors.ts';
import { formatOutputScript, SCRIPT_FIELDS } from '../format/script.ts';
import type { JsonOutput } from '../json/json-value.ts';
import type { MethodSpec } from '../schema.ts';
import { field, maybe, object, param, result } from '../schema-words.ts';
import { Turns } from '../turns.ts';
import { INDEXED_FIELDS, readIndexedStats } from './indexed-coin-stats.ts';
import { requirePool } from './pool-lookup.ts';

/** A coin; `confirmations` is 0 for one that a transaction of the pool makes. */
interface ShownCoin {
  readonly valueSat: number;
  readonly scriptPubKey: Uint8Array;
  readonly confirmations: number;
  readonly isCoinbase: boolean;
}

async function getTxOut(context: RpcContext, args: Arguments): Promise<JsonOutput> {
  const outpoint = { txid: args.hash('txid'), index: asInteger(args.value('n'), 0, 0xffffffff) };
  const includesPool = args.flag('include_mempool', true);
  const coin = includesPool ? await findLooseCoin(context, outpoint) : await findChainCoin(context, outpoint);
  if (coin === null) return null;
  return {
    bestblock: formatHash(context.chain.tipHash),
    confirmations: coin.confirmations,
    value: valueFromAmount(coin.valueSat),
    scriptPubKey: formatOutputScript(coin.scriptPubKey, context),
    coinbase: coin.isCoinbase,
  };
}

/** A coin that no transaction of the pool spends: of the chain, or made by the pool. */
async function findLooseCoin(context: RpcContext, outpoint: Outpoint): Promise<ShownCoin | null> {
  const { mempool } = requirePool(context);
  const inChain = await findChainCoin(context, outpoint);
  if (mempool.spender(encodeOutpoint(outpoint)) !== null) return null;
  const parent = mempool.get(outpoint.txid)?.transaction ?? null;
  if (parent === null) return inChain;
  if (outpoint.index >= parent.outputCount) return null;
  return {
    valueSat: parent.valueSat(outpoint.index),
    scriptPubKey: parent.scriptPubKey(outpoint.index),
    confirmations: 0,
    isCoinbase: false,
  };
}

async function findChainCoin({ chain }: RpcContext, outpoint: Outpoint): Promise<ShownCoin | null> {
  const bytes = encodeOutpoint(outpoint);
  const lookup = new CoinsLookup(chain.state.coins);
  while (!lookup.isKnown(bytes, 0)) await lookup.fetch(bytes, 1);
  const ref = new CoinRef();
  if (!lookup.readCoin(bytes, 0, ref)) return null;
  const { height, ...coin } = ref.toCoin();
  return { ...coin, confirmations: chain.height - height + 1 };
}

const HASH_TYPES = ['hash_serialized_3', 'muhash', 'none'];

async function getTxOutSetInfo(context: RpcContext, args: Arguments): Promise<JsonOutput> {
  const { chain, clock } = context;
  const hashType = args.text('hash_type', 'hash_serialized_3');
  if (!HASH_TYPES.includes(hashType)) {
    throw new RpcError(RPC_CODE.INVALID_PARAMETER, `'${hashType}' is not a valid hash_type`);
  }
  const indexed = await readIndexedStats(context, args, hashType);
  if (indexed !== null) return indexed;
  await chain.flush(clock.nowSec());
  const { coins } = chain.state;
  // The walk sees the store as it is when it begins: at this block.
  const tip = chain.index.find(coins.bestBlock!);
  const hasher = new UtxoHasher({ serialized: hashType === 'hash_serialized_3', muhash: hashType === 'muhash' });
  let storedBytes = 0;
  await coins.forEachCoin((outpoint, coin) => {
    hasher.add(outpoint, coin);
    storedBytes += OUTPOINT_BYTES + coin.end - coin.start;
  }, new Turns(context));
  const stats = hasher.finish();
  const formatDigest = (digest: Uint8Array | null) => (digest === null ? undefined : toHex(reversedBytes(digest)));
  return {
    height: chain.index.height(tip),
    bestblock: formatHash(chain.index.blockHash(tip)),
    txouts: stats.coinCount,
    bogosize: stats.bogoSize,
    hash_serialized_3: formatDigest(stats.hashSerialized3),
    muhash: formatDigest(stats.muhash),
    total_amount: valueFromAmount(stats.totalSat),
    transactions: stats.txCount,
    disk_size: storedBytes,
  };
}

/** The methods of this file. */
export const TXOUT_SET_METHODS: readonly MethodSpec[] = Object.freeze([
  {
    name: 'gettxout',
    category: 'blockchain',
    description: 'Shows an unspent output.',
    parameters: [
      param('txid', 'string', 'The transaction id'),
      param('n', 'number', 'Number of the output'),
      param(
        'include_mempool',
        'boolean',
        'Whether the memory pool counts: what it spends is not shown, what it makes is',
        { default: true },
      ),
    ],
    results: [
      result('none', '', { condition: 'If the UTXO was not found' }),
      object(
        [
          field('bestblock', 'hex', 'Hash of the tip'),
          field('confirmations', 'number', 'Its confirmations'),
          field('value', 'amount', 'Its value in BTC'),
          field('scriptPubKey', 'object', '', { inner: SCRIPT_FIELDS }),
          field('coinbase', 'boolean', 'Whether a coinbase made it'),
        ],
        { condition: 'Otherwise' },
      ),
    ],
    examples: ['"txid" 1'],
    run: getTxOut,
  },
  {
    name: 'gettxoutsetinfo',
    category: 'blockchain',
    description: 'Tells figures of all unspent outputs. It reads them all, which takes a while.',
    parameters: [
      param('hash_type', 'string', 'Which hash of them is computed: hash_serialized_3, muhash or none', {
        default: 'hash_serialized_3',
      }),
      param('hash_or_height', 'number', 'The block whose figures are asked for (only with coinstatsindex)', {
        defaultHint: 'the current best block',
        skipsTypeCheck: true,
        typeTexts: ['', 'string or numeric'],
      }),
      param('use_index', 'boolean', 'Whether coinstatsindex is used, if there is one', { default: true }),
    ],
    results: [
      object([
        field('height', 'number', 'Height of the block'),
        field('bestblock', 'hex', 'Its hash'),
        field('txouts', 'number', 'Unspent outputs'),
        field('bogosize', 'number', 'A measure of their size that no database has a part in'),
        maybe('hash_serialized_3', 'hex', 'The hash, if it was asked for'),
        maybe('muhash', 'hex', 'The hash, if it was asked for'),
        field('total_amount', 'amount', 'Their value in BTC'),
        maybe('transactions', 'number', 'Transactions with unspent outputs'),
        maybe('disk_size', 'number', 'Bytes that they take on the disk, about'),
        ...INDEXED_FIELDS,
      ]),
    ],
    examples: ['', '"none"', '"none" 1000'],
    run: getTxOutSetInfo,
  },
]);
