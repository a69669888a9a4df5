// Blocks that break one rule each, with Core's reason: what Core's own test of blocks sends, and some more. All go on from the same
// valid branch, whose first coinbases can be spent.

import { hash160 } from '../../src/kernel/crypto/hash160.ts';
import { type Block, buildBlock } from '../../src/kernel/primitives/block.ts';
import { asMerkleRoot, NULL_TXID } from '../../src/kernel/primitives/hashes.ts';
import { buildHeader } from '../../src/kernel/primitives/header.ts';
import { NULL_INDEX } from '../../src/kernel/primitives/outpoint.ts';
import type { Transaction } from '../../src/kernel/primitives/transaction.ts';
import { OP } from '../../src/kernel/script/opcodes.ts';
import { createP2sh, createWitnessProgram, encodeNumberPush } from '../../src/kernel/script/script-builder.ts';
import { concatBytes } from '../../src/kernel/util/bytes.ts';
import { type CoinbaseOptions, makeCoinbase, makeTx, outputOf, pay, remine, spend } from '../model/block-builder.ts';
import type { BranchBuilder } from '../model/branch-builder.ts';

/** What comes of whoever sends such a block. */
export type SenderFate =
  /** The block was refused by its own rules. */
  | 'punished'
  /** Its bytes were not what its header stands for: refused before the chain sees it. */
  | 'punished as mutated';

/** A way to break a rule. */
export interface InvalidBlock {
  readonly name: string;
  /** Core's, in full. */
  readonly reason: string;
  readonly fate: SenderFate;
  /** Valid blocks that go before it, and the bad one last. */
  make(branch: BranchBuilder): readonly Block[];
}

const COIN = 100_000_000;
const SUBSIDY_SAT: number = 50 * COIN;
const MAX_MONEY: number = 21_000_000 * COIN;

/** A script of opcodes. */
const script = (...opcodes: readonly number[]): Uint8Array => Uint8Array.from(opcodes);

/** So many times the same opcode. */
const repeated = (opcode: number, count: number): Uint8Array => new Uint8Array(count).fill(opcode);

/** A script without end: OP_RETURN and ballast. */
const ballast = (size: number): Uint8Array => concatBytes(script(OP.OP_RETURN), new Uint8Array(size - 1));

const rows: InvalidBlock[] = [];

function row(
  name: string,
  reason: string,
  make: (branch: BranchBuilder) => readonly Block[],
  fate: SenderFate = 'punished',
): void {
  rows.push({ name, reason, fate, make });
}

/** A block with these transactions. */
function withTxs(name: string, reason: string, make: (branch: BranchBuilder) => readonly Transaction[]): void {
  row(name, reason, (branch) => [branch.mine({ transactions: make(branch) })]);
}

/** A block with another coinbase than the usual. */
function withCoinbase(name: string, reason: string, make: (height: number) => Partial<CoinbaseOptions>): void {
  row(name, reason, (branch) => {
    const height = branch.height + 1;
    return [branch.mine({ coinbase: makeCoinbase({ height, outputs: [pay(SUBSIDY_SAT)], ...make(height) }) })];
  });
}

/** The block with other transactions under the same header. */
function under(block: Block, change: (transactions: readonly Transaction[]) => readonly Transaction[]): Block {
  return buildBlock(block.header, change(Array.from({ length: block.txCount }, (_, i) => block.transaction(i))));
}

/** Spends the coinbase of a height to outputs of chosen values. */
function spendTo(branch: BranchBuilder, height: number, ...valuesSat: readonly number[]): Transaction {
  return makeTx(
    [spend(outputOf(branch.at(height).transaction(0)))],
    valuesSat.map((valueSat) => pay(valueSat)),
  );
}

/** Two transactions: the first pays to a script, the second tries to spend that with another script or a witness. */
function scriptPair(
  branch: BranchBuilder,
  scriptPubKey: Uint8Array,
  rest: Parameters<typeof spend>[1] = {},
  locktime = 0,
): Transaction[] {
  const first = branch.spendCoinbase(1, 1, scriptPubKey);
  return [first, makeTx([spend(outputOf(first), rest)], [pay(1)], { locktime })];
}

// --- money

