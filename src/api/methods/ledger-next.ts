// getnextblock: the block that would be mined now, for people who watch it form. The template is the one that getblocktemplate hands out,
// so that many who look cost no more than one. Core has no such method.

import { toFeePerVsize } from '../../kernel/policy/fee-frac.ts';
import { formatHash } from '../../kernel/primitives/hashes.ts';
import { WITNESS_SCALE_FACTOR } from '../../kernel/primitives/transaction.ts';
import { refreshTemplate } from '../../node/mining/assembler.ts';
import type { TemplateTransaction } from '../../node/mining/block-template.ts';
import type { Arguments } from '../arguments.ts';
import type { RpcContext } from '../context.ts';
import { formatDifficulty } from '../format/header.ts';
import { type JsonOutput, type JsonRecord, jsonDouble } from '../json/json-value.ts';
import type { MethodSpec } from '../schema.ts';
import { field, OURS, object, param } from '../schema-words.ts';
import { readBounded } from './ledger-blocks.ts';
import { chainOfTemplate, requireMining } from './mining-service.ts';

/** Transactions that are listed where a call names no number. */
const LIMIT_DEFAULT = 200;

/** Transactions that are listed at most. */
const LIMIT_MAX = 2000;

async function getNextBlock(context: RpcContext, args: Arguments): Promise<JsonOutput> {
  const limit = readBounded(args, 'limit', LIMIT_DEFAULT, 0, LIMIT_MAX);
  const mining = requireMining(context);
  const served = (await mining.templates.current()).template;
  const template = refreshTemplate(served, chainOfTemplate(context, served));
  return {
    height: template.height,
    previousHash: formatHash(template.previousBlockHash),
    time: template.timeSec,
    ...formatDifficulty(template.bits),
    transactionCount: template.transactions.length,
    weight: template.weightWu,
    weightMax: mining.options.blockMaxWeightWu,
    feesSat: template.feesSat,
    rewardSat: template.rewardSat,
    transactions: template.transactions.slice(0, limit).map((one) => describeTransaction(context, one)),
  };
}

function describeTransaction({ pool }: RpcContext, { transaction, feeSat }: TemplateTransaction): JsonRecord {
  // One that has left the pool since is shown with what it pays itself.
  const entry = pool?.mempool.get(transaction.txid) ?? null;
  const weightWu = entry?.weightWu ?? transaction.weightWu;
  const chunk = entry === null ? { feeSat, size: weightWu } : pool!.mempool.graph.chunkFeerate(entry.ref);
  const perVsize = toFeePerVsize(chunk);
  return {
    txid: formatHash(transaction.txid),
    feeSat,
    vsize: entry?.vsize ?? Math.ceil(transaction.weightWu / WITNESS_SCALE_FACTOR),
    chunkFeerate: jsonDouble(perVsize.feeSat / perVsize.size),
  };
}

/** The methods of this file. */
export const LEDGER_NEXT_METHODS: readonly MethodSpec[] = Object.freeze([
  {
    name: 'getnextblock',
    ...OURS,
    description: `Tells of the block that would be mined now. It is made anew as getblocktemplate does: for a new tip, and a few seconds after transactions came.`,
    parameters: [
      param('limit', 'number', `How many transactions are listed at most, 0 to ${LIMIT_MAX}`, {
        default: LIMIT_DEFAULT,
      }),
    ],
    results: [
      object([
        field('height', 'number', 'Its height'),
        field('previousHash', 'hex', 'The hash of the tip'),
        field('time', 'time', 'Its time, in seconds since 1970'),
        field('bits', 'hex', 'Its target in the compact form'),
        field('target', 'hex', 'Its target'),
        field('difficulty', 'number', 'Its difficulty'),
        field('transactionCount', 'number', 'Its transactions, without coinbase'),
        field('weight', 'number', 'Its weight, with what is kept free for header and coinbase'),
        field('weightMax', 'number', 'The weight that it may have'),
        field('feesSat', 'number', 'What its transactions pay, in satoshis'),
        field('rewardSat', 'number', 'What its miner may take, in satoshis'),
        field('transactions', 'array', 'The first of its transactions, in their order', {
          inner: [
            object([
              field('txid', 'hex', 'The transaction'),
              field('feeSat', 'number', 'What it pays, in satoshis'),
              field('vsize', 'number', 'Its virtual size'),
              field('chunkFeerate', 'number', 'What it and those that go with it pay, in satoshis per virtual byte'),
            ]),
          ],
        }),
      ]),
    ],
    examples: ['', '20'],
    run: getNextBlock,
  },
]);
