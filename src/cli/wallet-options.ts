// The options of wallets: their rows of the table in options.ts, with Core's names and meanings (Core wallet/init.cpp), and the settings
// that follow from them (Core CWallet::LoadWalletArgs). Sentences of errors and warnings are Core's. A value that makes no sense keeps
// wallets from being loaded, not the node from running.

import { formatFeerate } from '../kernel/policy/feerate.ts';
import { COIN } from '../kernel/primitives/amount.ts';
import { err, ok, type Result } from '../kernel/util/result.ts';
import type { AddressType } from '../wallet/books/available-coin.ts';
import { DEFAULT_WALLET_SETTINGS, type WalletSettings } from '../wallet/wallet/wallet-settings.ts';
import { parseMoney } from './mempool-options.ts';
import type { OptionSpec } from './option-spec.ts';
import type { Settings } from './settings.ts';

const DAEMON = ['tallyd'] as const;

const { spend: SPEND, keypoolSize: KEYPOOL_SIZE } = DEFAULT_WALLET_SETTINGS;

/** Types of addresses that a wallet can make, as Core lists them. */
const ADDRESS_TYPES: readonly AddressType[] = ['legacy', 'p2sh-segwit', 'bech32', 'bech32m'];
const ADDRESS_TYPE_LIST = '"legacy", "p2sh-segwit", "bech32", "bech32m"';

/** Rates and fees above which a person is warned (Core HIGH_TX_FEE_PER_KB, HIGH_APS_FEE, HIGH_MAX_TX_FEE). */
const HIGH_FEE_RATE: number = COIN / 100;
const HIGH_GROUPING_FEE_SAT: number = COIN / 10_000;
const HIGH_FEE_MAX_SAT: number = 100 * HIGH_FEE_RATE;

function row(
  name: string,
  kind: OptionSpec['kind'],
  argument: string,
  defaultText: string,
  help: string,
  more: Partial<OptionSpec> = {},
): OptionSpec {
  const shape = argument === '' ? {} : { argument };
  const standard = defaultText === '' ? {} : { defaultText };
  return { name, kind, group: 'wallet', ...shape, ...standard, help, programs: DAEMON, ...more };
}

function coins(valueSat: number): string {
  return (valueSat / COIN).toFixed(8);
}

