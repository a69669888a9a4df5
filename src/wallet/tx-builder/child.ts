// A child that pays for its parent: it spends an output of an unconfirmed transaction to the wallet itself, with a fee that lifts both
// to a rate. What the parent lacks the node tells (bump fees).

import { TRUC_VERSION } from '../../kernel/policy/limits.ts';
import type { Steps } from '../../kernel/util/steps.ts';
import { createTransaction } from './build.ts';
import type { CoinControl, PresetInput } from './coin-control.ts';
import type { SpendResult } from './created.ts';
import type { SpendEnvironment } from './environment.ts';
import { spendError } from './spend-error.ts';

/** What is spent, and where it goes. */
export interface ChildRequest {
  /** An own output of the unconfirmed parent. */
  readonly parentOutput: PresetInput;
  /** A script of the wallet. */
  readonly scriptPubKey: Uint8Array;
  /** Rate in sat/kvB that parent and child are to reach together. */
  readonly feeRate: number;
}

/** Builds the child. */
export function* createChild(
  request: ChildRequest,
  control: CoinControl,
  environment: SpendEnvironment,
): Steps<SpendResult> {
  const { parentOutput, scriptPubKey, feeRate } = request;
  const { output, depth, isExternal, version } = parentOutput;
  if (output === null || isExternal) return spendError('The output is not of this wallet', 'invalid-parameter');
  if (depth !== 0) return spendError('The transaction does not wait for a confirmation', 'invalid-parameter');
  const wishes: CoinControl = {
    ...control,
    presetInputs: [parentOutput],
    allowsOtherInputs: false,
    feeRate,
    version: version === TRUC_VERSION ? TRUC_VERSION : control.version,
  };
  const all = { scriptPubKey, valueSat: output.valueSat, subtractsFee: true };
  return yield* createTransaction([all], wishes, environment);
}
