// scanblocks: blocks whose compact filters match descriptors (Core rpc/blockchain.cpp). One scan at a time. A block without a filter
// ends the scan with an error, where Core passes over it and the ten thousand around it: what is not listed does not match.

import type { BlockEntry } from '../../kernel/chain/block-index.ts';
import { formatHash } from '../../kernel/primitives/hashes.ts';
import { toHex } from '../../kernel/util/bytes.ts';
import { collectFilterElements, openFilter } from '../../node/index/block-filter.ts';
import type { FilterIndex } from '../../node/index/filter-index.ts';
import { type Arguments, asFlag, asInteger } from '../arguments.ts';
import type { RpcContext } from '../context.ts';
import { RPC_CODE, RpcError } from '../errors.ts';
import type { JsonOutput, JsonValue } from '../json/json-value.ts';
import type { MethodSpec } from '../schema.ts';
import { field, object, optional, param, result } from '../schema-words.ts';
import { Turns } from '../turns.ts';
import { describeMissingFilter } from './block-filter.ts';
import { readStoredBlock } from './chain-lookup.ts';
import { readUndoChecked } from './chain-undo.ts';
import { BASIC_FILTER_NAME, requireFilters } from './indexes.ts';
import { expandScanObject, SCAN_OBJECTS } from './script-parameter.ts';

/** A scan that is going on. */
interface Scan {
  readonly fromHeight: number;
  readonly toHeight: number;
  height: number;
  isAborted: boolean;
}

/** Scans by the chain that they read: there is one at a time. */
const scans: WeakMap<object, Scan> = new WeakMap();

function scanBlocks(context: RpcContext, args: Arguments): JsonOutput | Promise<JsonOutput> {
  const action = args.text('action');
  const scan = scans.get(context.chain) ?? null;
  switch (action) {
    case 'status':
      return scan === null ? null : { progress: percentOf(scan), current_height: scan.height };
    case 'abort':
      if (scan !== null) scan.isAborted = true;
      return scan !== null;
    case 'start':
      if (scan === null) return start(context, args);
      throw new RpcError(RPC_CODE.INVALID_PARAMETER, 'Scan already in progress, use action "abort" or "status"');
    default:
      throw new RpcError(RPC_CODE.INVALID_PARAMETER, `Invalid action '${action}'`);
  }
}

function percentOf({ fromHeight, toHeight, height }: Scan): number {
  return toHeight === fromHeight ? 100 : Math.floor((100 * (height - fromHeight)) / (toHeight - fromHeight));
}

async function start(context: RpcContext, args: Arguments): Promise<JsonOutput> {
  const { chain, indexes } = context;
  const filters = requireFilters(context, args.text('filtertype', BASIC_FILTER_NAME));
  const options = args.object('options', null);
  const excludesFalsePositives = asFlag(options?.get('filter_false_positives') ?? false);
  const { fromHeight, toHeight } = readHeights(context, args);
  const scanObjects = args.list('scanobjects');
  const scan: Scan = { fromHeight, toHeight, height: fromHeight, isAborted: false };
  scans.set(chain, scan);
  try {
    const needles = await gatherNeedles(context, scanObjects);
    const isReady = await indexes.catchUp('filters');
    const blocks = await walk(context, filters, scan, { needles, excludesFalsePositives, isReady });
    return {
      from_height: fromHeight,
      to_height: scan.height,
      relevant_blocks: blocks,
      completed: !scan.isAborted,
    };
  } finally {
    scans.delete(chain);
  }
}

function readHeights(
  { chain }: RpcContext,
  args: Arguments,
): { readonly fromHeight: number; readonly toHeight: number } {
  const isOnChain = (height: number): boolean => height >= 0 && height <= chain.height;
  const fromHeight = args.has('start_height') ? asInteger(args.value('start_height')) : 0;
  if (!isOnChain(fromHeight)) throw new RpcError(RPC_CODE.MISC_ERROR, 'Invalid start_height');
  const toHeight = args.has('stop_height') ? asInteger(args.value('stop_height')) : chain.height;
  if (!isOnChain(toHeight) || toHeight < fromHeight) throw new RpcError(RPC_CODE.MISC_ERROR, 'Invalid stop_height');
  return { fromHeight, toHeight };
}

