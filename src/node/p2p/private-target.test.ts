import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addressOf } from '../../../test/model/manager-world.ts';
import { createRng } from '../../kernel/util/prng.ts';
import { equalHosts, formatNetAddress, type NetAddress, type Network } from '../wire/net-address.ts';
import type { PickedAddress } from './address-choice.ts';
import { canSendPrivately, choosePrivateTarget, type PrivateTargetRules, privateNetworks } from './private-target.ts';

const NOW = 1_700_000_000;
const ONION = 'pg6mmjiyjmcrsslvykfwnntlaru7p5svn6y2ymmju6nubxndf4pscryd.onion:8333';

/** An address of each network; what is asked for is noted. */
class Source {
  readonly asked: string[] = [];
  readonly #addresses: Partial<Record<Network, NetAddress>> = {
    ipv4: addressOf('44.3.2.1:8333'),
    ipv6: addressOf('[2a00::1]:8333'),
    onion: addressOf(ONION),
  };

  select({ networks }: { readonly networks?: ReadonlySet<Network> }): PickedAddress | null {
    const [network] = [...(networks ?? [])];
    this.asked.push(network ?? 'any');
    const address = network === undefined ? undefined : this.#addresses[network];
    return address === undefined ? null : { address, services: 9n, timeSec: NOW, lastTrySec: 0 };
  }
}

function rulesOf(rest: Partial<PrivateTargetRules> = {}): PrivateTargetRules & { readonly addresses: Source } {
  return {
    addresses: new Source(),
    reachable: new Set(['ipv4', 'ipv6', 'onion']),
    isTorProven: true,
    connections: [],
    isOwn: () => false,
    isUnwanted: () => false,
    ...rest,
  } as PrivateTargetRules & { readonly addresses: Source };
}

test('M13: addresses are of Tor and I2P; of other networks only when Tor has been seen to work', () => {
  const networks = (isTorProven: boolean, ...reachable: readonly Network[]): readonly Network[] =>
    privateNetworks(rulesOf({ isTorProven, reachable: new Set(reachable) }));
  assert.deepEqual(networks(false, 'ipv4', 'ipv6', 'onion'), ['onion']);
  assert.deepEqual(networks(true, 'ipv4', 'ipv6', 'onion'), ['onion', 'ipv4', 'ipv6']);
  assert.deepEqual(networks(true, 'onion'), ['onion'], 'as the operator says (-onlynet)');
  assert.deepEqual(networks(true, 'ipv4', 'ipv6', 'cjdns'), [], 'without Tor none of them hides us');
  assert.deepEqual(networks(true, 'ipv4', 'i2p'), ['i2p']);
  assert.deepEqual(networks(false, 'onion', 'i2p'), ['onion', 'i2p']);
});

test('there is a way as soon as Tor or I2P can be reached', () => {
  assert.equal(canSendPrivately(new Set(['ipv4', 'ipv6', 'cjdns'])), false);
  assert.equal(canSendPrivately(new Set(['onion'])), true);
  assert.equal(canSendPrivately(new Set(['i2p'])), true);
});

test('each network has the same chance, however many addresses of it are known', () => {
  const rules = rulesOf();
  const rng = createRng(1);
  const counts = new Map<string, number>();
  for (let i = 0; i < 600; i++) {
    const network = choosePrivateTarget(rules, rng, NOW)!.address.network;
    counts.set(network, (counts.get(network) ?? 0) + 1);
  }
  for (const network of ['ipv4', 'ipv6', 'onion']) assert.ok(counts.get(network)! > 150, network);
});

test('nobody is called whom we are connected to, who is unwelcome, or who is ourselves', () => {
  const [connected, unwanted] = [addressOf('44.3.2.1:1'), addressOf('[2a00::1]:8333')];
  const rules = rulesOf({
    connections: [{ address: connected }, { address: null }],
    isUnwanted: (address) => equalHosts(address, unwanted),
  });
  for (let i = 0; i < 50; i++) {
    const found = choosePrivateTarget(rules, createRng(i), NOW);
    assert.equal(found === null ? null : formatNetAddress(found.address), ONION);
  }
  assert.equal(choosePrivateTarget({ ...rules, isOwn: () => true }, createRng(1), NOW), null);
});

test('without addresses the search ends after a hundred tries, and without networks at once', () => {
  const rules = rulesOf({ reachable: new Set(['i2p']) });
  assert.equal(choosePrivateTarget(rules, createRng(1), NOW), null);
  assert.equal(rules.addresses.asked.length, 100);
  const none = rulesOf({ reachable: new Set(['ipv4']) });
  assert.equal(choosePrivateTarget(none, createRng(1), NOW), null);
  assert.equal(none.addresses.asked.length, 0);
});
