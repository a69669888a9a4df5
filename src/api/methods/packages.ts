// Methods that hand transactions to the memory pool, or try them (Core rpc/mempool.cpp, node/transaction.cpp).

import { CoinsLookup } from '../../kernel/chain/coins-lookup.ts';
import { formatReject } from '../../kernel/consensus/reject.ts';
import { writeU32 } from '../../kernel/encoding/numbers.ts';
import { PACKAGE_COUNT_MAX } from '../../kernel/policy/limits.ts';
import { isChildWithParentsTree } from '../../kernel/policy/packages.ts';
import { COIN } from '../../kernel/primitives/amount.ts';
import { formatHash, HASH_BYTES, type Txid } from '../../kernel/primitives/hashes.ts';
import { OUTPOINT_BYTES } from '../../kernel/primitives/outpoint.ts';
import type { Transaction } from '../../kernel/primitives/transaction.ts';
import { hasValidOps, isUnspendable } from '../../kernel/script/script.ts';
import { compareBytes } from '../../kernel/util/bytes.ts';
import type { PrivateBroadcaster } from '../../node/app/private-broadcaster.ts';
import type { RejectedTransaction } from '../../node/mempool/accept-result.ts';
import { canSendPrivately } from '../../node/p2p/private-target.ts';
import { amountFromValue } from '../amount.ts';
import { type Arguments, asText } from '../arguments.ts';
import type { RpcContext } from '../context.ts';
import { RPC_CODE, RpcError } from '../errors.ts';
import { exceedsFeerate, formatPackageMember, formatTests, PACKAGE_FIELDS, TEST_FIELDS } from '../format/acceptance.ts';
import { explanationData } from '../format/explanation.ts';
import type { JsonOutput } from '../json/json-value.ts';
import type { MethodSpec } from '../schema.ts';
import { field, maybe, object, optional, param, result } from '../schema-words.ts';
import { parseTransactionInTurns } from './parse-transaction.ts';
import { requirePool } from './pool-lookup.ts';

/** Highest rate that is sent unless the caller allows more, in BTC/kvB (Core DEFAULT_MAX_RAW_TX_FEE_RATE). */
const FEERATE_MAX_DEFAULT = '0.10';
const FEERATE_MAX_DEFAULT_SAT: number = COIN / 10;

/** The highest rate of a call, in sat/kvB; 0: any. */
function readFeerateMax(args: Arguments): number {
  if (!args.has('maxfeerate')) return FEERATE_MAX_DEFAULT_SAT;
  const feerate = amountFromValue(args.value('maxfeerate'));
  if (feerate < COIN) return feerate;
  throw new RpcError(RPC_CODE.INVALID_PARAMETER, 'Fee rates larger than or equal to 1BTC/kvB are not accepted');
}

/** Throws when an output that nobody can spend is worth more than the caller allows to burn. */
function checkBurn(transaction: Transaction, args: Arguments): void {
  const burnMaxSat = args.has('maxburnamount') ? amountFromValue(args.value('maxburnamount')) : 0;
  const { bytes } = transaction;
  for (let j = 0; j < transaction.outputCount; j++) {
    const [start, end] = [transaction.scriptPubKeyStart(j), transaction.scriptPubKeyEnd(j)];
    const isBurnt = isUnspendable(bytes, start, end) || !hasValidOps(bytes, start, end);
    if (!isBurnt || transaction.valueSat(j) <= burnMaxSat) continue;
    throw new RpcError(RPC_CODE.VERIFY_ERROR, 'Unspendable output exceeds maximum configured by user (maxburnamount)');
  }
}

/** Outputs that are looked for between two turns of the host. */
const OUTPUTS_AT_ONCE = 1_000;

/** Throws when an output of the transaction is a coin of the chain, which it is therefore part of. */
async function checkNotInChain({ chain, timers }: RpcContext, transaction: Transaction): Promise<void> {
  const { txid, outputCount } = transaction;
  for (let from = 0; from < outputCount; from += OUTPUTS_AT_ONCE) {
    const count = Math.min(OUTPUTS_AT_ONCE, outputCount - from);
    const outpoints = new Uint8Array(count * OUTPOINT_BYTES);
    for (let j = 0; j < count; j++) {
      outpoints.set(txid, j * OUTPOINT_BYTES);
      writeU32(outpoints, j * OUTPOINT_BYTES + HASH_BYTES, from + j);
    }
    if (await hasAnyCoin(chain, outpoints, count)) refuseInChain();
    if (from + count < outputCount) await timers.yieldToHost();
  }
}

