// What a wallet could not do for a reason that no caller is to blame for, as answers: the code of a failing database, or of a wallet that
// is not there any more. The sentences are the wallet's; it has written them to the log already where an operator is to know.

import { HostFaultError } from '../wallet/ports.ts';
import { QueueClosedError } from '../wallet/wallet/command-queue.ts';
import { WalletFailedError } from '../wallet/wallet/wallet.ts';
import { RPC_CODE, RpcError } from './errors.ts';

/** The answer to a failure of a wallet; null for other failures. */
export function describeWalletFailure(error: unknown): RpcError | null {
  if (error instanceof WalletFailedError) return new RpcError(RPC_CODE.DATABASE_ERROR, error.message);
  if (error instanceof HostFaultError) return new RpcError(RPC_CODE.WALLET_ERROR, error.message);
  if (!(error instanceof QueueClosedError)) return null;
  return new RpcError(RPC_CODE.WALLET_NOT_FOUND, 'The wallet was unloaded meanwhile, and nothing was done');
}
