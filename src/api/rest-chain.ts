// REST: headers, blocks, what blocks spent, and the state of the chain (Core rest.cpp).

import { type BlockEntry, NO_ENTRY } from '../kernel/chain/block-index.ts';
import { StorageError } from '../kernel/chain/ports.ts';
import type { BlockUndo } from '../kernel/consensus/undo.ts';
import { undoTxCount } from '../kernel/consensus/undo.ts';
import { ByteWriter } from '../kernel/encoding/writer.ts';
import { formatHash, parseBlockHash } from '../kernel/primitives/hashes.ts';
import { joinBytes } from '../kernel/util/bytes.ts';
import { valueFromAmount } from './amount.ts';
import type { RpcContext } from './context.ts';
import { type BlockDetail, formatBlock } from './format/block.ts';
import { formatHeader } from './format/header.ts';
import { formatOutputScript } from './format/script.ts';
import { type JsonOutput, JsonSequence } from './json/json-value.ts';
import { readBlock, readBlockBytes, readUndoIfKnown } from './methods/chain-lookup.ts';
import { replyAs, replyBytes, replyJson, replyText } from './rest-reply.ts';
import { parseCount, RestError, type RestPath, type RestReply, unknownFormat } from './rest-request.ts';

/** Most headers of one answer (Core MAX_REST_HEADERS_RESULTS). */
export const HEADERS_MAX = 2000;

/** Headers where a request names no count. */
export const HEADERS_DEFAULT = '5';

/** Calls an RPC method. */
export type CallMethod = (name: string, params: readonly (string | boolean)[]) => Promise<JsonOutput>;

/** The block that a text names; throws when there is none. */
export function requireBlock({ chain }: RpcContext, text: string, unknownStatus: 400 | 404 = 404): BlockEntry {
  const entry = findBlockByText(chain, text);
  if (entry !== NO_ENTRY) return entry;
  throw new RestError(unknownStatus, `${text} not found`);
}

/** The block that a text names, or NO_ENTRY; throws when the text is no hash. */
export function findBlockByText(chain: RpcContext['chain'], text: string): BlockEntry {
  const hash = parseBlockHash(text);
  if (hash === null) throw new RestError(400, `Invalid hash: ${text}`);
  return chain.index.find(hash);
}

/** The count that a request names, within bounds; throws otherwise. */
export function requireCount(text: string): number {
  const count = parseCount(text);
  if (count !== null && count >= 1 && count <= HEADERS_MAX) return count;
  throw new RestError(400, `Header count is invalid or out of acceptable range (1-${HEADERS_MAX}): ${text}`);
}

/** Blocks of the active chain from one on; none when it is not on the chain. */
export function chainFrom({ chain: { active } }: RpcContext, start: BlockEntry, count: number): readonly BlockEntry[] {
  const entries: BlockEntry[] = [];
  for (let entry = start; entry !== NO_ENTRY && active.contains(entry); entry = active.next(entry)) {
    entries.push(entry);
    if (entries.length === count) break;
  }
  return entries;
}

/** /rest/headers/HASH?count=COUNT, formerly /rest/headers/COUNT/HASH */
export function restHeaders(context: RpcContext, path: RestPath): Promise<RestReply> {
  const { chain } = context;
  const { parts } = path;
  if (parts.length > 2) {
    throw new RestError(400, 'Invalid URI format. Expected /rest/headers/<hash>.<ext>?count=<count>');
  }
  const count = requireCount(parts.length === 2 ? parts[0]! : (path.parameter('count') ?? HEADERS_DEFAULT));
  const entries = chainFrom(context, findBlockByText(chain, parts.at(-1)!), count);
  return replyAs(
    path.format,
    () => joinBytes(entries.map((entry) => chain.index.header(entry).serialized())),
    () => new JsonSequence(formatHeaders(chain, entries)),
  );
}

function* formatHeaders(chain: RpcContext['chain'], entries: readonly BlockEntry[]): Generator<JsonOutput, void, void> {
  for (const entry of entries) yield formatHeader(chain, entry);
}

/** A stored block; throws what Core answers when it is not there. */
async function readNamed<T>(
  context: RpcContext,
  path: RestPath,
  read: (context: RpcContext, entry: BlockEntry) => Promise<T>,
): Promise<{ readonly entry: BlockEntry; readonly found: T }> {
  const { chain, host } = context;
  const entry = requireBlock(context, path.text);
  if (!chain.index.hasData(entry)) {
    const isPruned = host.isPruned && chain.index.txCount(entry) > 0;
    throw new RestError(404, `${path.text} not available (${isPruned ? 'pruned data' : 'not fully downloaded'})`);
  }
  try {
    return { entry, found: await read(context, entry) };
  } catch (error) {
    if (!(error instanceof StorageError)) throw error;
    throw new RestError(500, `I/O error reading ${path.text}`);
  }
}

/** /rest/block/HASH and /rest/block/notxdetails/HASH */
export async function restBlock(context: RpcContext, path: RestPath, detail: BlockDetail): Promise<RestReply> {
  if (path.format !== 'json') {
    const { found } = await readNamed(context, path, readBlockBytes);
    return replyAs(path.format, () => found, noJson);
  }
  const { entry, found: block } = await readNamed(context, path, readBlock);
  const undo = detail === 'txids' ? null : await readUndoIfKnown(context, entry);
  return replyJson(formatBlock(context.chain, entry, block, detail, undo, context));
}

