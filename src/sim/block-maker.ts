// Blocks for a simulated world, good ones and bad ones. A good block extends any known block, pays its miner, spends a few coins
// of its branch and burns, splits or leaves some money, so that the books have something to get wrong. A bad block breaks one rule
// and is well made otherwise, proof of work included. The reference ledger knows which coins there are, and judges what is made.

import type { ChainParams } from '../kernel/consensus/params.ts';
import { checkProofOfWork } from '../kernel/consensus/pow.ts';
import { writeU32 } from '../kernel/encoding/numbers.ts';
import { type Block, buildBlock } from '../kernel/primitives/block.ts';
import { asBlockHash, asMerkleRoot, NULL_TXID } from '../kernel/primitives/hashes.ts';
import { BlockHeader, encodeHeader, HEADER_BYTES } from '../kernel/primitives/header.ts';
import { computeMerkleRoot } from '../kernel/primitives/merkle.ts';
import { NULL_INDEX } from '../kernel/primitives/outpoint.ts';
import { buildTransaction, type Transaction, type TransactionOutput } from '../kernel/primitives/transaction.ts';
import { encodeNumberPush } from '../kernel/script/script-builder.ts';
import { concatBytes, fromHex } from '../kernel/util/bytes.ts';
import type { Rng } from '../kernel/util/prng.ts';
import { drawBetween, drawChance, drawOne } from './chance.ts';
import type { LedgerBlock, LedgerCoin, ReferenceLedger } from './checker/reference-ledger.ts';
import { ancestorAt, type FoundCoin, MATURITY, OP_TRUE, pickCoins, spendCoins, sumOfCoins } from './coin-pick.ts';

/** What is wrong with a bad block. */
export type BlockFault =
  /** Its coinbase takes a satoshi too much. */
  | 'overpaid'
  /** It spends a coin that never was. */
  | 'missing-coin'
  /** It spends a coin that an earlier block has spent. */
  | 'spent-coin'
  /** It spends one coin twice. */
  | 'double-spend'
  /** It spends the coinbase of 99 blocks before. */
  | 'immature'
  /** It spends a coin whose script fails. */
  | 'failing-script'
  /** A transaction pays more than it takes. */
  | 'inflation'
  /** Its coinbase names another height. */
  | 'wrong-height'
  /** It is not later than the median time before it. */
  | 'too-old'
  /** Its bits are not those that are due. */
  | 'wrong-bits'
  /** Its locktime is not over. */
  | 'not-final';

/** All of them. */
export const BLOCK_FAULTS: readonly BlockFault[] = Object.freeze([
  'overpaid',
  'missing-coin',
  'spent-coin',
  'double-spend',
  'immature',
  'failing-script',
  'inflation',
  'wrong-height',
  'too-old',
  'wrong-bits',
  'not-final',
] as const);

/** How a block is made. */
export interface BlockPlan {
  /** Who mines it: makes the blocks of different miners different. */
  readonly miner: number;
  /** What the miner's clock shows. */
  readonly nowSec: number;
  /** Transactions besides the coinbase, at most. */
  readonly paymentsMax: number;
  readonly fault?: BlockFault | null;
}

const OP_FALSE: Uint8Array = Uint8Array.of(0x00);
const OP_RETURN_NOTE: Uint8Array = Uint8Array.of(0x6a, 0x03, 0x73, 0x69, 0x6d);
const FINAL = 0xffff_ffff;

/** Makes blocks of one world. */
export class BlockMaker {
  readonly #params: ChainParams;
  readonly #ledger: ReferenceLedger;
  readonly #rng: Rng;
  #count = 0;

  constructor(params: ChainParams, ledger: ReferenceLedger, rng: Rng) {
    this.#params = params;
    this.#ledger = ledger;
    this.#rng = rng;
  }

  /** The next block after `parent`, mined and known to the ledger. A fault that cannot be had here becomes `overpaid`. */
  make(parent: LedgerBlock, plan: BlockPlan): Block {
    const block = this.#build(parent, plan);
    this.#ledger.add(block.serialized());
    return block;
  }

