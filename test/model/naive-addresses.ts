// What the index of addresses must say, told by a slow walk over the whole chain: every script with its payments, balance and coins,
// and every block with its fees and what its miner took. Shares no code with the index.

import assert from 'node:assert/strict';
import type { Chainstate } from '../../src/kernel/chain/chainstate.ts';
import { formatHash } from '../../src/kernel/primitives/hashes.ts';
import { fromHex, toHex } from '../../src/kernel/util/bytes.ts';
import type { IndexService } from '../../src/node/app/index-service.ts';

/** A script of the slow walk. */
interface NaiveScript {
  balanceSat: number;
  /** `height txid received spent balance`, in order. */
  readonly payments: string[];
  /** `txid:index value height` of what is unspent. */
  readonly coins: Map<string, string>;
}

/** A walk over a chain, block by block. */
class NaiveLedger {
  readonly scripts: Map<string, NaiveScript> = new Map();
  /** `fees reward total fees total rewards` by height. */
  readonly summaries: string[] = [];
  readonly #coins: Map<string, { readonly script: string; readonly valueSat: number }> = new Map();
  #feesSat = 0;
  #rewardsSat = 0;

  async add(chain: Chainstate, height: number): Promise<void> {
    const block = await chain.readBlock(chain.active.at(height));
    let feesSat = 0;
    let rewardSat = 0;
    for (let i = 0; i < block.txCount; i++) {
      const tx = block.transaction(i);
      const touched = new Map<string, { receivedSat: number; spentSat: number }>();
      const touch = (script: string) => {
        const sums = touched.get(script) ?? { receivedSat: 0, spentSat: 0 };
        touched.set(script, sums);
        return sums;
      };
      for (let k = 0; i > 0 && k < tx.inputCount; k++) {
        const { txid, index } = tx.prevout(k);
        const name = `${formatHash(txid)}:${index}`;
        const coin = this.#coins.get(name)!;
        this.#coins.delete(name);
        this.scripts.get(coin.script)!.coins.delete(name);
        touch(coin.script).spentSat += coin.valueSat;
        feesSat += coin.valueSat;
      }
      for (let j = 0; j < tx.outputCount; j++) {
        const valueSat = tx.valueSat(j);
        const script = toHex(tx.scriptPubKey(j));
        if (i === 0) rewardSat += valueSat;
        else feesSat -= valueSat;
        if (height === 0 || script.startsWith('6a')) continue;
        const name = `${formatHash(tx.txid)}:${j}`;
        this.#coins.set(name, { script, valueSat });
        this.#script(script).coins.set(name, `${valueSat} ${height} ${i === 0}`);
        touch(script).receivedSat += valueSat;
      }
      for (const [script, { receivedSat, spentSat }] of touched) {
        const naive = this.#script(script);
        naive.balanceSat += receivedSat - spentSat;
        naive.payments.push(`${height} ${formatHash(tx.txid)} ${receivedSat} ${spentSat} ${naive.balanceSat}`);
      }
    }
    if (height > 0) {
      this.#feesSat += feesSat;
      this.#rewardsSat += rewardSat;
    }
    const sizes = `${block.bytes.length} ${block.strippedSize * 3 + block.totalSize}`;
    this.summaries.push(`${block.txCount} ${sizes} ${feesSat} ${rewardSat} ${this.#feesSat} ${this.#rewardsSat}`);
  }

  #script(script: string): NaiveScript {
    const found = this.scripts.get(script) ?? { balanceSat: 0, payments: [], coins: new Map() };
    this.scripts.set(script, found);
    return found;
  }
}

/** Asserts that the index of addresses, where there is one, says of the active chain what a walk over it says. */
export async function assertAddressesOfChain(chain: Chainstate, indexes: IndexService): Promise<void> {
  const { addresses } = indexes;
  if (addresses === null) return;
  const ledger = new NaiveLedger();
  for (let height = 0; height <= chain.height; height++) await ledger.add(chain, height);
  for (const [script, naive] of ledger.scripts) {
    const bytes = fromHex(script);
    const account = await addresses.readAccount(bytes);
    assert.deepEqual(
      account,
      { paymentCount: naive.payments.length, unspentCount: naive.coins.size, balanceSat: naive.balanceSat },
      `account of ${script}`,
    );
    const payments = await addresses.readPayments(bytes, account.paymentCount, 1_000_000);
    const told = payments.map(
      ({ height, txid, receivedSat, spentSat, balanceSat }) =>
        `${height} ${formatHash(txid)} ${receivedSat} ${spentSat} ${balanceSat}`,
    );
    assert.deepEqual(told.reverse(), naive.payments, `payments of ${script}`);
    const unspent = await addresses.readUnspent(bytes, 1_000_000);
    const coins = unspent.map(({ outpoint, valueSat, height, isCoinbase }) => [
      `${formatHash(outpoint.txid)}:${outpoint.index}`,
      `${valueSat} ${height} ${isCoinbase}`,
    ]);
    assert.deepEqual(new Map(coins as [string, string][]), naive.coins, `coins of ${script}`);
  }
  const entries = Array.from({ length: chain.height + 1 }, (_, height) => chain.active.at(height));
  const summaries = (await addresses.readSummaries(entries)).map((row) => {
    const { summary, totals } = row!;
    const { transactionCount, sizeBytes, weightWu, feesSat, rewardSat } = summary;
    return `${transactionCount} ${sizeBytes} ${weightWu} ${feesSat} ${rewardSat} ${totals.feesSat} ${totals.rewardSat}`;
  });
  assert.deepEqual(summaries, ledger.summaries);
}