row('the reward is one satoshi too high', 'bad-cb-amount', (branch) => [branch.mineOverpaid()]);
row('the reward takes one satoshi more than the fees', 'bad-cb-amount', (branch) => {
  const transactions = [spendTo(branch, 1, SUBSIDY_SAT - 100)];
  return [branch.mine({ transactions, rewardSat: SUBSIDY_SAT + 101 })];
});
withTxs('a transaction creates money', 'bad-txns-in-belowout', (branch) => [spendTo(branch, 1, SUBSIDY_SAT + 1)]);
withTxs('an output is negative', 'bad-txns-vout-negative', (branch) => [spendTo(branch, 1, -1)]);
withTxs('an output is larger than all money', 'bad-txns-vout-toolarge', (branch) => [
  spendTo(branch, 1, MAX_MONEY + 1),
]);
withTxs('two outputs together are larger than all money', 'bad-txns-txouttotal-toolarge', (branch) => [
  spendTo(branch, 1, MAX_MONEY, 1),
]);

// --- coins

row('a coin that never was', 'bad-txns-inputs-missingorspent', (branch) => [branch.mineMissing()]);
withTxs('an output that its transaction does not have', 'bad-txns-inputs-missingorspent', (branch) => [
  makeTx([spend(outputOf(branch.at(1).transaction(0), 9))], [pay(1)]),
]);
withTxs('an output of the highest number', 'bad-txns-inputs-missingorspent', (branch) => [
  makeTx([spend(outputOf(branch.at(1).transaction(0), NULL_INDEX))], [pay(1)]),
]);
withTxs('a coin twice in a block', 'bad-txns-inputs-missingorspent', (branch) => [
  spendTo(branch, 1, 1),
  spendTo(branch, 1, 2),
]);
withTxs('a coin twice in a transaction', 'bad-txns-inputs-duplicate', (branch) => {
  const prevout = outputOf(branch.at(1).transaction(0));
  return [makeTx([spend(prevout), spend(outputOf(branch.at(2).transaction(0))), spend(prevout)], [pay(1)])];
});
withTxs('the child before its parent', 'bad-txns-inputs-missingorspent', (branch) => {
  const parent = spendTo(branch, 1, 5);
  return [makeTx([spend(outputOf(parent))], [pay(1)]), parent];
});
row('a coin that was spent a block before', 'bad-txns-inputs-missingorspent', (branch) => [
  branch.mine({ transactions: [spendTo(branch, 1, 1)] }),
  branch.mine({ transactions: [spendTo(branch, 1, 2)] }),
]);
withTxs('a coin of another branch', 'bad-txns-inputs-missingorspent', (branch) => {
  const elsewhere = branch.fork(2).mine().transaction(0);
  return [makeTx([spend(outputOf(elsewhere))], [pay(1)])];
});
withTxs('a coinbase one block too early', 'bad-txns-premature-spend-of-coinbase', (branch) => [
  spendTo(branch, branch.height - 98, 1),
]);
withTxs('the coinbase of the block before', 'bad-txns-premature-spend-of-coinbase', (branch) => [
  spendTo(branch, branch.height, 1),
]);

// --- shape of transactions

withTxs('a transaction without inputs and outputs', 'bad-txns-vin-empty', () => [makeTx([], [])]);
withTxs('a transaction without outputs', 'bad-txns-vout-empty', (branch) => [spendTo(branch, 1)]);
withTxs('an input of a coinbase among others', 'bad-txns-prevout-null', (branch) => [
  makeTx([spend(outputOf(branch.at(1).transaction(0))), spend({ txid: NULL_TXID, index: NULL_INDEX })], [pay(1)]),
]);

// --- times and locks

withTxs('a transaction that is final one block later', 'bad-txns-nonfinal', (branch) => {
  const input = spend(outputOf(branch.at(1).transaction(0)), { sequence: 0 });
  return [makeTx([input], [pay(1)], { locktime: branch.height + 1 })];
});
withTxs(
  'a transaction that is final by the time of the block, and not by the median before it',
  'bad-txns-nonfinal',
  (branch) => {
    const input = spend(outputOf(branch.at(1).transaction(0)), { sequence: 0 });
    return [makeTx([input], [pay(1)], { locktime: branch.tip.header.timeSec })];
  },
);
withTxs('a relative lock of more blocks than went by', 'bad-txns-nonfinal', (branch) => [
  makeTx([spend(outputOf(branch.at(1).transaction(0)), { sequence: branch.height + 1 })], [pay(1)]),
]);
withTxs('a relative lock of more time than went by', 'bad-txns-nonfinal', (branch) => [
  makeTx([spend(outputOf(branch.at(1).transaction(0)), { sequence: 0x0040ffff })], [pay(1)]),
]);
withCoinbase('a coinbase that is not final', 'bad-txns-nonfinal', (height) => ({ locktime: height, sequence: 0 }));

// --- scripts

