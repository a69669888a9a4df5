// Transactions over real sockets that are not valid or not wanted: nobody is sent away for one, and none costs anything twice.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sha256 } from '../../src/kernel/crypto/sha256.ts';
import { buildTransaction, type Transaction } from '../../src/kernel/primitives/transaction.ts';
import { OP } from '../../src/kernel/script/opcodes.ts';
import { createWitnessProgram } from '../../src/kernel/script/script-builder.ts';
import { concatBytes, EMPTY_BYTES } from '../../src/kernel/util/bytes.ts';
import { EASY, FEE_SAT, type TestAddress, type TestCoin } from '../model/accept-world.ts';
import { fakeTxid, pay } from '../model/block-builder.ts';
import {
  announce,
  announcedTo,
  askedOf,
  joinRelay,
  letTick,
  nameOf,
  openPayments,
  startPaymentNode,
  TRICKLE_SEC,
  TRUSTED_HOST,
  txMessage,
} from './payment-scene.ts';

/** A coin that a script in a witness guards, and the witness that a test gives it. */
function guarded(script: Uint8Array, witness: readonly Uint8Array[] = []): TestAddress {
  return {
    scriptPubKey: createWitnessProgram(0, sha256(script)),
    unlock: () => ({ scriptSig: EMPTY_BYTES, witness: [...witness, script] }),
  };
}

/** Scripts that fail, whatever the witness is. */
const BAD_SCRIPTS: readonly (readonly [name: string, script: Uint8Array])[] = [
  ['an IF without an end', Uint8Array.of(OP.OP_1, OP.OP_IF, OP.OP_1)],
  ...(['OP_CAT', 'OP_SUBSTR', 'OP_LEFT', 'OP_RIGHT', 'OP_INVERT', 'OP_AND', 'OP_OR', 'OP_XOR'] as const).map(
    (name) => [`disabled ${name}`, Uint8Array.of(OP.OP_1, OP.OP_1, OP[name])] as const,
  ),
  ...(['OP_2MUL', 'OP_2DIV', 'OP_MUL', 'OP_DIV', 'OP_MOD', 'OP_LSHIFT', 'OP_RSHIFT'] as const).map(
    (name) => [`disabled ${name}`, Uint8Array.of(OP.OP_1, OP.OP_1, OP[name])] as const,
  ),
  ['OP_RETURN', Uint8Array.of(OP.OP_RETURN)],
  ['false', Uint8Array.of(OP.OP_0)],
];

const BAD_ADDRESSES = BAD_SCRIPTS.map(([, script]) => guarded(script));

const payments = openPayments({
  extraOutputs: BAD_ADDRESSES.map(({ scriptPubKey }) => pay(100_000, scriptPubKey)),
  kinds: ['p2wpkh', 'p2pkh', 'p2tr-key'],
});

/** An input that spends a coin, unsigned unless the coin says otherwise. */
function inputOf(coin: TestCoin, rest: object = {}) {
  return { prevout: coin.prevout, scriptSig: EMPTY_BYTES, sequence: 0xffffffff, ...rest };
}

interface BadTransaction {
  readonly name: string;
  readonly transaction: Transaction;
  /** What the log says of it. */
  readonly reason: string;
}

