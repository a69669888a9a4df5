// A refusal of the kernel as plain texts: what a lesson shows when a rule fires. The same words that a node sends with a verdict.

import { type AnyReject, formatExplanation } from '../../api/format/explanation.ts';
import { JsonNumber, type JsonOutput } from '../../api/json/json-value.ts';
import type { RefusalText } from './refusal-text.ts';

/** A verdict of the kernel in words. */
export function readRefusal(reject: AnyReject): RefusalText {
  const fields = formatExplanation(reject);
  const text = (name: string): string | null => formatField(fields[name]);
  const bip = text('bip');
  return {
    reason: reject.reason,
    rule: text('rule') ?? '',
    words: text('words') ?? '',
    wordsZh: text('words_zh') ?? '',
    bip: bip === null ? null : Number(bip),
    field: text('field') ?? '',
    expects: text('expects') ?? '',
    expected: text('expected'),
    actual: text('actual'),
    scriptError: text('script_error'),
    source: text('source') ?? '',
  };
}

function formatField(value: JsonOutput | undefined): string | null {
  if (value === undefined || value === null) return null;
  return value instanceof JsonNumber ? value.text : String(value);
}
