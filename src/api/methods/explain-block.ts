// explainblock, a method of our own: what is checked of a block before it becomes part of the chain, check by check, for one that the
// node has or for the bytes of any. Nothing is handed in and nothing is remembered.

import { type BlockEntry, NO_ENTRY } from '../../kernel/chain/block-index.ts';
import { IndexBranch } from '../../kernel/chain/index-branch.ts';
import { checkBlock, contextualCheckBlock } from '../../kernel/consensus/block-check.ts';
import { computeMedianTimePast, type HeaderBranch } from '../../kernel/consensus/header-branch.ts';
import { checkHeader, contextualCheckHeader } from '../../kernel/consensus/header-check.ts';
import { getNextWorkRequired } from '../../kernel/consensus/pow.ts';
import { getBlockSubsidy } from '../../kernel/consensus/subsidy.ts';
import { computeOutputTotal } from '../../kernel/consensus/tx-verify.ts';
import { type Block, decodeBlock } from '../../kernel/primitives/block.ts';
import { formatHash } from '../../kernel/primitives/hashes.ts';
import { parseHex } from '../../kernel/util/bytes.ts';
import { judgeProposal } from '../../node/app/proposal-judge.ts';
import type { Arguments } from '../arguments.ts';
import type { RpcContext } from '../context.ts';
import { RPC_CODE, RpcError } from '../errors.ts';
import { type AnyReject, EXPLANATION_FIELDS, formatExplanation } from '../format/explanation.ts';
import { type BlockStage, formatStage, type ShownFigure, type ShownStage, STAGE_FIELDS } from '../format/trace.ts';
import type { JsonOutput } from '../json/json-value.ts';
import type { MethodSpec } from '../schema.ts';
import { field, maybe, object, param } from '../schema-words.ts';
import { Turns } from '../turns.ts';
import { findBlock, readStoredBlock } from './chain-lookup.ts';

const HASH_DIGITS = 64;

/** What the node knows of a block by itself. */
type BlockPlace = 'active' | 'stale' | 'invalid' | 'new';

async function explainBlock(context: RpcContext, args: Arguments): Promise<JsonOutput> {
  const block = await findSubject(context, args.text('block'));
  const { chain } = context;
  const entry = chain.index.find(block.header.blockHash);
  const place = placeOf(context, entry);
  const stages = await traceBlock(context, block, place);
  const failed = stages.find(({ reject }) => reject !== null);
  const parent = chain.index.find(block.header.previousBlockHash);
  return {
    hash: formatHash(block.header.blockHash),
    height: parent === NO_ENTRY ? undefined : chain.index.height(parent) + 1,
    status: place,
    verdict: failed === undefined ? undefined : formatExplanation(failed.reject!),
    stages: stages.map(formatStage),
  };
}

async function findSubject(context: RpcContext, text: string): Promise<Block> {
  if (text.length === HASH_DIGITS) return readStoredBlock(context, findBlock(context, text));
  const bytes = parseHex(text);
  const decoded = bytes.ok ? decodeBlock(bytes.value) : null;
  if (decoded?.ok === true) return decoded.value;
  throw new RpcError(RPC_CODE.DESERIALIZATION_ERROR, 'Block decode failed');
}

function placeOf({ chain: { index, active } }: RpcContext, entry: BlockEntry): BlockPlace {
  if (entry === NO_ENTRY) return 'new';
  if (active.contains(entry)) return 'active';
  return index.isFailed(entry) ? 'invalid' : 'stale';
}

function text(name: string, value: string | number, unit: ShownFigure['unit'] = 'plain'): ShownFigure {
  return { name, value, unit };
}

function judged(stage: BlockStage, reject: AnyReject | null, figures: readonly ShownFigure[]): ShownStage {
  return { stage, outcome: reject === null ? 'passed' : 'failed', reject, figures };
}

function unknown(stage: BlockStage): ShownStage {
  return { stage, outcome: 'unknown', reject: null, figures: [] };
}

const formatBits = (bits: number): string => bits.toString(16).padStart(8, '0');

/** The checks in their order, each a turn of the host: a full block takes some milliseconds for every one. */
async function traceBlock(context: RpcContext, block: Block, place: BlockPlace): Promise<readonly ShownStage[]> {
  const { chain, params, clock } = context;
  const { consensus } = params;
  const { header } = block;
  const parent = chain.index.find(header.previousBlockHash);
  const branch = parent === NO_ENTRY ? null : new IndexBranch(chain.index, chain.active).moveTo(parent);
  const turns = new Turns(context);
  const stages: ShownStage[] = [
    judged('proof-of-work', checkHeader(header, consensus.pow), [text('bits', formatBits(header.bits))]),
    branch === null ? unknown('header-context') : traceHeader(context, block, branch),
  ];
  await turns.pause();
  const form = judged('block-form', checkBlock(block, consensus, { skipProofOfWork: true }), [
    text('transactions', block.txCount),
    text('size', block.totalSize),
    text('weight', block.weightWu),
  ]);
  stages.push(form);
  await turns.pause();
  if (branch === null || form.outcome === 'failed') return [...stages, unknown('block-context'), unknown('connection')];
  const fitting = judged('block-context', contextualCheckBlock(block, branch, consensus), []);
  stages.push(fitting);
  const isSound = stages.every(({ outcome }) => outcome === 'passed');
  const reward = [
    text('subsidy', getBlockSubsidy(branch.height + 1, consensus), 'sat'),
    text('coinbase', computeOutputTotal(block.transaction(0)), 'sat'),
  ];
  if (place === 'active') return [...stages, judged('connection', null, reward)];
  // Its coins are those after its parent: only the tip has them at hand.
  if (!isSound || parent !== chain.active.tip) return [...stages, unknown('connection')];
  const refused = await judgeProposal(block, chain, clock.nowSec());
  const hasMoved = refused !== null && refused.reject === null;
  return [...stages, hasMoved ? unknown('connection') : judged('connection', refused?.reject ?? null, reward)];
}

function traceHeader({ params, clock }: RpcContext, { header }: Block, branch: HeaderBranch): ShownStage {
  const { consensus } = params;
  return judged('header-context', contextualCheckHeader(header, branch, consensus, clock.nowSec()), [
    text('height', branch.height + 1),
    text('version', header.version),
    text('time', header.timeSec),
    text('mediantime', computeMedianTimePast(branch)),
    text('bits_required', formatBits(getNextWorkRequired(branch, header.timeSec, consensus.pow))),
  ]);
}

/** The method of this file. */
export const EXPLAIN_BLOCK_METHODS: readonly MethodSpec[] = Object.freeze([
  {
    name: 'explainblock',
    category: 'blockchain',
    isOurs: true,
    description:
      'Tells of a block what is checked before it becomes part of the chain, which checks it passes, and if it is refused the rule behind that. Coins and scripts are checked only of a block that follows the tip.\nThis method is of this program: Bitcoin Core does not have it.',
    parameters: [param('block', 'string', 'The block in hexadecimal, or the hash of one that is stored')],
    results: [
      object([
        field('hash', 'hex', 'Its hash'),
        maybe('height', 'number', 'Its height, where its parent is known'),
        field(
          'status',
          'string',
          'active: part of the chain; stale: of another branch; invalid: it was refused before; or new',
        ),
        maybe('verdict', 'object', 'The first rule that it breaks', { inner: EXPLANATION_FIELDS }),
        field('stages', 'array', 'The checks', { inner: [object(STAGE_FIELDS)] }),
      ]),
    ],
    examples: ['"hash"', '"hex"'],
    run: explainBlock,
  },
]);
