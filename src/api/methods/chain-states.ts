// getchainstates, and what the other methods tell of a chain that verifies a snapshot in the background (Core rpc/blockchain.cpp).

import type { ActiveChain } from '../../kernel/chain/active-chain.ts';
import type { BlockEntry } from '../../kernel/chain/block-index.ts';
import type { CoinsCache } from '../../kernel/chain/coins-cache.ts';
import { formatHash } from '../../kernel/primitives/hashes.ts';
import { guessProgress } from '../../node/app/verification-progress.ts';
import type { RpcContext } from '../context.ts';
import { formatDifficulty, formatUint256, medianTimeOf } from '../format/header.ts';
import { type JsonOutput, type JsonRecord, jsonDouble } from '../json/json-value.ts';
import type { MethodSpec } from '../schema.ts';
import { field, maybe, object } from '../schema-words.ts';
import type { ResultSpec } from '../signature.ts';

/** Share of the ledger that is verified up to a block. */
export function guessProgressOf({ chain, params, clock }: RpcContext, entry: BlockEntry): number {
  const { index } = chain;
  return guessProgress(
    {
      chainTxCount: index.chainTxCount(entry),
      timeSec: index.timeSec(entry),
      headersAhead: index.height(index.bestHeader) - index.height(entry),
      nowSec: clock.nowSec(),
    },
    params.chainTxData,
    params.consensus,
  );
}

/** How far the verification of a snapshot is; undefined when there is nothing to verify. */
export function formatBackground({ chain }: RpcContext): JsonRecord | undefined {
  const { background, index } = chain;
  if (background === null) return undefined;
  const { tip, height } = background.state.active;
  return {
    snapshotheight: background.snapshot.height,
    blocks: height,
    bestblockhash: formatHash(index.blockHash(tip)),
    mediantime: medianTimeOf(index, tip),
    chainwork: formatUint256(index.chainWork(tip)),
    verificationprogress: jsonDouble(index.chainTxCount(tip) / background.snapshot.chainTxCount),
  };
}

/** The fields of {@link formatBackground}. */
export const BACKGROUND_FIELDS: readonly ResultSpec[] = Object.freeze([
  field('snapshotheight', 'number', 'Height of the snapshot, up to which blocks are verified'),
  field('blocks', 'number', 'Height of the last one that is'),
  field('bestblockhash', 'string', 'Its hash'),
  field('mediantime', 'time', 'Median time of it and the ten before'),
  field('chainwork', 'hex', 'Work up to it'),
  field('verificationprogress', 'number', 'Share of the transactions up to the snapshot that is verified'),
]);

function formatChain(context: RpcContext, { active, coins }: { active: ActiveChain; coins: CoinsCache }): JsonRecord {
  const { index } = context.chain;
  const { tip, height } = active;
  return {
    blocks: height,
    bestblockhash: formatHash(index.blockHash(tip)),
    ...formatDifficulty(index.bits(tip)),
    verificationprogress: jsonDouble(guessProgressOf(context, tip)),
    coins_db_cache_bytes: context.host.coinsStoreCacheBytes,
    coins_tip_cache_bytes: coins.limitBytes,
  };
}

function getChainStates(context: RpcContext): JsonOutput {
  const { chain } = context;
  const { index, background, snapshot, state } = chain;
  const behind = background === null ? [] : [{ ...formatChain(context, background.state), validated: true }];
  return {
    headers: index.height(index.bestHeader),
    chainstates: [
      ...behind,
      {
        ...formatChain(context, state),
        snapshot_blockhash: snapshot === null ? undefined : formatHash(snapshot.blockHash),
        validated: background === null,
      },
    ],
  };
}

/** The methods of this file. */
export const CHAIN_STATE_METHODS: readonly MethodSpec[] = Object.freeze([
  {
    name: 'getchainstates',
    category: 'blockchain',
    description:
      'Tells of the chains that are being verified. There is one, and beside a chain that began with a snapshot the one that verifies it.',
    parameters: [],
    results: [
      object([
        field('headers', 'number', 'Height of the best header'),
        field('chainstates', 'array', 'The chains; the last is the one that the node goes by', {
          inner: [
            object([
              field('blocks', 'number', 'Height of the tip'),
              field('bestblockhash', 'hex', 'The tip'),
              field('bits', 'hex', 'Its target in compact form'),
              field('target', 'hex', 'Its target'),
              field('difficulty', 'number', 'Its difficulty'),
              field('verificationprogress', 'number', 'Share of the ledger that is verified, about: from 0 to 1'),
              maybe('snapshot_blockhash', 'hex', 'The block of the snapshot that it began with'),
              field('coins_db_cache_bytes', 'number', 'Memory for the database of the coins'),
              field('coins_tip_cache_bytes', 'number', 'Memory for coins'),
              field('validated', 'boolean', 'Whether every block was verified'),
            ]),
          ],
        }),
      ]),
    ],
    examples: [''],
    run: getChainStates,
  },
]);
