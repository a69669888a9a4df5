// Simplified Chinese: how a refusal is told.

import type { refusalEn } from '../en/refusal.ts';

const EXPECTS: Readonly<Record<string, string>> = {
  equal: '应恰好为',
  'not-equal': '不得为',
  'at-most': '应不大于',
  'at-least': '应不小于',
  'more-than': '应大于',
  'one-of': '应为其中之一',
};

/** See i18n/messages.ts. */
export const refusalZh: typeof refusalEn = {
  title: '被拒绝',
  actual: '实际为',
  expects: (comparison: string): string => EXPECTS[comparison] ?? '应为',
  rule: (name: string): string => `规则：${name}`,
};
