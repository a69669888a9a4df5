// The ledger replayed the slow way, as a witness against the fast one: a Map from outpoints to lines of hexadecimal text, its own
// reading of blocks, Node's own hashes and ciphers. Shares no code with the kernel and checks no rule but that a spent coin
// exists: its blocks are known to be valid. Computes what Core's gettxoutsetinfo prints (kernel/coinstats.cpp).

import { createCipheriv, createHash } from 'node:crypto';
import { closeSync, openSync, readSync } from 'node:fs';

/** What remains when a chain has been replayed. */
export interface ReplayResult {
  readonly height: number;
  /** As people write it. */
  readonly tipHash: string;
  readonly coinCount: number;
  readonly totalSat: bigint;
  /** Core's hash_serialized_3, as people write it. */
  readonly hashSerialized: string;
  /** Core's muhash, as people write it. */
  readonly muhash: string;
}

const SCRIPT_BYTES_MAX = 10_000;
const OP_RETURN = '6a';
const NOTHING = '00'.repeat(32);
const PRIME = 2n ** 3072n - 1103717n;

function sha256(...parts: readonly Uint8Array[]): Buffer {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest();
}

function sha256d(...parts: readonly Uint8Array[]): Buffer {
  return sha256(sha256(...parts));
}

/** Bytes the other way round, in hexadecimal: how people write hashes. */
function display(hash: Buffer): string {
  return Buffer.from(hash).reverse().toString('hex');
}

/** Reads a block from its first byte to its last. */
class BlockText {
  readonly #bytes: Buffer;
  at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  }

  take(length: number): Buffer {
    if (this.at + length > this.#bytes.length) throw new Error(`the block ends before byte ${this.at + length}`);
    this.at += length;
    return this.#bytes.subarray(this.at - length, this.at);
  }

  since(start: number): Buffer {
    return this.#bytes.subarray(start, this.at);
  }

  u32(): number {
    return this.take(4).readUInt32LE();
  }

  compactSize(): number {
    const first = this.take(1).readUInt8();
    if (first < 0xfd) return first;
    if (first === 0xfd) return this.take(2).readUInt16LE();
    if (first === 0xfe) return this.take(4).readUInt32LE();
    return Number(this.take(8).readBigUInt64LE());
  }

  hasMore(): boolean {
    return this.at < this.#bytes.length;
  }
}

function compactSize(value: number): Buffer {
  if (value < 0xfd) return Buffer.of(value);
  const bytes = Buffer.alloc(3);
  bytes.writeUInt8(0xfd);
  bytes.writeUInt16LE(value, 1); // no script of a coin is longer than 10,000 bytes
  return bytes;
}

/** A transaction in words: the outpoints that it spends, and its outputs as value and script. */
interface TransactionText {
  readonly txid: string;
  readonly spends: readonly string[];
  readonly outputs: readonly { readonly valueSat: bigint; readonly script: string }[];
}

/** Texts that sort as Core's database does: by txid, then by index. */
function outpointText(txid: string, index: number): string {
  return txid + index.toString(16).padStart(8, '0');
}

function readTransaction(block: BlockText): TransactionText {
  const version = block.take(4);
  let bodyStart = block.at;
  let inputCount = block.compactSize();
  const hasWitness = inputCount === 0;
  if (hasWitness) {
    block.take(1);
    bodyStart = block.at;
    inputCount = block.compactSize();
  }
  const spends = repeat(inputCount, () => {
    const txid = block.take(32).toString('hex');
    const index = block.u32();
    block.take(block.compactSize());
    block.take(4);
    return outpointText(txid, index);
  });
  const outputs = repeat(block.compactSize(), () => {
    const valueSat = block.take(8).readBigInt64LE();
    return { valueSat, script: block.take(block.compactSize()).toString('hex') };
  });
  const body = block.since(bodyStart);
  if (hasWitness) {
    for (let i = 0; i < inputCount; i++) repeat(block.compactSize(), () => block.take(block.compactSize()));
  }
  const locktime = block.take(4);
  return { txid: sha256d(version, body, locktime).toString('hex'), spends, outputs };
}

function repeat<T>(count: number, make: () => T): T[] {
  const made: T[] = [];
  for (let i = 0; i < count; i++) made.push(make());
  return made;
}

