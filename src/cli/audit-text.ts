// What `tally audit` prints: an audit as getaudit tells it, laid out for people, in English and Chinese. Pure: the answer in, text out.

import { isJsonObject, JsonNumber, type JsonObject, type JsonValue } from '../api/json/json-value.ts';
import { formatAmount } from '../kernel/primitives/amount.ts';
import type { ExplainLanguage } from './explain-words.ts';
import { formatCount } from './progress.ts';
import { cleanText, textColumns } from './text-columns.ts';

interface AuditWords {
  readonly ledger: string;
  readonly pages: (count: string, hash: string) => string;
  readonly checked: string;
  readonly counts: (transactions: string, scripts: string) => string;
  readonly issued: string;
  readonly lost: string;
  readonly unspent: string;
  readonly coins: (count: string) => string;
  readonly place: string;
  readonly page: string;
  readonly found: string;
  readonly rule: string;
  readonly verdict: string;
  readonly verdicts: Readonly<Record<string, string>>;
}

const WORDS: Readonly<Record<ExplainLanguage, AuditWords>> = {
  en: {
    ledger: 'Ledger',
    pages: (count, hash) => `${count} pages, the last one ${hash}`,
    checked: 'Checked',
    counts: (transactions, scripts) => `${transactions} transactions, ${scripts} scripts with their signatures`,
    issued: 'Issued',
    lost: 'Lost',
    unspent: 'Unspent',
    coins: (count) => `in ${count} coins`,
    place: 'Where',
    page: 'Page',
    found: 'Found',
    rule: 'Rule',
    verdict: 'Verdict',
    verdicts: {
      good: 'good: every hash, link, work, signature and amount is right, and all coins add up to what was issued',
      bad: 'bad: this ledger is not what it should be',
      aborted: 'none: the audit was ended before its time',
      failed: 'none: the audit could not go on',
    },
  },
  zh: {
    ledger: '账本',
    pages: (count, hash) => `${count} 页，最后一页 ${hash}`,
    checked: '已核对',
    counts: (transactions, scripts) => `${transactions} 笔交易，${scripts} 个脚本及其签名`,
    issued: '已发行',
    lost: '已损失',
    unspent: '未花费',
    coins: (count) => `共 ${count} 枚币`,
    place: '位置',
    page: '页',
    found: '发现',
    rule: '规则',
    verdict: '结论',
    verdicts: {
      good: '正确：每个哈希、链接、工作量、签名和金额都无误，所有币的总和等于发行总量',
      bad: '有误：这本账与应有的不符',
      aborted: '无：审计提前结束',
      failed: '无：审计未能继续',
    },
  },
};

const LABEL_COLUMNS = 10;

/** The lines of a finished audit. */
export function formatAuditText(audit: JsonObject, language: ExplainLanguage): string {
  const words = WORDS[language];
  const lines: (readonly [label: string, text: string])[] = [];
  const figures = objectOf(audit.get('figures'));
  if (figures !== null) {
    const pages = formatCount(numberOf(figures.get('height')) + 1);
    lines.push([words.ledger, `${textOf(audit.get('ledger'))}: ${words.pages(pages, textOf(figures.get('hash')))}`]);
    const counts = ['transactionCount', 'scriptCount'].map((name) => formatCount(numberOf(figures.get(name))));
    lines.push([words.checked, words.counts(counts[0]!, counts[1]!)]);
    lines.push([words.issued, amountOf(figures.get('issuedSat'))]);
    lines.push([words.lost, amountOf(figures.get('burntSat'))]);
  }
  const coins = objectOf(audit.get('coins'));
  if (coins !== null) {
    const count = words.coins(formatCount(numberOf(coins.get('coinCount'))));
    lines.push([words.unspent, `${amountOf(coins.get('unspentSat'))} ${count}`]);
    lines.push(['', `hash_serialized_3 ${textOf(coins.get('hash_serialized_3'))}`]);
    lines.push(['', `muhash            ${textOf(coins.get('muhash'))}`]);
  }
  const verdict = textOf(audit.get('verdict'));
  lines.push([words.verdict, words.verdicts[verdict] ?? verdict]);
  lines.push(...describeFault(audit, words, language));
  return lines.map(([label, text]) => `${padLabel(label)}${text}\n`).join('');
}

function describeFault(audit: JsonObject, words: AuditWords, language: ExplainLanguage): [string, string][] {
  const fault = objectOf(audit.get('fault'));
  const failure = audit.get('failure');
  if (fault === null) return typeof failure === 'string' ? [[words.found, cleanText(failure)]] : [];
  const lines: [string, string][] = [];
  const height = fault.get('height');
  if (height instanceof JsonNumber) lines.push([words.page, height.text]);
  lines.push([words.place, textOf(fault.get('place'))], [words.found, textOf(fault.get('message'))]);
  const rule = objectOf(fault.get('explanation'))?.get(language === 'zh' ? 'words_zh' : 'words');
  if (typeof rule === 'string') lines.push([words.rule, rule]);
  return lines;
}

function padLabel(label: string): string {
  return label + ' '.repeat(Math.max(1, LABEL_COLUMNS - textColumns(label)));
}

function objectOf(value: JsonValue | undefined): JsonObject | null {
  return value !== undefined && isJsonObject(value) ? value : null;
}

function numberOf(value: JsonValue | undefined): number {
  return value instanceof JsonNumber ? Number(value.text) : 0;
}

function textOf(value: JsonValue | undefined): string {
  return typeof value === 'string' ? cleanText(value) : '';
}

function amountOf(value: JsonValue | undefined): string {
  return formatAmount(numberOf(value));
}
