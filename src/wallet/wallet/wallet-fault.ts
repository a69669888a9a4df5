// Why wallets cannot be made, loaded or restored, in Core's sentences and with what a person can do.

import { err } from '../../kernel/util/result.ts';
import type { WalletFolder } from '../ports.ts';
import type { RestoreFault } from '../store/backup.ts';
import { describeOpenFault } from '../store/fault-text.ts';
import { WALLET_FILE } from '../store/record-log.ts';

/** Why something could not be done with a wallet. */
export interface WalletFault {
  readonly kind: 'not-found' | 'already-loaded' | 'already-exists' | 'bad-parameter' | 'encryption' | 'failed';
  /** For a person. */
  readonly message: string;
}

/** Where something is wrong with a file. */
export const VERIFICATION_FAILED = 'Wallet file verification failed.';

/** A failure. */
export function fault(kind: WalletFault['kind'], message: string): { readonly ok: false; readonly error: WalletFault } {
  return err({ kind, message });
}

/** There is a wallet already. */
export function restoreFault({ path }: WalletFolder): { readonly ok: false; readonly error: WalletFault } {
  return fault('already-exists', `Failed to restore wallet. Database file exists in '${path}/${WALLET_FILE}'.`);
}

/** What is said of a file that cannot be opened or restored. */
export function openFault(path: string, cause: RestoreFault): { readonly ok: false; readonly error: WalletFault } {
  const sentence = describeOpenFault(cause);
  switch (cause.kind) {
    case 'other-ledger':
      return fault(
        'not-found',
        `${VERIFICATION_FAILED} Wallet files should not be reused across chains. Restart with -walletcrosschain to override. (${sentence})`,
      );
    case 'missing':
    case 'not-a-wallet':
      return fault(
        'not-found',
        `${VERIFICATION_FAILED} Failed to load database path '${path}'. Data is not in recognized format. (${sentence})`,
      );
    default:
      return fault('failed', `${VERIFICATION_FAILED} Failed to load database path '${path}'. ${sentence}`);
  }
}