/** /rest/blockpart/HASH?offset=OFFSET&size=SIZE */
export async function restBlockPart(context: RpcContext, path: RestPath): Promise<RestReply> {
  const offset = parseCount(path.parameter('offset') ?? '');
  if (offset === null) throw new RestError(400, 'Block part offset missing or invalid');
  const size = parseCount(path.parameter('size') ?? '');
  if (size === null) throw new RestError(400, 'Block part size missing or invalid');
  const { found: bytes } = await readNamed(context, path, readBlockBytes);
  if (size === 0 || offset + size > bytes.length) {
    throw new RestError(400, `Bad block part offset/size ${offset}/${size} for ${path.text}`);
  }
  return replyAs(path.format, () => bytes.subarray(offset, offset + size), noJson);
}

function noJson(): never {
  throw new RestError(400, 'JSON output is not supported for this request type');
}

/** /rest/blockhashbyheight/HEIGHT */
export async function restBlockHashByHeight({ chain }: RpcContext, path: RestPath): Promise<RestReply> {
  const height = parseCount(path.text);
  if (height === null || height >= 2 ** 31) throw new RestError(400, `Invalid height: ${sanitizeUri(path.text)}`);
  if (height > chain.height) throw new RestError(404, 'Block height out of range');
  const hash = chain.index.blockHash(chain.active.at(height));
  if (path.format === 'hex') return replyText(formatHash(hash));
  return path.format === 'bin'
    ? replyBytes(hash)
    : replyAs(
        path.format,
        () => hash,
        () => ({ blockhash: formatHash(hash) }),
      );
}

/** What of a path may stand in an answer (Core SAFE_CHARS_URI). */
function sanitizeUri(text: string): string {
  return text.replace(/[^A-Za-z0-9!*'();:@&=+$,/?#[\]\-_.~%]/g, '');
}

/** /rest/spenttxouts/HASH */
export async function restSpentOutputs(context: RpcContext, path: RestPath): Promise<RestReply> {
  if (path.parts.length !== 1) {
    throw new RestError(400, 'Invalid URI format. Expected /rest/spenttxouts/<hash>.<ext>');
  }
  const entry = requireBlock(context, path.text);
  const undo = await readSpent(context, entry, path.text);
  return replyAs(
    path.format,
    () => encodeSpent(undo),
    () => formatSpent(context, undo),
  );
}

/** Null for the first block, which spent nothing. */
async function readSpent({ chain }: RpcContext, entry: BlockEntry, text: string): Promise<BlockUndo | null> {
  if (chain.index.height(entry) === 0) return null;
  try {
    if (chain.index.hasUndo(entry)) return await chain.state.blocks.readUndo(entry);
  } catch (error) {
    if (!(error instanceof StorageError)) throw error;
  }
  throw new RestError(404, `${text} undo not available`);
}

/** For each transaction, the coinbase included, a list of outputs. */
function encodeSpent(undo: BlockUndo | null): Uint8Array {
  const writer = new ByteWriter();
  const txCount = undo === null ? 0 : undoTxCount(undo);
  writer.compactSize(txCount + 1).compactSize(0);
  if (undo === null) return writer.finish();
  const { coins, firstCoins } = undo;
  for (let i = 0; i < txCount; i++) {
    writer.compactSize(firstCoins[i + 1]! - firstCoins[i]!);
    for (let k = firstCoins[i]!; k < firstCoins[i + 1]!; k++) {
      writer.i64(coins.valueSat(k)).varBytes(coins.bytes.subarray(coins.scriptStart(k), coins.scriptEnd(k)));
    }
  }
  return writer.finish();
}

function formatSpent(context: RpcContext, undo: BlockUndo | null): JsonOutput {
  return new JsonSequence(formatSpentLists(context, undo));
}

function* formatSpentLists(context: RpcContext, undo: BlockUndo | null): Generator<JsonOutput, void, void> {
  yield [];
  if (undo === null) return;
  const { coins, firstCoins } = undo;
  for (let i = 0; i < undoTxCount(undo); i++) {
    const list: JsonOutput[] = [];
    for (let k = firstCoins[i]!; k < firstCoins[i + 1]!; k++) {
      const script = coins.bytes.subarray(coins.scriptStart(k), coins.scriptEnd(k));
      list.push({ value: valueFromAmount(coins.valueSat(k)), scriptPubKey: formatOutputScript(script, context) });
    }
    yield list;
  }
}

/** /rest/chaininfo */
export async function restChainInfo(path: RestPath, call: CallMethod): Promise<RestReply> {
  if (path.format !== 'json') throw unknownFormat(['json']);
  return replyJson(await call('getblockchaininfo', []));
}

/** /rest/deploymentinfo and /rest/deploymentinfo/HASH */
export async function restDeploymentInfo(context: RpcContext, path: RestPath, call: CallMethod): Promise<RestReply> {
  if (path.format !== 'json') throw unknownFormat(['json']);
  const hash = path.text.replace(/^\//, '');
  if (hash === '') return replyJson(await call('getdeploymentinfo', []));
  if (findBlockByText(context.chain, hash) === NO_ENTRY) throw new RestError(400, 'Block not found');
  return replyJson(await call('getdeploymentinfo', [hash]));
}
