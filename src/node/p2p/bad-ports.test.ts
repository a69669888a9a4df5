import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isBadPort } from './bad-ports.ts';

test('ports of other services are known, and ports of nodes are none of them', () => {
  for (const port of [1, 22, 25, 53, 110, 995, 3306, 5060, 6697, 10080, 27017]) assert.equal(isBadPort(port), true);
  for (const port of [0, 2, 80, 443, 8332, 8333, 18333, 48333, 38333, 18444, 27016, 65535])
    assert.equal(isBadPort(port), false);
  assert.equal(Array.from({ length: 65_536 }, (_, port) => port).filter(isBadPort).length, 85);
});
