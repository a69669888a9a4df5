// A chain of regtest made for its payments: some blocks to ripen, one that splits coinbases into as many coins of one key as are
// wanted, and transactions of one input and two outputs that spend them.

import { COINBASE_MATURITY } from '../../src/kernel/consensus/limits.ts';
import { createRegtestParams } from '../../src/kernel/consensus/networks/regtest.ts';
import type { ChainParams } from '../../src/kernel/consensus/params.ts';
import { getBlockSubsidy } from '../../src/kernel/consensus/subsidy.ts';
import type { Secp256k1 } from '../../src/kernel/crypto/secp256k1.ts';
import type { Block } from '../../src/kernel/primitives/block.ts';
import { BlockHeader } from '../../src/kernel/primitives/header.ts';
import type { Outpoint } from '../../src/kernel/primitives/outpoint.ts';
import type { Transaction, TransactionOutput } from '../../src/kernel/primitives/transaction.ts';
import { EMPTY_BYTES } from '../../src/kernel/util/bytes.ts';
import { pay } from '../model/block-builder.ts';
import { mineBlock } from './chain-block.ts';
import { type Address, ChainWallet } from './chain-wallet.ts';
import { nowSec } from './pool-node.ts';

/** Different keys; more would only take longer to make. */
const ADDRESS_COUNT = 1_000;

/** Coins that one transaction makes: a tenth of a block. */
const COINS_PER_SPLIT = 3_000;

const BLOCK_INTERVAL_SEC = 600;

/** A coin of the chain with its owner. */
export interface PaymentCoin {
  readonly prevout: Outpoint;
  readonly valueSat: number;
  readonly address: Address;
}

/** Blocks and payments. */
export class PaymentChain {
  readonly params: ChainParams = createRegtestParams();
  /** From height 1 up. */
  readonly blocks: Block[] = [];
  /** Those that the blocks made for payments. */
  readonly coins: PaymentCoin[] = [];
  readonly #wallet: ChainWallet;
  readonly #startSec: number;

  constructor(secp: Secp256k1, coinCount: number) {
    this.#wallet = new ChainWallet(secp, () => 'p2wpkh');
    this.#startSec = nowSec() - 2 * COINBASE_MATURITY * BLOCK_INTERVAL_SEC;
    const splits = Math.ceil(coinCount / COINS_PER_SPLIT);
    for (let i = 0; i < COINBASE_MATURITY + splits; i++) this.mine([]);
    const made = Array.from({ length: splits }, (_, i) => this.#split(this.blocks[i]!.transaction(0)));
    this.mine(made);
    for (const transaction of made) {
      for (let j = 0; j < COINS_PER_SPLIT; j++) {
        this.coins.push({
          prevout: { txid: transaction.txid, index: j },
          valueSat: transaction.valueSat(j),
          address: this.#wallet.address(j % ADDRESS_COUNT),
        });
      }
    }
    this.coins.length = coinCount;
  }

  get height(): number {
    return this.blocks.length;
  }

  /** The next block, with these transactions, whose fees nobody collects; `tag` tells it from another of the same content. */
  mine(transactions: readonly Transaction[], tag = 0): Block {
    const block = this.createBlock(this.blocks.at(-1)?.header ?? this.params.genesis.header, this.height + 1, {
      transactions,
      tag,
    });
    this.blocks.push(block);
    return block;
  }

  /** A block at a height on another. */
  createBlock(
    previous: BlockHeader,
    height: number,
    content: { readonly transactions: readonly Transaction[]; readonly tag: number },
  ): Block {
    const outputs: TransactionOutput[] = [
      pay(getBlockSubsidy(height, this.params.consensus), this.#wallet.address(0).scriptPubKey),
    ];
    if (content.tag > 0) outputs.push(pay(0, Uint8Array.of(0x6a, 1, content.tag)));
    const timeSec = this.#startSec + height * BLOCK_INTERVAL_SEC;
    const { transactions } = content;
    return mineBlock(
      new BlockHeader(previous.serialized().slice()),
      { height, timeSec, outputs, transactions },
      this.params.consensus,
    );
  }

  /** A payment of one coin to two others, of 141 virtual bytes. */
  pay(coin: PaymentCoin, feeSat: number): Transaction {
    const half = Math.floor((coin.valueSat - feeSat) / 2);
    const to = this.#wallet.address(1).scriptPubKey;
    return this.#sign(coin, [pay(half, to), pay(coin.valueSat - feeSat - half, coin.address.scriptPubKey)]);
  }

  #split(coinbase: Transaction): Transaction {
    const coin = {
      prevout: { txid: coinbase.txid, index: 0 },
      valueSat: coinbase.valueSat(0),
      address: this.#wallet.address(0),
    };
    const valueSat = Math.floor(coinbase.valueSat(0) / COINS_PER_SPLIT);
    const outputs = Array.from({ length: COINS_PER_SPLIT }, (_, j) =>
      pay(valueSat, this.#wallet.address(j % ADDRESS_COUNT).scriptPubKey),
    );
    return this.#sign(coin, outputs);
  }

  #sign({ prevout, valueSat, address }: PaymentCoin, outputs: readonly TransactionOutput[]): Transaction {
    const inputs = [{ prevout, scriptSig: EMPTY_BYTES, sequence: 0xfffffffd }];
    const spent = [{ valueSat, scriptPubKey: address.scriptPubKey }];
    return this.#wallet.sign({ version: 2, inputs, outputs, locktime: 0 }, spent, [address], new Set());
  }
}
