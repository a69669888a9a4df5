// A node with a mempool and coins to pay with, for raw peers that send transactions. The chain below is made once for all tests of a
// file; no two tests spend the same coin.

import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import type { Transaction, TransactionOutput } from '../../src/kernel/primitives/transaction.ts';
import { parseWhitelist } from '../../src/node/p2p/net-permissions.ts';
import type { Message } from '../../src/node/wire/messages.ts';
import { MSG_WTX } from '../../src/node/wire/protocol.ts';
import { AcceptWorld, type AcceptWorldOptions } from '../model/accept-world.ts';
import { type FixtureOptions, NodeFixture } from './node-fixture.ts';
import type { RawPeer } from './raw-peer.ts';
import { inventory } from './requests.ts';

/** Where peers come from that are announced to at once, and may ask for the mempool. */
export const TRUSTED_HOST = '127.9.1.1';

/** Whatever a peer announces is asked for after so many seconds: peers that connected to us are asked last, and by wtxid first. */
export const REQUEST_DELAY_SEC = 7;

/** After so many seconds even an unlucky draw has announced: the mean between two announcements is five. */
export const TRICKLE_SEC = 120;

const WTXID_RELAY: Message = { type: 'wtxidrelay' };

/** A world whose coins the tests of a file share. */
export function openPayments(options: AcceptWorldOptions = {}): Promise<AcceptWorld> {
  return AcceptWorld.open({ coinCount: 300, ...options, follows: false });
}

/** A node with a mempool on the chain of `world`. */
export async function startPaymentNode(
  t: TestContext,
  world: AcceptWorld,
  options: FixtureOptions = {},
): Promise<NodeFixture> {
  const trusted = parseWhitelist(`noban,mempool,in@9.1.1.1`);
  assert.ok(trusted.ok);
  return NodeFixture.start(t, {
    mempool: {},
    ...options,
    branch: world.branch.fork(),
    node: { whitelist: [trusted.value], ...options.node },
  });
}

/** A peer that announces and is told of transactions by wtxid. Nothing that it was told on joining is left. */
export async function joinRelay(fixture: NodeFixture, from?: string): Promise<RawPeer> {
  const peer = await fixture.joinQuiet({ negotiation: [WTXID_RELAY], ...(from === undefined ? {} : { from }) });
  peer.takeOf('feefilter');
  return peer;
}

/** Hands a transaction in as somebody else's, without a peer. */
export async function putIn(fixture: NodeFixture, ...transactions: readonly Transaction[]): Promise<void> {
  for (const transaction of transactions) {
    const { outcome } = await fixture.pool.intake.submit(transaction);
    assert.equal(outcome, 'accepted');
  }
}

/** Announces transactions by wtxid. */
export function announce(...transactions: readonly Transaction[]): Message {
  return inventory(
    'inv',
    MSG_WTX,
    transactions.map(({ wtxid }) => wtxid),
  );
}

/** A transaction. */
export function txMessage(transaction: Transaction): Message {
  return { type: 'tx', transaction };
}

/** What the peer was told of, in order: wtxids, as texts. */
export function announcedTo(peer: RawPeer): string[] {
  return peer.takeOf('inv').flatMap(({ items }) => Array.from({ length: items.count }, (_, i) => hex(items.hash(i))));
}

/** The name under which a transaction is announced. */
export function nameOf({ wtxid }: Transaction): string {
  return hex(wtxid);
}

/** What the peer was asked for, as texts. */
export function askedOf(peer: RawPeer): string[] {
  return peer
    .takeOf('getdata')
    .flatMap(({ items }) => Array.from({ length: items.count }, (_, i) => hex(items.hash(i))));
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}

/** So many equal outputs. */
export function outputsTo(scriptPubKey: Uint8Array, count: number, valueSat: number): TransactionOutput[] {
  return Array.from({ length: count }, () => ({ valueSat, scriptPubKey }));
}

/** The regular work of the node has been done at least once more. */
export async function letTick(fixture: NodeFixture, ...peers: readonly RawPeer[]): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 220));
  for (const peer of peers) if (!peer.isClosed) await peer.sync();
  assert.ok(fixture.peers().length > 0);
}