async function hasAnyCoin(chain: RpcContext['chain'], outpoints: Uint8Array, count: number): Promise<boolean> {
  const lookup = new CoinsLookup(chain.state.coins);
  const places = Array.from({ length: count }, (_, j) => j * OUTPOINT_BYTES);
  while (!places.every((at) => lookup.isKnown(outpoints, at))) await lookup.fetch(outpoints, count);
  return places.some((at) => lookup.hasCoin(outpoints, at));
}

function refuseInChain(): never {
  throw new RpcError(RPC_CODE.VERIFY_ALREADY_IN_UTXO_SET, 'Transaction outputs already in utxo set');
}

function refuse({ reject }: RejectedTransaction): never {
  const code = reject.kind === 'missing-inputs' ? RPC_CODE.VERIFY_ERROR : RPC_CODE.VERIFY_REJECTED;
  throw new RpcError(code, formatReject(reject), explanationData(reject));
}

async function sendRawTransaction(context: RpcContext, args: Arguments): Promise<JsonOutput> {
  const transaction = await parseTransactionInTurns(context, args.text('hexstring'));
  if (transaction === null) {
    throw new RpcError(RPC_CODE.DESERIALIZATION_ERROR, 'TX decode failed. Make sure the tx has at least one input.');
  }
  checkBurn(transaction, args);
  const feerateMax = readFeerateMax(args);
  const pool = requirePool(context);
  const { node } = context;
  const { privateBroadcaster } = node;
  if (privateBroadcaster !== null) checkPrivacy(context);
  await checkNotInChain(context, transaction);
  const known = pool.mempool.get(transaction.txid);
  const mustBeTried = feerateMax > 0 || privateBroadcaster !== null;
  if (known === null && mustBeTried) await checkFeerate(context, transaction, feerateMax);
  if (privateBroadcaster !== null) {
    sendPrivately(privateBroadcaster, transaction);
  } else if (known === null) {
    const verdict = await node.submitTransaction(transaction);
    if (verdict.outcome === 'rejected') refuse(verdict);
  } else {
    node.relayTransaction(known.transaction);
  }
  return formatHash(transaction.txid);
}

/** Throws when there is no way to send a transaction without showing where it comes from. */
function checkPrivacy({ node }: RpcContext): void {
  if (canSendPrivately(node.control.reachableNetworks)) return;
  throw new RpcError(
    RPC_CODE.MISC_ERROR,
    "-privatebroadcast is enabled, but none of the Tor or I2P networks is reachable. Maybe the location of the Tor proxy couldn't be retrieved from the Tor daemon at startup. Check whether the Tor daemon is running and that -torcontrol, -torpassword and -i2psam are configured properly.",
  );
}

function sendPrivately(broadcaster: PrivateBroadcaster, transaction: Transaction): void {
  if (broadcaster.send(transaction) !== 'full') return;
  throw new RpcError(RPC_CODE.LIMIT_EXCEEDED, 'Private broadcast queue is full');
}

/** Tries a transaction; throws when it is refused or pays more than the caller allows, where 0 allows anything. */
async function checkFeerate(context: RpcContext, transaction: Transaction, feerateMax: number): Promise<void> {
  const verdict = await requirePool(context).intake.submit(transaction, { isTest: true });
  if (verdict.outcome === 'rejected') refuse(verdict);
  const vsize = Math.ceil(transaction.weightWu / 4);
  if (feerateMax === 0 || !exceedsFeerate(verdict.feeSat, vsize, feerateMax)) return;
  throw new RpcError(RPC_CODE.VERIFY_ERROR, 'Fee exceeds maximum configured by user (e.g. -maxtxfee, maxfeerate)');
}

/** The transactions of a list of texts. */
async function readTransactions(context: RpcContext, args: Arguments, name: string): Promise<readonly Transaction[]> {
  const texts = args.list(name);
  if (texts.length < 1 || texts.length > PACKAGE_COUNT_MAX) {
    throw new RpcError(
      RPC_CODE.INVALID_PARAMETER,
      `Array must contain between 1 and ${PACKAGE_COUNT_MAX} transactions.`,
    );
  }
  const transactions: Transaction[] = [];
  for (const value of texts) {
    const text = asText(value);
    const transaction = await parseTransactionInTurns(context, text);
    if (transaction === null) {
      throw new RpcError(
        RPC_CODE.DESERIALIZATION_ERROR,
        `TX decode failed: ${text} Make sure the tx has at least one input.`,
      );
    }
    transactions.push(transaction);
  }
  return transactions;
}

async function testMempoolAccept(context: RpcContext, args: Arguments): Promise<JsonOutput> {
  const transactions = await readTransactions(context, args, 'rawtxs');
  const feerateMax = readFeerateMax(args);
  const { intake } = requirePool(context);
  const verdict =
    transactions.length > 1
      ? await intake.testPackage(transactions)
      : { reject: null, results: [await intake.submit(transactions[0]!, { isTest: true })] };
  return formatTests(transactions, verdict, feerateMax);
}