const SCRIPT_FAILED = (text: string): string => `block-script-verify-flag-failed (${text})`;
withTxs(
  'a script that ends with nothing',
  SCRIPT_FAILED('Script evaluated without error but finished with a false/empty top stack element'),
  (branch) => scriptPair(branch, script(OP.OP_0)),
);
withTxs('OP_RETURN in what unlocks', SCRIPT_FAILED('OP_RETURN was encountered'), (branch) =>
  scriptPair(branch, script(OP.OP_0), { scriptSig: script(OP.OP_1, OP.OP_RETURN) }),
);
withTxs('a disabled opcode where it is not executed', SCRIPT_FAILED('Attempted to use a disabled opcode'), (branch) =>
  scriptPair(branch, script(OP.OP_0, OP.OP_IF, OP.OP_CAT, OP.OP_ENDIF, OP.OP_1)),
);
withTxs('a lock in a script', SCRIPT_FAILED('Locktime requirement not satisfied'), (branch) =>
  scriptPair(branch, script(OP.OP_5, OP.OP_CHECKLOCKTIMEVERIFY), { sequence: 0 }, 4),
);
withTxs('a relative lock in a script', SCRIPT_FAILED('Locktime requirement not satisfied'), (branch) =>
  scriptPair(branch, script(OP.OP_5, OP.OP_CHECKSEQUENCEVERIFY)),
);
withTxs('a dummy element that is none', SCRIPT_FAILED('Dummy CHECKMULTISIG argument must be zero'), (branch) =>
  scriptPair(branch, script(OP.OP_0, OP.OP_0, OP.OP_CHECKMULTISIG), { scriptSig: script(OP.OP_1) }),
);
withTxs('a witness script that does not fit its program', SCRIPT_FAILED('Witness program hash mismatch'), (branch) =>
  scriptPair(branch, createWitnessProgram(0, new Uint8Array(32).fill(7)), { witness: [script(OP.OP_1)] }),
);

// --- operations on signatures: 80,000 are allowed, four for each of these

function withSigops(name: string, ...scriptPubKeys: readonly Uint8Array[]): void {
  row(`too many operations on signatures: ${name}`, 'bad-blk-sigops', (branch) => [
    branch.mine({ coinbaseOutputs: scriptPubKeys.map((one) => pay(0, one)) }),
  ]);
}
withSigops('CHECKSIG', repeated(OP.OP_CHECKSIG, 20_001));
withSigops('CHECKSIGVERIFY', repeated(OP.OP_CHECKSIGVERIFY, 20_001));
withSigops('CHECKMULTISIG, which counts for 20', repeated(OP.OP_CHECKMULTISIG, 1_001));
withSigops('CHECKMULTISIGVERIFY', repeated(OP.OP_CHECKMULTISIGVERIFY, 1_001));
withSigops('of several outputs', repeated(OP.OP_CHECKSIG, 20_000), script(OP.OP_CHECKSIG));
withSigops(
  'behind an element that is too large',
  concatBytes(script(OP.OP_PUSHDATA2, 0x09, 0x02), new Uint8Array(521), repeated(OP.OP_CHECKSIG, 20_001)),
);
withSigops(
  'before a push that has no end',
  concatBytes(repeated(OP.OP_CHECKSIG, 20_001), script(OP.OP_PUSHDATA4, 0xff, 0xff, 0xff, 0xff)),
);
withTxs('too many operations on signatures: in what P2SH hides', 'bad-blk-sigops', (branch) => {
  const redeem = repeated(OP.OP_CHECKSIG, 520);
  const first = branch.spendCoinbase(1, 39, createP2sh(hash160(redeem)));
  const scriptSig = concatBytes(script(OP.OP_PUSHDATA2, 0x08, 0x02), redeem);
  const inputs = Array.from({ length: 39 }, (_, i) => spend(outputOf(first, i), { scriptSig }));
  return [first, makeTx(inputs, [pay(1)])];
});

// --- the coinbase

withCoinbase('a coinbase script of one byte', 'bad-cb-length', () => ({ scriptSig: script(OP.OP_1) }));
withCoinbase('a coinbase script of 101 bytes', 'bad-cb-length', (height) => ({
  scriptSig: concatBytes(encodeNumberPush(height), new Uint8Array(101 - encodeNumberPush(height).length)),
}));
withCoinbase('a coinbase with the height of the next block', 'bad-cb-height', (height) => ({
  scriptSig: concatBytes(encodeNumberPush(height + 1), script(OP.OP_0)),
}));
withCoinbase('a coinbase with its height in a longer form', 'bad-cb-height', (height) => ({
  scriptSig: script(2, height & 0xff, height >>> 8, OP.OP_0),
}));
row('the first transaction is none', 'bad-cb-missing', (branch) => [branch.mine({ coinbase: spendTo(branch, 1, 1) })]);
withTxs('a second coinbase', 'bad-cb-multiple', (branch) => [
  makeCoinbase({ height: branch.height + 1, outputs: [pay(1)] }),
]);

