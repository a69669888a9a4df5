// The ledger a second time, the slow way, as the judge of all nodes: every block that anyone in the world has made is judged here
// when it is made, by rules written down again with texts and bigints, and kept for ever. There is no set of coins and no way
// back: a coin is looked for by walking from a block down to the first one, so that nothing can be lost in a reorganisation.
//
// Knows the scripts that the simulation uses and no others: OP_TRUE succeeds, OP_FALSE fails, OP_RETURN makes no coin. Knows no
// witnesses: a block that has one is not made in the simulation.

import type { ChainParams } from '../../kernel/consensus/params.ts';
import {
  type BlockText,
  hashNumber,
  hashText,
  hexBytes,
  NO_OUTPOINT,
  type OutputText,
  readBlockText,
  type TransactionText,
} from './ledger-text.ts';

/** A block and what it does to the coins. */
export interface LedgerBlock {
  readonly blockHash: string;
  readonly parent: LedgerBlock | null;
  readonly height: number;
  readonly timeSec: number;
  readonly bits: number;
  /** Sum of the work from the first block on. */
  readonly work: bigint;
  /** Null when it and all before it are valid, else what is wrong. */
  readonly fault: string | null;
  readonly bytes: Uint8Array;
  /** Outpoints that it spends. */
  readonly spends: ReadonlySet<string>;
  /** Coins that it makes, those spent within it included. */
  readonly creates: ReadonlyMap<string, LedgerCoin>;
  /** What it may take and does not: subsidy and fees less its coinbase. */
  readonly unclaimedSat: bigint;
  /** What it pays to nobody. */
  readonly burntSat: bigint;
}

/** A coin. */
export interface LedgerCoin {
  readonly valueSat: bigint;
  readonly script: string;
  readonly height: number;
  readonly isCoinbase: boolean;
}

const OP_TRUE = '51';
const OP_RETURN = '6a';
const MATURITY = 100;
const MEDIAN_SPAN = 11;
const LOCKTIME_IS_TIME = 500_000_000;
const FINAL = 0xffff_ffff;
const MONEY_MAX = 21_000_000n * 100_000_000n;

/** All blocks of the world. */
export class ReferenceLedger {
  readonly #params: ChainParams;
  readonly #blocks: Map<string, LedgerBlock> = new Map();
  /** Blocks that their miner has shown. */
  readonly #shown: Set<LedgerBlock> = new Set();
  readonly genesis: LedgerBlock;

  constructor(params: ChainParams) {
    this.#params = params;
    const bytes = params.genesis.serialized();
    const text = readBlockText(bytes);
    this.genesis = {
      blockHash: text.blockHash,
      parent: null,
      height: 0,
      timeSec: text.timeSec,
      bits: text.bits,
      work: workOf(text.bits),
      fault: null,
      bytes,
      spends: new Set(),
      creates: new Map(), // what the first block pays was never a coin
      unclaimedSat: 0n,
      burntSat: this.subsidySat(0),
    };
    this.#blocks.set(text.blockHash, this.genesis);
  }

  /** Blocks known, valid or not. */
  get size(): number {
    return this.#blocks.size;
  }

  /** The block of a hash in hexadecimal, in the order of its bytes. */
  find(blockHash: string): LedgerBlock | undefined {
    return this.#blocks.get(blockHash);
  }

  /** Notes that a block is no secret any more. */
  show(block: LedgerBlock): void {
    this.#shown.add(block);
  }

