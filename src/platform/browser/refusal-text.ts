// A refusal of the kernel as the page shows it, wherever it comes from: a call that the node refused, an audit, or the kernel that
// runs in the page.

/** Why something was refused. */
export interface RefusalText {
  /** The reason as other programs know it: bad-txns-in-belowout. */
  readonly reason: string;
  /** Name of the rule in this program. */
  readonly rule: string;
  /** The rule as a sentence. */
  readonly words: string;
  readonly wordsZh: string;
  readonly bip: number | null;
  /** What was looked at; the end of the name is the unit. Empty: nothing that has a name. */
  readonly field: string;
  /** How what was found must compare with what was wanted: equal, at-most … Empty: nothing is compared. */
  readonly expects: string;
  readonly expected: string | null;
  readonly actual: string | null;
  /** How a script failed. */
  readonly scriptError: string | null;
  /** The function of Bitcoin Core that holds the rule. */
  readonly source: string;
}