/** Transactions that are not valid, or not standard, each in its own way (Core's test framework: data/invalid_txs.py). */
async function makeBadTransactions(): Promise<BadTransaction[]> {
  const world = await payments;
  const { sign } = world;
  const coin = world.coin();
  const { valueSat } = coin;
  const out = (sat: number) => pay(sat, EASY.scriptPubKey);
  const build = (inputs: readonly object[], outputs: readonly object[], rest: object = {}): Transaction =>
    buildTransaction({ version: 2, locktime: 0, inputs: inputs as never, outputs: outputs as never, ...rest });
  const signed = (outputs: readonly object[], rest: object = {}): Transaction =>
    sign.call(world, { version: 2, locktime: 0, inputs: [inputOf(coin)], outputs: outputs as never, ...rest }, [coin]);
  const big = Uint8Array.of(OP.OP_RETURN);
  const table: BadTransaction[] = [
    { name: 'no output', transaction: signed([]), reason: 'bad-txns-vout-empty' },
    { name: 'no input', transaction: build([], []), reason: 'bad-txns-vin-empty' },
    {
      name: 'sixty-four bytes',
      transaction: build([inputOf(coin)], [pay(0, Uint8Array.of(OP.OP_RETURN, 2, 7, 7))]),
      reason: 'tx-size-small',
    },
    {
      name: 'an output that its parent has not',
      transaction: sign.call(
        world,
        {
          version: 2,
          locktime: 0,
          inputs: [{ ...inputOf(coin), prevout: { txid: coin.prevout.txid, index: 100_000 } }],
          outputs: [out(1_000)],
        },
        [coin],
      ),
      reason: 'bad-txns-inputs-missingorspent',
    },
    {
      name: 'a coin twice',
      transaction: sign.call(
        world,
        { version: 2, locktime: 0, inputs: [inputOf(coin), inputOf(coin)], outputs: [out(1_000)] },
        [coin, coin],
      ),
      reason: 'bad-txns-inputs-duplicate',
    },
    {
      name: 'a null input',
      transaction: build(
        [
          inputOf(coin),
          { prevout: { txid: fakeTxid(0).fill(0), index: 0xffffffff }, scriptSig: EMPTY_BYTES, sequence: 0 },
        ],
        [out(1_000)],
      ),
      reason: 'bad-txns-prevout-null',
    },
    { name: 'more than it has', transaction: signed([out(valueSat + 1)]), reason: 'bad-txns-in-belowout' },
    { name: 'a negative output', transaction: signed([out(-1)]), reason: 'bad-txns-vout-negative' },
    { name: 'more than there is', transaction: signed([out(21_000_000_00000001)]), reason: 'bad-txns-vout-toolarge' },
    {
      name: 'more than there is together',
      transaction: signed([out(21_000_000_00000000), out(21_000_000_00000000)]),
      reason: 'bad-txns-txouttotal-toolarge',
    },
    {
      name: 'too large',
      transaction: signed([pay(0, concatBytes(big, new Uint8Array(100_000).fill(0x51))), out(1_000)]),
      reason: 'tx-size',
    },
    {
      name: 'a version of the future',
      transaction: signed([out(valueSat - FEE_SAT)], { version: 4 }),
      reason: 'version',
    },
    {
      name: 'dust',
      transaction: signed([out(valueSat - FEE_SAT - 2), pay(1, EASY.scriptPubKey), pay(1, EASY.scriptPubKey)]),
      reason: 'dust',
    },
    {
      name: 'a lock that holds',
      transaction: signed([out(valueSat - FEE_SAT)], {
        locktime: 400_000_000,
        inputs: [inputOf(coin, { sequence: 0 })],
      }),
      reason: 'non-final',
    },
    { name: 'no fee', transaction: signed([out(valueSat)]), reason: 'min relay fee not met' },
    {
      name: 'another script',
      transaction: build([inputOf(coin, { witness: [Uint8Array.of(0x52)] })], [out(valueSat - FEE_SAT)]),
      reason: 'mempool-script-verify-flag-failed (Witness program hash mismatch)',
    },
    ...BAD_SCRIPTS.map(([name], i) => ({
      name,
      transaction: world.payment([{ ...world.extraCoins[i]!, address: BAD_ADDRESSES[i]! }]),
      reason: 'mempool-script-verify-flag-failed',
    })),
  ];
  for (const key of world.kindCoins) {
    const good = world.payment([key], { feeSat: 2_000 });
    const moved = build(
      [
        {
          prevout: good.prevout(0),
          scriptSig: good.scriptSig(0),
          sequence: good.sequence(0),
          witness: good.hasWitness ? good.witness(0) : [],
        },
      ],
      [out(50_000)],
    );
    table.push({
      name: 'a signature of another transaction',
      transaction: moved,
      reason: 'mempool-script-verify-flag-failed',
    });
  }
  return table;
}

test('W18: transactions that are not valid or not wanted: not kept, not passed on, not asked for again, and nobody is sent away', async (t) => {
  const fixture = await startPaymentNode(t, await payments);
  const bad = await makeBadTransactions();
  const [sender, other, trusted] = [
    await joinRelay(fixture),
    await joinRelay(fixture),
    await joinRelay(fixture, TRUSTED_HOST),
  ];
  const verdicts: string[] = [];
  for (const { name, transaction, reason } of bad) {
    const before = fixture.lines.length;
    sender.send(txMessage(transaction));
    await sender.sync();
    assert.equal(fixture.pool.mempool.size, 0, name);
    const line = fixture.lines.slice(before).find((one) => one.startsWith('[mempoolrej]'));
    if (line?.includes(reason) !== true) verdicts.push(`${name}: ${line}`);
  }
  assert.deepEqual(verdicts, []);
  assert.equal(sender.isClosed, false);
  // Somebody else announces all of them.
  const runCount = fixture.scripts.runCount;
  other.send(announce(...bad.map(({ transaction }) => transaction)));
  await other.sync();
  fixture.clock.shift(60);
  await letTick(fixture, other, trusted);
  // Only for the parent of the one that spends an output which is not there, by txid.
  const names = new Set(bad.map(({ transaction }) => nameOf(transaction)));
  assert.deepEqual(
    askedOf(other).filter((name) => names.has(name)),
    [],
  );
  for (const { transaction } of bad) other.send(txMessage(transaction));
  await other.sync();
  assert.equal(fixture.scripts.runCount, runCount, 'what was refused is not looked at again');
  fixture.clock.shift(TRICKLE_SEC);
  await letTick(fixture, other, trusted, sender);
  assert.deepEqual([announcedTo(other), announcedTo(trusted), announcedTo(sender)], [[], [], []]);
});

async function somePayment(): Promise<Transaction> {
  const world = await payments;
  return world.payment([world.coin()]);
}

/** The bytes of a payment with something done to them. */
async function spoiled(change: (bytes: Uint8Array) => Uint8Array): Promise<Uint8Array> {
  return change((await somePayment()).serialized().slice());
}

test('W18: bytes that are no transaction cost nobody anything', async (t) => {
  const fixture = await startPaymentNode(t, await payments);
  const payloads: readonly Uint8Array[] = [
    await spoiled((bytes) => bytes.fill(0x03, 5, 6)),
    await spoiled((bytes) => bytes.slice(0, -1)),
    // A witness that is empty in every input is superfluous.
    concatBytes(
      Uint8Array.of(2, 0, 0, 0, 0, 1, 1),
      new Uint8Array(36).fill(7),
      Uint8Array.of(0, 0, 0, 0, 0),
      Uint8Array.of(1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0),
    ),
    new Uint8Array(0),
  ];
  const sender = await joinRelay(fixture);
  for (const payload of payloads) sender.sendPayload('tx', payload);
  await sender.sync();
  assert.equal(fixture.countLines(/ProcessMessages\(tx, \d+ bytes\): Exception/), payloads.length);
  assert.equal(fixture.pool.mempool.size, 0);
});
