// How heavy a transaction may be: as its owner wants, and as transactions of its version are relayed (BIP431 for version 3).

import { TRUC_CHILD_VSIZE_MAX, TRUC_VERSION, TRUC_VSIZE_MAX, TX_WEIGHT_MAX } from '../../kernel/policy/limits.ts';
import { WITNESS_SCALE_FACTOR } from '../../kernel/primitives/transaction.ts';
import type { CoinControl } from './coin-control.ts';

/** The heaviest transaction of this version that is relayed; one that spends an unconfirmed TRUC output is small. */
export function heaviestRelayed({ version, presetInputs }: Pick<CoinControl, 'version' | 'presetInputs'>): number {
  if (version !== TRUC_VERSION) return TX_WEIGHT_MAX;
  const isChild = presetInputs.some((preset) => !preset.isExternal && preset.depth === 0);
  return (isChild ? TRUC_CHILD_VSIZE_MAX : TRUC_VSIZE_MAX) * WITNESS_SCALE_FACTOR;
}

/** The heaviest transaction that is wanted; for TRUC no more than is relayed. */
export function heaviestWanted(control: Pick<CoinControl, 'version' | 'presetInputs' | 'weightMaxWu'>): number {
  const relayedWu = heaviestRelayed(control);
  const wantedWu = control.weightMaxWu ?? relayedWu;
  return control.version === TRUC_VERSION ? Math.min(wantedWu, relayedWu) : wantedWu;
}