/** The scripts that are looked for, by their text. */
async function gatherNeedles(
  context: RpcContext,
  scanObjects: readonly JsonValue[],
): Promise<ReadonlyMap<string, Uint8Array>> {
  const needles = new Map<string, Uint8Array>();
  for (const one of scanObjects) {
    for (const script of (await expandScanObject(context, one)).scripts) needles.set(toHex(script), script);
  }
  return needles;
}

/** What is looked for, and how. */
interface Search {
  readonly needles: ReadonlyMap<string, Uint8Array>;
  readonly excludesFalsePositives: boolean;
  readonly isReady: boolean;
}

/** Hashes of the blocks that match, as people read them. */
async function walk(context: RpcContext, filters: FilterIndex, scan: Scan, search: Search): Promise<readonly string[]> {
  const { chain, host } = context;
  const { index } = chain;
  const elements = [...search.needles.values()];
  const turns = new Turns(context);
  const found: string[] = [];
  // The chain may change meanwhile; the blocks are those of the branch that was the chain when the scan began.
  const tip = chain.active.at(scan.toHeight);
  for (let height = scan.fromHeight; height <= scan.toHeight; height++) {
    if (scan.isAborted) break;
    if (host.isStopping()) throw new RpcError(RPC_CODE.MISC_ERROR, 'Shutting down');
    const entry = index.ancestor(tip, height);
    const filter = await filters.readFilter(entry);
    const set = filter === null ? null : openFilter(index.blockHash(entry), filter);
    if (set === null) throw describeMissingFilter(true, search.isReady);
    if (set.matchAny(elements) && (!search.excludesFalsePositives || (await matches(context, entry, search)))) {
      found.push(formatHash(index.blockHash(entry)));
    }
    scan.height = height;
    if (turns.isDue) await turns.pause();
  }
  return found;
}

/** Whether a block has to do with what is looked for, beyond doubt. */
async function matches(context: RpcContext, entry: BlockEntry, { needles }: Search): Promise<boolean> {
  const block = await readStoredBlock(context, entry);
  const undo = await readUndoChecked(context, entry);
  return collectFilterElements(block, undo).some((script) => needles.has(toHex(script)));
}

/** The methods of this file. */
export const BLOCK_FILTER_SCAN_METHODS: readonly MethodSpec[] = Object.freeze([
  {
    name: 'scanblocks',
    category: 'blockchain',
    description:
      'Looks for blocks that have to do with descriptors, by their compact filters (it needs the option -blockfilterindex).\nThis may take minutes: call it without a time limit (-rpcclienttimeout=0).',
    parameters: [
      param('action', 'string', 'start, abort or status'),
      optional(
        'scanobjects',
        'array',
        'What is looked for: descriptors, or objects with one and a range',
        SCAN_OBJECTS,
      ),
      param('start_height', 'number', 'Height of the first block', { default: 0 }),
      param('stop_height', 'number', 'Height of the last block', { defaultHint: 'chain tip' }),
      param('filtertype', 'string', 'The type of the filters', { default: BASIC_FILTER_NAME }),
      optional('options', 'named-options', '', {
        oneline: 'options',
        inner: [
          param(
            'filter_false_positives',
            'boolean',
            'Read the blocks that match and leave out those that match by chance, one in 784931 for each script',
            { default: false },
          ),
        ],
      }),
    ],
    results: [
      result('none', '', {
        condition: "when action=='status' and no scan is in progress - possibly already completed",
      }),
      object(
        [
          field('from_height', 'number', 'Height of the first block'),
          field('to_height', 'number', 'Height of the last block that was looked at'),
          field('relevant_blocks', 'array', 'Blocks that match', { inner: [result('hex', 'Hash of a block')] }),
          field('completed', 'boolean', 'Whether the scan came to its end'),
        ],
        { condition: "When action=='start'; only returns after scan completes" },
      ),
      object(
        [
          field('progress', 'number', 'Percent, about'),
          field('current_height', 'number', 'Height of the block that is looked at'),
        ],
        { condition: "when action=='status' and a scan is currently in progress" },
      ),
      result('boolean', 'Whether there is a scan that will end', { condition: "when action=='abort'" }),
    ],
    examples: [
      'start \'["addr(bcrt1q4u4nsgk6ug0sqz7r3rj9tykjxrsl0yy4d0wwte)"]\' 300000',
      'start \'["addr(bcrt1q4u4nsgk6ug0sqz7r3rj9tykjxrsl0yy4d0wwte)"]\' 100 150 basic',
      'status',
    ],
    run: scanBlocks,
  },
]);
