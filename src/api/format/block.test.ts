import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { fakeTxid, pay } from '../../../test/model/block-builder.ts';
import { dataScript, p2pkh, p2sh, p2wpkh, program } from '../../../test/model/loose-transaction.ts';
import { writeTransactionsSlowly } from '../../../test/model/naive-block-json.ts';
import { RpcWorld } from '../../../test/model/rpc-world.ts';
import { CoinRef } from '../../kernel/consensus/coin.ts';
import { createRegtestParams } from '../../kernel/consensus/networks/regtest.ts';
import { SpentCoins } from '../../kernel/consensus/spent-coins.ts';
import type { BlockUndo } from '../../kernel/consensus/undo.ts';
import { nobleSecp256k1 } from '../../kernel/crypto/secp256k1-noble.ts';
import { type Block, buildBlock } from '../../kernel/primitives/block.ts';
import { NULL_TXID } from '../../kernel/primitives/hashes.ts';
import { buildTransaction, type Transaction, type TransactionInput } from '../../kernel/primitives/transaction.ts';
import { fromHex } from '../../kernel/util/bytes.ts';
import { formatJson, writeJsonPieces } from '../json/json-writer.ts';
import { type BlockDetail, formatBlock } from './block.ts';
import { formatTransaction } from './transaction.ts';

const KEY = '79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798';
const SIGNATURE = `3044022001${'11'.repeat(31)}022001${'22'.repeat(31)}`;

const CONTEXT = { params: createRegtestParams(), secp: nobleSecp256k1 };

/** One script of every kind that has a name, and what only looks like one. */
const SCRIPTS: readonly Uint8Array[] = [
  new Uint8Array(0),
  p2pkh(),
  p2pkh(0),
  p2sh(),
  p2wpkh(),
  program(0, 32),
  program(0, 21),
  program(1, 32, [...fromHex(KEY)]),
  program(1, 32, [0xff, ...new Array<number>(31).fill(0xff)]),
  program(1, 2, [0x4e, 0x73]),
  program(1, 2),
  program(2, 40),
  program(16, 2),
  fromHex(`21${`02${KEY}`}ac`),
  fromHex(`2102${'ff'.repeat(32)}ac`),
  fromHex(`4104${KEY}${'00'.repeat(32)}ac`),
  fromHex(`5121${`02${KEY}`}21${`03${KEY}`}52ae`),
  fromHex(`5121${`02${KEY}`}2102${'ff'.repeat(32)}52ae`),
  fromHex('6a'),
  fromHex('6a0401020384'),
  fromHex('6a4c050102030405'),
  dataScript(200),
  fromHex('4cff00'),
  fromHex('05'),
  fromHex('0180018151600b0102'),
  new Uint8Array(700).fill(0xba),
];

const SCRIPT_SIGS: readonly Uint8Array[] = [
  new Uint8Array(0),
  fromHex('00'),
  fromHex(`47${SIGNATURE}0121${`02${KEY}`}`),
  fromHex(`47${SIGNATURE}83`),
  fromHex(`47${SIGNATURE}04`),
  fromHex(`6a47${SIGNATURE}01`),
  fromHex('4d0001'),
];

const WITNESSES: readonly (readonly Uint8Array[])[] = [
  [],
  [new Uint8Array(0)],
  [new Uint8Array(71).fill(0x30), new Uint8Array(33).fill(2)],
  [new Uint8Array(300), new Uint8Array(600).fill(0xab), new Uint8Array(0)],
];

const AMOUNTS: readonly number[] = [0, 1, 99_999_999, 100_000_000, 2_100_000_000_000_000, 123_456_789_012];

const script = fc.oneof(fc.constantFrom(...SCRIPTS), fc.uint8Array({ maxLength: 60 }));
const output = fc.record({ valueSat: fc.constantFrom(...AMOUNTS), scriptPubKey: script });
const input: fc.Arbitrary<TransactionInput> = fc.record({
  prevout: fc.record({ txid: fc.nat({ max: 9 }).map(fakeTxid), index: fc.constantFrom(0, 7, 0xfffffffe) }),
  scriptSig: fc.constantFrom(...SCRIPT_SIGS),
  sequence: fc.constantFrom(0, 0xfffffffd, 0xffffffff),
  witness: fc.constantFrom(...WITNESSES),
});
const transaction: fc.Arbitrary<Transaction> = fc
  .record({
    version: fc.constantFrom(0, 2, 0xffffffff),
    inputs: fc.array(input, { minLength: 1, maxLength: 4 }),
    outputs: fc.array(output, { maxLength: 4 }),
    locktime: fc.constantFrom(0, 500_000_000, 0xffffffff),
  })
  .map(buildTransaction);

function coinbaseOf(witness: readonly Uint8Array[]): Transaction {
  const prevout = { txid: NULL_TXID, index: 0xffffffff };
  const inputs = [{ prevout, scriptSig: fromHex('0251'), sequence: 0xffffffff, witness }];
  return buildTransaction({ version: 1, inputs, outputs: [pay(1, dataScript(3))], locktime: 0 });
}

