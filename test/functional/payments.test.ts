// From a signed payment to a page of the ledger, with real processes: nodes that mine against each other, a payer with keys of its
// own who sends to each of them, and a miner that keeps to no rule. Clocks run faster than they should where miners set the pace, so
// that a page of the local ledger comes several times a second; its proof of work is real.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createLocalParams } from '../../src/kernel/consensus/networks/local.ts';
import { createRegtestParams } from '../../src/kernel/consensus/networks/regtest.ts';
import type { Block } from '../../src/kernel/primitives/block.ts';
import { formatHash } from '../../src/kernel/primitives/hashes.ts';
import { equalBytes } from '../../src/kernel/util/bytes.ts';
import type { CoinKind } from '../bench/chain-profile.ts';
import type { Address } from '../bench/chain-wallet.ts';
import { LedgerReplay } from '../model/ledger-replay.ts';
import { RawPeer } from '../p2p/raw-peer.ts';
import { Ledger } from './ledger.ts';
import { agree, type LedgerNode, until } from './ledger-node.ts';
import { assertFactsOfReplay, readUtxoFacts } from './node.ts';
import type { OwnCoin, Payer, Payment } from './payer.ts';
import { PROMPT_RELAY, withTown } from './town.ts';

const LOCAL = createLocalParams();

/** How much faster than the machine's the clocks of mining nodes run: a page every third of a second. */
const CLOCK_FACTOR = 50;

const txidOf = ({ transaction }: Payment): string => formatHash(transaction.txid);

/** Mines on until every payment is in a page that all have, and nobody has a page that others have not. */
async function settle(nodes: readonly LedgerNode[], mine: () => Promise<void>): Promise<void> {
  const areAllEmpty = async (): Promise<boolean> =>
    (await Promise.all(nodes.map((node) => node.waiting()))).every((waiting) => waiting.length === 0);
  do {
    await mine();
    await until(areAllEmpty, 'all payments to be confirmed');
    await stopMining(nodes);
    // A page that lost against another one has given its payments back.
  } while (!(await areAllEmpty()));
}

/** Ends mining in an order in which no tie is left over: the last one mines until everybody has a page of it. */
async function stopMining(nodes: readonly LedgerNode[]): Promise<void> {
  const last = nodes.at(-1)!;
  await Promise.all(nodes.map((node) => (node === last ? undefined : node.stopMining())));
  const height = await last.height();
  await until(async () => (await last.height()) > height + 1, 'two more pages of one miner');
  await last.stopMining();
  await agree(nodes);
}

/** Txids of a page. */
function namesOf(page: Block): readonly string[] {
  return Array.from({ length: page.txCount }, (_, i) => formatHash(page.transaction(i).txid));
}

/** How many pages pay to each of some addresses. */
function countWins(pages: readonly Block[], addresses: readonly Address[]): readonly number[] {
  return addresses.map(({ scriptPubKey }) => {
    return pages.filter((page) => equalBytes(page.transaction(0).scriptPubKey(0), scriptPubKey)).length;
  });
}

test('three miners compete: payments sent at each are confirmed at all, and of two with the same coin one survives', async (context) => {
  await withTown(LOCAL, CLOCK_FACTOR, PROMPT_RELAY, async (town) => {
    const { ledger } = town;
    const { payer } = ledger;
    const a = await town.start('a');
    const b = await town.start('b', [a]);
    const c = await town.start('c', [a, b]);
    const nodes = [a, b, c];
    const shares = [0.1, 0.2, 0.3];
    const addresses = nodes.map(() => payer.nextAddress());
    const mine = async (): Promise<void> => {
      await Promise.all(nodes.map((node, i) => node.mine(addresses[i]!, shares[i]!)));
    };
    await mine();

    const payments: Payment[] = [];
    const doubles: [Payment, Payment][] = [];
    const pay = async (node: LedgerNode): Promise<void> => {
      const first = payer.pay([ledger.takeRipe()], { outputCount: 3 });
      const second = payer.pay([first.coins[0]!, first.coins[1]!]);
      payments.push(first, second);
      for (const payment of [first, second]) assert.equal(await node.send(payment), txidOf(payment));
    };
    for (const node of nodes) await pay(node);
    for (let i = 0; i < 4; i++) {
      const coins = [ledger.takeRipe()];
      const pair: [Payment, Payment] = [payer.pay(coins), payer.pay(coins)];
      doubles.push(pair);
      const answers = await Promise.all(pair.map((payment, k) => nodes[(i + k) % 3]!.refusal(payment)));
      assert.ok(answers.includes('accepted'), answers.join(', '));
      await pay(nodes[i % 3]!);
    }
    await settle(nodes, mine);
    const pages = await a.pagesFrom(1);
    const txids = new Set(pages.flatMap((page) => namesOf(page)));
    for (const payment of payments) assert.ok(txids.has(txidOf(payment)), 'a payment that is confirmed');
    for (const pair of doubles) assert.equal(pair.filter((payment) => txids.has(txidOf(payment))).length, 1);

    const wins = countWins(pages.slice(ledger.height), addresses);
    context.diagnostic(
      `${pages.length - ledger.height} pages, won ${wins.join(', ')} with shares ${shares.join(', ')}`,
    );
    const replay = new LedgerReplay();
    for (const page of [LOCAL.genesis, ...pages]) replay.connect(page.serialized());
    await Promise.all(nodes.map(({ network }) => network.stop()));
    for (const { network } of nodes) {
      assertFactsOfReplay(await readUtxoFacts(network.folder, ['-chain=local']), replay.result());
    }
  });
});

