// The explanation of a refusal, as the node sends it with every verdict.

import type { RefusalText } from '../../platform/browser/refusal-text.ts';

/** Its fields. */
export interface ExplanationFields {
  readonly reason: string;
  readonly rule: string;
  readonly words: string;
  readonly words_zh: string;
  readonly bip?: number;
  readonly field?: string;
  readonly expects?: string;
  readonly expected?: string | number;
  readonly actual?: string | number;
  readonly script_error?: string;
  readonly source: string;
}

/** The explanation as the page shows it. */
export function readExplanation(fields: ExplanationFields): RefusalText {
  const { reason, rule, words, words_zh: wordsZh, bip = null, source } = fields;
  const { field = '', expects = '', script_error: scriptError = null } = fields;
  const show = (value: string | number | undefined): string | null => (value === undefined ? null : String(value));
  return {
    reason,
    rule,
    words,
    wordsZh,
    bip,
    field,
    expects,
    expected: show(fields.expected),
    actual: show(fields.actual),
    scriptError,
    source,
  };
}
