import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fakeTxid, makeTx, pay, spend } from '../../../test/model/block-builder.ts';
import { addressOf } from '../../../test/model/manager-world.ts';
import type { Transaction } from '../../kernel/primitives/transaction.ts';
import { asPeerId, type PeerId } from './peer-id.ts';
import { PrivateBroadcast, type SendTime } from './private-broadcast.ts';

const ADDRESS = addressOf('44.3.2.1:8333');

function payment(n: number, witness: readonly Uint8Array[] = []): Transaction {
  return makeTx([spend({ txid: fakeTxid(n), index: 0 }, { witness: [...witness] })], [pay(1)]);
}

/** So many seconds after the beginning. */
function at(seconds: number): SendTime {
  return { nowMs: 1_000 * seconds, nowSec: 1_700_000_000 + seconds };
}

let peerCount = 0;

function newPeer(): PeerId {
  return asPeerId(++peerCount);
}

/** Has a transaction chosen for a new peer; `isConfirmed`: the peer says that it has it. */
function send(list: PrivateBroadcast, seconds: number, isConfirmed = true): Transaction | null {
  const id = newPeer();
  const chosen = list.choose(id, ADDRESS, at(seconds));
  if (chosen !== null && isConfirmed) list.confirmed(id, at(seconds));
  list.peerLeft(id);
  return chosen;
}

test('a transaction asks for three connections, and once only', () => {
  const list = new PrivateBroadcast();
  const [a, b] = [payment(1), payment(2)];
  assert.equal(list.isEmpty, true);
  assert.deepEqual([list.add(a, at(0)), list.connectionsToOpen], ['added', 3]);
  assert.deepEqual([list.add(a, at(0)), list.connectionsToOpen], ['already', 3]);
  assert.deepEqual([list.add(b, at(0)), list.connectionsToOpen], ['added', 6]);
});

test('D10: the list holds 10,000 transactions; nothing makes room for one more but what goes', () => {
  const list = new PrivateBroadcast();
  const transactions = Array.from({ length: 10_001 }, (_, n) => payment(n));
  for (const one of transactions.slice(0, -1)) assert.equal(list.add(one, at(0)), 'added');
  const last = transactions.at(-1)!;
  assert.equal(list.add(last, at(0)), 'full');
  assert.equal(list.add(transactions[0]!, at(0)), 'already', 'which is no refusal');
  assert.equal(list.list().length, 10_000);
  assert.equal(list.remove(transactions[5]!), true);
  assert.equal(list.add(last, at(0)), 'added');
});

test('what was sent least is sent next, then what was confirmed least, then what was sent longest ago', () => {
  const list = new PrivateBroadcast();
  const [a, b, c] = [payment(1), payment(2), payment(3)];
  for (const one of [a, b, c]) list.add(one, at(0));
  assert.deepEqual([send(list, 1), send(list, 2, false), send(list, 3)], [a, b, c]);
  assert.equal(send(list, 4), b, 'not confirmed');
  assert.equal(send(list, 5), a, 'sent as often as the third, and earlier');
  assert.equal(send(list, 6), c);
});

test('of a peer it is known what was chosen for it, as long as that is on the list', () => {
  const list = new PrivateBroadcast();
  const a = payment(1);
  list.add(a, at(0));
  const id = newPeer();
  assert.equal(list.chosenFor(id), null);
  list.choose(id, ADDRESS, at(1));
  assert.equal(list.chosenFor(id), a);
  list.remove(a);
  assert.equal(list.chosenFor(id), null);
  assert.equal(list.choose(newPeer(), ADDRESS, at(2)), null, 'there is nothing left');
});

test('a connection in vain asks for another one, a confirmed one does not', () => {
  const list = new PrivateBroadcast();
  list.add(payment(1), at(0));
  list.adjustConnections(-3);
  send(list, 1);
  assert.equal(list.connectionsToOpen, 0);
  send(list, 2, false);
  assert.equal(list.connectionsToOpen, 1);
  list.peerLeft(newPeer());
  assert.equal(list.connectionsToOpen, 2, 'it did not get as far as a transaction');
  list.remove(payment(1));
  list.peerLeft(newPeer());
  assert.equal(list.connectionsToOpen, 0, 'there is nothing to send');
});

test('who goes takes along the connections that were still meant for it, and never those below none', () => {
  const list = new PrivateBroadcast();
  const a = payment(1);
  list.add(a, at(0));
  list.adjustConnections(-1);
  send(list, 1);
  assert.deepEqual([list.remove(a), list.connectionsToOpen], [true, 0]);
  assert.deepEqual([list.remove(a), list.connectionsToOpen], [false, 0]);
});

test('transactions are aborted by txid, which may be that of several, or by the hash with the witness', () => {
  const list = new PrivateBroadcast();
  const [a, b] = [payment(1, [Uint8Array.of(1)]), payment(1, [Uint8Array.of(2)])];
  const other = payment(2);
  assert.deepEqual(a.txid, b.txid);
  for (const one of [a, b, other]) list.add(one, at(0));
  assert.deepEqual(list.abort(a.wtxid), [a]);
  list.add(a, at(0));
  assert.deepEqual(list.abort(a.txid), [b, a], 'in the order of the list');
  assert.deepEqual(
    list.list().map(({ transaction }) => transaction),
    [other],
  );
  assert.deepEqual(list.abort(a.txid), []);
});

test('what nobody confirmed is stale after five minutes, what was confirmed a minute after the last time', () => {
  const list = new PrivateBroadcast();
  const [a, b] = [payment(1), payment(2)];
  list.add(a, at(0));
  assert.deepEqual([list.stale(at(300).nowMs), list.stale(at(301).nowMs)], [[], [a]]);
  list.add(b, at(290));
  assert.equal(send(list, 302), a);
  assert.equal(send(list, 303, false), b);
  assert.deepEqual([list.stale(at(362).nowMs), list.stale(at(363).nowMs)], [[], [a]]);
  assert.deepEqual(list.stale(at(591).nowMs), [a, b]);
});

test('people are told when it was sent to whom, and who has it; of many sendings the last hundred', () => {
  const list = new PrivateBroadcast();
  const a = payment(1);
  list.add(a, at(0));
  send(list, 5);
  send(list, 6, false);
  assert.deepEqual(
    list.list().map(({ addedSec, sendings }) => ({ addedSec, sendings })),
    [
      {
        addedSec: 1_700_000_000,
        sendings: [
          { address: ADDRESS, sentSec: 1_700_000_005, receivedSec: 1_700_000_005 },
          { address: ADDRESS, sentSec: 1_700_000_006, receivedSec: null },
        ],
      },
    ],
  );
  for (let i = 0; i < 200; i++) send(list, 100 + i);
  const [only] = list.list();
  assert.deepEqual([only?.sendings.length, only?.sendings.at(-1)?.sentSec], [100, 1_700_000_299]);
});

test('only somebody in Tor whom we called shows that the proxy is Tor', () => {
  const list = new PrivateBroadcast();
  const onion = addressOf('pg6mmjiyjmcrsslvykfwnntlaru7p5svn6y2ymmju6nubxndf4pscryd.onion:8333');
  list.noteIntroduction({ kind: 'inbound', address: onion });
  list.noteIntroduction({ kind: 'outbound-full-relay', address: ADDRESS });
  assert.equal(list.isTorProven, false);
  list.noteIntroduction({ kind: 'private-broadcast', address: onion });
  assert.equal(list.isTorProven, true);
});
