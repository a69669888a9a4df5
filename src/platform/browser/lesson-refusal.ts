// A refusal of the kernel as plain texts: what a lesson shows when a rule fires. The same words that a node sends with a verdict.

import { type AnyReject, formatExplanation } from '../../api/format/explanation.ts';
import { JsonNumber, type JsonOutput } from '../../api/json/json-value.ts';

/** Why the kernel refused something. */
export interface LessonRefusal {
  /** Bitcoin Core's reason: bad-txns-in-belowout. */
  readonly reason: string;
  /** Name of the rule in this program. */
  readonly rule: string;
  /** The rule as a sentence. */
  readonly words: string;
  readonly wordsZh: string;
  readonly bip: number | null;
  /** What was looked at; empty: nothing that has a name. */
  readonly field: string;
  /** How what was found must compare with what was wanted; empty: nothing is compared. */
  readonly expects: string;
  readonly expected: string | null;
  readonly actual: string | null;
  /** How a script failed. */
  readonly scriptError: string | null;
  /** The function of Bitcoin Core that holds the rule. */
  readonly source: string;
}

/** A verdict of the kernel in words. */
export function readRefusal(reject: AnyReject): LessonRefusal {
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
