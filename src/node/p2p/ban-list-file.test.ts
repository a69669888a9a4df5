import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { BAN_LIST_TEXT_MAX, formatBanList, parseBanList } from './ban-list-file.ts';
import { formatSubnet } from './subnet.ts';

const ENTRY = { version: 1, ban_created: 1_700_000_000, banned_until: 1_700_086_400, address: '8.8.8.0/24' };

function fileOf(...entries: readonly unknown[]): string {
  return JSON.stringify({ _warning_: 'as written by another program', banned_nets: entries });
}

function kindOf(text: string): string {
  const parsed = parseBanList(text);
  return parsed.ok ? 'ok' : parsed.error.kind;
}

test('a file in the form of Core is read, and what is written is read back', () => {
  const onion = 'pg6mmjiyjmcrsslvykfwnntlaru7p5svn6y2ymmju6nubxndf4pscryd.onion';
  const text = fileOf(ENTRY, { ...ENTRY, address: '2404::/16' }, { ...ENTRY, address: onion });
  const parsed = parseBanList(text);
  assert.ok(parsed.ok);
  assert.deepEqual(parsed.value.dropped, []);
  assert.deepEqual(
    parsed.value.bans.map((ban) => formatSubnet(ban.subnet)),
    ['8.8.8.0/24', '2404::/16', onion],
  );
  assert.equal(parsed.value.bans[0]!.createdSec, 1_700_000_000);
  assert.equal(parsed.value.bans[0]!.untilSec, 1_700_086_400);
  const again = parseBanList(formatBanList(parsed.value.bans));
  assert.ok(again.ok);
  assert.deepEqual(again.value, parsed.value);
  const written = JSON.parse(formatBanList(parsed.value.bans)) as Record<string, unknown>;
  assert.deepEqual(Object.keys(written), ['_warning_', 'banned_nets']);
  assert.deepEqual((written['banned_nets'] as unknown[])[0], ENTRY);
});

test('E09: entries of another version or without a known address are left out, and the log says so', () => {
  const parsed = parseBanList(fileOf({ ...ENTRY, version: 2 }, { ...ENTRY, address: 'some\nwhere' }, ENTRY));
  assert.ok(parsed.ok);
  assert.equal(parsed.value.bans.length, 1);
  assert.deepEqual(parsed.value.dropped, [
    'Dropping entry with unknown version (2) from ban list',
    'Dropping entry with unparseable address or subnet (somewhere) from ban list',
  ]);
});

test('E09: a damaged file gives a typed error', () => {
  assert.equal(kindOf(''), 'not-json');
  assert.equal(kindOf('{"banned_nets": ['), 'not-json');
  assert.equal(kindOf(fileOf(ENTRY).slice(0, -5)), 'not-json');
  assert.equal(kindOf('[]'), 'not-an-object');
  assert.equal(kindOf('null'), 'not-an-object');
  assert.equal(kindOf('{}'), 'no-list');
  assert.equal(kindOf('{"banned_nets": {}}'), 'no-list');
  assert.equal(kindOf(fileOf(1)), 'bad-entry');
  assert.equal(kindOf(fileOf(null)), 'bad-entry');
  assert.equal(kindOf(fileOf({ ...ENTRY, version: '1' })), 'bad-entry');
  assert.equal(kindOf(fileOf({ ...ENTRY, address: 5 })), 'bad-entry');
  assert.equal(kindOf(fileOf({ ...ENTRY, banned_until: 1.5 })), 'bad-entry');
  assert.equal(kindOf(fileOf({ ...ENTRY, banned_until: 1e300 })), 'bad-entry');
  assert.equal(kindOf(fileOf({ ...ENTRY, ban_created: null })), 'bad-entry');
  assert.equal(kindOf('['.repeat(1_000_000)), 'not-json');
  assert.equal(kindOf(' '.repeat(BAN_LIST_TEXT_MAX + 1)), 'too-long');
});

test('E09: a file that was cut or changed anywhere is read, or refused, and never throws', () => {
  const text = formatBanList([]).replace('[]', `[${JSON.stringify(ENTRY)}]`);
  for (let length = 0; length < text.length; length++) kindOf(text.slice(0, length));
  fc.assert(
    fc.property(fc.nat(text.length - 1), fc.string({ maxLength: 3 }), (at, put) => {
      kindOf(text.slice(0, at) + put + text.slice(at + 1));
    }),
    { numRuns: 500 },
  );
  fc.assert(
    fc.property(fc.json(), (json) => {
      kindOf(json);
      kindOf(`{"banned_nets": ${json}}`);
      kindOf(`{"banned_nets": [${json}]}`);
    }),
    { numRuns: 500 },
  );
});
