// Methods that estimate fees (Core rpc/fees.cpp).

import { FEE_HORIZONS, type FeeHorizon, type FeeRange } from '../../node/mempool/fee-estimate.ts';
import type { FeeEstimator } from '../../node/mempool/fee-estimator.ts';
import { valueFromAmount } from '../amount.ts';
import { type Arguments, asDouble } from '../arguments.ts';
import type { RpcContext } from '../context.ts';
import { RPC_CODE, RpcError } from '../errors.ts';
import { type JsonOutput, type JsonRecord, jsonDouble } from '../json/json-value.ts';
import type { MethodSpec } from '../schema.ts';
import { field, maybe, object, param, result } from '../schema-words.ts';
import type { ResultSpec } from '../signature.ts';
import { requirePool } from './pool-lookup.ts';

/** Modes, in the order of Core's error. */
const MODES = ['unset', 'economical', 'conservative'];

/** Share of success that estimaterawfee asks for by default. */
const DEFAULT_THRESHOLD = 0.95;

function requireEstimator({ pool }: RpcContext): FeeEstimator {
  const fees = pool?.fees ?? null;
  if (fees !== null) return fees.estimator;
  throw new RpcError(RPC_CODE.INTERNAL_ERROR, 'Fee estimation disabled');
}

function readTarget(args: Arguments, estimator: FeeEstimator): number {
  const target = args.integer('conf_target');
  const targetMax = estimator.highestTargetTracked('long');
  if (target >= 1 && target <= targetMax) return target;
  throw new RpcError(RPC_CODE.INVALID_PARAMETER, `Invalid conf_target, must be between 1 and ${targetMax}`);
}

function estimateSmartFee(context: RpcContext, args: Arguments): JsonOutput {
  const estimator = requireEstimator(context);
  const { mempool } = requirePool(context);
  const target = readTarget(args, estimator);
  const mode = args.text('estimate_mode', 'economical').toLowerCase();
  if (!MODES.includes(mode)) {
    throw new RpcError(
      RPC_CODE.INVALID_PARAMETER,
      `Invalid estimate_mode parameter, must be one of: "${MODES.join('", "')}"`,
    );
  }
  const { feerateSatPerKvb, returnedTarget } = estimator.estimateSmartFee(target, mode === 'conservative');
  if (feerateSatPerKvb === null) {
    return { errors: ['Insufficient data or no feerate found'], blocks: returnedTarget };
  }
  const { minRelayFeerate } = mempool.options;
  const feerate = Math.max(feerateSatPerKvb, mempool.minimumFeerate(context.clock.nowSec()), minRelayFeerate);
  return { feerate: valueFromAmount(feerate), blocks: returnedTarget };
}

function estimateRawFee(context: RpcContext, args: Arguments): JsonOutput {
  const estimator = requireEstimator(context);
  const target = readTarget(args, estimator);
  const threshold = args.has('threshold') ? asDouble(args.value('threshold')) : DEFAULT_THRESHOLD;
  if (threshold < 0 || threshold > 1) throw new RpcError(RPC_CODE.INVALID_PARAMETER, 'Invalid threshold');
  const shown: Partial<Record<FeeHorizon, JsonRecord>> = {};
  for (const horizon of FEE_HORIZONS) {
    const estimate = estimator.estimateRawFee(target, threshold, horizon);
    if (estimate === null) continue;
    const { feerateSatPerKvb, estimation } = estimate;
    const { decay, scale, pass, fail } = estimation;
    const isFound = feerateSatPerKvb !== null;
    shown[horizon] = {
      feerate: isFound ? valueFromAmount(feerateSatPerKvb) : undefined,
      decay: jsonDouble(decay),
      scale,
      pass: isFound ? formatRange(pass) : undefined,
      // Without a range that failed, all have passed.
      fail: isFound && fail.start === -1 ? undefined : formatRange(fail),
      errors: isFound ? undefined : ['Insufficient data or no feerate found which meets threshold'],
    };
  }
  return shown;
}

function formatRange(range: FeeRange): JsonRecord {
  const twoDigits = (value: number) => jsonDouble(Math.round(value * 100) / 100);
  return {
    startrange: jsonDouble(Math.round(range.start)),
    endrange: jsonDouble(Math.round(range.end)),
    withintarget: twoDigits(range.withinTarget),
    totalconfirmed: twoDigits(range.totalConfirmed),
    inmempool: twoDigits(range.inMempool),
    leftmempool: twoDigits(range.leftMempool),
  };
}

const RANGE_FIELDS: readonly ResultSpec[] = [
  field('startrange', 'number', 'Lower end of the range of fee rates'),
  field('endrange', 'number', 'Upper end'),
  field('withintarget', 'number', 'Transactions in it that were confirmed in time'),
  field('totalconfirmed', 'number', 'Transactions that were confirmed at all'),
  field('inmempool', 'number', 'Transactions that have waited longer than the target'),
  field('leftmempool', 'number', 'Transactions that left the memory pool unconfirmed'),
];
const HORIZON_FIELDS: readonly ResultSpec[] = [
  maybe('feerate', 'number', 'The estimate in BTC/kvB'),
  field('decay', 'number', 'What is left of an average after a block'),
  field('scale', 'number', 'Blocks that are counted as one'),
  maybe('pass', 'object', 'The lowest range that is good enough', { inner: RANGE_FIELDS }),
  maybe('fail', 'object', 'The highest range that is not', { inner: RANGE_FIELDS }),
  maybe('errors', 'array', 'Why there is no estimate', { inner: [result('string', '')] }),
];
const CONF_TARGET = param('conf_target', 'number', 'Blocks that it may take, 1 to 1008');

/** The methods of this file. */
export const FEE_METHODS: readonly MethodSpec[] = Object.freeze([
  {
    name: 'estimatesmartfee',
    category: 'util',
    description:
      'Estimates the fee rate at which a transaction is confirmed within so many blocks, or within as many as can be told of.',
    parameters: [
      CONF_TARGET,
      param(
        'estimate_mode',
        'string',
        'economical: falls soon when fees do. conservative: looks further back. unset: economical',
        { default: 'economical' },
      ),
    ],
    results: [
      object([
        maybe('feerate', 'number', 'The estimate in BTC/kvB'),
        maybe('errors', 'array', 'Why there is none', { inner: [result('string', '')] }),
        field('blocks', 'number', 'The blocks that it is for'),
      ]),
    ],
    examples: ['6'],
    run: estimateSmartFee,
  },
  {
    name: 'estimaterawfee',
    category: 'hidden',
    description: 'Shows what estimatesmartfee rests on. It changes when that does.',
    parameters: [
      CONF_TARGET,
      param('threshold', 'number', 'Share of transactions that must be confirmed in time', {
        defaultHint: `${DEFAULT_THRESHOLD}`,
      }),
    ],
    results: [
      object([
        maybe('short', 'object', 'Looking a few hours back', { inner: HORIZON_FIELDS }),
        maybe('medium', 'object', 'Looking a day back', { inner: HORIZON_FIELDS }),
        maybe('long', 'object', 'Looking a week back', { inner: HORIZON_FIELDS }),
      ]),
    ],
    examples: ['6 0.9'],
    run: estimateRawFee,
  },
]);