/** A payment that must not be, and what is said of it alone and in a page. */
interface BadPayment {
  readonly what: string;
  readonly make: () => Payment;
  readonly alone: RegExp;
  readonly inPage: string;
}

/** The cases of the table; `spent` is a coin that was spent, `repeated` the payment that did it and whose own coins are spent, too. */
function listBadPayments(ledger: Ledger, spent: OwnCoin, repeated: Payment): readonly BadPayment[] {
  const { payer } = ledger;
  const missing = { alone: /^bad-txns-inputs-missingorspent$/, inPage: 'bad-txns-inputs-missingorspent' };
  const forged = (kind: CoinKind, alone: string, inPage: string): BadPayment => ({
    what: `a forged signature for a coin of kind ${kind}`,
    make: () => payer.pay([ledger.takeRipe(kind)], { isForged: true }),
    alone: new RegExp(`^mempool-script-verify-flag-failed \\(${alone}\\)`),
    inPage: `block-script-verify-flag-failed (${inPage})`,
  });
  return [
    {
      what: 'an overdraft of one satoshi',
      make: () => payer.pay([ledger.takeRipe()], { overdraftSat: 1 }),
      alone: /^bad-txns-in-belowout, value in \(50\.00\) < value out \(50\.00000001\)$/,
      inPage: 'bad-txns-in-belowout',
    },
    forged(
      'p2wpkh',
      'Signature must be zero for failed CHECK\\(MULTI\\)SIG operation',
      'Script evaluated without error but finished with a false/empty top stack element',
    ),
    forged('p2tr-key', 'Invalid Schnorr signature', 'Invalid Schnorr signature'),
    {
      what: 'a reward of 99 pages ago',
      make: () => payer.pay([ledger.rewards[ledger.height - 99]!]),
      alone: /^bad-txns-premature-spend-of-coinbase, tried to spend coinbase at depth 99$/,
      inPage: 'bad-txns-premature-spend-of-coinbase',
    },
    { what: 'a coin that was spent', make: () => payer.pay([spent]), ...missing },
    { what: 'a payment that was made before', make: () => repeated, ...missing },
    { what: 'a coin of another network', make: () => payer.pay([takeForeignCoin(payer)]), ...missing },
  ];
}

/** A ripe reward of regtest, to a key of the payer. */
function takeForeignCoin(payer: Payer): OwnCoin {
  return Ledger.ground(createRegtestParams(), payer, Math.floor(Date.now() / 1000)).takeRipe();
}

test('what must not be paid is refused with its reason: by the node that is asked, and in a page of whoever mines it', async () => {
  await withTown(LOCAL, 1, [], async (town) => {
    const { ledger } = town;
    const { payer } = ledger;
    const a = await town.start('a');
    const b = await town.start('b', [a]);
    const goOn = async (...payments: readonly Payment[]): Promise<void> => {
      const page = ledger.append(ledger.make(payments.map(({ transaction }) => transaction)));
      assert.equal(await a.submit(page), null);
      await b.network.reaches(page);
    };
    const spent = ledger.takeRipe();
    const payment = payer.pay([spent], { outputCount: 2 });
    await goOn(payment);
    assert.equal(await a.refusal(payment), 'Transaction outputs already in utxo set');
    await goOn(payer.pay(payment.coins));

    for (const { what, make, alone, inPage } of listBadPayments(ledger, spent, payment)) {
      const bad = make();
      assert.match(await a.refusal(bad), alone, what);
      assert.deepEqual(await a.waiting(), [], what);
      assert.equal(await a.submit(ledger.make([bad.transaction])), inPage, what);
      const page = ledger.make([bad.transaction]);
      const peer = await RawPeer.connect(b.network.port, { magic: LOCAL.magic });
      await peer.handshake();
      peer.send({ type: 'block', block: page });
      await peer.closed();
      await b.network.process.saying(`Invalid block ${formatHash(page.header.blockHash)}: ${inPage}`);
      await goOn(payer.pay([ledger.takeRipe()]));
    }
    assert.equal(await agree(town.nodes), `${ledger.height} ${formatHash(ledger.tip.header.blockHash)}`);
  });
});

test('a node that is killed has the payments of its last orderly stop, hears of the rest, and loses none that is confirmed', async () => {
  await withTown(LOCAL, 1, PROMPT_RELAY, async (town) => {
    const { ledger } = town;
    const { payer } = ledger;
    const makePayments = (): readonly Payment[] => [0, 1, 2].map(() => payer.pay([ledger.takeRipe()]));
    const sendAll = async (payments: readonly Payment[]): Promise<void> => {
      for (const payment of payments) await a.send(payment);
    };
    const has = (node: LedgerNode, payments: readonly Payment[]): Promise<void> =>
      until(async () => (await node.waiting()).join() === payments.map(txidOf).sort().join(), 'the same payments');

    let a = await town.start('a');
    const saved = makePayments();
    await sendAll(saved);
    await a.network.stop();
    a = await town.start('a');
    await has(a, saved);

    const b = await town.start('b', [a]);
    const later = makePayments();
    await sendAll(later);
    await until(async () => (await b.waiting()).length >= later.length, 'b to hear of what came later');
    await a.network.kill();
    a = await town.start('a', [b]);
    await has(a, saved);

    // A page with what both know, and what one of them knows no more.
    const page = ledger.append(ledger.make([...saved, ...later].map(({ transaction }) => transaction)));
    assert.equal(await b.submit(page), null);
    await a.network.reaches(page);
    await Promise.all([has(a, []), has(b, [])]);
    assert.equal(await a.tip(), await b.tip());
  });
});
