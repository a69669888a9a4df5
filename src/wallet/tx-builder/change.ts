// Change: of which type its address is to be (Core TransactionChangeType), and from which amount on it is worth an output.

import { computeDustThreshold } from '../../kernel/policy/dust.ts';
import { computeFeeSat } from '../../kernel/policy/feerate.ts';
import { classifyOutput, type OutputType } from '../../kernel/script/solver.ts';
import { EMPTY_BYTES } from '../../kernel/util/bytes.ts';
import type { AddressType } from '../books/available-coin.ts';
import type { ChangeCosts } from '../coin-selection/selection.ts';
import { computeInputVsize } from '../descriptor/input-size.ts';
import type { CoinControl } from './coin-control.ts';
import type { Recipient } from './created.ts';
import type { SpendEnvironment } from './environment.ts';
import { outputLength } from './signed-size.ts';

/** What the type of change depends on besides the recipients. */
export interface ChangeTypeOptions {
  /** Asked for; null: like what is paid. */
  readonly changeType: AddressType | null;
  /** The type of addresses that the wallet gives out (-addresstype). */
  readonly addressType: AddressType;
  /** Types that the wallet can give change addresses of. */
  readonly available: ReadonlySet<AddressType>;
}

/** Outputs that change imitates, in this order, by their common template. */
const IMITATED: readonly (readonly [OutputType, AddressType])[] = [
  ['witness_v1_taproot', 'bech32m'],
  ['witness_v0_keyhash', 'bech32'],
  ['scripthash', 'p2sh-segwit'],
  ['pubkeyhash', 'legacy'],
];

/** The type of the address for change. */
export function chooseChangeType(
  recipients: readonly Pick<Recipient, 'scriptPubKey'>[],
  { changeType, addressType, available }: ChangeTypeOptions,
): AddressType {
  if (changeType !== null) return changeType;
  if (addressType === 'legacy') return 'legacy';
  const templates = new Set(recipients.map(({ scriptPubKey }) => classifyOutput(scriptPubKey, 0, scriptPubKey.length)));
  for (const [template, type] of IMITATED) {
    if (templates.has(template) && available.has(type)) return type;
  }
  if (available.has('bech32m')) return 'bech32m';
  return available.has('bech32') ? 'bech32' : addressType;
}

/** Virtual bytes of an input that nobody can measure: P2WPKH in P2SH (Core DUMMY_NESTED_P2WPKH_INPUT_SIZE). */
const UNKNOWN_INPUT_VSIZE = 91;

/** Where change goes and what it costs. */
export interface ChangePlan extends ChangeCosts {
  /** Null: there is no script, a payment must do without change. */
  readonly script: Uint8Array | null;
  readonly outputVsize: number;
}

/** Plans change at the rate of the payment and the rate at which spending it must pay for itself. */
export function planChange(
  control: CoinControl,
  { change, measureInput }: Pick<SpendEnvironment, 'change' | 'measureInput'>,
  rates: { readonly feeRate: number; readonly discardFeeRate: number },
): ChangePlan {
  const script = control.changeScript ?? change.script;
  const prototype = script ?? EMPTY_BYTES;
  const outputVsize = outputLength(prototype);
  const measured = computeInputVsize(script === null ? null : measureInput(script));
  const spendVsize = measured < 0 ? UNKNOWN_INPUT_VSIZE : measured;
  const changeFeeSat = computeFeeSat(rates.feeRate, outputVsize);
  const spendFeeSat = computeFeeSat(rates.discardFeeRate, spendVsize);
  const dustSat = computeDustThreshold(prototype, 0, prototype.length, rates.discardFeeRate);
  return {
    script,
    outputVsize,
    changeFeeSat,
    costOfChangeSat: spendFeeSat + changeFeeSat,
    minViableChangeSat: Math.max(spendFeeSat + 1, dustSat),
  };
}