async function submitPackage(context: RpcContext, args: Arguments): Promise<JsonOutput> {
  const transactions = await readTransactions(context, args, 'package');
  const feerateMax = readFeerateMax(args);
  for (const transaction of transactions) checkBurn(transaction, args);
  if (transactions.length > 1 && !isChildWithParentsTree(transactions)) {
    throw new RpcError(
      RPC_CODE.VERIFY_ERROR,
      'package topology disallowed. not child-with-parents or parents depend on each other.',
    );
  }
  const { intake, mempool } = requirePool(context);
  const options = feerateMax > 0 ? { clientFeerateMax: feerateMax } : {};
  const { reject, results } = await intake.submitPackage(transactions, options);
  for (const { txid } of transactions) {
    const entry = mempool.get(txid);
    if (entry !== null) context.node.relayTransaction(entry.transaction);
  }
  const members: Map<string, JsonOutput> = new Map();
  const replaced: Map<string, Txid> = new Map();
  for (const [i, transaction] of transactions.entries()) {
    const verdict = results[i]!;
    members.set(formatHash(transaction.wtxid), formatPackageMember(transaction, verdict));
    if (verdict?.outcome !== 'accepted') continue;
    for (const {
      transaction: { txid },
    } of verdict.replaced)
      replaced.set(formatHash(txid), txid);
  }
  return {
    package_msg: reject === null ? 'success' : formatReject(reject),
    'tx-results': members,
    'replaced-transactions': [...replaced.values()].sort(compareBytes).map(formatHash),
  };
}

const FEERATE_MAX = param(
  'maxfeerate',
  'amount',
  'Transactions that pay a higher rate are refused, in BTC/kvB. 1 BTC/kvB and more are refused in any case. 0: any rate',
  { default: FEERATE_MAX_DEFAULT },
);
const BURN_MAX = param(
  'maxburnamount',
  'amount',
  'Transactions with outputs of a higher value that nobody can spend, such as OP_RETURN, are refused, in BTC',
  { default: '0.00' },
);
const RAW_TRANSACTION = optional('rawtx', 'hex', '');

/** The methods of this file. */
export const PACKAGE_METHODS: readonly MethodSpec[] = Object.freeze([
  {
    name: 'sendrawtransaction',
    category: 'rawtransactions',
    description:
      'Puts a transaction into the memory pool and tells all peers of it. Sending one again tells them again, which shows where it came from.\nWith -privatebroadcast it is sent over short connections of its own through Tor instead, and comes into the memory pool when others send it back; see getprivatebroadcastinfo. When too many are being sent it is refused.',
    parameters: [param('hexstring', 'hex', 'The transaction in hexadecimal'), FEERATE_MAX, BURN_MAX],
    results: [result('hex', 'The transaction id')],
    examples: ['"signedhex"'],
    run: sendRawTransaction,
  },
  {
    name: 'testmempoolaccept',
    category: 'rawtransactions',
    description: `Tells whether the memory pool would take transactions, and takes none. Several are judged together, parents first, at most ${PACKAGE_COUNT_MAX}.`,
    parameters: [
      param('rawtxs', 'array', 'The transactions in hexadecimal', { inner: [RAW_TRANSACTION] }),
      FEERATE_MAX,
    ],
    results: [result('array', 'In the order of the transactions', { inner: [object(TEST_FIELDS)] })],
    examples: ['\'["signedhex"]\''],
    run: testMempoolAccept,
  },
  {
    name: 'submitpackage',
    category: 'rawtransactions',
    description:
      'Puts a transaction and its parents into the memory pool. They are judged together where that helps them. It may be that peers do not take them.',
    parameters: [
      param('package', 'array', 'The parents, none of which needs another, and last the child', {
        inner: [RAW_TRANSACTION],
      }),
      FEERATE_MAX,
      BURN_MAX,
    ],
    results: [
      object([
        field('package_msg', 'string', 'success when all are in the pool, otherwise what is wrong'),
        field('tx-results', 'object-dynamic', 'What became of each, by wtxid', {
          inner: [field('wtxid', 'object', '', { inner: PACKAGE_FIELDS })],
        }),
        maybe('replaced-transactions', 'array', 'What they replaced', { inner: [result('hex', 'A transaction id')] }),
      ]),
    ],
    examples: ['\'["raw-parent-tx-1", "raw-parent-tx-2", "raw-child-tx"]\''],
    run: submitPackage,
  },
]);