/** Coins for all inputs: the scripts in turn, from heights that tell them apart. */
function undoOf(transactions: readonly Transaction[]): BlockUndo {
  const coins = new SpentCoins();
  const firstCoins = new Uint32Array(transactions.length + 1);
  for (const [i, { inputCount }] of transactions.entries()) {
    for (let k = 0; k < inputCount; k++) {
      const { count } = coins;
      const scriptPubKey = SCRIPTS[count % SCRIPTS.length]!;
      const valueSat = AMOUNTS[count % AMOUNTS.length]!;
      coins.append(
        new CoinRef().pointAtCopy({ valueSat, scriptPubKey, height: count + 1, isCoinbase: count % 2 === 1 }),
      );
    }
    firstCoins[i + 1] = coins.count;
  }
  return { coins, firstCoins };
}

/** The `tx` of an answer as it is sent, and the length of its longest piece. */
function writeBlock(world: RpcWorld, block: Block, detail: BlockDetail, undo: BlockUndo | null) {
  const { chain } = world;
  const shown = formatBlock(chain, chain.active.tip, block, detail, undo, CONTEXT);
  const pieces = [...writeJsonPieces(shown['tx']!)].map((piece) => Buffer.from(piece as string));
  return { text: Buffer.concat(pieces).toString('latin1'), longest: Math.max(...pieces.map(({ length }) => length)) };
}

function makeBlock(transactions: readonly Transaction[]): Block {
  return buildBlock(CONTEXT.params.genesis.header, transactions);
}

test('the bytes of a block are those of a slow writer that makes every value, for any transactions', async (t) => {
  const world = await RpcWorld.open(t);
  fc.assert(
    fc.property(fc.array(transaction, { maxLength: 6 }), fc.constantFrom(...WITNESSES), (list, coinbaseWitness) => {
      const block = makeBlock([coinbaseOf(coinbaseWitness), ...list]);
      const undo = undoOf(list);
      const slow = (known: BlockUndo | null, hasPrevouts: boolean): string =>
        writeTransactionsSlowly(block, known, hasPrevouts, CONTEXT);
      assert.equal(writeBlock(world, block, 'transactions', undo).text, slow(undo, false));
      assert.equal(writeBlock(world, block, 'prevouts', undo).text, slow(undo, true));
      assert.equal(writeBlock(world, block, 'prevouts', null).text, slow(null, true));
      const txids = (JSON.parse(slow(null, false)) as { txid: string }[]).map(({ txid }) => txid);
      assert.equal(writeBlock(world, block, 'txids', null).text, JSON.stringify(txids));
    }),
    { numRuns: 100, endOnFailure: true },
  );
});

test('a transaction as a value has the fields of the same transaction as bytes', () => {
  fc.assert(
    fc.property(transaction, (tx) => {
      const block = makeBlock([coinbaseOf([]), tx]);
      const { coins } = undoOf([tx]);
      const format = { spent: { coins, first: 0 }, showsPrevouts: true, showsHex: true };
      const text = formatJson([
        formatTransaction(block.transaction(0), { ...format, spent: null }, CONTEXT),
        formatTransaction(block.transaction(1), format, CONTEXT),
      ]);
      assert.equal(text, writeTransactionsSlowly(block, undoOf([tx]), true, CONTEXT));
    }),
    { numRuns: 60, endOnFailure: true },
  );
});

test('every kind of script is shown alike, and thousands of outputs come in pieces of bounded length', async (t) => {
  const world = await RpcWorld.open(t);
  const outputs = Array.from({ length: 3_000 }, (_, n) => pay(n, n === 7 ? dataScript(20_000) : SCRIPTS[n % 20]!));
  const prevout = { txid: fakeTxid(1), index: 0 };
  const long = [new Uint8Array(70_000).fill(0xab), new Uint8Array(300_000)];
  const inputs = Array.from({ length: 1_000 }, (_, i) => {
    return { prevout, scriptSig: SCRIPT_SIGS[2]!, sequence: 0, witness: i === 5 ? long : [] };
  });
  const tx = buildTransaction({ version: 2, inputs, outputs, locktime: 0 });
  const undo = undoOf([tx]);
  const { text, longest } = writeBlock(world, makeBlock([coinbaseOf([]), tx]), 'prevouts', undo);
  assert.equal(text, writeTransactionsSlowly(makeBlock([coinbaseOf([]), tx]), undo, true, CONTEXT));
  assert.ok(text.length > 1_000_000 && longest < 1_100_000, `${text.length} ${longest}`);
});

test('an output script of megabytes comes in pieces, too, whatever it is', async (t) => {
  const world = await RpcWorld.open(t);
  const scripts = [new Uint8Array(150_000).fill(0xba), dataScript(150_000), new Uint8Array(10_001).fill(0x4c)];
  for (const scriptPubKey of scripts) {
    const inputs = [{ prevout: { txid: fakeTxid(1), index: 0 }, scriptSig: SCRIPT_SIGS[0]!, sequence: 0 }];
    const tx = buildTransaction({ version: 2, inputs, outputs: [pay(5, scriptPubKey), pay(6, p2pkh())], locktime: 0 });
    const block = makeBlock([coinbaseOf([]), tx]);
    const { text, longest } = writeBlock(world, block, 'transactions', null);
    assert.equal(text, writeTransactionsSlowly(block, null, false, CONTEXT));
    assert.ok(longest < 250_000, `${longest}`);
  }
});
