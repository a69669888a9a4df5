// Batches of scripts for tests and benchmarks of verifiers: a block of any transactions, packed with what they spend as
// connectBlock packs it. Nothing but the scripts needs to be valid.

import type { ScriptBatch } from '../../src/kernel/chain/ports.ts';
import { CoinRef } from '../../src/kernel/consensus/coin.ts';
import { SpentCoins } from '../../src/kernel/consensus/spent-coins.ts';
import { buildBlock, decodeBlock } from '../../src/kernel/primitives/block.ts';
import { asBlockHash, asMerkleRoot } from '../../src/kernel/primitives/hashes.ts';
import { buildHeader } from '../../src/kernel/primitives/header.ts';
import { SpentOutputs } from '../../src/kernel/primitives/spent-outputs.ts';
import type { Transaction } from '../../src/kernel/primitives/transaction.ts';
import { fakeTxid, makeCoinbase, makeTx, pay, spend } from './block-builder.ts';

/** A transaction and what it spends. */
export interface Spend {
  readonly transaction: Transaction;
  readonly spent: SpentOutputs;
}

/** A transaction with empty inputs that spend outputs with these scripts. */
export function spendScripts(scripts: readonly Uint8Array[]): Spend {
  const inputs = scripts.map((_, index) => spend({ txid: fakeTxid(index), index }));
  return { transaction: makeTx(inputs, [pay(1)]), spent: SpentOutputs.pack(scripts.map((script) => pay(1, script))) };
}

/** The batch of a block with these transactions behind its coinbase; with `isShared` its bytes are in shared memory. */
export function packScriptBatch(spends: readonly Spend[], scriptFlags: number, isShared = false): ScriptBatch {
  const header = buildHeader({
    version: 1,
    previousBlockHash: asBlockHash(new Uint8Array(32)),
    merkleRoot: asMerkleRoot(new Uint8Array(32)),
    timeSec: 0,
    bits: 0,
    nonce: 0,
  });
  const coinbase = makeCoinbase({ height: 1, outputs: [pay(1)] });
  let block = buildBlock(header, [coinbase, ...spends.map(({ transaction }) => transaction)]);
  if (isShared) {
    const bytes = new Uint8Array(new SharedArrayBuffer(block.totalSize));
    bytes.set(block.bytes);
    const decoded = decodeBlock(bytes);
    if (!decoded.ok) throw decoded.error;
    block = decoded.value;
  }
  const coins = new SpentCoins();
  const firstCoins = new Uint32Array(spends.length + 1);
  const coin = new CoinRef();
  spends.forEach(({ spent }, i) => {
    for (let k = 0; k < spent.count; k++) coins.append(coin.point(spent.bytes, spent.start(k), spent.end(k), 0));
    firstCoins[i + 1] = coins.count;
  });
  const scriptJobs = spends.map((_, i) => {
    const transaction = block.transaction(i + 1);
    return { txIndex: i + 1, transaction, spent: coins.outputs(firstCoins[i]!, transaction.inputCount) };
  });
  return { block, connected: { undo: { coins, firstCoins }, feesSat: 0, sigopsCost: 0, scriptFlags, scriptJobs } };
}
