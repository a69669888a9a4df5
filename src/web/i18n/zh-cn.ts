// Simplified Chinese, section by section.

import type { Messages } from './en.ts';
import { auditZh } from './zh-cn/audit.ts';
import { commonZh } from './zh-cn/common.ts';
import { ledgerZh } from './zh-cn/ledger.ts';
import { minerZh } from './zh-cn/miner.ts';
import { networkZh } from './zh-cn/network.ts';
import { refusalZh } from './zh-cn/refusal.ts';
import { walletZh } from './zh-cn/wallet.ts';

/** All texts in simplified Chinese. */
export const zhCn: Messages = {
  common: commonZh,
  ledger: ledgerZh,
  wallet: walletZh,
  miner: minerZh,
  network: networkZh,
  audit: auditZh,
  refusal: refusalZh,
};