  /** The valid block of most work that was shown to anybody. */
  bestShown(): LedgerBlock {
    let best = this.genesis;
    for (const block of this.#shown) if (block.fault === null && block.work > best.work) best = block;
    return best;
  }

  blocks(): Iterable<LedgerBlock> {
    return this.#blocks.values();
  }

  /** Judges a block, whose parent must be known, and remembers it. */
  add(bytes: Uint8Array): LedgerBlock {
    const text = readBlockText(bytes);
    const known = this.#blocks.get(text.blockHash);
    if (known !== undefined) return known;
    const parent = this.#blocks.get(text.previous);
    if (parent === undefined) throw new Error(`no block ${text.previous} before ${text.blockHash}`);
    const block = this.#judge(text, parent, bytes);
    this.#blocks.set(text.blockHash, block);
    return block;
  }

  /** The coin of an outpoint after a block, or undefined when there is none. */
  coin(outpoint: string, after: LedgerBlock): LedgerCoin | undefined {
    for (let block: LedgerBlock | null = after; block !== null; block = block.parent) {
      if (block.spends.has(outpoint)) return undefined;
      const coin = block.creates.get(outpoint);
      if (coin !== undefined) return coin;
    }
    return undefined;
  }

  /** All coins after a block, by outpoint. */
  coins(after: LedgerBlock): Map<string, LedgerCoin> {
    const coins = new Map<string, LedgerCoin>();
    for (const block of branchOf(after)) {
      for (const [outpoint, coin] of block.creates) coins.set(outpoint, coin);
      for (const outpoint of block.spends) coins.delete(outpoint);
    }
    return coins;
  }

  /** All money that blocks up to this one were allowed to make, less what they left and what they burnt. */
  supplySat(tip: LedgerBlock): bigint {
    let sum = 0n;
    for (const block of branchOf(tip)) sum += this.subsidySat(block.height) - block.unclaimedSat - block.burntSat;
    return sum;
  }

  subsidySat(height: number): bigint {
    const { initialSubsidySat, subsidyHalvingInterval } = this.#params.consensus;
    let subsidy = BigInt(initialSubsidySat);
    for (let era = Math.floor(height / subsidyHalvingInterval); era > 0; era--) subsidy /= 2n;
    return subsidy;
  }

  /** The bits that the next block must have. */
  nextBits(parent: LedgerBlock): number {
    const { interval, noRetargeting, timespanSec, limit } = this.#params.consensus.pow;
    if (noRetargeting || (parent.height + 1) % interval !== 0) return parent.bits;
    let first = parent;
    for (let i = 1; i < interval; i++) first = first.parent!;
    let seconds = BigInt(parent.timeSec - first.timeSec);
    const wanted = BigInt(timespanSec);
    if (seconds < wanted / 4n) seconds = wanted / 4n;
    if (seconds > wanted * 4n) seconds = wanted * 4n;
    const target = ((targetOf(parent.bits) * seconds) % 2n ** 256n) / wanted;
    return bitsOf(target > limit.target ? limit.target : target);
  }

  /** The time that the next block must be later than. */
  medianTimeSec(tip: LedgerBlock): number {
    const times: number[] = [];
    for (let block: LedgerBlock | null = tip; block !== null && times.length < MEDIAN_SPAN; block = block.parent) {
      times.push(block.timeSec);
    }
    times.sort((a, b) => a - b);
    return times[Math.floor(times.length / 2)]!;
  }

  #judge(text: BlockText, parent: LedgerBlock, bytes: Uint8Array): LedgerBlock {
    const height = parent.height + 1;
    const books = new BlockBooks(this, parent, text);
    const fault =
      parent.fault !== null ? 'its parent is invalid' : (this.#checkHeader(text, parent) ?? books.check(text));
    return {
      blockHash: text.blockHash,
      parent,
      height,
      timeSec: text.timeSec,
      bits: text.bits,
      work: parent.work + workOf(text.bits),
      fault,
      bytes,
      spends: books.spends,
      creates: books.creates,
      unclaimedSat: books.allowedSat - books.claimedSat,
      burntSat: books.burntSat,
    };
  }

  #checkHeader(text: BlockText, parent: LedgerBlock): string | null {
    if (hashNumber(text.blockHash) > targetOf(text.bits)) return 'its hash is above its target';
    if (text.bits !== this.nextBits(parent)) return 'its bits are not those that are due';
    if (text.timeSec <= this.medianTimeSec(parent)) return 'it is not later than the median before it';
    if (text.version < 4 || text.version > 0x7fff_ffff) return 'its version is too old';
    return text.merkleRoot === merkleRootOf(text) ? null : 'its merkle root is not that of its transactions';
  }
}

/** What a block does to the coins, and whether it may. */
class BlockBooks {
  readonly spends: Set<string> = new Set();
  readonly creates: Map<string, LedgerCoin> = new Map();
  readonly #ledger: ReferenceLedger;
  readonly #parent: LedgerBlock;
  readonly #height: number;
  readonly #medianSec: number;
  allowedSat: bigint;
  claimedSat = 0n;
  burntSat = 0n;

