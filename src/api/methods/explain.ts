// Methods of our own that tell why: what is checked of a transaction, check by check, and its scripts operation by operation. Core has
// nothing like them; where it answers with a word, these answer with the rule.

import { NO_ENTRY } from '../../kernel/chain/block-index.ts';
import { getBlockScriptFlags } from '../../kernel/consensus/deployments.ts';
import { POLICY_DEFAULTS } from '../../kernel/policy/options.ts';
import { asBlockHash, formatHash, HASH_BYTES } from '../../kernel/primitives/hashes.ts';
import { formatScriptFlags, STANDARD_SCRIPT_VERIFY_FLAGS } from '../../kernel/script/flags.ts';
import { scriptErrorMessage } from '../../kernel/script/script-error.ts';
import { ActiveChainView } from '../../node/mempool/accept-chain.ts';
import { type StageTrace, traceTransaction } from '../../node/mempool/trace.ts';
import { type Arguments, asInteger } from '../arguments.ts';
import type { RpcContext } from '../context.ts';
import { RPC_CODE, RpcError } from '../errors.ts';
import { type AnyReject, EXPLANATION_FIELDS, formatExplanation } from '../format/explanation.ts';
import { explainScriptError, INPUT_FIELDS, SCRIPT_FAULT_FIELDS, traceScripts } from '../format/input-trace.ts';
import { STEP_COUNT_DEFAULT, STEP_COUNT_MAX, WALK_FIELDS, walkInput } from '../format/script-walk.ts';
import { formatStage, type ShownStage, STAGE_FIELDS } from '../format/trace.ts';
import type { JsonOutput } from '../json/json-value.ts';
import type { MethodSpec } from '../schema.ts';
import { field, maybe, object, param } from '../schema-words.ts';
import { Turns } from '../turns.ts';
import { type ExplainSubject, findSubject, PREVOUTS_PARAMETER, SUBJECT_PARAMETERS } from './explain-subject.ts';

/** The next block is no exception to any rule, whatever its hash will be. */
const NEXT_BLOCK_HASH = asBlockHash(new Uint8Array(HASH_BYTES));

const OURS = 'This method is of this program: Bitcoin Core does not have it.';

async function explainTransaction(context: RpcContext, args: Arguments): Promise<JsonOutput> {
  const subject = await findSubject(context, args);
  const { transaction: tx, entry, isInPool } = subject;
  const checks = makeChecks(context, subject);
  const isWhole = checks[0]!.outcome === 'passed' && !tx.isCoinbase;
  const flags = { relay: STANDARD_SCRIPT_VERIFY_FLAGS, block: blockFlagsOf(context, subject) };
  const scripts = await traceScripts(
    tx,
    isWhole ? subject : { ...subject, coins: null },
    flags,
    context.secp,
    new Turns(context),
  );
  const isLoose = entry === NO_ENTRY && !isInPool;
  const refused = isLoose ? await judge(context, subject, [...checks, scripts.stage]) : null;
  // The pool knows a failed script as one that is not relayed; the trace knows whether blocks would refuse it, too.
  const reject = refused?.scriptError === undefined ? refused : (scripts.stage.reject ?? refused);
  const stages = [...checks, ...(isWhole ? [scripts.stage] : [])];
  if (isLoose && isWhole && !subject.isSupposed) stages.push(describePoolStage(reject, stages));
  const { index } = context.chain;
  return {
    txid: formatHash(tx.txid),
    wtxid: formatHash(tx.wtxid),
    status: entry !== NO_ENTRY ? 'in-block' : isInPool ? 'in-mempool' : reject === null ? 'acceptable' : 'rejected',
    blockhash: entry === NO_ENTRY ? undefined : formatHash(index.blockHash(entry)),
    height: entry === NO_ENTRY ? undefined : index.height(entry),
    supposed: subject.isSupposed,
    verdict: reject === null ? undefined : formatExplanation(reject),
    stages: stages.map(formatStage),
    inputs: scripts.inputs,
  };
}

/** Every check but those of scripts. What is in a block is not held against the chain of today. */
function makeChecks({ chain, pool, clock }: RpcContext, subject: ExplainSubject): readonly StageTrace[] {
  const { transaction: tx, entry, coins } = subject;
  const stages = traceTransaction(tx, {
    policy: pool?.mempool.options ?? POLICY_DEFAULTS,
    chain: entry === NO_ENTRY ? new ActiveChainView(chain) : null,
    coins,
    mempoolFeerate: pool?.mempool.minimumFeerate(clock.nowSec()) ?? 0,
    feeDeltaSat: pool?.mempool.feeDelta(tx.txid) ?? 0,
  });
  // A coinbase keeps rules of its block, and no others; one that comes alone breaks the second.
  if (!tx.isCoinbase) return stages;
  return stages.slice(0, entry === NO_ENTRY ? 2 : 1);
}

/** Rules that blocks hold its scripts to: of its own block, or of the next. */
function blockFlagsOf({ chain, params }: RpcContext, { entry }: ExplainSubject): number {
  const { index, active } = chain;
  if (entry === NO_ENTRY) return getBlockScriptFlags(params.consensus, active.height + 1, NEXT_BLOCK_HASH);
  return getBlockScriptFlags(params.consensus, index.height(entry), index.blockHash(entry));
}

