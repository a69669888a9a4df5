// Connecting a block to the coins (Core Chainstate::ConnectBlock): every input spends an existing, ripe coin, nobody pays out more
// than he puts in, signature operations stay in bounds, the coinbase takes no more than its due. Scripts are not run here; the
// result carries jobs for that. The block has passed checkBlock and contextualCheckBlock. Pure and without waiting: coins that
// may be on a disk were fetched before. After a refusal the overlay is half-changed; its owner resets it.

import { writeU32 } from '../encoding/numbers.ts';
import { isMoneyRange, MAX_MONEY } from '../primitives/amount.ts';
import type { Block } from '../primitives/block.ts';
import { formatHash, HASH_BYTES } from '../primitives/hashes.ts';
import { OUTPOINT_BYTES } from '../primitives/outpoint.ts';
import type { Transaction } from '../primitives/transaction.ts';
import { equalBytes } from '../util/bytes.ts';
import { err, ok, type Result } from '../util/result.ts';
import { checkNoOverwrite, mustSearchForOverwrites } from './bip30.ts';
import { CoinRef, encodeCoinCode } from './coin.ts';
import type { CoinsOverlay } from './coins-overlay.ts';
import { getBlockScriptFlags, isActiveAt } from './deployments.ts';
import type { HeaderBranch } from './header-branch.ts';
import { MAX_BLOCK_SIGOPS_COST } from './limits.ts';
import type { ConsensusParams } from './params.ts';
import { type BlockReject, rejectBlock, rejectBlockForTx, type TxReject } from './reject.ts';
import type { ScriptJob } from './script-job.ts';
import { computeSigopCost } from './sigop-cost.ts';
import { SpentCoins } from './spent-coins.ts';
import { getBlockSubsidy } from './subsidy.ts';
import {
  areSequenceLocksOver,
  checkTxInputs,
  computeOutputTotal,
  computeSequenceLocks,
  rejectMissingCoin,
} from './tx-verify.ts';
import type { BlockUndo } from './undo.ts';

/** What connecting a block yields besides the changes in the overlay. */
export interface ConnectedBlock {
  readonly undo: BlockUndo;
  /** Fees of all transactions. */
  readonly feesSat: number;
  /** Cost of the signature operations of the block (BIP141). */
  readonly sigopsCost: number;
  /** Rules that the scripts of this block are held to. */
  readonly scriptFlags: number;
  /** The block is valid only when every job succeeds under {@link scriptFlags}. */
  readonly scriptJobs: readonly ScriptJob[];
}

/**
 * Applies a block to the coins. `branch` ends with the parent of the block, and `overlay` holds the coins after that parent.
 *
 * @example
 * const connected = connectBlock(block, overlay, branch, params);
 * if (!connected.ok) return connected.error;
 * const failure = runScriptJobs(connected.value.scriptJobs, verifier, connected.value.scriptFlags);
 */
export function connectBlock(
  block: Block,
  overlay: CoinsOverlay,
  branch: HeaderBranch,
  params: ConsensusParams,
): Result<ConnectedBlock, BlockReject> {
  // The coinbase of the first block of a ledger never became a coin, and so it is with every node.
  if (equalBytes(block.header.blockHash, params.genesisHash)) return ok(GENESIS_CONNECTED);
  return new BlockConnection(block, overlay, branch, params).run();
}

const GENESIS_CONNECTED: ConnectedBlock = Object.freeze({
  undo: Object.freeze({ coins: new SpentCoins(0), firstCoins: new Uint32Array(1) }),
  feesSat: 0,
  sigopsCost: 0,
  scriptFlags: 0,
  scriptJobs: [],
});

/** One block on its way into the coins: the running sums, and scratch that every input and output shares. */
class BlockConnection {
  readonly #block: Block;
  readonly #overlay: CoinsOverlay;
  readonly #branch: HeaderBranch;
  readonly #params: ConsensusParams;
  readonly #height: number;
  readonly #scriptFlags: number;
  readonly #hasSequenceLocks: boolean;
  readonly #spent: SpentCoins;
  readonly #firstCoins: Uint32Array;
  readonly #coin: CoinRef = new CoinRef();
  readonly #outpoint: Uint8Array = new Uint8Array(OUTPOINT_BYTES);
  #feesSat = 0;
  #sigopsCost = 0;

  constructor(block: Block, overlay: CoinsOverlay, branch: HeaderBranch, params: ConsensusParams) {
    this.#block = block;
    this.#overlay = overlay;
    this.#branch = branch;
    this.#params = params;
    this.#height = branch.height + 1;
    this.#scriptFlags = getBlockScriptFlags(params, this.#height, block.header.blockHash);
    this.#hasSequenceLocks = isActiveAt(params, 'csv', this.#height);
    this.#spent = new SpentCoins(countSpends(block));
    this.#firstCoins = new Uint32Array(block.txCount);
  }