/** Blocks connected one after another, from the genesis block on. */
export class LedgerReplay {
  /** By outpoint: `height*2+coinbase value script`, the numbers in decimal. */
  readonly coins: Map<string, string> = new Map();
  #height = -1;
  #tip = NOTHING;

  /** Hash of the last block, as people write it. */
  get tipHash(): string {
    return display(Buffer.from(this.#tip, 'hex'));
  }

  /** Applies the next block. */
  connect(bytes: Uint8Array): void {
    const block = new BlockText(bytes);
    const header = block.take(80);
    const previous = header.subarray(4, 36).toString('hex');
    if (previous !== this.#tip) throw new Error(`block ${this.#height + 1} does not follow the one before`);
    this.#height++;
    this.#tip = sha256d(header).toString('hex');
    const transactions = repeat(block.compactSize(), () => readTransaction(block));
    if (block.hasMore()) throw new Error(`bytes are left after block ${this.#height}`);
    if (this.#height === 0) return; // what the genesis block pays was never a coin
    transactions.forEach((transaction, position) => {
      if (position > 0) for (const outpoint of transaction.spends) this.#spend(outpoint);
      const code = 2 * this.#height + (position === 0 ? 1 : 0);
      transaction.outputs.forEach(({ valueSat, script }, index) => {
        if (script.startsWith(OP_RETURN) || script.length > 2 * SCRIPT_BYTES_MAX) return;
        this.coins.set(outpointText(transaction.txid, index), `${code} ${valueSat} ${script}`);
      });
    });
  }

  #spend(outpoint: string): void {
    if (!this.coins.delete(outpoint)) throw new Error(`block ${this.#height} spends ${outpoint}, which is no coin`);
  }

  /** What the chain has come to; takes its time. */
  result(): ReplayResult {
    const serialized = createHash('sha256');
    let product = 1n;
    let totalSat = 0n;
    for (const outpoint of [...this.coins.keys()].sort()) {
      const [code, value, script] = this.coins.get(outpoint)!.split(' ') as [string, string, string];
      const bytes = serializeCoin(outpoint, Number(code), BigInt(value), Buffer.from(script, 'hex'));
      serialized.update(bytes);
      product = (product * numberOf(bytes)) % PRIME;
      totalSat += BigInt(value);
    }
    return {
      height: this.#height,
      tipHash: this.tipHash,
      coinCount: this.coins.size,
      totalSat,
      hashSerialized: display(sha256(serialized.digest())),
      muhash: display(sha256(littleEndian(product))),
    };
  }
}

/** Outpoint, code, value, script: what both hashes are made of. */
function serializeCoin(outpoint: string, code: number, valueSat: bigint, script: Buffer): Buffer {
  const numbers = Buffer.alloc(16);
  numbers.writeUInt32LE(Number(`0x${outpoint.slice(64)}`), 0);
  numbers.writeUInt32LE(code, 4);
  numbers.writeBigInt64LE(valueSat, 8);
  return Buffer.concat([Buffer.from(outpoint.slice(0, 64), 'hex'), numbers, compactSize(script.length), script]);
}

/** The number of 3072 bits that stands for an element: the key stream of ChaCha20 under its SHA-256. */
function numberOf(element: Buffer): bigint {
  const stream = createCipheriv('chacha20', sha256(element), Buffer.alloc(16)).update(Buffer.alloc(384));
  return BigInt(`0x${stream.reverse().toString('hex')}`);
}

function littleEndian(value: bigint): Buffer {
  return Buffer.from(value.toString(16).padStart(768, '0'), 'hex').reverse();
}

/** The blocks of a file of records: four bytes of magic, four of size, the block. */
export function* readBlockRecords(path: string): Generator<Buffer> {
  const file = openSync(path, 'r');
  try {
    const head = Buffer.alloc(8);
    while (readSync(file, head) === 8) {
      const block = Buffer.alloc(head.readUInt32LE(4));
      if (readSync(file, block) !== block.length) throw new Error(`${path} ends within a block`);
      yield block;
    }
  } finally {
    closeSync(file);
  }
}

/** Replays a file of records that begins with the genesis block. */
export function replayFile(path: string): ReplayResult {
  const replay = new LedgerReplay();
  for (const block of readBlockRecords(path)) replay.connect(block);
  return replay.result();
}
