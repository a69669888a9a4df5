// What a person does at the page, step by step, by what is written on it: the words come from the page's own texts, so that the same
// person reads English or Chinese.

import assert from 'node:assert/strict';
import type { Locator } from 'playwright-core';
import { formatWalletPart } from '../../src/web/views/wallet/wallet-path.ts';
import { LOOK_MS, PATIENCE_MS, type Visitor } from './visitor.ts';

/** What the review of a payment names, as it is written. */
export interface Review {
  readonly amount: string;
  readonly fee: string;
  readonly total: string;
}

/** A wallet that a person has made. */
export interface NewWallet {
  readonly name: string;
  readonly words: readonly string[];
  /** Empty: none. */
  readonly passphrase: string;
}

/** What has not changed for so long rests. */
const REST_MS = 2000;

/** A person at a page. */
export class Person {
  readonly visitor: Visitor;

  constructor(visitor: Visitor) {
    this.visitor = visitor;
  }

  get #page() {
    return this.visitor.page;
  }

  get #texts() {
    return this.visitor.texts;
  }

  /** Goes to a view by the navigation. */
  async goTo(view: 'ledger' | 'wallet' | 'miner' | 'network' | 'audit' | 'learn'): Promise<void> {
    const { common } = this.#texts;
    const navigation = this.#page.getByRole('navigation', { name: common.mainNavigation });
    await navigation.getByRole('link', { name: common[view], exact: true }).click();
    await this.#page.waitForURL(`**/${view}`);
  }

  /** Goes to a part of a wallet, by the list of wallets and the tabs. */
  async openWallet(
    name: string,
    part: 'overview' | 'receive' | 'send' | 'history' | 'coins' | 'safety',
  ): Promise<void> {
    const { frame } = this.#texts.wallet;
    const path = `${this.visitor.origin}/wallet/${encodeURIComponent(formatWalletPart(name))}`;
    if (!this.#page.url().startsWith(path)) {
      await this.goTo('wallet');
      await this.#page.getByRole('link', { name }).click();
    }
    const tabs = this.#page.getByRole('navigation', { name: frame.tabs });
    await tabs.getByRole('link', { name: frame[part], exact: true }).click();
    await this.visitor.isSettled();
  }

  /** Makes a wallet: name, words, the check of three of them (once with a wrong one), and a passphrase if there is one. */
  async createWallet(name: string, passphrase: string): Promise<NewWallet> {
    const { create, list } = this.#texts.wallet;
    await this.goTo('wallet');
    await this.#page.getByRole('link', { name: list.create }).click();
    await this.#page.getByLabel(create.name, { exact: true }).fill(name);
    await this.#press(create.showWords);
    await this.visitor.sees(create.wordsStep);
    const words = await this.#page.locator('.words li').allTextContents();
    assert.equal(words.length, 12);
    await this.#press(create.written);
    await this.#typeWords(words.map(() => 'zoo'));
    await this.#press(create.check);
    await this.#page.getByText(create.wordWrong).first().waitFor();
    await this.#typeWords(words);
    await this.#press(create.check);
    await this.visitor.sees(create.passphraseStep);
    if (passphrase !== '') {
      await this.#page.getByLabel(create.passphrase, { exact: true }).fill(passphrase);
      await this.#page.getByLabel(create.repeat, { exact: true }).fill(passphrase);
    }
    await this.#press(passphrase === '' ? create.finishOpen : create.finish);
    await this.visitor.sees(name);
    return { name, words, passphrase };
  }

  /** Has the words of a wallet shown again: they are the same, and gone once they are put away. */
  async seesWords({ name, words, passphrase }: NewWallet): Promise<void> {
    const { safety } = this.#texts.wallet;
    await this.openWallet(name, 'safety');
    await this.#press(safety.showWords);
    if (passphrase !== '') await this.#unlock(passphrase);
    const shown = this.#page.locator('.words li');
    await shown.first().waitFor();
    assert.deepEqual(await shown.allTextContents(), words);
    await this.#press(safety.hideWords);
    await shown.first().waitFor({ state: 'detached' });
  }

  /** Types those words that are asked for. */
  async #typeWords(words: readonly string[]): Promise<void> {
    const { create } = this.#texts.wallet;
    await this.visitor.sees(create.checkStep);
    let asked = 0;
    for (const [place, word] of words.entries()) {
      const field = this.#page.getByLabel(create.wordAt(String(place + 1)), { exact: true });
      if ((await field.count()) === 0) continue;
      asked++;
      await field.fill(word);
    }
    assert.equal(asked, 3);
  }

  /** Has the miner work for a wallet. */
  async mineFor(name: string): Promise<void> {
    const { miner } = this.#texts;
    await this.goTo('miner');
    await this.#press(miner.useWallet(name));
    await this.#page.getByText(miner.changeAddress).waitFor();
    await this.turnMiner(true);
  }

  /** Turns the miner on or off. */
  async turnMiner(isOn: boolean): Promise<void> {
    await this.goTo('miner');
    const { miner } = this.#texts;
    const wanted = this.#page.getByRole('switch', { name: miner.turnOn });
    if ((await wanted.getAttribute('aria-checked')) !== String(isOn)) await wanted.click();
    await this.#page.locator(`[role=switch][aria-checked=${isOn}]`).waitFor();
  }

  /** Resolves to what a wallet can spend, as it is written, when that fits; it changes on screen by itself. */
  async seesBalance(name: string, fits: (amount: string) => boolean): Promise<string> {
    await this.openWallet(name, 'overview');
    return this.#seesAmount(this.#page.locator('.balance-sum'), fits);
  }

  /** What a wallet can spend once nothing changes it any more, on a page that is loaded anew. */
  async restingBalance(name: string): Promise<string> {
    await this.openWallet(name, 'overview');
    await this.#page.reload();
    for (let before = ''; ; ) {
      const amount = await this.seesBalance(name, () => true);
      if (amount === before) return amount;
      before = amount;
      await this.#page.waitForTimeout(REST_MS);
    }
  }

  /** The same for what is on its way to the wallet. */
  async seesPending(name: string, fits: (amount: string) => boolean): Promise<string> {
    await this.openWallet(name, 'overview');
    return this.#seesAmount(this.#beside(this.#texts.wallet.overview.pending), fits);
  }

  /** Resolves when the history of a wallet has a payment of an amount that waits for a block, or does not wait any more. */
  async seesPayment(name: string, kind: 'in' | 'out', amount: string, isWaiting: boolean): Promise<void> {
    const { history } = this.#texts.wallet;
    await this.openWallet(name, 'history');
    await this.#page.locator('.pick').getByText(history[kind], { exact: true }).click();
    const list = this.#page.getByRole('list', { name: history.list });
    const waiting = this.#page.getByText(history.waiting, { exact: true });
    const row = list.getByRole('button').filter({ hasText: amount });
    await row
      .filter(isWaiting ? { has: waiting } : { hasNot: waiting })
      .first()
      .waitFor();
  }

  /** An address of a wallet, shown with its code. */
  async showAddress(name: string): Promise<string> {
    const { receive } = this.#texts.wallet;
    await this.openWallet(name, 'receive');
    const first = this.#page.getByRole('button', { name: receive.first });
    if ((await first.count()) > 0) await first.click();
    const label = await this.#page.locator('.receive-card').getByRole('img').getAttribute('aria-label');
    const address = /[a-z]+1[a-z0-9]{38,}/.exec(label ?? '')?.[0];
    assert.ok(address !== undefined, `an address in "${label}"`);
    return address;
  }

  /** Pays, after a look at the review; resolves to what the review named once the payment is on its way. */
  async pay(from: NewWallet, to: string, amount: string, note: string): Promise<Review> {
    const { send, review, unlock } = this.#texts.wallet;
    await this.openWallet(from.name, 'send');
    await this.#page.getByLabel(send.to, { exact: true }).fill(to);
    await this.#page.getByText(send.goodAddress).waitFor();
    await this.#page.getByLabel(send.amount).fill(amount);
    await this.#page.getByLabel(send.label).fill(note);
    await this.#press(send.review);
    await this.visitor.sees(review.title);
    const shown = {
      amount: await this.#amount(this.#page.locator('.bill-amount')),
      fee: await this.#amount(this.#beside(review.fee)),
      total: await this.#amount(this.#beside(review.total)),
    };
    await this.#press(review.send);
    if (from.passphrase !== '') {
      await this.#unlock(`not ${from.passphrase}`);
      await this.#page.getByText(unlock.wrong).waitFor();
      await this.#unlock(from.passphrase);
    }
    await this.visitor.sees(review.sent);
    return shown;
  }

  async #unlock(passphrase: string): Promise<void> {
    const { unlock } = this.#texts.wallet;
    await this.#page.locator('dialog').getByLabel(unlock.passphrase, { exact: true }).fill(passphrase);
    await this.#press(unlock.go);
  }

  async #seesAmount(place: Locator, fits: (amount: string) => boolean): Promise<string> {
    const endMs = performance.now() + PATIENCE_MS;
    for (let amount = ''; ; ) {
      if ((await place.count()) > 0) amount = await this.#amount(place);
      if (amount !== '' && fits(amount)) return amount;
      assert.ok(performance.now() < endMs, `waited in vain, the amount is ${amount}`);
      await this.#page.waitForTimeout(LOOK_MS);
    }
  }

  /** What stands beside a name. */
  #beside(name: string): Locator {
    return this.#page.locator('dt', { hasText: name }).locator('xpath=following-sibling::dd[1]');
  }

  /** The first amount in something, as those hear it who listen, without the unit. */
  async #amount(place: Locator): Promise<string> {
    const text = (await place.locator('.amount .visually-hidden').first().textContent()) ?? '';
    return text.split(' ')[0]!;
  }

  async #press(name: string): Promise<void> {
    await this.#page.getByRole('button', { name, exact: true }).click();
  }
}
