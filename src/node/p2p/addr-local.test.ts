import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRng } from '../../kernel/util/prng.ts';
import { formatNetAddress, type NetAddress, type Network, parseNetAddress } from '../wire/net-address.ts';
import { LOCAL_SCORE, LocalAddresses, type LocalAddressFacts, type LocalAddressOptions } from './addr-local.ts';

const ONION = 'pg6mmjiyjmcrsslvykfwnntlaru7p5svn6y2ymmju6nubxndf4pscryd.onion:8333';

function at(text: string): NetAddress {
  const address = parseNetAddress(text, 8333);
  assert.ok(address !== null, text);
  return address;
}

function create(changes: Partial<LocalAddressOptions> = {}): LocalAddresses {
  const reachable = new Set<Network>(['ipv4', 'ipv6']);
  const options = { isListening: true, isDiscovering: true, listenPort: 8_444, reachable };
  return new LocalAddresses({ ...options, ...changes }, createRng(1));
}

function peer(text: string, changes: Partial<LocalAddressFacts> = {}): LocalAddressFacts {
  return { kind: 'inbound', address: at(text), seenLocalAddress: null, ...changes };
}

/** What peers like this one are told, with how often of 1,000. */
function choices(local: LocalAddresses, facts: LocalAddressFacts): Record<string, number> {
  const counts: Record<string, number> = {};
  for (let i = 0; i < 1_000; i++) {
    const chosen = local.chooseFor(facts);
    const text = chosen === null ? 'none' : formatNetAddress(chosen);
    counts[text] = (counts[text] ?? 0) + 1;
  }
  return counts;
}

test('a peer is told the address that it reaches best, of equal ones the one we know best', () => {
  const local = create();
  local.add(at('60.0.0.1:8333'), LOCAL_SCORE.interface);
  local.add(at('61.0.0.1:8333'), LOCAL_SCORE.manual);
  local.add(at('[2803::1]:8333'), LOCAL_SCORE.interface);
  assert.deepEqual(choices(local, peer('9.9.9.9:8333')), { '61.0.0.1:8333': 1_000 });
  assert.deepEqual(choices(local, peer('[2804::9]:8333')), { '[2803::1]:8333': 1_000 });
});

test('votes of inbound peers count for addresses that we know, and make none', () => {
  const local = create();
  local.add(at('60.0.0.1:8333'), LOCAL_SCORE.bind);
  local.add(at('61.0.0.1:8333'), LOCAL_SCORE.bind);
  assert.equal(local.seen(at('66.6.6.6:8333')), false);
  assert.equal(local.seen(at('61.0.0.1:5')), true, 'the port does not matter');
  assert.deepEqual(choices(local, peer('9.9.9.9:8333')), { '61.0.0.1:8333': 1_000 });
  assert.equal(local.list().length, 2);
  assert.deepEqual([local.has(at('60.0.0.1:1')), local.has(at('66.6.6.6'))], [true, false]);
});

test('what is no use is not learned: unroutable, of unused networks, found without looking; the operator is believed', () => {
  const local = create({ isDiscovering: false });
  assert.equal(local.add(at('10.0.0.1'), LOCAL_SCORE.manual), false);
  assert.equal(local.add(at('60.0.0.1'), LOCAL_SCORE.mapped), false);
  assert.equal(local.add(at(ONION), LOCAL_SCORE.manual), false);
  assert.equal(local.add(at(ONION), LOCAL_SCORE.manual, true), true, '-externalip with -onlynet=ipv4');
  assert.equal(local.add(at('60.0.0.1'), LOCAL_SCORE.manual), true);
  local.remove(at('60.0.0.1:77'));
  assert.deepEqual(
    local.list().map(({ address }) => formatNetAddress(address)),
    [ONION],
  );
});

test('networks that hide us are told only within themselves, and nothing else is told there', () => {
  const local = create({ reachable: new Set<Network>(['ipv4', 'onion']) });
  local.add(at(ONION), LOCAL_SCORE.manual);
  local.add(at('60.0.0.1:8333'), LOCAL_SCORE.manual);
  assert.deepEqual(choices(local, peer('9.9.9.9:8333')), { '60.0.0.1:8333': 1_000 });
  assert.deepEqual(choices(local, peer(ONION, { kind: 'manual' })), { [ONION]: 1_000 });
  assert.deepEqual(choices(local, peer('127.0.0.1:9', { isInboundOnion: true })), { [ONION]: 1_000 });
  local.remove(at(ONION));
  assert.deepEqual(choices(local, peer(ONION, { kind: 'manual' })), { none: 1_000 });
});

test('what the peer sees is told to it always when we know nothing, else half of the time, rarely when ours is confirmed', () => {
  const local = create();
  const inbound = peer('9.9.9.9:8333', { seenLocalAddress: at('70.0.0.1:7777') });
  const outbound = { ...inbound, kind: 'outbound-full-relay' } as const;
  assert.deepEqual(choices(local, inbound), { '70.0.0.1:7777': 1_000 });
  assert.deepEqual(choices(local, outbound), { '70.0.0.1:8444': 1_000 }, 'with the port that we listen on');
  local.add(at('60.0.0.1:8333'), LOCAL_SCORE.manual);
  const half = choices(local, outbound)['70.0.0.1:8333']!; // with the port of ours
  assert.ok(Math.abs(half - 500) < 80, `${half}`); // a deviation of 16
  local.seen(at('60.0.0.1:8333'));
  const rarely = choices(local, inbound)['70.0.0.1:7777']!;
  assert.ok(Math.abs(rarely - 125) < 55, `${rarely}`); // a deviation of 10
});

test('what the peer sees is not believed when it cannot be, or when nothing is to be discovered', () => {
  const local = create();
  for (const seen of ['10.0.0.1:8333', '127.0.0.1:8333', ONION]) {
    assert.deepEqual(choices(local, peer('9.9.9.9', { seenLocalAddress: at(seen) })), { none: 1_000 });
  }
  assert.deepEqual(choices(local, peer('192.168.0.9', { seenLocalAddress: at('70.0.0.1') })), { none: 1_000 });
  const told = create({ isDiscovering: false });
  assert.deepEqual(choices(told, peer('9.9.9.9', { seenLocalAddress: at('70.0.0.1') })), { none: 1_000 });
});