/** The verdict: that of the memory pool, or where the caller has described coins that of the checks. */
async function judge(
  { pool }: RpcContext,
  { transaction, isSupposed }: ExplainSubject,
  stages: readonly ShownStage[],
): Promise<AnyReject | null> {
  if (isSupposed || pool === null) return stages.find(({ reject }) => reject !== null)?.reject ?? null;
  const verdict = await pool.intake.submit(transaction, { isTest: true });
  return verdict.outcome === 'rejected' ? verdict.reject : null;
}

/** What no other check tells of: what the mempool has, and what is missing. */
function describePoolStage(reject: AnyReject | null, stages: readonly ShownStage[]): ShownStage {
  const isTold = stages.some((one) => one.reject !== null && one.reject.rule === reject?.rule);
  const outcome = reject === null ? 'passed' : isTold ? 'unknown' : 'failed';
  return { stage: 'mempool', outcome, reject: isTold ? null : reject, figures: [] };
}

/** A number that is not negative. */
function readCount(args: Arguments, name: string, fallback: number): number {
  const value = args.value(name);
  return value === null ? fallback : asInteger(value, 0);
}

async function explainScript(context: RpcContext, args: Arguments): Promise<JsonOutput> {
  const subject = await findSubject(context, args);
  const { transaction, coins, entry } = subject;
  const inputIndex = readCount(args, 'input', 0);
  if (transaction.isCoinbase || inputIndex >= transaction.inputCount) {
    throw new RpcError(RPC_CODE.INVALID_PARAMETER, 'The transaction has no such input with a script');
  }
  if (coins === null) {
    throw new RpcError(
      RPC_CODE.VERIFY_ERROR,
      'Coins that the transaction spends are not known: describe them as prevouts',
    );
  }
  const rules = args.text('rules', entry === NO_ENTRY ? 'relay' : 'block');
  if (rules !== 'relay' && rules !== 'block') throw new RpcError(RPC_CODE.INVALID_PARAMETER, 'rules: relay or block');
  const flags = rules === 'relay' ? STANDARD_SCRIPT_VERIFY_FLAGS : blockFlagsOf(context, subject);
  const skip = readCount(args, 'skip', 0);
  const count = Math.min(readCount(args, 'count', STEP_COUNT_DEFAULT), STEP_COUNT_MAX);
  const spent = coins.outputs(0, transaction.inputCount);
  const input = { transaction, spent, inputIndex, flags };
  const walk = await walkInput(context.secp, input, { skip, count }, new Turns(context));
  return {
    txid: formatHash(transaction.txid),
    input: inputIndex,
    rules,
    flags: formatScriptFlags(flags),
    valid: walk.error === null,
    error: walk.error === null ? undefined : scriptErrorMessage[walk.error],
    explanation: walk.error === null ? undefined : explainScriptError(walk.error),
    steps: walk.steps,
    next_skip: walk.nextSkip ?? undefined,
  };
}

/** The methods of this file. */
export const EXPLAIN_METHODS: readonly MethodSpec[] = Object.freeze([
  {
    name: 'explaintransaction',
    category: 'rawtransactions',
    isOurs: true,
    description: `Tells of a transaction what is checked before nodes take it, which checks it passes, and if it is refused the rule behind that. Nothing is sent.\n${OURS}`,
    parameters: [...SUBJECT_PARAMETERS, PREVOUTS_PARAMETER],
    results: [
      object([
        field('txid', 'hex', 'The transaction id'),
        field('wtxid', 'hex', 'The id with the witness'),
        field('status', 'string', 'in-block, in-mempool, acceptable or rejected'),
        maybe('blockhash', 'hex', 'Its block'),
        maybe('height', 'number', 'Height of its block'),
        field('supposed', 'boolean', 'Whether coins were described by the caller: then the memory pool was not asked'),
        maybe('verdict', 'object', 'Why it is rejected', { inner: EXPLANATION_FIELDS }),
        field('stages', 'array', 'The checks', { inner: [object(STAGE_FIELDS)] }),
        field('inputs', 'array', 'Its inputs', { inner: [object(INPUT_FIELDS)] }),
      ]),
    ],
    examples: ['"hex"', '"txid"'],
    run: explainTransaction,
  },
  {
    name: 'explainscript',
    category: 'rawtransactions',
    isOurs: true,
    description: `Runs the scripts of an input operation by operation and tells of each what it does and what lies on the stacks before and after.\n${OURS}`,
    parameters: [
      ...SUBJECT_PARAMETERS,
      param('input', 'number', 'Number of the input', { default: 0 }),
      PREVOUTS_PARAMETER,
      param('skip', 'number', 'Steps that are not shown before the first', { default: 0 }),
      param('count', 'number', `Steps that are shown, at most ${STEP_COUNT_MAX}`, { default: STEP_COUNT_DEFAULT }),
      param('rules', 'string', 'relay: those of the memory pool; block: those of blocks alone', {
        defaultHint: 'relay, or block for a transaction in a block',
      }),
    ],
    results: [
      object([
        field('txid', 'hex', 'The transaction id'),
        field('input', 'number', 'Number of the input'),
        field('rules', 'string', 'Whose rules it was held to'),
        field('flags', 'string', "Core's names of these rules"),
        field('valid', 'boolean', 'Whether the coin may be spent'),
        maybe('error', 'string', "Core's message"),
        maybe('explanation', 'object', 'The rule that is broken', { inner: SCRIPT_FAULT_FIELDS }),
        ...WALK_FIELDS,
      ]),
    ],
    examples: ['"hex" 0', '"txid" 1'],
    run: explainScript,
  },
]);
