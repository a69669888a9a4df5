// Methods that mine blocks on the spot, for ledgers whose blocks cost little (Core rpc/mining.cpp, generate…). Blocks are made one
// after another exactly as Core makes them, so that the same calls at the same times give the same chain. Between pieces of work the
// program does other things; when it is to stop, what was mined by then is the answer.

import type { Block } from '../../kernel/primitives/block.ts';
import { formatHash, parseTxid } from '../../kernel/primitives/hashes.ts';
import type { Transaction } from '../../kernel/primitives/transaction.ts';
import { toHex } from '../../kernel/util/bytes.ts';
import { judgeProposal } from '../../node/app/proposal-judge.ts';
import { BlockCandidate, replaceTransactions } from '../../node/mining/block-template.ts';
import { grindHeader } from '../../node/mining/grind.ts';
import { type Arguments, asInteger, asText } from '../arguments.ts';
import type { RpcContext } from '../context.ts';
import { RPC_CODE, RpcError } from '../errors.ts';
import { readAddress } from '../format/address.ts';
import { explanationData } from '../format/explanation.ts';
import { formatMethodHelp } from '../help.ts';
import type { JsonOutput } from '../json/json-value.ts';
import type { MethodSpec } from '../schema.ts';
import { field, maybe, object, optional, param, result } from '../schema-words.ts';
import { requireMining } from './mining-service.ts';
import { parseTransactionInTurns } from './parse-transaction.ts';
import { parseSingleScript } from './script-parameter.ts';

/** Nonces that are tried for all blocks of a call together (Core DEFAULT_MAX_TRIES). */
const MAX_TRIES_DEFAULT = 1_000_000;

/** Nonces between two turns of the host: a few milliseconds on the slowest engine. */
const TRIES_PER_TURN = 2000;

/** The last nonce, which Core does not try: it makes another block instead. */
const NONCE_END: number = 2 ** 32 - 1;

/** Nonces that a call may still try. */
interface Tries {
  left: number;
}

/** A block with its nonce; 'exhausted': no nonce is one; 'over': no tries are left, or the program stops. */
type GrindResult = Block | 'exhausted' | 'over';

async function grind({ host, timers }: RpcContext, candidate: BlockCandidate, tries: Tries): Promise<GrindResult> {
  for (let nonce = 0; tries.left > 0 && !host.isStopping(); nonce += TRIES_PER_TURN) {
    if (nonce >= NONCE_END) return 'exhausted';
    const count = Math.min(TRIES_PER_TURN, tries.left, NONCE_END - nonce);
    const found = grindHeader(candidate.header, nonce, count);
    tries.left -= found === null ? count : found - nonce;
    if (found !== null) return candidate.seal(found);
    await timers.yieldToHost();
  }
  return 'over';
}

async function generate(
  context: RpcContext,
  scriptPubKey: Uint8Array,
  blockCount: number,
  triesMax: number,
): Promise<JsonOutput> {
  const mining = requireMining(context);
  const hashes: string[] = [];
  const tries = { left: triesMax };
  while (hashes.length < blockCount && !context.host.isStopping()) {
    const block = await grind(context, new BlockCandidate(await mining.createTemplate(), { scriptPubKey }), tries);
    if (block === 'over') break;
    if (block === 'exhausted') continue;
    await submit(context, block);
    hashes.push(formatHash(block.header.blockHash));
    await context.timers.yieldToHost();
  }
  return hashes;
}

async function submit({ node }: RpcContext, block: Block): Promise<void> {
  const { outcome } = await node.submitBlock(block);
  if (outcome === 'connected' || outcome === 'stored' || outcome === 'duplicate') return;
  throw new RpcError(RPC_CODE.INTERNAL_ERROR, 'ProcessNewBlock, block not accepted');
}

function generateToAddress(context: RpcContext, args: Arguments): Promise<JsonOutput> {
  const count = args.integer('nblocks');
  const tries = args.integer('maxtries', MAX_TRIES_DEFAULT);
  const { script } = readAddress(args.text('address'), context.params.prefixes);
  if (script === null) throw new RpcError(RPC_CODE.INVALID_ADDRESS_OR_KEY, 'Error: Invalid address');
  // In Core a negative number becomes a huge one here.
  return generate(context, script, count, tries < 0 ? Number.MAX_SAFE_INTEGER : tries);
}

function generateToDescriptor(context: RpcContext, args: Arguments): Promise<JsonOutput> {
  const count = args.integer('num_blocks');
  const given = args.value('maxtries');
  const tries = given === null ? MAX_TRIES_DEFAULT : asInteger(given, 0, Number.MAX_SAFE_INTEGER);
  const parsed = parseSingleScript(args.text('descriptor'), context);
  if (!parsed.ok) throw new RpcError(RPC_CODE.INVALID_ADDRESS_OR_KEY, parsed.error);
  return generate(context, parsed.value, count, tries);
}

