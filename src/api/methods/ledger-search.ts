// searchledger: what a text may be that somebody puts into the search field of the app. Core has no such method.

import { NO_ENTRY } from '../../kernel/chain/block-index.ts';
import { formatHash, parseBlockHash, parseTxid } from '../../kernel/primitives/hashes.ts';
import type { Arguments } from '../arguments.ts';
import type { RpcContext } from '../context.ts';
import { readAddress } from '../format/address.ts';
import type { JsonOutput, JsonRecord } from '../json/json-value.ts';
import type { MethodSpec } from '../schema.ts';
import { field, maybe, OURS, object, param, result } from '../schema-words.ts';

/** Longer than any hash or address: nothing is looked for. */
const TEXT_LENGTH_MAX = 100;

/** A height, with the marks that people put between its digits. */
const HEIGHT = /^#?[0-9][0-9,.' ]{0,12}$/;

async function searchLedger(context: RpcContext, args: Arguments): Promise<JsonOutput> {
  const text = args.text('text').trim();
  if (text === '' || text.length > TEXT_LENGTH_MAX) return [];
  const found = [findHeight(context, text), findBlockHash(context, text), await findTransaction(context, text)];
  return [...found, findAddress(context, text)].filter((one) => one !== null);
}

function findHeight(context: RpcContext, text: string): JsonRecord | null {
  if (!HEIGHT.test(text)) return null;
  const height = Number(text.replace(/[^0-9]/g, ''));
  const { chain } = context;
  if (height > chain.height) return null;
  return describeBlock(context, chain.active.at(height));
}

function findBlockHash(context: RpcContext, text: string): JsonRecord | null {
  const blockHash = parseBlockHash(text.toLowerCase());
  const entry = blockHash === null ? NO_ENTRY : context.chain.index.find(blockHash);
  return entry === NO_ENTRY ? null : describeBlock(context, entry);
}

function describeBlock({ chain }: RpcContext, entry: number): JsonRecord {
  const hash = formatHash(chain.index.blockHash(entry));
  return { kind: 'block', path: `/block/${hash}`, height: chain.index.height(entry), hash };
}

async function findTransaction({ chain, pool, indexes }: RpcContext, text: string): Promise<JsonRecord | null> {
  const txid = parseTxid(text.toLowerCase());
  if (txid === null) return null;
  const name = formatHash(txid);
  const found = { kind: 'transaction', path: `/tx/${name}`, txid: name };
  if (pool?.mempool.has(txid) === true) return { ...found, isPending: true };
  await indexes.catchUp('transactions');
  const entry = (await indexes.transactions?.find(txid))?.entry ?? NO_ENTRY;
  if (entry === NO_ENTRY) return null;
  return {
    ...found,
    height: chain.index.height(entry),
    hash: formatHash(chain.index.blockHash(entry)),
    isPending: false,
  };
}

function findAddress({ params }: RpcContext, text: string): JsonRecord | null {
  if (readAddress(text, params.prefixes).script === null) return null;
  return { kind: 'address', path: `/address/${text}`, address: text };
}

/** The methods of this file. */
export const LEDGER_SEARCH_METHODS: readonly MethodSpec[] = Object.freeze([
  {
    ...OURS,
    name: 'searchledger',
    description:
      'Tells what a text may be: the height or the hash of a block, a transaction, an address. Transactions of the chain are found with -txindex only.',
    parameters: [param('text', 'string', 'What is searched for')],
    results: [
      result('array', 'What was found; nothing where it is nothing of this ledger', {
        inner: [
          object([
            field('kind', 'string', 'block, transaction or address'),
            field('path', 'string', 'Where the app shows it'),
            maybe('height', 'number', 'Height of the block'),
            maybe('hash', 'hex', 'Hash of the block'),
            maybe('txid', 'hex', 'The transaction'),
            maybe('isPending', 'boolean', 'Whether the transaction waits in the memory pool'),
            maybe('address', 'string', 'The address'),
          ]),
        ],
      }),
    ],
    examples: ['"1000"', '"myaddress"'],
    run: searchLedger,
  },
]);
