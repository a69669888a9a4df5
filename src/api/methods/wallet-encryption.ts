// Methods about the passphrase of a wallet (Core wallet/rpc/encrypt.cpp). Passphrases are in no error and in no log (R14).

import type { Wallet } from '../../wallet/wallet/wallet.ts';
import { encryptWallet } from '../../wallet/wallet/wallet-keys.ts';
import type { Arguments } from '../arguments.ts';
import type { RpcContext } from '../context.ts';
import { RPC_CODE, RpcError } from '../errors.ts';
import type { JsonOutput } from '../json/json-value.ts';
import type { MethodSpec } from '../schema.ts';
import { NOTHING, param, result } from '../schema-words.ts';
import { requireWallet } from './wallet-lookup.ts';

/** Longest time that a wallet stays unlocked, about three years (Core MAX_SLEEP_TIME). */
const UNLOCK_SEC_MAX = 100_000_000;

const WRONG_PASSPHRASE = 'Error: The wallet passphrase entered was incorrect.';

function requirePassphrase(wallet: Wallet, method: string): void {
  if (wallet.hasPassphrase) return;
  throw new RpcError(
    RPC_CODE.WALLET_WRONG_ENC_STATE,
    `Error: running with an unencrypted wallet, but ${method} was called.`,
  );
}

/** A scan that goes on with the keys unlocked would end in the middle. */
function refuseWhileScanning(wallet: Wallet, what: string): void {
  if (wallet.scan?.needsSecrets !== true) return;
  throw new RpcError(
    RPC_CODE.WALLET_ERROR,
    `Error: the wallet is currently being used to rescan the blockchain for related transactions. Please call \`abortrescan\` before ${what}.`,
  );
}

function refuseEmpty(): never {
  throw new RpcError(RPC_CODE.INVALID_PARAMETER, 'passphrase cannot be empty');
}

function refuseWrong(passphrase: string, which: string, advice: string): never {
  // In wallets of long ago a passphrase ended at its first zero character.
  const message = passphrase.includes('\0')
    ? `Error: The ${which}passphrase entered is incorrect. It contains a null character (ie - a zero byte). If the passphrase was set with a version of this software prior to 25.0, please try again with only the characters up to — but not including — the first null character.${advice}`
    : WRONG_PASSPHRASE;
  throw new RpcError(RPC_CODE.WALLET_PASSPHRASE_INCORRECT, message);
}

async function unlock(context: RpcContext, args: Arguments): Promise<JsonOutput> {
  const wallet = requireWallet(context);
  requirePassphrase(wallet, 'walletpassphrase');
  const passphrase = args.text('passphrase');
  const timeoutSec = args.int64('timeout');
  if (timeoutSec < 0) throw new RpcError(RPC_CODE.INVALID_PARAMETER, 'Timeout cannot be negative.');
  if (passphrase === '') refuseEmpty();
  if (await wallet.unlock(passphrase, Math.min(timeoutSec, UNLOCK_SEC_MAX))) return null;
  const advice = ' If this is successful, please set a new passphrase to avoid this issue in the future.';
  return refuseWrong(passphrase, 'wallet ', advice);
}

async function changePassphrase(context: RpcContext, args: Arguments): Promise<JsonOutput> {
  const wallet = requireWallet(context);
  requirePassphrase(wallet, 'walletpassphrasechange');
  refuseWhileScanning(wallet, 'changing the passphrase');
  const [before, after] = [args.text('oldpassphrase'), args.text('newpassphrase')];
  if (before === '' || after === '') refuseEmpty();
  if (await wallet.changePassphrase(before, after)) return null;
  return refuseWrong(before, 'old wallet ', '');
}

async function lock(context: RpcContext): Promise<JsonOutput> {
  const wallet = requireWallet(context);
  requirePassphrase(wallet, 'walletlock');
  refuseWhileScanning(wallet, 'locking the wallet');
  await wallet.lock();
  return null;
}

async function encrypt(context: RpcContext, args: Arguments): Promise<JsonOutput> {
  const wallet = requireWallet(context);
  if (!wallet.flags.hasPrivateKeys) {
    throw new RpcError(
      RPC_CODE.WALLET_ENCRYPTION_FAILED,
      'Error: wallet does not contain private keys, nothing to encrypt.',
    );
  }
  if (wallet.hasPassphrase) {
    throw new RpcError(
      RPC_CODE.WALLET_WRONG_ENC_STATE,
      'Error: running with an encrypted wallet, but encryptwallet was called.',
    );
  }
  refuseWhileScanning(wallet, 'encrypting the wallet');
  const passphrase = args.text('passphrase');
  if (passphrase === '') refuseEmpty();
  const isEncrypted = await encryptWallet(wallet, passphrase);
  if (!isEncrypted) {
    throw new RpcError(RPC_CODE.WALLET_ENCRYPTION_FAILED, 'Error: Failed to encrypt the wallet.');
  }
  return 'wallet encrypted; The keypool has been flushed and a new HD seed was generated. You need to make a new backup with the backupwallet RPC.';
}

/** The methods of this file. */
export const WALLET_ENCRYPTION_METHODS: readonly MethodSpec[] = Object.freeze([
  {
    name: 'walletpassphrase',
    category: 'wallet',
    description:
      'Unlocks the private keys of a wallet for some time, as signing needs it. Called again, it sets the time anew.',
    parameters: [
      param('passphrase', 'string', 'The passphrase'),
      param('timeout', 'number', 'Seconds until they are locked again, 100000000 (about three years) at most'),
    ],
    results: NOTHING,
    examples: ['"my pass phrase" 60'],
    run: unlock,
  },
  {
    name: 'walletpassphrasechange',
    category: 'wallet',
    description: 'Changes the passphrase of a wallet.',
    parameters: [
      param('oldpassphrase', 'string', 'The passphrase until now'),
      param('newpassphrase', 'string', 'The passphrase from now on'),
    ],
    results: NOTHING,
    examples: ['"old one" "new one"'],
    run: changePassphrase,
  },
  {
    name: 'walletlock',
    category: 'wallet',
    description: 'Locks the private keys of a wallet.',
    parameters: [],
    results: NOTHING,
    examples: [''],
    run: lock,
  },
  {
    name: 'encryptwallet',
    category: 'wallet',
    description:
      'Gives a wallet its first passphrase. From then on whatever needs private keys asks for walletpassphrase before.\nA new root of keys is made, so that no key of before is used for new addresses: make a new backup.',
    parameters: [param('passphrase', 'string', 'The passphrase: one character at least, and better many')],
    results: [result('string', 'What to do next')],
    examples: ['"my pass phrase"'],
    run: encrypt,
  },
]);
