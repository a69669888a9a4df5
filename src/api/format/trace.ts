// The checks of a transaction or a block one after another, as answers show them: which passed, with the figures that they looked at,
// and for one that failed its rule.

import type { OpWords } from '../../kernel/script/op-words.ts';
import type { TraceFigure, TraceStage } from '../../node/mempool/trace.ts';
import { valueFromAmount } from '../amount.ts';
import type { JsonOutput, JsonRecord } from '../json/json-value.ts';
import { field, maybe } from '../schema-words.ts';
import type { ResultSpec } from '../signature.ts';
import { type AnyReject, EXPLANATION_FIELDS, formatExplanation } from './explanation.ts';

/** Checks of blocks, in their order. */
export type BlockStage = 'proof-of-work' | 'header-context' | 'block-form' | 'block-context' | 'connection';

/** A check and what became of it. */
export interface ShownStage {
  readonly stage: TraceStage | BlockStage | 'scripts' | 'mempool';
  readonly outcome: 'passed' | 'failed' | 'unknown';
  readonly reject: AnyReject | null;
  readonly figures: readonly (TraceFigure | ShownFigure)[];
}

/** A figure that is text. */
export interface ShownFigure {
  readonly name: string;
  readonly value: string | number;
  readonly unit: 'plain' | 'sat';
}

const STAGE_WORDS: Readonly<Record<ShownStage['stage'], OpWords>> = {
  form: { words: 'The transaction has a form that any block may contain.', wordsZh: '交易的形式可被区块收录。' },
  'standard-form': { words: 'It has a form that nodes relay.', wordsZh: '交易的形式符合节点的转发惯例。' },
  locktime: { words: 'Its locktime lets it into the next block.', wordsZh: '其锁定时间允许进入下一个区块。' },
  'sequence-locks': {
    words: 'The coins that it spends are as old as its inputs demand.',
    wordsZh: '所花费的币龄达到各输入的要求。',
  },
  amounts: {
    words: 'It spends coins that are mature, and no less than it pays.',
    wordsZh: '所花费的币均已成熟，且金额不少于支付总额。',
  },
  'standard-inputs': { words: 'Its inputs have forms that nodes relay.', wordsZh: '各输入的形式符合节点的转发惯例。' },
  sigops: { words: 'It asks for few enough signature operations.', wordsZh: '所需的签名操作不超过上限。' },
  fee: { words: 'It pays enough for its size.', wordsZh: '手续费与其大小相称。' },
  scripts: { words: 'Every script lets its coin be spent.', wordsZh: '每段脚本都允许花费对应的币。' },
  mempool: { words: 'It fits in with the transactions that wait already.', wordsZh: '与已在等待的交易相容。' },
  'proof-of-work': { words: 'The work that the header claims was done.', wordsZh: '区块头所声明的工作量确已完成。' },
  'header-context': {
    words: 'Difficulty, time and version follow from the blocks before it.',
    wordsZh: '难度、时间与版本符合此前各区块的要求。',
  },
  'block-form': { words: 'The block is whole and has a form that is allowed.', wordsZh: '区块完整，且形式合法。' },
  'block-context': {
    words: 'It fits its height: locktimes, coinbase, witness commitment, weight.',
    wordsZh: '与其高度相符：锁定时间、coinbase、见证承诺、重量。',
  },
  connection: {
    words: 'Its transactions spend coins that exist, their scripts agree, and the miner takes no more than allowed.',
    wordsZh: '其交易所花费的币存在，脚本均同意，且矿工所得不超过允许的数额。',
  },
};

/** The fields of a stage. */
export const STAGE_FIELDS: readonly ResultSpec[] = Object.freeze([
  field('stage', 'string', 'Name of the check'),
  field('outcome', 'string', 'passed, failed, or unknown: it could not be made'),
  field('words', 'string', 'What is checked'),
  field('words_zh', 'string', 'The same in Chinese'),
  field(
    'figures',
    'object-dynamic',
    'What was looked at; money in BTC, rates in BTC/kvB, times in seconds since 1970',
    {
      inner: [field('name', 'any', 'A figure')],
    },
  ),
  maybe('explanation', 'object', 'Why it failed', { inner: EXPLANATION_FIELDS }),
]);

/** A stage as an answer shows it. */
export function formatStage({ stage, outcome, reject, figures }: ShownStage): JsonRecord {
  const { words, wordsZh } = STAGE_WORDS[stage];
  return {
    stage,
    outcome,
    words,
    words_zh: wordsZh,
    figures: new Map(figures.map((one) => [one.name, formatFigure(one)])),
    explanation: reject === null ? undefined : formatExplanation(reject),
  };
}

function formatFigure({ value, unit }: TraceFigure | ShownFigure): JsonOutput {
  const isMoney = unit === 'sat' || unit === 'sat-per-kvb';
  return isMoney && typeof value === 'number' ? valueFromAmount(value) : value;
}
