// English, section by section. It is the measure: every other language has the same keys.

import { auditEn } from './en/audit.ts';
import { commonEn } from './en/common.ts';
import { ledgerEn } from './en/ledger.ts';
import { minerEn } from './en/miner.ts';
import { networkEn } from './en/network.ts';
import { refusalEn } from './en/refusal.ts';
import { walletEn } from './en/wallet.ts';

/** All texts in English. */
export const en = {
  common: commonEn,
  ledger: ledgerEn,
  wallet: walletEn,
  miner: minerEn,
  network: networkEn,
  audit: auditEn,
  refusal: refusalEn,
};

/** All texts of a language. */
export type Messages = typeof en;
