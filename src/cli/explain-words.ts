// The words that `tally explain` puts around what a node tells, in English and in simplified Chinese. The sentences about rules come
// with the answer, in both languages.

/** Languages of the command. */
export type ExplainLanguage = 'en' | 'zh';

/** Words of one language. */
export interface ExplainWords {
  readonly transaction: string;
  readonly block: string;
  readonly status: string;
  readonly height: string;
  readonly rule: string;
  readonly ofPolicy: string;
  readonly field: string;
  readonly wanted: string;
  readonly found: string;
  readonly source: string;
  readonly checks: string;
  readonly inputs: string;
  readonly stepsOf: (input: string, rules: string) => string;
  readonly stack: string;
  readonly altstack: string;
  /** A stack without values. */
  readonly noValues: string;
  /** A value without bytes. */
  readonly empty: string;
  readonly more: (count: number) => string;
  readonly bytes: (count: number) => string;
  readonly next: (skip: string) => string;
  readonly supposed: string;
  /** Words of answers that have a translation; others stand as they are. */
  readonly terms: ReadonlyMap<string, string>;
}

const EN: ExplainWords = {
  transaction: 'Transaction',
  block: 'Block',
  status: 'Status',
  height: 'Height',
  rule: 'Rule',
  ofPolicy: 'of relay only: blocks need not keep it',
  field: 'Field',
  wanted: 'wanted',
  found: 'found',
  source: 'In Core',
  checks: 'Checks',
  inputs: 'Inputs',
  stepsOf: (input, rules) => `Scripts of input ${input}, under the rules of ${rules}`,
  stack: 'stack',
  altstack: 'alt',
  noValues: '(no values)',
  empty: '(empty)',
  more: (count) => `(${count} more below)`,
  bytes: (count) => `(${count} bytes)`,
  next: (skip) => `There are more steps, from ${skip} on: see the method explainscript.`,
  supposed: 'Judged with the coins that you described; the memory pool was not asked.',
  terms: new Map(),
};

const ZH: ExplainWords = {
  transaction: '交易',
  block: '区块',
  status: '状态',
  height: '高度',
  rule: '规则',
  ofPolicy: '仅为转发规则，区块不必遵守',
  field: '字段',
  wanted: '要求',
  found: '实际',
  source: 'Core 函数',
  checks: '各项检查',
  inputs: '输入',
  stepsOf: (input, rules) => `输入 ${input} 的脚本，按${rules}规则执行`,
  stack: '栈',
  altstack: '备用栈',
  noValues: '（无数据）',
  empty: '（空值）',
  more: (count) => `（下面还有 ${count} 个）`,
  bytes: (count) => `（${count} 字节）`,
  next: (skip) => `后面还有步骤，从第 ${skip} 步起：参见 explainscript 方法。`,
  supposed: '按您所描述的币进行判断，未询问内存池。',
  terms: new Map([
    ['acceptable', '可接受'],
    ['rejected', '被拒绝'],
    ['in-block', '已在区块中'],
    ['in-mempool', '已在内存池中'],
    ['active', '在当前链上'],
    ['stale', '在分支上'],
    ['invalid', '无效'],
    ['new', '新区块'],
    ['valid', '有效'],
    ['nonstandard', '不合转发惯例'],
    ['unknown', '未知'],
    ['relay', '转发'],
    ['block', '区块'],
    ['equal', '等于'],
    ['not-equal', '不等于'],
    ['at-most', '至多'],
    ['at-least', '至少'],
    ['more-than', '大于'],
    ['one-of', '其一'],
  ]),
};

/** The words of a language. */
export function wordsOf(language: ExplainLanguage): ExplainWords {
  return language === 'zh' ? ZH : EN;
}

/** The language that is asked for, or that the variables of the system name. */
export function chooseLanguage(
  asked: string | undefined,
  environment: Readonly<Record<string, string | undefined>>,
): ExplainLanguage {
  const { LC_ALL, LC_MESSAGES, LANG } = environment;
  // As everywhere: the first that is set and not empty.
  const named = [asked, LC_ALL, LC_MESSAGES, LANG].find((one) => one !== undefined && one !== '') ?? '';
  return named.toLowerCase().startsWith('zh') ? 'zh' : 'en';
}
