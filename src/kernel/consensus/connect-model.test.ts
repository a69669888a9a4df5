// Random chains of payments, connected and disconnected, against the model that keeps coins as lines of text.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ANYONE, makeTx, NOBODY, outputOf, pay, spend, TestChain } from '../../../test/model/block-builder.ts';
import { CoinsModel, describeCoins, describeModel } from '../../../test/model/coins-model.ts';
import type { Outpoint } from '../primitives/outpoint.ts';
import type { Transaction } from '../primitives/transaction.ts';

interface Available {
  readonly outpoint: Outpoint;
  readonly valueSat: number;
  readonly ripeHeight: number;
}

/** A chain, its model, and what could be spent, as it was after each block. */
class Pair {
  readonly chain: TestChain = new TestChain();
  readonly model: CoinsModel = new CoinsModel();
  readonly #available: Available[][] = [[]];

  connect(choices: readonly number[]): void {
    const height = this.chain.height + 1;
    const available = this.#available.at(-1)!.slice();
    const transactions: Transaction[] = [];
    for (const choice of choices) {
      const ripe = available.filter((coin) => coin.ripeHeight <= height);
      if (ripe.length > 0) transactions.push(this.#spendSome(choice, ripe, available, height));
    }
    const block = this.chain.mine({ transactions });
    this.model.connect(block, height);
    const coinbase = block.transaction(0);
    available.push({ outpoint: outputOf(coinbase), valueSat: coinbase.valueSat(0), ripeHeight: height + 100 });
    this.#available.push(available);
  }

  /** A transaction of one to three inputs and outputs as `choice` has it; changes what is available. */
  #spendSome(choice: number, ripe: readonly Available[], available: Available[], height: number): Transaction {
    const count = Math.min(1 + (choice % 3), ripe.length);
    const taken = Array.from({ length: count }, (_, k) => ripe[(choice + k) % ripe.length]!);
    for (const coin of taken) available.splice(available.indexOf(coin), 1);
    const totalSat = taken.reduce((sum, coin) => sum + coin.valueSat, 0);
    const outputCount = 1 + ((choice >>> 4) % 3);
    const outputs = Array.from({ length: outputCount }, (_, j) => {
      const script = (choice >>> (8 + j)) % 5 === 0 ? NOBODY : ANYONE;
      return pay(Math.floor(totalSat / outputCount), script);
    });
    const tx = makeTx(
      taken.map((coin) => spend(coin.outpoint)),
      outputs,
    );
    outputs.forEach((output, j) => {
      if (output.scriptPubKey === NOBODY) return;
      available.push({ outpoint: outputOf(tx, j), valueSat: output.valueSat, ripeHeight: height });
    });
    return tx;
  }

  disconnect(): void {
    assert.equal(this.chain.disconnect(), 'ok');
    this.model.disconnect();
    this.#available.pop();
  }

  compare(): void {
    assert.deepEqual(describeCoins(this.chain.coins), describeModel(this.model));
  }
}

test('any blocks of payments, connected and disconnected in any order, leave the coins that a naive model has', () => {
  const block = fc.array(fc.nat(0xffff), { maxLength: 6 });
  const step = fc.oneof({ weight: 3, arbitrary: block }, { weight: 1, arbitrary: fc.constant('disconnect' as const) });
  fc.assert(
    fc.property(fc.array(step, { minLength: 1, maxLength: 30 }), (steps) => {
      const pair = new Pair();
      for (let i = 0; i < 105; i++) pair.connect([]);
      for (const next of steps) {
        if (next !== 'disconnect') pair.connect(next);
        else if (pair.chain.height > 0) pair.disconnect();
        pair.compare();
      }
      while (pair.chain.height > 0) pair.disconnect();
      pair.compare();
      assert.equal(pair.chain.coins.count, 0);
    }),
    { numRuns: 15 },
  );
});