  run(): Result<ConnectedBlock, BlockReject> {
    const reject = this.#checkOverwrites() ?? this.#connectTransactions() ?? this.#checkReward();
    if (reject !== null) return err(reject);
    return ok({
      undo: { coins: this.#spent, firstCoins: this.#firstCoins },
      feesSat: this.#feesSat,
      sigopsCost: this.#sigopsCost,
      scriptFlags: this.#scriptFlags,
      scriptJobs: this.#createScriptJobs(),
    });
  }

  #checkOverwrites(): BlockReject | null {
    const mustSearch = mustSearchForOverwrites(this.#params, this.#branch, this.#block.header.blockHash);
    return mustSearch ? checkNoOverwrite(this.#block, this.#overlay) : null;
  }

  #connectTransactions(): BlockReject | null {
    for (let i = 0; i < this.#block.txCount; i++) {
      const tx = this.#block.transaction(i);
      const reject = (i > 0 ? this.#spendInputs(tx, i) : null) ?? this.#countSigops(tx, i);
      if (reject !== null) return reject;
      this.#addOutputs(tx, i === 0);
    }
    return null;
  }

  /** Takes the coins of a transaction and checks what it does with them. */
  #spendInputs(tx: Transaction, txIndex: number): BlockReject | null {
    const firstCoin = this.#spent.count;
    this.#firstCoins[txIndex - 1] = firstCoin;
    this.#firstCoins[txIndex] = firstCoin + tx.inputCount;
    for (let i = 0; i < tx.inputCount; i++) {
      if (!this.#overlay.spendCoin(tx.bytes, tx.prevoutStart(i), this.#coin)) {
        return rejectInBlock(rejectMissingCoin(tx, i), tx, txIndex);
      }
      this.#spent.append(this.#coin);
    }
    const fee = checkTxInputs(tx, this.#spent, firstCoin, this.#height);
    if (!fee.ok) return rejectInBlock(fee.error, tx, txIndex);
    this.#feesSat += fee.value;
    if (!isMoneyRange(this.#feesSat)) return rejectFees(this.#feesSat, txIndex);
    return this.#hasSequenceLocks ? this.#checkSequenceLocks(tx, txIndex, firstCoin) : null;
  }

  #checkSequenceLocks(tx: Transaction, txIndex: number, firstCoin: number): BlockReject | null {
    const locks = computeSequenceLocks(tx, this.#spent, firstCoin, this.#branch);
    if (areSequenceLocksOver(locks, this.#branch)) return null;
    return rejectBlock('consensus', 'bad-txns-nonfinal', 'sequence-lock', {
      debug: `contains a non-BIP68-final transaction ${formatHash(tx.txid)}`,
      txIndex,
    });
  }

  #countSigops(tx: Transaction, txIndex: number): BlockReject | null {
    const firstCoin = txIndex === 0 ? 0 : this.#firstCoins[txIndex - 1]!;
    this.#sigopsCost += computeSigopCost(tx, this.#spent, firstCoin, this.#scriptFlags);
    if (this.#sigopsCost <= MAX_BLOCK_SIGOPS_COST) return null;
    return rejectBlock('consensus', 'bad-blk-sigops', 'sigops-cost', {
      debug: 'too many sigops',
      actual: this.#sigopsCost,
      expected: MAX_BLOCK_SIGOPS_COST,
      txIndex,
    });
  }

  #addOutputs(tx: Transaction, isCoinbase: boolean): void {
    const code = encodeCoinCode(this.#height, isCoinbase);
    const outpoint = this.#outpoint;
    outpoint.set(tx.txid, 0);
    for (let j = 0; j < tx.outputCount; j++) {
      writeU32(outpoint, HASH_BYTES, j);
      this.#coin.point(tx.bytes, tx.outputStart(j), tx.outputEnd(j), code);
      this.#overlay.addCoin(outpoint, 0, this.#coin, isCoinbase);
    }
  }

  #checkReward(): BlockReject | null {
    const limitSat = this.#feesSat + getBlockSubsidy(this.#height, this.#params);
    const actualSat = computeOutputTotal(this.#block.transaction(0));
    if (actualSat <= limitSat) return null;
    return rejectBlock('consensus', 'bad-cb-amount', 'coinbase-amount', {
      debug: `coinbase pays too much (actual=${actualSat} vs limit=${limitSat})`,
      actual: actualSat,
      expected: limitSat,
      txIndex: 0,
    });
  }

  #createScriptJobs(): readonly ScriptJob[] {
    const jobs: ScriptJob[] = [];
    for (let i = 1; i < this.#block.txCount; i++) {
      const transaction = this.#block.transaction(i);
      const spent = this.#spent.outputs(this.#firstCoins[i - 1]!, transaction.inputCount);
      jobs.push({ txIndex: i, transaction, spent });
    }
    return jobs;
  }
}

function countSpends(block: Block): number {
  let count = 0;
  for (let i = 1; i < block.txCount; i++) count += block.transaction(i).inputCount;
  return count;
}

function rejectInBlock(reject: TxReject, tx: Transaction, txIndex: number): BlockReject {
  return rejectBlockForTx(reject, txIndex, `${reject.debug ?? ''} in transaction ${formatHash(tx.txid)}`);
}

function rejectFees(feesSat: number, txIndex: number): BlockReject {
  return rejectBlock('consensus', 'bad-txns-accumulated-fee-outofrange', 'block-fees-range', {
    debug: 'accumulated fee in the block out of range',
    actual: feesSat,
    expected: MAX_MONEY,
    txIndex,
  });
}
