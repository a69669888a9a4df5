// Runs of blocks that follow one another: connected from the genesis block with every rule, each undone and redone with the
// coins compared byte for byte; or, where a run begins in the middle of a chain, checked as far as its own outputs reach.

import { checkBlock, contextualCheckBlock } from '../../src/kernel/consensus/block-check.ts';
import { CoinRef, encodeCoinCode } from '../../src/kernel/consensus/coin.ts';
import { CoinsOverlay } from '../../src/kernel/consensus/coins-overlay.ts';
import { getBlockScriptFlags, isActiveAt } from '../../src/kernel/consensus/deployments.ts';
import { disconnectBlock } from '../../src/kernel/consensus/disconnect-block.ts';
import { computeMedianTimePast, MemoryHeaderBranch } from '../../src/kernel/consensus/header-branch.ts';
import { checkNextHeader } from '../../src/kernel/consensus/header-check.ts';
import { MemoryCoins } from '../../src/kernel/consensus/memory-coins.ts';
import { createNetworkParams, NETWORK_NAMES, type NetworkName } from '../../src/kernel/consensus/networks/all.ts';
import type { ChainParams, ConsensusParams } from '../../src/kernel/consensus/params.ts';
import { formatReject } from '../../src/kernel/consensus/reject.ts';
import { type JobVerifier, runScriptJob } from '../../src/kernel/consensus/script-job.ts';
import { computeSigopCost } from '../../src/kernel/consensus/sigop-cost.ts';
import { SpentCoins } from '../../src/kernel/consensus/spent-coins.ts';
import { areSequenceLocksOver, checkTxInputs, computeSequenceLocks } from '../../src/kernel/consensus/tx-verify.ts';
import type { BlockUndo } from '../../src/kernel/consensus/undo.ts';
import { validateBlock } from '../../src/kernel/consensus/validate-block.ts';
import { writeU32 } from '../../src/kernel/encoding/numbers.ts';
import type { Block } from '../../src/kernel/primitives/block.ts';
import type { BlockHeader } from '../../src/kernel/primitives/header.ts';
import type { Transaction } from '../../src/kernel/primitives/transaction.ts';
import { InputVerifier } from '../../src/kernel/script/verify.ts';
import { equalBytes } from '../../src/kernel/util/bytes.ts';
import { TEST_RNG } from '../model/block-builder.ts';
import { getCurve } from './curve.ts';
import { FingerprintedCoins } from './fingerprinted-coins.ts';
import { KnownBranch } from './known-branch.ts';

/** A clock that no block of the past is ahead of. */
const LATE_SEC = 0xffffffff;

/** The network whose genesis block is this one, or the parent of this one; null for a block further up. */
export function findNetwork(first: Block): ChainParams | null {
  const { blockHash, previousBlockHash } = first.header;
  for (const name of NETWORK_NAMES) {
    const network = createNetworkParams(name);
    const { genesisHash } = network.consensus;
    if (equalBytes(blockHash, genesisHash) || equalBytes(previousBlockHash, genesisHash)) return network;
  }
  return null;
}

/** A chain in memory that only grows by valid blocks. */
export class Ledger {
  readonly coins: FingerprintedCoins = new FingerprintedCoins();
  readonly branch: MemoryHeaderBranch;
  readonly #params: ConsensusParams;
  readonly #overlay: CoinsOverlay = new CoinsOverlay(this.coins, TEST_RNG);
  readonly #verifier: JobVerifier = new InputVerifier(getCurve());
  readonly #connected: { readonly block: Block; readonly undo: BlockUndo }[] = [];

  constructor(network: ChainParams) {
    this.#params = network.consensus;
    this.branch = new MemoryHeaderBranch([network.genesis.header]);
  }

