// Joins a verdict of the mempool, whether of consensus or of policy, with the words of its rule: what the command line, the web
// app and RPC show to a person. Nothing in a check calls this; it runs when somebody looks.

import type { RejectExplanation } from '../consensus/explain.ts';
import type { RejectDetail } from '../consensus/reject.ts';
import { RULES, type RuleId, type RuleText } from '../consensus/rules.ts';
import { SCRIPT_RULES } from '../consensus/script-rules.ts';
import { POLICY_RULES, type PolicyRuleId } from './policy-rules.ts';

/** A verdict with everything a person needs to understand it. */
export interface MempoolRejectExplanation extends Omit<RejectExplanation, 'rule'> {
  readonly rule: RuleId | PolicyRuleId;
  /** True for a rule of policy: a block that breaks it is still valid. */
  readonly isPolicy: boolean;
}

/** What a refusal of any kind says of the rule that was broken. */
export interface BrokenRule extends Pick<RejectDetail, 'actual' | 'expected' | 'scriptError'> {
  readonly rule: RuleId | PolicyRuleId;
}

/** Joins a refusal with the words of its rule; where a script failed, with the words of the script rule. */
export function explainMempoolReject(reject: BrokenRule): MempoolRejectExplanation {
  const isPolicy = Object.hasOwn(POLICY_RULES, reject.rule);
  const ofRule: RuleText = isPolicy ? POLICY_RULES[reject.rule as PolicyRuleId] : RULES[reject.rule as RuleId];
  return {
    ...(ofRule.field === undefined ? {} : { field: ofRule.field }),
    ...(reject.scriptError === undefined ? ofRule : SCRIPT_RULES[reject.scriptError]),
    rule: reject.rule,
    isPolicy,
    ...(reject.actual === undefined ? {} : { actual: reject.actual }),
    ...(reject.expected === undefined ? {} : { expected: reject.expected }),
  };
}
