import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseNetAddress } from '../wire/net-address.ts';
import { NODE_NETWORK, NODE_WITNESS } from '../wire/protocol.ts';
import { type ChoiceRules, chooseAddress, OutboundGroups, type PickedAddress } from './address-choice.ts';

const NOW_SEC = 1_800_000_000;

/** Rules over a table that gives one address, and our own at every other draw. */
function rulesOver(lastTrySec: number): ChoiceRules {
  const entry = (text: string): PickedAddress => ({
    address: parseNetAddress(text, 8333)!,
    services: NODE_NETWORK | NODE_WITNESS,
    timeSec: NOW_SEC - 1000,
    lastTrySec,
  });
  const [other, own] = [entry('44.1.2.3'), entry('55.1.2.3')];
  let draws = 0;
  return {
    addresses: {
      size: () => 2,
      select: () => (draws++ % 2 === 0 ? other : own),
      selectTriedCollision: () => null,
      resolveCollisions: () => undefined,
      good: () => false,
      add: () => 0,
    },
    connections: [],
    groups: new OutboundGroups([]),
    reachable: new Set(['ipv4'] as const),
    blocksBehind: 0,
    isOwn: (address) => address === own.address,
    isAdded: () => false,
  };
}

const WISH = { kind: 'outbound-full-relay', network: null } as const;

test('T02: an address that was dialled before the clock was set back is not taken for one that was dialled lately', () => {
  const inTenYears = NOW_SEC + 10 * 365 * 86_400;
  assert.notEqual(chooseAddress(WISH, rulesOver(inTenYears), NOW_SEC).entry, null);
  assert.notEqual(chooseAddress(WISH, rulesOver(NOW_SEC - 601), NOW_SEC).entry, null);
});

test('an address that was dialled within ten minutes waits, while there are others to draw', () => {
  for (const ageSec of [0, 1, 599]) assert.equal(chooseAddress(WISH, rulesOver(NOW_SEC - ageSec), NOW_SEC).entry, null);
});
