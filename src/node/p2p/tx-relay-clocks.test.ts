import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRng } from '../../kernel/util/prng.ts';
import { parseNetAddress } from '../wire/net-address.ts';
import { InboundClocks, type WayIn } from './tx-relay-clocks.ts';

/** Somebody who came in at a port of ours. */
function cameInAt(port: number): WayIn {
  const [address, localAddress] = [parseNetAddress('44.3.2.1:8333', 0)!, parseNetAddress(`55.5.5.5:${port}`, 0)!];
  return { kind: 'inbound', address, localAddress, seenLocalAddress: null };
}

test('M13: a clock shows the same time to everybody until it is over, then another', () => {
  const clocks = new InboundClocks(5_000, createRng(1));
  const first = clocks.next(cameInAt(1), 1_000);
  assert.ok(first > 1_000);
  assert.equal(clocks.next(cameInAt(1), 1_100), first);
  assert.equal(clocks.next(cameInAt(1), first), first);
  const second = clocks.next(cameInAt(1), first + 1);
  assert.ok(second > first + 1);
});

test('M13: however many ways in there are, a clock that runs goes on', () => {
  const clocks = new InboundClocks(5_000, createRng(1));
  const running = clocks.next(cameInAt(1), 1_000);
  for (let port = 2; port < 400; port++) clocks.next(cameInAt(port), 1_000 + port);
  assert.ok(running > 1_400, `${running}`);
  assert.equal(clocks.next(cameInAt(1), 1_400), running);
});