/** Rows of the table. */
export const WALLET_OPTIONS: readonly OptionSpec[] = Object.freeze([
  row('addresstype', 'text', '<type>', 'bech32', `Type of new addresses: ${ADDRESS_TYPE_LIST}.`),
  row(
    'signer',
    'text',
    '<cmd>',
    '',
    'Program that speaks to devices which sign: what enumeratesigners asks. Its name and its words, separated by blanks.',
  ),
  row('avoidpartialspends', 'flag', '', '0', 'Spend all coins of an address together: more private, and maybe dearer.'),
  row(
    'changetype',
    'text',
    '<type>',
    'chosen to look like the payment',
    `Type of addresses for change: ${ADDRESS_TYPE_LIST}.`,
  ),
  row(
    'consolidatefeerate',
    'text',
    '<amount>',
    coins(SPEND.consolidateFeeRate),
    'Fee rate in BTC/kvB up to which more coins than necessary may be spent, so that there are fewer of them.',
  ),
  row('disablewallet', 'flag', '', '0', 'Load no wallets, and know no methods of wallets.'),
  row(
    'discardfee',
    'text',
    '<amount>',
    coins(SPEND.discardFeeRate),
    'Change that it would cost more to spend at this rate in BTC/kvB is given to the miner.',
  ),
  row(
    'fallbackfee',
    'text',
    '<amount>',
    coins(SPEND.fallbackFeeRate),
    'Fee rate in BTC/kvB for when nothing can be estimated; 0: nothing is sent then.',
  ),
  row(
    'keypool',
    'integer',
    '<n>',
    String(KEYPOOL_SIZE),
    'Addresses that are looked out for beyond those that were given away. With fewer, an old backup may not find everything.',
  ),
  row(
    'maxapsfee',
    'text',
    '<amount>',
    coins(SPEND.groupingFeeMaxSat),
    'Fee in BTC that may be added to spend coins of an address together; -1: that is not tried.',
  ),
  row(
    'limitancestorcount',
    'integer',
    '<n>',
    String(SPEND.ancestorCountMax),
    'Unconfirmed ancestors up to which coins are spent. The mempool has limits of its own.',
    {
      group: 'debug',
    },
  ),
  row(
    'limitdescendantcount',
    'integer',
    '<n>',
    String(SPEND.descendantCountMax),
    'Unconfirmed relatives up to which coins are spent. The mempool has limits of its own.',
    {
      group: 'debug',
    },
  ),
  row('maxtxfee', 'text', '<amount>', coins(SPEND.feeMaxSat), 'Highest fee in BTC of one transaction.', {
    group: 'debug',
  }),
  row('mintxfee', 'text', '<amount>', coins(SPEND.feeRateMin), 'Lowest fee rate in BTC/kvB that is paid.'),
  row('spendzeroconfchange', 'flag', '', '1', 'Spend change of own transactions before they are confirmed.'),
  row(
    'txconfirmtarget',
    'integer',
    '<n>',
    String(SPEND.confirmTarget),
    'Pay what is enough to be confirmed within <n> blocks on average.',
  ),
  row(
    'wallet',
    'list',
    '<name>',
    '',
    'Load a wallet at start. May be given more than once. Wallets that do not exist are not made.',
    { isNetworkOnly: true },
  ),
  row('walletbroadcast', 'flag', '', '1', 'Hand transactions of wallets to the node.'),
  row(
    'walletdir',
    'path',
    '<dir>',
    '<datadir>/wallets if it exists, otherwise <datadir>',
    'Folder that holds the wallets. It must exist.',
    { isNetworkOnly: true },
  ),
  row(
    'walletnotify',
    'text',
    '<cmd>',
    '',
    'Run a command of the system when a transaction of a wallet changes; %s in it is replaced by the transaction id, %w by the name of the wallet, %b by the hash of the block or "unconfirmed", %h by its height or -1.',
  ),
  row('walletrbf', 'flag', '', '1', 'Deprecated. Say in transactions that they may be replaced (BIP125).'),
  row('walletcrosschain', 'flag', '', '0', 'Load wallets of another chain.', { group: 'debug' }),
  row(
    'walletrejectlongchains',
    'flag',
    '',
    '1',
    'Make no transactions that the mempool would refuse for their relatives.',
    {
      group: 'debug',
    },
  ),
  row(
    'unsafesqlitesync',
    'flag',
    '',
    '',
    'Accepted for compatibility. What is answered has reached the disk in any case.',
    { group: 'debug', isHidden: true },
  ),
]);

/** Settings of wallets, with warnings for whoever loads one. */
export interface ReadWalletSettings {
  readonly settings: WalletSettings;
  readonly warnings: readonly string[];
}

/** What is wrong with the options, as an exception within this file. */
class OptionFault extends Error {
  override readonly name = 'OptionFault';
}

/** Reads the settings of wallets; the error is a sentence. */
export function readWalletSettings(settings: Settings, relayMinFeeRate: number): Result<ReadWalletSettings, string> {
  const warnings: string[] = [];
  try {
    return ok({ settings: read(settings, relayMinFeeRate, warnings), warnings });
  } catch (error) {
    if (error instanceof OptionFault) return err(error.message);
    throw error;
  }
}

