import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EXAMPLE_ASMAP } from '../../../test/model/example-asmap.ts';
import { addressOf } from '../../../test/model/manager-world.ts';
import { createRng } from '../../kernel/util/prng.ts';
import { NetGroups } from '../wire/net-groups.ts';
import { AddressManager } from './addrman.ts';
import { describeMapHealth } from './asmap-health.ts';

const NOW = 1_700_000_000;
const ONION = 'pg6mmjiyjmcrsslvykfwnntlaru7p5svn6y2ymmju6nubxndf4pscryd.onion';

test('the health of a map counts addresses of the open internet, their systems, and what it does not know', () => {
  const groups = new NetGroups(EXAMPLE_ASMAP);
  const manager = new AddressManager(createRng(1).bytes(32), createRng(2), { groups });
  const texts = ['101.1.0.1:1', '101.1.7.7:1', '101.2.0.1:1', '250.1.1.1:1', '9.9.9.9:1', '[2a00::1]:1', `${ONION}:1`];
  for (const text of texts) {
    const address = addressOf(text);
    // years ago: terrible ones count as well
    manager.add([{ timeSec: 1, services: 9n, address }], address, 0, NOW);
  }
  assert.equal(
    describeMapHealth(manager, groups, NOW),
    'ASMap Health Check: 6 clearnet peers are mapped to 3 ASNs with 2 peers being unmapped',
  );
});
