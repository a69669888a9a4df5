// getdescriptoractivity: what is paid to descriptors and spent from them, in blocks and in the memory pool (Core rpc/blockchain.cpp).
// It goes well with scanblocks, which finds the blocks.

import type { BlockEntry } from '../../kernel/chain/block-index.ts';
import { CoinsLookup } from '../../kernel/chain/coins-lookup.ts';
import { CoinRef } from '../../kernel/consensus/coin.ts';
import { formatHash } from '../../kernel/primitives/hashes.ts';
import { encodeOutpoint } from '../../kernel/primitives/outpoint.ts';
import type { Transaction } from '../../kernel/primitives/transaction.ts';
import { toHex } from '../../kernel/util/bytes.ts';
import { valueFromAmount } from '../amount.ts';
import type { Arguments } from '../arguments.ts';
import type { RpcContext } from '../context.ts';
import { RPC_CODE, RpcError } from '../errors.ts';
import { formatOutputScript, SCRIPT_FIELDS } from '../format/script.ts';
import type { JsonOutput, JsonRecord } from '../json/json-value.ts';
import type { MethodSpec } from '../schema.ts';
import { field, maybe, object, optional, param } from '../schema-words.ts';
import { Turns } from '../turns.ts';
import { findBlock, readStoredBlock } from './chain-lookup.ts';
import { readUndoChecked } from './chain-undo.ts';
import { requirePool } from './pool-lookup.ts';
import { expandScanObject, SCAN_OBJECTS } from './script-parameter.ts';

/** What an output holds. */
interface Output {
  readonly script: Uint8Array;
  readonly valueSat: number;
}

/** Collects what happens to the scripts that are watched. */
class Watch {
  readonly events: JsonRecord[] = [];
  readonly #scripts: ReadonlySet<string>;
  readonly #context: RpcContext;

  constructor(scripts: ReadonlySet<string>, context: RpcContext) {
    this.#scripts = scripts;
    this.#context = context;
  }

