import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { BlockRejectKind } from '../../kernel/consensus/reject.ts';
import { type BlockSource, findBlockOffence, OFFENCES, type Offence, type Offender, punish } from './misbehavior.ts';
import { createPermissions, NO_PERMISSIONS } from './net-permissions.ts';

const STRANGER: Offender = { id: 7, kind: 'inbound', permissions: NO_PERMISSIONS, isLocal: false };
const NOBAN: Offender = { ...STRANGER, permissions: createPermissions(['noban']) };
const MANUAL: Offender = { ...STRANGER, kind: 'manual' };
const ALL = Object.keys(OFFENCES) as Offence[];

function texts(offence: Offence, peer: Offender, detail?: string): string[] {
  return punish(offence, peer, detail).lines.map((line) => line.text);
}

test('a stranger that breaks a rule is disconnected and discouraged, with the words of Core', () => {
  assert.equal(punish('oversize-inv', STRANGER, '50001').action, 'discourage');
  assert.deepEqual(texts('oversize-inv', STRANGER, '50001'), [
    'Misbehaving: peer=7: inv message size = 50001',
    'Disconnecting and discouraging peer 7!',
  ]);
  assert.equal(texts('invalid-block', STRANGER)[0], 'Misbehaving: peer=7');
  assert.equal(texts('oversize-addrv2', STRANGER, '1010')[0], 'Misbehaving: peer=7: addrv2 message size = 1010');
  assert.equal(
    texts('bad-header-proof-of-work', STRANGER)[0],
    'Misbehaving: peer=7: header with invalid proof of work',
  );
});

test('a useless connection is ended without further consequences, with the words of Core', () => {
  assert.deepEqual(punish('late-sendaddrv2', STRANGER), {
    action: 'disconnect',
    lines: [{ level: 'debug', text: 'sendaddrv2 received after verack, disconnecting peer=7' }],
  });
  const named = { ...STRANGER, addressForLog: '8.8.8.8:8333' };
  const services = '00000000 offered, 00000009 expected';
  assert.deepEqual(texts('missing-services', named, services), [
    'peer does not offer the expected services (00000000 offered, 00000009 expected), disconnecting peer=7, peeraddr=8.8.8.8:8333',
  ]);
  assert.deepEqual(texts('obsolete-version', STRANGER, '31799'), [
    'peer using obsolete version 31799, disconnecting peer=7',
  ]);
  assert.deepEqual(punish('headers-download-timeout', STRANGER), {
    action: 'disconnect',
    lines: [{ level: 'info', text: 'Timeout downloading headers, disconnecting peer=7' }],
  });
});

test('peers with noban and manual peers are never punished for misbehaviour', () => {
  for (const offence of ALL.filter((name) => OFFENCES[name].action === 'discourage')) {
    assert.equal(punish(offence, NOBAN).action, 'none');
    assert.equal(punish(offence, MANUAL).action, 'none');
    assert.equal(punish(offence, STRANGER).action, 'discourage');
  }
  assert.deepEqual(punish('mutated-block', NOBAN).lines[1], { level: 'warn', text: 'Not punishing noban peer 7!' });
  assert.deepEqual(punish('mutated-block', MANUAL).lines[1], {
    level: 'warn',
    text: 'Not punishing manually connected peer 7!',
  });
});

test('peers of this machine are disconnected but not discouraged, since they share one address', () => {
  const local = { ...STRANGER, isLocal: true };
  assert.equal(punish('mutated-block', local).action, 'disconnect');
  assert.equal(texts('mutated-block', local)[1], 'Warning: disconnecting but not discouraging local peer 7!');
  const onion = { ...local, isInboundOnion: true };
  assert.equal(texts('mutated-block', onion)[1], 'Warning: disconnecting but not discouraging inbound onion peer 7!');
});

test('a breach of protocol ends the connection of noban and manual peers too, except where Core spares them', () => {
  assert.equal(punish('late-wtxidrelay', NOBAN).action, 'disconnect');
  assert.equal(punish('late-wtxidrelay', MANUAL).action, 'disconnect');
  assert.equal(punish('mempool-without-bloom', NOBAN).action, 'none');
  assert.equal(punish('block-below-limited-threshold', NOBAN).action, 'none');
  assert.equal(punish('historical-block-limit', NOBAN).action, 'none');
  const download = { ...STRANGER, permissions: createPermissions(['download']) };
  assert.equal(punish('historical-block-limit', download).action, 'none');
  assert.equal(punish('mempool-without-bloom', download).action, 'disconnect');
  assert.deepEqual(punish('headers-download-timeout', NOBAN), {
    action: 'none',
    lines: [{ level: 'info', text: 'Timeout downloading headers from noban peer, not disconnecting peer=7' }],
  });
});

test('oddities that honest nodes show are never punished', () => {
  for (const offence of ['undecodable-message', 'unknown-message', 'redundant-version', 'redundant-verack'] as const) {
    assert.equal(punish(offence, STRANGER).action, 'none');
  }
  assert.equal(texts('redundant-verack', STRANGER)[0], 'ignoring redundant verack message from peer=7');
  assert.equal(
    texts('message-before-verack', STRANGER, 'ping')[0],
    'Unsupported message "ping" prior to verack from peer=7',
  );
});

test('a detail stands in the sentence as it is, whatever it holds', () => {
  assert.equal(texts('oversize-inv', STRANGER, '$& %s')[0], 'Misbehaving: peer=7: inv message size = $& %s');
});

test('a refused block is punished by kind, way and direction as in Core', () => {
  const kinds: readonly BlockRejectKind[] = [
    'consensus',
    'cached-invalid',
    'invalid-header',
    'mutated',
    'missing-prev',
    'invalid-prev',
    'time-future',
    'header-low-work',
  ];
  /** The kinds that are punished, by way and direction; typed from the switch in Core. */
  const table: readonly (readonly [BlockSource, boolean, Offence, readonly BlockRejectKind[]])[] = [
    ['block', true, 'invalid-block', ['consensus', 'invalid-header', 'mutated', 'missing-prev', 'invalid-prev']],
    [
      'block',
      false,
      'invalid-block',
      ['consensus', 'cached-invalid', 'invalid-header', 'mutated', 'missing-prev', 'invalid-prev'],
    ],
    ['compact-block', true, 'invalid-block', ['invalid-header', 'missing-prev', 'invalid-prev']],
    ['compact-block', false, 'invalid-block', ['invalid-header', 'missing-prev', 'invalid-prev']],
    ['headers', true, 'invalid-header', ['consensus', 'invalid-header', 'mutated', 'missing-prev', 'invalid-prev']],
    [
      'headers',
      false,
      'invalid-header',
      ['consensus', 'cached-invalid', 'invalid-header', 'mutated', 'missing-prev', 'invalid-prev'],
    ],
    ['compact-block-as-headers', false, 'invalid-header', ['invalid-header', 'missing-prev', 'invalid-prev']],
    ['compact-header', true, 'invalid-compact-header', ['invalid-header', 'missing-prev', 'invalid-prev']],
    ['compact-header', false, 'invalid-compact-header', ['invalid-header', 'missing-prev', 'invalid-prev']],
  ];
  for (const [source, isInbound, offence, punished] of table) {
    for (const kind of kinds) {
      const expected = punished.includes(kind) ? offence : null;
      assert.equal(findBlockOffence(kind, source, isInbound), expected, `${kind} by ${source}, inbound: ${isInbound}`);
    }
  }
});
