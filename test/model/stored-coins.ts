// Helpers for tests of coins in a store: numbered outpoints and block hashes, the contents of a store in words, and a store that
// fails, waits and takes notes on demand.

import { CoinsStore } from '../../src/kernel/chain/coins-store.ts';
import type { KvBatch, KvStore } from '../../src/kernel/chain/ports.ts';
import type { CoinRef } from '../../src/kernel/consensus/coin.ts';
import { asBlockHash, type BlockHash } from '../../src/kernel/primitives/hashes.ts';
import { toHex } from '../../src/kernel/util/bytes.ts';

/** An outpoint of its own for each number; eight neighbours share a transaction. */
export function outpointOf(n: number): Uint8Array {
  const bytes = new Uint8Array(36).fill(0x5a);
  const tx = n >>> 3;
  bytes.set([tx * 37, tx >>> 3, tx >>> 11, 0x77, tx, tx >>> 8, tx >>> 16]);
  bytes.set([n & 7, 0, 0, 0], 32);
  return bytes;
}

/** The hash of a block of its own for each number; never all zero. */
export function hashOf(n: number): BlockHash {
  const bytes = new Uint8Array(32).fill(0xb1);
  bytes.set([n, n >>> 8]);
  return asBlockHash(bytes);
}

/** A coin of a store in words. */
export function describeCoin(outpoint: Uint8Array, coin: CoinRef): string {
  return `${toHex(outpoint)} ${coin.valueSat} ${toHex(coin.toCoin().scriptPubKey)} ${coin.code}`;
}

/** All coins of a store in words, sorted. */
export async function describeStore(kv: KvStore): Promise<string[]> {
  const lines: string[] = [];
  const store = await CoinsStore.open(kv);
  await store.forEachCoin((outpoint, coin) => {
    lines.push(describeCoin(outpoint, coin));
  });
  return lines.sort();
}

const COIN_LETTER = 0x43;

/** A store over another that notes what is done to it, and fails or waits when told to. */
export class FaultyKv implements KvStore {
  /** `put coin`, `delete B`, `write durable`, `read`, in order; coins before marks. */
  readonly log: string[] = [];
  /** Keys of the coins put, in order. */
  readonly coinKeys: Uint8Array[] = [];
  readonly #inner: KvStore;
  #writesLeft = Number.POSITIVE_INFINITY;
  #writeError: Error | null = null;
  #readError: Error | null = null;
  #readGate: Promise<void> = Promise.resolve();

  constructor(inner: KvStore) {
    this.#inner = inner;
  }

  /** Lets this many more writes pass and fails the ones after. */
  failAfter(writes: number, error: Error): void {
    this.#writesLeft = writes;
    this.#writeError = error;
  }

  /** Fails reads from now on; null: no longer. */
  failReads(error: Error | null): void {
    this.#readError = error;
  }

  /** Makes the answers to reads, which see the store as it is when asked, wait for the returned function. */
  holdReads(): () => void {
    let release: () => void = () => undefined;
    this.#readGate = new Promise((resolve) => {
      release = resolve;
    });
    return release;
  }

  async get(key: Uint8Array): Promise<Uint8Array | undefined> {
    return (await this.getMany([key]))[0];
  }

  async getMany(keys: readonly Uint8Array[]): Promise<readonly (Uint8Array | undefined)[]> {
    this.log.push('read');
    if (this.#readError !== null) throw this.#readError;
    const values = await this.#inner.getMany(keys);
    await this.#readGate;
    return values;
  }

  async write(batch: KvBatch, durable: boolean): Promise<void> {
    if (this.#writesLeft <= 0) throw this.#writeError!;
    this.#writesLeft--;
    const puts = batch.puts.filter((_, i) => i % 2 === 0);
    this.log.push(...puts.map((key) => `put ${nameOf(key)}`), ...batch.deletes.map((key) => `delete ${nameOf(key)}`));
    this.log.push(durable ? 'write durable' : 'write');
    this.coinKeys.push(...puts.filter((key) => key[0] === COIN_LETTER).map((key) => key.slice()));
    await this.#inner.write(batch, durable);
  }

  entries(prefix: Uint8Array): AsyncIterable<readonly (readonly [key: Uint8Array, value: Uint8Array])[]> {
    return this.#inner.entries(prefix);
  }

  async verify(): Promise<void> {
    this.log.push('verify');
    if (this.#readError !== null) throw this.#readError;
    await this.#inner.verify();
  }

  close(): Promise<void> {
    return this.#inner.close();
  }
}

function nameOf(key: Uint8Array): string {
  return key[0] === COIN_LETTER ? 'coin' : String.fromCharCode(key[0]!);
}
