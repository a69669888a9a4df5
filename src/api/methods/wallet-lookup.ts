// What methods of wallets have in common: which wallet a call is meant for, whether it may sign, labels, the block that it has seen last
// (Core wallet/rpc/util.cpp).

import { formatHash } from '../../kernel/primitives/hashes.ts';
import type { Wallet } from '../../wallet/wallet/wallet.ts';
import type { WalletManager } from '../../wallet/wallet/wallet-manager.ts';
import { asFlag, asText } from '../arguments.ts';
import type { RpcContext } from '../context.ts';
import { RPC_CODE, RpcError } from '../errors.ts';
import type { JsonRecord, JsonValue } from '../json/json-value.ts';
import { field } from '../schema-words.ts';
import type { ResultSpec } from '../signature.ts';

const NOT_LOADED = 'Requested wallet does not exist or is not loaded';

/** For descriptions of methods that sign. */
export const NEEDS_PASSPHRASE =
  'Requires wallet passphrase to be set with walletpassphrase call if wallet is encrypted.';

/** The wallets of the program; throws in one that keeps none. */
export function requireWallets({ wallets }: RpcContext): WalletManager {
  if (wallets !== null) return wallets;
  throw new RpcError(RPC_CODE.METHOD_NOT_FOUND, 'Method not found');
}

/** The wallet that the call is meant for: that of its path, or the only one that is loaded. */
export function requireWallet(context: RpcContext): Wallet {
  const wallets = requireWallets(context);
  const { walletName } = context;
  if (walletName !== null) {
    const wallet = wallets.get(walletName);
    if (wallet !== null) return wallet;
    throw new RpcError(RPC_CODE.WALLET_NOT_FOUND, NOT_LOADED);
  }
  const [only, ...others] = wallets.list();
  if (only === undefined) {
    throw new RpcError(
      RPC_CODE.WALLET_NOT_FOUND,
      'No wallet is loaded. Load a wallet using loadwallet or create a new one with createwallet. (Note: A default wallet is no longer automatically created)',
    );
  }
  if (others.length === 0) return only;
  throw new RpcError(
    RPC_CODE.WALLET_NOT_SPECIFIED,
    'Multiple wallets are loaded. Please select which wallet to use by requesting the RPC through the /wallet/<walletname> URI path.',
  );
}

/** The name that path and parameter give together; they must not contradict each other. */
export function requireName({ walletName }: RpcContext, given: string | null): string {
  if (walletName !== null) {
    if (given === null || given === walletName) return walletName;
    throw new RpcError(
      RPC_CODE.INVALID_PARAMETER,
      'The RPC endpoint wallet and the wallet name parameter specify different wallets',
    );
  }
  if (given !== null) return given;
  throw new RpcError(
    RPC_CODE.INVALID_PARAMETER,
    'Either the RPC endpoint wallet or the wallet name parameter must be provided',
  );
}

/** The wallet of a name; throws when it is not loaded. */
export function requireLoaded(context: RpcContext, name: string): Wallet {
  const wallet = requireWallets(context).get(name);
  if (wallet !== null) return wallet;
  throw new RpcError(RPC_CODE.WALLET_NOT_FOUND, NOT_LOADED);
}

/** Throws unless the secrets of the wallet can be used. */
export function ensureUnlocked(wallet: Wallet): void {
  if (!wallet.isLocked) return;
  throw new RpcError(
    RPC_CODE.WALLET_UNLOCK_NEEDED,
    'Error: Please enter the wallet passphrase with walletpassphrase first.',
  );
}

/** The label that a value is; none is the empty one. */
export function readLabel(value: JsonValue): string {
  if (value === null) return '';
  const label = asText(value);
  if (label === '*') throw new RpcError(RPC_CODE.WALLET_INVALID_LABEL_NAME, 'Invalid label name');
  return label;
}

/** Whether coins of addresses that were spent from are left out. */
export function readAvoidReuse(wallet: Wallet, value: JsonValue): boolean {
  const { avoidsReuse } = wallet.flags;
  const isWanted = value === null ? avoidsReuse : asFlag(value);
  if (!isWanted || avoidsReuse) return isWanted;
  throw new RpcError(RPC_CODE.WALLET_ERROR, 'wallet does not have the "avoid reuse" feature enabled');
}

/** The block that a wallet has seen last, as a field of answers. */
export function formatLastProcessed(wallet: Wallet): JsonRecord {
  const { blockHash, height } = wallet.lastBlock;
  return { lastprocessedblock: { hash: formatHash(blockHash), height } };
}

/** Its description. */
export const LAST_PROCESSED_FIELD: ResultSpec = field(
  'lastprocessedblock',
  'object',
  'The block that the answer is about',
  {
    inner: [field('hash', 'hex', 'Its hash'), field('height', 'number', 'Its height')],
  },
);
