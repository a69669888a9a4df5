// Which payments the next block may have, by the reference ledger: for mempools, which promise nothing else.

import type { OutputText, TransactionText } from './ledger-text.ts';
import { faultOfCoin, isFinal, type LedgerBlock, type ReferenceLedger } from './reference-ledger.ts';

/** Payments by txid. */
export type PaymentTexts = ReadonlyMap<string, TransactionText>;

/** What a payment comes to: its fee, or what is wrong with it. */
export type PaymentVerdict = { readonly feeSat: bigint } | { readonly fault: string };

/** The block after `tip`, whatever it will be. */
export class NextBlock {
  readonly #ledger: ReferenceLedger;
  readonly #tip: LedgerBlock;
  readonly #medianSec: number;

  constructor(ledger: ReferenceLedger, tip: LedgerBlock) {
    this.#ledger = ledger;
    this.#tip = tip;
    this.#medianSec = ledger.medianTimeSec(tip);
  }

  /** Judges a payment in the company of others, whose outputs it may spend. Who else spends its coins is not looked at. */
  judge(payment: TransactionText, others: PaymentTexts): PaymentVerdict {
    const height = this.#tip.height + 1;
    let restSat = 0n;
    for (const outpoint of payment.spends) {
      const output = findOutput(outpoint, others);
      const coin = output === null ? this.#ledger.coin(outpoint, this.#tip) : { ...output, height, isCoinbase: false };
      if (coin === undefined) return { fault: `it spends ${outpoint}, which is no coin` };
      const wrong = faultOfCoin(coin, height);
      if (wrong !== null) return { fault: `it spends ${outpoint}, ${wrong}` };
      restSat += coin.valueSat;
    }
    for (const { valueSat } of payment.outputs) restSat -= valueSat;
    if (restSat < 0n) return { fault: 'it pays more than it takes' };
    return isFinal(payment, height, this.#medianSec) ? { feeSat: restSat } : { fault: 'it is not final' };
  }

  /** Those of some payments that can be in the next block together; no two of them may spend the same coin. */
  keep(payments: PaymentTexts): Map<string, TransactionText> {
    const kept = new Map<string, TransactionText>();
    for (let before = -1; before < kept.size; ) {
      before = kept.size;
      for (const [txid, payment] of payments) {
        if (!kept.has(txid) && 'feeSat' in this.judge(payment, kept)) kept.set(txid, payment);
      }
    }
    return kept;
  }
}

function findOutput(outpoint: string, payments: PaymentTexts): OutputText | null {
  const [txid, index] = outpoint.split(':') as [string, string];
  return payments.get(txid)?.outputs[Number(index)] ?? null;
}