  /** Connects a block under every rule of header and block; what is wrong, or null. */
  connect(block: Block): string | null {
    const reject = checkNextHeader(block.header, this.branch, this.#params, LATE_SEC);
    if (reject !== null) return formatReject(reject);
    const valid = validateBlock(block, this.#overlay, this.branch, this.#params, { verifier: this.#verifier });
    if (!valid.ok) {
      this.#overlay.reset();
      return formatReject(valid.error);
    }
    this.#overlay.flushInto(this.coins);
    this.branch.append(block.header);
    this.#connected.push({ block, undo: valid.value.undo });
    return null;
  }

  /** Takes the tip off; what is wrong, or null. */
  disconnect(): string | null {
    const last = this.#connected.pop();
    if (last === undefined) return 'no block to disconnect';
    const result = disconnectBlock(last.block, last.undo, this.#overlay, this.branch.height);
    this.#overlay.flushInto(this.coins);
    this.branch.truncate(this.branch.height - 1);
    return result === 'ok' ? null : `disconnect ${result}`;
  }

  /** Connects a block, undoes it and connects it again; what is wrong, or null. */
  connectTwice(block: Block): string | null {
    const before = this.coins.fingerprint();
    const wrong = this.connect(block);
    if (wrong !== null) return wrong;
    const after = this.coins.fingerprint();
    const undone = this.disconnect();
    if (undone !== null) return undone;
    if (this.coins.fingerprint() !== before) return 'other coins after the undo than before the block';
    const again = this.connect(block);
    if (again !== null) return `when connected again: ${again}`;
    return this.coins.fingerprint() === after ? null : 'other coins after the redo than after the block';
  }

  /** True when the block is the tip. */
  isTip(block: Block): boolean {
    return equalBytes(this.branch.blockHash(this.branch.height), block.header.blockHash);
  }

  /** Takes blocks off until the parent of `block` is the tip; what is wrong, or null. */
  rewindTo(block: Block): string | null {
    while (!equalBytes(this.branch.blockHash(this.branch.height), block.header.previousBlockHash)) {
      const wrong = this.disconnect();
      if (wrong !== null) return wrong;
    }
    return null;
  }
}

/** What checking a block in the middle of a chain yielded. */
export interface PartialOutcome {
  /** What is wrong, or null. */
  readonly wrong: string | null;
  /** Transactions of which every input spends an output of the run. */
  readonly txCount: number;
  /** Inputs of the block, resolved or not, that spend an output of the run. */
  readonly inputCount: number;
}

/** A run that begins in the middle of a chain: only its own outputs can be spent. */
export class FloatingRun {
  readonly #params: ConsensusParams;
  readonly #coins: MemoryCoins = new MemoryCoins(TEST_RNG);
  readonly #verifier: JobVerifier = new InputVerifier(getCurve());
  readonly #coin: CoinRef = new CoinRef();
  readonly #medians: Map<number, number> = new Map();
  readonly #lastHeaders: BlockHeader[] = [];

  constructor(network: NetworkName) {
    this.#params = createNetworkParams(network).consensus;
  }

  /** Checks the next block at its height, verifies what can be verified, and adds its outputs. */
  add(block: Block, height: number): PartialOutcome {
    this.#noteMedian(block, height);
    const branch = new KnownBranch(block.header, height, this.#params, this.#medians);
    const reject =
      checkBlock(block, this.#params, { verifier: this.#verifier }) ??
      contextualCheckBlock(block, branch, this.#params);
    if (reject !== null) return { wrong: formatReject(reject), txCount: 0, inputCount: 0 };
    let txCount = 0;
    let inputCount = 0;
    for (let i = 0; i < block.txCount; i++) {
      const tx = block.transaction(i);
      const spent = new SpentCoins(tx.inputCount);
      if (i > 0) this.#gather(tx, spent);
      inputCount += spent.count;
      if (i > 0 && spent.count === tx.inputCount) {
        txCount++;
        const wrong = this.#verify(tx, i, spent, branch, block);
        if (wrong !== null) return { wrong: `transaction ${i}: ${wrong}`, txCount, inputCount };
      }
      this.#apply(tx, height, i === 0);
    }
    return { wrong: null, txCount, inputCount };
  }

  /** The median of the last eleven times where the run has them; else no more than that it lies below the block's time. */
  #noteMedian(block: Block, height: number): void {
    if (this.#medians.size === 0) this.#medians.set(height - 1, block.header.timeSec - 1);
    if (this.#lastHeaders.length === 11) {
      this.#medians.set(height - 1, computeMedianTimePast(new MemoryHeaderBranch(this.#lastHeaders)));
      this.#lastHeaders.shift();
    }
    this.#lastHeaders.push(block.header);
  }

  #gather(tx: Transaction, spent: SpentCoins): void {
    for (let k = 0; k < tx.inputCount; k++) {
      if (this.#coins.readCoin(tx.bytes, tx.prevoutStart(k), this.#coin)) spent.append(this.#coin);
    }
  }

  #verify(tx: Transaction, txIndex: number, spent: SpentCoins, branch: KnownBranch, block: Block): string | null {
    const height = branch.height + 1;
    const fee = checkTxInputs(tx, spent, 0, height);
    if (!fee.ok) return formatReject(fee.error);
    const hasLocks = isActiveAt(this.#params, 'csv', height);
    if (hasLocks && !areSequenceLocksOver(computeSequenceLocks(tx, spent, 0, branch), branch)) return 'relative lock';
    const flags = getBlockScriptFlags(this.#params, height, block.header.blockHash);
    if (computeSigopCost(tx, spent, 0, flags) > 80_000) return 'signature operations';
    const job = { txIndex, transaction: tx, spent: spent.outputs(0, spent.count) };
    const failure = runScriptJob(job, this.#verifier, flags);
    return failure === null ? null : `input ${failure.inputIndex}: ${failure.error}`;
  }

  #apply(tx: Transaction, height: number, isCoinbase: boolean): void {
    if (!isCoinbase) {
      for (let k = 0; k < tx.inputCount; k++) this.#coins.removeCoin(tx.bytes, tx.prevoutStart(k));
    }
    const outpoint = new Uint8Array(36);
    outpoint.set(tx.txid, 0);
    for (let j = 0; j < tx.outputCount; j++) {
      writeU32(outpoint, 32, j);
      this.#coin.point(tx.bytes, tx.outputStart(j), tx.outputEnd(j), encodeCoinCode(height, isCoinbase));
      this.#coins.putCoin(outpoint, 0, this.#coin);
    }
  }
}
