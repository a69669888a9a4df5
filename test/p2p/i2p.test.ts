// Two nodes that meet in I2P, over real sockets and a router that a test plays: who is connected to is found again at the same
// address, who connects is seen under its own, and both live on when the router goes away and comes back.

import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { createRng } from '../../src/kernel/util/prng.ts';
import { I2pNetwork } from '../../src/node/app/i2p-network.ts';
import { nullLogger } from '../../src/node/ports.ts';
import { formatNetAddress } from '../../src/node/wire/net-address.ts';
import { hostTimers } from '../../src/platform/node/host-time.ts';
import { I2pDouble } from './i2p-double.ts';
import { NodeFixture } from './node-fixture.ts';

/** Starts a node that uses a router. */
function startNode(t: TestContext, router: I2pDouble, seed: number, acceptsIncoming: boolean): Promise<NodeFixture> {
  const sam = { host: '127.0.0.1', port: router.port };
  let key: Uint8Array | null = null;
  const keys = {
    load: async (): Promise<Uint8Array | null> => key,
    save: async (made: Uint8Array): Promise<void> => {
      key = made;
    },
  };
  return NodeFixture.start(t, {
    node: { i2p: { sam, acceptsIncoming } },
    wrapNetwork: (inner) =>
      new I2pNetwork({
        inner,
        sam,
        connectTimeoutMs: 5000,
        keys: acceptsIncoming ? keys : null,
        timers: hostTimers,
        log: nullLogger,
        rng: createRng(seed),
      }),
  });
}

/** Where a node tells others that it is. */
function toldAddresses({ node }: NodeFixture): readonly string[] {
  return node.control.localAddresses.map(({ address }) => formatNetAddress(address));
}

async function openRouter(t: TestContext): Promise<I2pDouble> {
  const router = await I2pDouble.open();
  t.after(() => router.close());
  return router;
}

test('two nodes meet in I2P, and meet again when the router was away', async (t) => {
  const router = await openRouter(t);
  const host = await startNode(t, router, 1, true);
  const guest = await startNode(t, router, 2, false);
  await host.until(() => toldAddresses(host).length === 1, 'an address in I2P');
  const [address] = toldAddresses(host);
  assert.match(address!, /^[a-z2-7]{52}\.b32\.i2p:0$/);
  for (const round of ['at first', 'again']) {
    await guest.until(() => router.waitingCount === 1, `a host that waits ${round}`);
    await guest.node.control.connectOnce(address!.slice(0, -2), 'manual');
    for (const one of [host, guest]) {
      await one.until(() => one.peers().some(({ isEstablished }) => isEstablished), `an introduction ${round}`);
    }
    const [seen] = host.node.control.peers();
    const [met] = guest.node.control.peers();
    assert.deepEqual([seen?.network, seen?.kind, met?.network, met?.kind], ['i2p', 'inbound', 'i2p', 'manual']);
    assert.deepEqual([met?.address, met?.localAddress], [address, seen?.address]);
    assert.notEqual(seen?.address, address);
    router.cutAll();
    for (const one of [host, guest]) await one.until(() => one.peers().length === 0, 'nobody');
    assert.deepEqual(router.hosts, []);
  }
});

test('who is disconnected ends the session that was made for the connection', async (t) => {
  const router = await openRouter(t);
  const host = await startNode(t, router, 1, true);
  const guest = await startNode(t, router, 2, false);
  await host.until(() => toldAddresses(host).length === 1, 'an address in I2P');
  await guest.node.control.connectOnce(toldAddresses(host)[0]!, 'manual');
  await host.until(() => host.peers().length === 1 && router.hosts.length === 2, 'a guest');
  guest.node.disconnect(guest.peers()[0]!.id);
  await host.until(() => host.peers().length === 0 && router.hosts.length === 1, 'no guest');
});