function read(settings: Settings, relayMinFeeRate: number, warnings: string[]): WalletSettings {
  const flag = (name: string, fallback: boolean): boolean => settings.getFlag(name) ?? fallback;
  const rate = (name: string, fallback: number, consequence: string): number => {
    const feeRate = readMoney(settings, name) ?? fallback;
    if (feeRate > HIGH_FEE_RATE) warnings.push(`${highWarning(name)} ${consequence}`);
    return feeRate;
  };
  const addressType = readType(settings, 'addresstype', 'address') ?? DEFAULT_WALLET_SETTINGS.addressType;
  const changeType = readType(settings, 'changetype', 'change');
  const feeRateMin = rate(
    'mintxfee',
    SPEND.feeRateMin,
    'This is the minimum transaction fee you pay on every transaction.',
  );
  const groupingFeeMaxSat = readGroupingFee(settings, warnings);
  const fallbackFeeRate = rate(
    'fallbackfee',
    SPEND.fallbackFeeRate,
    'This is the transaction fee you may pay when fee estimates are not available.',
  );
  const discardFeeRate = rate(
    'discardfee',
    SPEND.discardFeeRate,
    'This is the transaction fee you may discard if change is smaller than dust at this level',
  );
  const feeMaxSat = readFeeMax(settings, relayMinFeeRate, warnings);
  const consolidateFeeRate = readMoney(settings, 'consolidatefeerate') ?? SPEND.consolidateFeeRate;
  if (relayMinFeeRate > HIGH_FEE_RATE) {
    warnings.push(`${highWarning('minrelaytxfee')} The wallet will avoid paying less than the minimum relay fee.`);
  }
  const signalsReplacement = settings.getFlag('walletrbf');
  if (signalsReplacement !== undefined) {
    warnings.push('-walletrbf is deprecated and will be fully removed in the next release.');
  }
  return {
    spend: {
      ...SPEND,
      confirmTarget: settings.getInteger('txconfirmtarget') ?? SPEND.confirmTarget,
      spendsUnconfirmedChange: flag('spendzeroconfchange', SPEND.spendsUnconfirmedChange),
      signalsReplacement: signalsReplacement ?? SPEND.signalsReplacement,
      feeRateMin,
      fallbackFeeRate,
      discardFeeRate,
      consolidateFeeRate,
      groupingFeeMaxSat,
      feeMaxSat,
      ancestorCountMax: settings.getInteger('limitancestorcount') ?? SPEND.ancestorCountMax,
      descendantCountMax: settings.getInteger('limitdescendantcount') ?? SPEND.descendantCountMax,
      rejectsLongChains: flag('walletrejectlongchains', SPEND.rejectsLongChains),
    },
    addressType,
    changeType,
    keypoolSize: Math.max(settings.getInteger('keypool') ?? KEYPOOL_SIZE, 1),
    // A node that takes no transactions from the network sends none of its own, unless told so.
    broadcasts: flag('walletbroadcast', !flag('blocksonly', false)),
    avoidsPartialSpends: flag('avoidpartialspends', false),
    allowsOtherChains: flag('walletcrosschain', false),
  };
}

function highWarning(name: string): string {
  return `-${name} is set very high!`;
}

function readType(settings: Settings, name: string, what: string): AddressType | null {
  const text = settings.getText(name) ?? '';
  if (text === '') return null;
  const type = ADDRESS_TYPES.find((one) => one === text);
  if (type === undefined) throw new OptionFault(`Unknown ${what} type '${text}'`);
  return type;
}

function readMoney(settings: Settings, name: string): number | null {
  const text = settings.getText(name);
  if (text === undefined) return null;
  const valueSat = parseMoney(text);
  if (valueSat === null) throw new OptionFault(`Invalid amount for -${name}=<amount>: '${text}'`);
  return valueSat;
}

function readGroupingFee(settings: Settings, warnings: string[]): number {
  if (settings.getText('maxapsfee') === '-1') return -1;
  const feeSat = readMoney(settings, 'maxapsfee') ?? SPEND.groupingFeeMaxSat;
  if (feeSat > HIGH_GROUPING_FEE_SAT) {
    warnings.push(
      `${highWarning('maxapsfee')} This is the maximum transaction fee you pay (in addition to the normal fee) to prioritize partial spend avoidance over regular coin selection.`,
    );
  }
  return feeSat;
}

function readFeeMax(settings: Settings, relayMinFeeRate: number, warnings: string[]): number {
  const feeMaxSat = readMoney(settings, 'maxtxfee');
  if (feeMaxSat === null) return SPEND.feeMaxSat;
  if (feeMaxSat > HIGH_FEE_MAX_SAT) {
    warnings.push('-maxtxfee is set very high! Fees this large could be paid on a single transaction.');
  }
  // The fee of a transaction of 1,000 virtual bytes, which is the rate as a number.
  if (feeMaxSat < relayMinFeeRate) {
    const text = settings.getText('maxtxfee') ?? '';
    throw new OptionFault(
      `Invalid amount for -maxtxfee=<amount>: '${text}' (must be at least the minrelay fee of ${formatFeerate(relayMinFeeRate)} to prevent stuck transactions)`,
    );
  }
  return feeMaxSat;
}
