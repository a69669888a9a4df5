// getblocktemplate: work for miners elsewhere, the wait for better work, and the check of blocks that they made up themselves
// (BIP22, BIP23; Core rpc/mining.cpp).

import { decodeBlock } from '../../kernel/primitives/block.ts';
import { parseHex } from '../../kernel/util/bytes.ts';
import { judgeProposal } from '../../node/app/proposal-judge.ts';
import { refreshTemplate } from '../../node/mining/assembler.ts';
import { describeKnownBlock } from '../../node/mining/proposal.ts';
import { describeTemplateRules } from '../../node/mining/template-rules.ts';
import { formatLongPollId, parseLongPollId, type TemplateBasis } from '../../node/mining/template-watch.ts';
import { type Arguments, asHash, asText } from '../arguments.ts';
import type { RpcContext } from '../context.ts';
import { RPC_CODE, RpcError } from '../errors.ts';
import { formatTemplate, TEMPLATE_FIELDS } from '../format/block-template.ts';
import { isJsonArray, type JsonObject, type JsonOutput, type JsonValue } from '../json/json-value.ts';
import type { MethodSpec } from '../schema.ts';
import { object, optional, param, result } from '../schema-words.ts';
import { chainOfTemplate, requireMining } from './mining-service.ts';

/** Digits of the block hash that a long poll's id begins with. */
const HASH_DIGITS = 64;

async function getBlockTemplate(context: RpcContext, args: Arguments): Promise<JsonOutput> {
  const request = args.object('template_request', new Map());
  const mode = readMode(request);
  if (mode === 'proposal') return answerProposal(context, request);
  if (mode !== 'template') throw new RpcError(RPC_CODE.INVALID_PARAMETER, 'Invalid mode');
  const rules = request.get('rules') ?? null;
  const clientRules = new Set(isJsonArray(rules) ? rules.map(asText) : []);
  checkConnected(context);
  const longPollId = request.get('longpollid') ?? null;
  if (longPollId !== null) await waitForNews(context, longPollId);
  checkRules(context, clientRules);
  return createAnswer(context, clientRules);
}

function readMode(request: JsonObject): string {
  const mode = request.get('mode') ?? 'template';
  if (typeof mode === 'string') return mode;
  throw new RpcError(RPC_CODE.INVALID_PARAMETER, 'Invalid mode');
}

/** What is wrong with a proposed block, in the words of BIP22; null: nothing but that it lacks its proof of work. */
async function answerProposal({ chain, clock }: RpcContext, request: JsonObject): Promise<JsonOutput> {
  const data = request.get('data');
  if (typeof data !== 'string') throw new RpcError(RPC_CODE.TYPE_ERROR, 'Missing data String key for proposal');
  const bytes = parseHex(data);
  const decoded = bytes.ok ? decodeBlock(bytes.value, { allowTrailing: true }) : null;
  if (decoded?.ok !== true) throw new RpcError(RPC_CODE.DESERIALIZATION_ERROR, 'Block decode failed');
  const block = decoded.value;
  const known = describeKnownBlock(chain.index, block.header.blockHash);
  if (known !== null) return known;
  return (await judgeProposal(block, chain, clock.nowSec()))?.reason ?? null;
}

/** Blocks that nobody hears of, or on a tip of long ago, would be work for nothing; test networks may. */
function checkConnected({ params, chain, node }: RpcContext): void {
  if (params.isTestChain) return;
  if (node.peers().length === 0) throw new RpcError(RPC_CODE.CLIENT_NOT_CONNECTED, 'Tallystick is not connected!');
  if (chain.isInitialDownload) {
    throw new RpcError(RPC_CODE.CLIENT_IN_INITIAL_DOWNLOAD, 'Tallystick is in initial sync and waiting for blocks...');
  }
}

async function waitForNews(context: RpcContext, longPollId: JsonValue): Promise<void> {
  const { templates } = requireMining(context);
  const watched = typeof longPollId === 'string' ? readLongPollId(longPollId) : templates.assumedBasis;
  await templates.waitForNews(watched, context.host.whenStopping());
  if (context.host.isStopping()) throw new RpcError(RPC_CODE.CLIENT_NOT_CONNECTED, 'Shutting down');
}

function readLongPollId(text: string): TemplateBasis {
  const basis = parseLongPollId(text);
  // What is no hash is refused in the words for hashes.
  return basis ?? { tip: asHash(text.slice(0, HASH_DIGITS), 'longpollid'), transactionsUpdated: 0 };
}

function checkRules({ params }: RpcContext, clientRules: ReadonlySet<string>): void {
  const demand = (rule: string, example: string): void => {
    throw new RpcError(
      RPC_CODE.INVALID_PARAMETER,
      `getblocktemplate must be called with the ${rule} rule set (call with {"rules": [${example}]})`,
    );
  };
  if (params.consensus.signetChallenge !== null && !clientRules.has('signet')) demand('signet', '"segwit", "signet"');
  if (!clientRules.has('segwit')) demand('segwit', '"segwit"');
}

async function createAnswer(context: RpcContext, clientRules: ReadonlySet<string>): Promise<JsonOutput> {
  const { template: served, basis } = await requireMining(context).templates.current();
  const chain = chainOfTemplate(context, served);
  const template = refreshTemplate(served, chain);
  const { branch, consensus, versionbits } = chain;
  const rules = describeTemplateRules(template, branch, consensus, clientRules, versionbits);
  if (!rules.ok) {
    throw new RpcError(
      RPC_CODE.INVALID_PARAMETER,
      `Support for '${rules.error}' rule requires explicit client support`,
    );
  }
  const { signetChallenge } = consensus;
  return formatTemplate(template, { rules: rules.value, longPollId: formatLongPollId(basis), signetChallenge });
}

const REQUEST = [
  optional('mode', 'string', 'template, or proposal (BIP23); template if left out'),
  optional('capabilities', 'array', 'What the client can do', {
    inner: [optional('str', 'string', 'Such as longpoll, coinbasevalue, proposal, serverlist, workid')],
  }),
  param('rules', 'array', 'Rules that the client knows', {
    inner: [
      param('segwit', 'string', 'This one must be among them'),
      optional('str', 'string', 'Another rule that blocks may have'),
    ],
  }),
  optional('longpollid', 'string', 'Wait until there is something better than the template of this id'),
  optional('data', 'hex', 'The proposed block, in the mode proposal'),
];

/** The method of this file. */
export const BLOCK_TEMPLATE_METHODS: readonly MethodSpec[] = Object.freeze([
  {
    name: 'getblocktemplate',
    category: 'mining',
    description:
      'Tells what is needed to make the next block, or whether a proposed block would be valid.\nSee BIP22, BIP23, BIP9 and BIP145.',
    parameters: [param('template_request', 'object', 'What is wanted', { inner: REQUEST })],
    results: [
      result('none', '', { condition: 'If a proposal was accepted' }),
      result('string', 'Why not, as BIP22 says it', { condition: 'If a proposal was not accepted' }),
      object(TEMPLATE_FIELDS, { condition: 'Otherwise' }),
    ],
    examples: ['\'{"rules": ["segwit"]}\''],
    run: getBlockTemplate,
  },
]);