  constructor(ledger: ReferenceLedger, parent: LedgerBlock, text: BlockText) {
    this.#ledger = ledger;
    this.#parent = parent;
    this.#height = parent.height + 1;
    this.#medianSec = ledger.medianTimeSec(parent);
    this.allowedSat = ledger.subsidySat(this.#height);
    this.claimedSat = sumOf(text.transactions[0]?.outputs ?? []);
  }

  check(text: BlockText): string | null {
    const [coinbase, ...payments] = text.transactions;
    if (coinbase === undefined) return 'it has no transactions';
    const fault = this.#checkCoinbase(coinbase);
    if (fault !== null) return fault;
    this.#create(coinbase, true);
    for (const payment of payments) {
      const broken = this.#pay(payment);
      if (broken !== null) return broken;
    }
    return this.claimedSat <= this.allowedSat ? null : 'its coinbase takes too much';
  }

  #checkCoinbase(coinbase: TransactionText): string | null {
    if (coinbase.spends.length !== 1 || coinbase.spends[0] !== NO_OUTPOINT)
      return 'its first transaction is no coinbase';
    const script = coinbase.scriptSigs[0]!;
    if (script.length < 4 || script.length > 200) return 'the script of its coinbase is too short or too long';
    if (!script.startsWith(heightPush(this.#height))) return 'its coinbase does not begin with its height';
    return this.#checkFinal(coinbase);
  }

  #checkFinal(transaction: TransactionText): string | null {
    return isFinal(transaction, this.#height, this.#medianSec) ? null : 'a transaction is not final';
  }

  #pay(payment: TransactionText): string | null {
    let paidSat = 0n;
    for (const outpoint of payment.spends) {
      const coin = this.#findCoin(outpoint);
      if (coin === undefined) return `it spends ${outpoint}, which is no coin`;
      const wrong = faultOfCoin(coin, this.#height);
      if (wrong !== null) return `it spends ${outpoint}, ${wrong}`;
      this.spends.add(outpoint);
      paidSat += coin.valueSat;
    }
    const outSat = sumOf(payment.outputs);
    if (payment.outputs.some(({ valueSat }) => valueSat > MONEY_MAX) || outSat > MONEY_MAX) return 'it pays too much';
    if (outSat > paidSat) return 'a transaction pays more than it takes';
    this.allowedSat += paidSat - outSat;
    this.#create(payment, false);
    return this.#checkFinal(payment);
  }

  #findCoin(outpoint: string): LedgerCoin | undefined {
    if (this.spends.has(outpoint)) return undefined;
    return this.creates.get(outpoint) ?? this.#ledger.coin(outpoint, this.#parent);
  }

  #create(transaction: TransactionText, isCoinbase: boolean): void {
    transaction.outputs.forEach(({ valueSat, script }, index) => {
      if (script.startsWith(OP_RETURN)) this.burntSat += valueSat;
      else this.creates.set(`${transaction.txid}:${index}`, { valueSat, script, height: this.#height, isCoinbase });
    });
  }
}

/** Why a coin cannot be spent at a height, or null. */
export function faultOfCoin(coin: LedgerCoin, height: number): string | null {
  if (coin.isCoinbase && height - coin.height < MATURITY) return 'which is not mature';
  return coin.script === OP_TRUE ? null : 'whose script fails';
}

/** Whether the locktime of a transaction is over in a block of this height after this median of times. */
export function isFinal({ locktime, sequences }: TransactionText, height: number, medianSec: number): boolean {
  if (locktime === 0 || sequences.every((sequence) => sequence === FINAL)) return true;
  return locktime < (locktime < LOCKTIME_IS_TIME ? height : medianSec);
}

/** The blocks from the first one up to this one. */
export function branchOf(tip: LedgerBlock): LedgerBlock[] {
  const branch: LedgerBlock[] = [];
  for (let block: LedgerBlock | null = tip; block !== null; block = block.parent) branch.push(block);
  return branch.reverse();
}

function sumOf(outputs: readonly OutputText[]): bigint {
  return outputs.reduce((sum, { valueSat }) => sum + valueSat, 0n);
}

function merkleRootOf(text: BlockText): string {
  let row = text.transactions.map(({ txid }) => txid);
  while (row.length > 1) {
    const above: string[] = [];
    for (let i = 0; i < row.length; i += 2) above.push(hashText(hexBytes(row[i]!), hexBytes(row[i + 1] ?? row[i]!)));
    row = above;
  }
  return row[0] ?? '';
}

/** The push with which a coinbase begins (BIP34): OP_1 to OP_16, else length and number. */
function heightPush(height: number): string {
  const hex = (value: number): string => value.toString(16).padStart(2, '0');
  if (height <= 16) return hex(0x50 + height);
  const bytes: number[] = [];
  for (let rest = height; rest > 0; rest = Math.floor(rest / 256)) bytes.push(rest % 256);
  if (bytes[bytes.length - 1]! >= 0x80) bytes.push(0);
  return hex(bytes.length) + bytes.map(hex).join('');
}

/** The number that bits stand for. */
function targetOf(bits: number): bigint {
  const size = Math.floor(bits / 2 ** 24);
  const mantissa = BigInt(bits % 2 ** 23);
  return size <= 3 ? mantissa / 256n ** BigInt(3 - size) : mantissa * 256n ** BigInt(size - 3);
}

/** The bits of a number, which loses its lower digits. */
function bitsOf(target: bigint): number {
  let size = 0;
  for (let rest = target; rest > 0n; rest /= 256n) size++;
  let mantissa = size <= 3 ? target * 256n ** BigInt(3 - size) : target / 256n ** BigInt(size - 3);
  if (mantissa >= 0x80_0000n) {
    mantissa /= 256n;
    size++;
  }
  return size * 2 ** 24 + Number(mantissa);
}

/** Hashes that a block of these bits stands for. */
export function workOf(bits: number): bigint {
  return 2n ** 256n / (targetOf(bits) + 1n);
}