// --- sizes

row('a block of more than a million bytes', 'bad-blk-length', (branch) => [
  branch.mine({ coinbaseOutputs: [pay(0, ballast(1_000_000))] }),
]);
row('a block of too much weight', 'bad-blk-weight', (branch) => {
  const first = branch.spendCoinbase(1, 1);
  const heavy = makeTx([spend(outputOf(first), { witness: [new Uint8Array(3_999_300)] })], [pay(1)]);
  return [branch.mine({ transactions: [first, heavy] })];
});

// --- bytes that are not what the header stands for

row(
  'another merkle root',
  'bad-txnmrklroot',
  (branch) => {
    const block = branch.mine();
    const { version, previousBlockHash, timeSec, bits } = block.header;
    const merkleRoot = asMerkleRoot(new Uint8Array(32).fill(9));
    const header = buildHeader({ version, previousBlockHash, merkleRoot, timeSec, bits, nonce: 0 });
    return [remine(buildBlock(header, [block.transaction(0)]), branch.network.consensus)];
  },
  'punished as mutated',
);
for (const tail of [1, 2]) {
  row(
    `the last ${tail} transactions twice`,
    'bad-txns-duplicate',
    (branch) => {
      const transactions = Array.from({ length: tail === 1 ? 2 : 5 }, (_, i) => spendTo(branch, i + 1, 1));
      const block = branch.mine({ transactions });
      return [under(block, (all) => [...all, ...all.slice(-tail)])];
    },
    'punished as mutated',
  );
}

/** A block that commits to witnesses, with another witness in its coinbase. */
function withNonce(name: string, reason: string, witness: readonly Uint8Array[] | null): void {
  row(
    name,
    reason,
    (branch) => {
      const block = branch.mine({ commits: true });
      const outputs = Array.from({ length: block.transaction(0).outputCount }, (_, j) => {
        return pay(block.transaction(0).valueSat(j), block.transaction(0).scriptPubKey(j));
      });
      const coinbase = makeCoinbase({ height: branch.height, outputs, ...(witness === null ? {} : { witness }) });
      return [under(block, () => [coinbase])];
    },
    'punished as mutated',
  );
}
withNonce('another witness nonce', 'bad-witness-merkle-match', [new Uint8Array(32).fill(1)]);
withNonce('a witness nonce of 33 bytes', 'bad-witness-nonce-size', [new Uint8Array(33)]);
withNonce('no witness nonce', 'bad-witness-nonce-size', null);
row(
  'a witness without a commitment',
  'unexpected-witness',
  (branch) => {
    const input = spend(outputOf(branch.at(1).transaction(0)), { witness: [new Uint8Array(1)] });
    return [branch.mine({ transactions: [makeTx([input], [pay(1)])], commits: false })];
  },
  'punished as mutated',
);

// --- headers

row('no proof of work', 'high-hash', (branch) => {
  const block = branch.mine();
  for (let nonce = 0; ; nonce++) {
    const header = buildHeader({ ...fieldsOf(block), nonce });
    if ((header.blockHash[31]! & 0x80) !== 0) return [buildBlock(header, [block.transaction(0)])];
  }
});
row('other bits than its place allows', 'bad-diffbits', (branch) => {
  const block = branch.mine();
  // a little harder than the limit, which any hash that begins with two zero bits fulfils
  for (let nonce = 0; ; nonce++) {
    const header = buildHeader({ ...fieldsOf(block), bits: 0x207ffffe, nonce });
    if (header.blockHash[31]! < 0x40) return [buildBlock(header, [block.transaction(0)])];
  }
});
row('the median time of the blocks before', 'time-too-old', (branch) => [
  branch.mine({ timeSec: branch.at(branch.height - 5).header.timeSec }),
]);
for (const version of [1, 2, 3, -1]) {
  const text = (version >>> 0).toString(16).padStart(8, '0');
  row(`version ${version}`, `bad-version(0x${text})`, (branch) => [branch.mine({ version })]);
}
row('a block upon nothing', 'prev-blk-not-found', (branch) => {
  branch.mine();
  return [branch.mine()];
});

function fieldsOf({ header }: Block) {
  const { version, previousBlockHash, merkleRoot, timeSec, bits } = header;
  return { version, previousBlockHash, merkleRoot, timeSec, bits };
}

/** The rows. */
export const INVALID_BLOCKS: readonly InvalidBlock[] = rows;