function readOutput(context: RpcContext, text: string): Uint8Array {
  const descriptor = parseSingleScript(text, context);
  if (descriptor.ok) return descriptor.value;
  const { script } = readAddress(text, context.params.prefixes);
  if (script === null) throw new RpcError(RPC_CODE.INVALID_ADDRESS_OR_KEY, 'Error: Invalid address or descriptor');
  return script;
}

async function readTransaction(context: RpcContext, text: string): Promise<Transaction> {
  const txid = parseTxid(text);
  if (txid !== null) {
    const entry = context.pool?.mempool.get(txid) ?? null;
    if (entry === null) throw new RpcError(RPC_CODE.INVALID_ADDRESS_OR_KEY, `Transaction ${text} not in mempool.`);
    return entry.transaction;
  }
  const transaction = await parseTransactionInTurns(context, text);
  if (transaction !== null) return transaction;
  throw new RpcError(
    RPC_CODE.DESERIALIZATION_ERROR,
    `Transaction decode failed for ${text}. Make sure the tx has at least one input.`,
  );
}

async function generateBlock(context: RpcContext, args: Arguments): Promise<JsonOutput> {
  const { chain, clock } = context;
  const scriptPubKey = readOutput(context, args.text('output'));
  const transactions: Transaction[] = [];
  for (const one of args.list('transactions')) transactions.push(await readTransaction(context, asText(one)));
  const template = replaceTransactions(await requireMining(context).createTemplate(false), transactions);
  const candidate = new BlockCandidate(template, { scriptPubKey });
  const fault = await judgeProposal(candidate.seal(0), chain, clock.nowSec());
  if (fault !== null) {
    const data = fault.reject === null ? null : explanationData(fault.reject);
    throw new RpcError(RPC_CODE.VERIFY_ERROR, `TestBlockValidity failed: ${fault.text}`, data);
  }
  const block = await grind(context, candidate, { left: MAX_TRIES_DEFAULT });
  if (typeof block === 'string') throw new RpcError(RPC_CODE.MISC_ERROR, 'Failed to make block.');
  const hash = formatHash(block.header.blockHash);
  if (!args.flag('submit', true)) return { hash, hex: toHex(block.serialized()) };
  await submit(context, block);
  return { hash };
}

const HASHES = [result('array', 'Hashes of the blocks', { inner: [result('hex', 'A hash')] })];
const MAX_TRIES = param('maxtries', 'number', 'How many nonces to try', { default: MAX_TRIES_DEFAULT });

/** The methods of this file. */
export const GENERATE_METHODS: readonly MethodSpec[] = Object.freeze([
  {
    name: 'generatetoaddress',
    category: 'hidden',
    description: 'Mines blocks that pay to an address.',
    parameters: [param('nblocks', 'number', 'How many blocks'), param('address', 'string', 'The address'), MAX_TRIES],
    results: HASHES,
    examples: ['11 "myaddress"'],
    run: generateToAddress,
  },
  {
    name: 'generatetodescriptor',
    category: 'hidden',
    description: 'Mines blocks that pay to a descriptor.',
    parameters: [
      param('num_blocks', 'number', 'How many blocks'),
      param('descriptor', 'string', 'The descriptor'),
      MAX_TRIES,
    ],
    results: HASHES,
    examples: ['11 "mydesc"'],
    run: generateToDescriptor,
  },
  {
    name: 'generateblock',
    category: 'hidden',
    description:
      'Mines a block of certain transactions, in their order, that pays to an address or a descriptor. Their fees are not collected.',
    parameters: [
      param('output', 'string', 'The address or the descriptor'),
      param('transactions', 'array', 'The transactions: ids of some in the memory pool, or bytes in hexadecimal', {
        inner: [optional('rawtx/txid', 'hex', '')],
      }),
      param('submit', 'boolean', 'Whether the block is handed in, or shown', { default: true }),
    ],
    results: [object([field('hash', 'hex', 'Hash of the block'), maybe('hex', 'hex', 'The block, with submit=false')])],
    examples: ['"myaddress" \'["rawtx", "mempool_txid"]\''],
    run: generateBlock,
  },
  {
    name: 'generate',
    category: 'hidden',
    description: 'has been replaced by the -generate cli option. Refer to -help for more information.',
    parameters: [],
    results: [],
    examples: [],
    run: ({ methods }) => {
      throw new RpcError(RPC_CODE.METHOD_NOT_FOUND, formatMethodHelp(methods.get('generate')!));
    },
  },
]);
