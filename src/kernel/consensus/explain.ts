// Joins a verdict with the words of its rule: what the command line, the web app and RPC show to a person. Nothing in a check
// calls this; it runs when somebody looks.

import type { BlockReject, RejectValue, TxReject } from './reject.ts';
import { RULES, type RuleId, type RuleText } from './rules.ts';
import { SCRIPT_RULES } from './script-rules.ts';

/** A reject with everything a person needs to understand it. */
export interface RejectExplanation extends RuleText {
  readonly rule: RuleId;
  readonly actual?: RejectValue;
  readonly expected?: RejectValue;
}

/** Joins a reject with the words of its rule; where a script failed, with the words of the script rule. */
export function explainReject(reject: TxReject | BlockReject): RejectExplanation {
  const text = reject.scriptError === undefined ? RULES[reject.rule] : SCRIPT_RULES[reject.scriptError];
  return {
    ...text,
    rule: reject.rule,
    ...(reject.actual === undefined ? {} : { actual: reject.actual }),
    ...(reject.expected === undefined ? {} : { expected: reject.expected }),
  };
}