  #build(parent: LedgerBlock, plan: BlockPlan): Block {
    const height = parent.height + 1;
    const payments = this.#payments(parent, plan.paymentsMax);
    const wanted = plan.fault ?? null;
    const broken = wanted === null ? null : this.#brokenPayment(wanted, parent);
    const fault = wanted !== null && NEEDS_PAYMENT.includes(wanted) && broken === null ? 'overpaid' : wanted;
    if (broken !== null) payments.push(broken);
    const feesSat = payments.reduce((sum, { feeSat }) => sum + feeSat, 0);
    const coinbase = this.#coinbase(fault === 'wrong-height' ? height + 1 : height, feesSat, plan, fault);
    const transactions = [coinbase, ...payments.map(({ transaction }) => transaction)];
    const medianSec = this.#ledger.medianTimeSec(parent);
    const dueBits = this.#ledger.nextBits(parent);
    const header = {
      version: 0x2000_0000,
      previousBlockHash: asBlockHash(fromHex(parent.blockHash)),
      merkleRoot: asMerkleRoot(merkleRootOf(transactions)),
      timeSec: fault === 'too-old' ? medianSec : Math.max(medianSec + 1, plan.nowSec),
      bits: fault === 'wrong-bits' ? dueBits - 1 : dueBits,
      nonce: 0,
    };
    return buildBlock(mine(encodeHeader(header), this.#params), transactions);
  }

  #coinbase(height: number, feesSat: number, plan: BlockPlan, fault: BlockFault | null): Transaction {
    const rng = this.#rng;
    this.#count++;
    const tag = new Uint8Array(8);
    writeU32(tag, 0, this.#count);
    writeU32(tag, 4, plan.miner);
    const allowed = Number(this.#ledger.subsidySat(height)) + feesSat;
    const leftSat = fault === null && drawChance(rng, 100) ? Math.min(allowed, rng.below(10_000)) : 0;
    const claimed = fault === 'overpaid' ? Number(this.#ledger.subsidySat(height)) + feesSat + 1 : allowed - leftSat;
    const outputs = this.#split(claimed, drawBetween(rng, 1, 4));
    if (drawChance(rng, 200)) outputs.push({ valueSat: 0, scriptPubKey: OP_RETURN_NOTE });
    return buildTransaction({
      version: 2,
      inputs: [
        {
          prevout: { txid: NULL_TXID, index: NULL_INDEX },
          scriptSig: concatBytes(encodeNumberPush(height), Uint8Array.of(8), tag),
          sequence: FINAL,
        },
      ],
      outputs,
      locktime: 0,
    });
  }

  /** Outputs of about equal value; now and then one that nobody can spend, or one whose script fails. */
  #split(valueSat: number, count: number): TransactionOutput[] {
    const rng = this.#rng;
    const shareSat = Math.floor(valueSat / count);
    return Array.from({ length: count }, (_, i) => ({
      valueSat: i === 0 ? valueSat - shareSat * (count - 1) : shareSat,
      scriptPubKey: i > 0 && drawChance(rng, 60) ? drawOne(rng, [OP_FALSE, OP_RETURN_NOTE]) : OP_TRUE,
    }));
  }

  #payments(parent: LedgerBlock, countMax: number): Payment[] {
    const payments: Payment[] = [];
    const taken = new Set<string>();
    const count = this.#rng.below(countMax + 1);
    for (let i = 0; i < count; i++) {
      const coins = pickCoins(this.#ledger, this.#rng, parent, taken, drawBetween(this.#rng, 1, 2));
      if (coins.length > 0) payments.push(this.#pay(coins, parent.height));
    }
    return payments;
  }

  #pay(coins: readonly FoundCoin[], locktimeMax: number): Payment {
    const rng = this.#rng;
    const inSat = sumOfCoins(coins);
    const feeSat = Math.min(inSat, rng.below(5_000));
    const locktime = drawChance(rng, 200) ? rng.below(locktimeMax + 1) : 0;
    const outputs = this.#split(inSat - feeSat, drawBetween(rng, 1, 3));
    return { transaction: spendCoins(coins, outputs, locktime), feeSat };
  }

  /** A payment that breaks a rule, or null when the rule is about something else or there is no coin for it. */
  #brokenPayment(fault: BlockFault, parent: LedgerBlock): Payment | null {
    const rng = this.#rng;
    const pay = (coins: readonly FoundCoin[], more = 0, locktime = 0): Payment | null => {
      if (coins.length === 0) return null;
      const outputs = [{ valueSat: sumOfCoins(coins) + more, scriptPubKey: OP_TRUE }];
      return { transaction: spendCoins(coins, outputs, locktime), feeSat: 0 };
    };
    const anyCoin = (): FoundCoin[] => pickCoins(this.#ledger, this.#rng, parent, new Set(), 1);
    switch (fault) {
      case 'missing-coin': {
        const txid = rng.bytes(32);
        return pay([{ outpoint: `${hexOf(txid)}:0`, coin: PHANTOM }]);
      }
      case 'spent-coin': {
        const spender = ancestorAt(parent, parent.height - rng.below(10));
        const outpoint = spender === null ? undefined : [...spender.spends][0];
        return outpoint === undefined ? null : pay([{ outpoint, coin: PHANTOM }]);
      }
      case 'double-spend': {
        const [coin] = anyCoin();
        return coin === undefined ? null : pay([coin, coin]);
      }
      case 'immature': {
        const young = ancestorAt(parent, parent.height + 1 - (MATURITY - 1));
        return young === null ? null : pay(this.#coinbaseCoins(young, parent));
      }
      case 'failing-script':
        return pay(this.#failingCoins(parent));
      case 'inflation':
        return pay(anyCoin(), 1);
      case 'not-final':
        return pay(anyCoin(), 0, parent.height + 1);
      default:
        return null;
    }
  }

  #coinbaseCoins(block: LedgerBlock, tip: LedgerBlock): FoundCoin[] {
    for (const [outpoint, coin] of block.creates) {
      const isThere = coin.isCoinbase && coin.script === '51' && this.#ledger.coin(outpoint, tip) !== undefined;
      if (isThere) return [{ outpoint, coin }];
    }
    return [];
  }

  #failingCoins(tip: LedgerBlock): FoundCoin[] {
    for (let block: LedgerBlock | null = tip; block !== null; block = block.parent) {
      for (const [outpoint, coin] of block.creates) {
        const isOld = !coin.isCoinbase || tip.height + 1 - coin.height >= MATURITY;
        if (isOld && coin.script === '00') return [{ outpoint, coin }];
      }
    }
    return [];
  }
}

interface Payment {
  readonly transaction: Transaction;
  readonly feeSat: number;
}

/** Stands for a coin that is not there. */
const PHANTOM: LedgerCoin = { valueSat: 1_000n, script: '51', height: 0, isCoinbase: false };

/** Faults that lie in a payment. */
const NEEDS_PAYMENT: readonly BlockFault[] = [
  'missing-coin',
  'spent-coin',
  'double-spend',
  'immature',
  'failing-script',
  'inflation',
  'not-final',
];

function hexOf(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += byte.toString(16).padStart(2, '0');
  return text;
}

function merkleRootOf(transactions: readonly Transaction[]): Uint8Array {
  const hashes = new Uint8Array(32 * transactions.length);
  transactions.forEach((transaction, i) => {
    hashes.set(transaction.txid, 32 * i);
  });
  return computeMerkleRoot(hashes).root;
}

/** The header with the first nonce that is proof of work. */
export function mine(bytes: Uint8Array, { consensus }: ChainParams): BlockHeader {
  for (let nonce = 0; ; nonce++) {
    writeU32(bytes, HEADER_BYTES - 4, nonce);
    const header = new BlockHeader(bytes.slice());
    if (checkProofOfWork(header.blockHash, 0, header.bits, consensus.pow)) return header;
  }
}