  /** Looks at an output that input `k` of a transaction spends. */
  spent(tx: Transaction, k: number, { script, valueSat }: Output, place: JsonRecord): void {
    if (!this.#scripts.has(toHex(script))) return;
    const { txid, index } = tx.prevout(k);
    this.events.push({
      type: 'spend',
      amount: valueFromAmount(valueSat),
      ...place,
      spend_txid: formatHash(tx.txid),
      spend_vin: k,
      prevout_txid: formatHash(txid),
      prevout_vout: index,
      prevout_spk: formatOutputScript(script, this.#context),
    });
  }

  /** Looks at all outputs of a transaction. */
  received(tx: Transaction, place: JsonRecord): void {
    for (let j = 0; j < tx.outputCount; j++) {
      const script = tx.scriptPubKey(j);
      if (!this.#scripts.has(toHex(script))) continue;
      this.events.push({
        type: 'receive',
        amount: valueFromAmount(tx.valueSat(j)),
        ...place,
        txid: formatHash(tx.txid),
        vout: j,
        output_spk: formatOutputScript(script, this.#context),
      });
    }
  }
}

async function getDescriptorActivity(context: RpcContext, args: Arguments): Promise<JsonOutput> {
  const entries = findBlocks(context, args);
  const scripts = new Set<string>();
  for (const one of args.list('scanobjects')) {
    for (const script of (await expandScanObject(context, one)).scripts) scripts.add(toHex(script));
  }
  const watch = new Watch(scripts, context);
  for (const entry of entries) await watchBlock(context, watch, entry);
  if (args.flag('include_mempool', true)) await watchPool(context, watch);
  return { activity: watch.events };
}

/** The blocks that are named, each once and from below up. */
function findBlocks(context: RpcContext, args: Arguments): readonly BlockEntry[] {
  const { index, active } = context.chain;
  const entries = new Set<BlockEntry>();
  for (const hash of args.list('blockhashes')) {
    const entry = findBlock(context, hash);
    if (!active.contains(entry)) throw new RpcError(RPC_CODE.INVALID_PARAMETER, 'Block is not in main chain');
    entries.add(entry);
  }
  return [...entries].sort((a, b) => index.height(a) - index.height(b));
}

async function watchBlock(context: RpcContext, watch: Watch, entry: BlockEntry): Promise<void> {
  const { index } = context.chain;
  const block = await readStoredBlock(context, entry);
  const undo = await readUndoChecked(context, entry);
  const place = { blockhash: formatHash(index.blockHash(entry)), height: index.height(entry) };
  const turns = new Turns(context);
  for (let i = 0; i < block.txCount; i++) {
    const tx = block.transaction(i);
    if (i > 0 && undo !== null) {
      const { coins, firstCoins } = undo;
      for (let k = 0; k < tx.inputCount; k++) {
        const coin = firstCoins[i - 1]! + k;
        const script = coins.bytes.subarray(coins.scriptStart(coin), coins.scriptEnd(coin));
        watch.spent(tx, k, { script, valueSat: coins.valueSat(coin) }, place);
      }
    }
    watch.received(tx, place);
    if (turns.isDue) await turns.pause();
  }
}

async function watchPool(context: RpcContext, watch: Watch): Promise<void> {
  const { mempool } = requirePool(context);
  const lookup = new CoinsLookup(context.chain.state.coins);
  const transactions = Array.from(mempool.entries(), ({ transaction }) => transaction);
  for (const tx of transactions) {
    for (let k = 0; k < tx.inputCount; k++) {
      const output = await findOutput(context, lookup, tx, k);
      if (output !== null) watch.spent(tx, k, output, {});
    }
    watch.received(tx, {});
  }
}

/** What an input of a transaction of the pool spends; null when it has left the pool meanwhile, and its parent too. */
async function findOutput(
  context: RpcContext,
  lookup: CoinsLookup,
  tx: Transaction,
  k: number,
): Promise<Output | null> {
  const outpoint = tx.prevout(k);
  const parent = requirePool(context).mempool.get(outpoint.txid)?.transaction;
  if (parent !== undefined && outpoint.index < parent.outputCount) {
    return { script: parent.scriptPubKey(outpoint.index), valueSat: parent.valueSat(outpoint.index) };
  }
  const bytes = encodeOutpoint(outpoint);
  while (!lookup.isKnown(bytes, 0)) await lookup.fetch(bytes, 1);
  const coin = new CoinRef();
  if (!lookup.readCoin(bytes, 0, coin)) return null;
  return { script: coin.bytes.slice(coin.scriptStart, coin.end), valueSat: coin.valueSat };
}

const PLACE_FIELDS = [
  maybe('blockhash', 'hex', 'The block; absent for a transaction of the memory pool'),
  maybe('height', 'number', 'Its height; absent for a transaction of the memory pool'),
];

/** The methods of this file. */
export const DESCRIPTOR_ACTIVITY_METHODS: readonly MethodSpec[] = Object.freeze([
  {
    name: 'getdescriptoractivity',
    category: 'blockchain',
    description:
      'Lists what is paid to descriptors and spent from them, in blocks, such as those that scanblocks finds, and in the memory pool.\nThis may take minutes: call it without a time limit (-rpcclienttimeout=0).',
    parameters: [
      param('blockhashes', 'array', 'The blocks, in any order; all of them on the active chain', {
        inner: [optional('blockhash', 'hex', 'Hash of a block')],
      }),
      param('scanobjects', 'array', 'What is looked for: descriptors, or objects with one and a range', SCAN_OBJECTS),
      param('include_mempool', 'boolean', 'Whether the memory pool is looked through', { default: true }),
    ],
    results: [
      object([
        field('activity', 'array', 'What was found', {
          skipsTypeCheck: true,
          inner: [
            object([
              field('type', 'string', 'spend'),
              field('amount', 'amount', 'Value of the output in BTC'),
              ...PLACE_FIELDS,
              field('spend_txid', 'hex', 'The transaction that spends it'),
              field('spend_vin', 'number', 'Number of the input'),
              field('prevout_txid', 'hex', 'The transaction that made it'),
              field('prevout_vout', 'number', 'Number of the output'),
              field('prevout_spk', 'object', '', { inner: SCRIPT_FIELDS }),
            ]),
            object([
              field('type', 'string', 'receive'),
              field('amount', 'amount', 'Value of the output in BTC'),
              ...PLACE_FIELDS,
              field('txid', 'hex', 'The transaction that makes it'),
              field('vout', 'number', 'Number of the output'),
              field('output_spk', 'object', '', { inner: SCRIPT_FIELDS }),
            ]),
          ],
        }),
      ]),
    ],
    examples: [
      '\'["000000000000000000001347062c12fded7c528943c8ce133987e2e2f5a840ee"]\' \'["addr(bc1qzl6nsgqzu89a66l50cvwapnkw5shh23zarqkw9)"]\'',
    ],
    run: getDescriptorActivity,
  },
]);
