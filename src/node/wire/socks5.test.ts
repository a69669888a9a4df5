import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fromHex, toHex } from '../../kernel/util/bytes.ts';
import { Socks5Request, type SocksStep } from './socks5.ts';

/** A step in short: its bytes, or its reason. */
function shown(step: SocksStep): string {
  switch (step.type) {
    case 'send':
      return `send ${toHex(step.bytes)}`;
    case 'connected':
      return `connected ${toHex(step.rest)}`;
    case 'failed':
      return step.reason;
    case 'wait':
      return 'wait';
  }
}

const give = (request: Socks5Request, hex: string): string => shown(request.receive(fromHex(hex)));

test('a proxy without password is asked for a name and a port, and what comes behind its answer belongs to the connection', () => {
  const request = new Socks5Request('a.b', 0x1234, null);
  assert.equal(toHex(request.begin()), '050100');
  assert.equal(give(request, '0500'), 'send 050100' + '03' + '03' + '612e62' + '1234');
  assert.equal(give(request, '05000001' + '7f000001' + '0050' + 'f9be'), 'connected f9be');
  assert.equal(give(request, 'b4d9'), 'wait');
});

test('a password is offered beside none, and sent where the proxy chooses it', () => {
  const request = new Socks5Request('a.b', 1, { user: 'me', password: 'key' });
  assert.equal(toHex(request.begin()), '05020002');
  assert.equal(give(request, '0502'), 'send 01' + '02' + '6d65' + '03' + '6b6579');
  assert.equal(give(request, '0100'), 'send 0501000303612e620001');
});

test('answers may come byte by byte, with an address of any kind', () => {
  for (const address of ['01' + '00'.repeat(4), '04' + '00'.repeat(16), '03' + '02' + '6161']) {
    const request = new Socks5Request('a.b', 1, null);
    request.begin();
    request.receive(fromHex('05'));
    request.receive(fromHex('00'));
    const answer = fromHex(`050000${address}0000`);
    for (const byte of answer.subarray(0, -1)) assert.deepEqual(request.receive(Uint8Array.of(byte)), { type: 'wait' });
    assert.equal(shown(request.receive(answer.subarray(-1))), 'connected ');
  }
});

test('what the proxy refuses is told in words, and nonsense is refused', () => {
  const afterMethod = (hex: string): string => {
    const request = new Socks5Request('a.b', 1, null);
    request.begin();
    request.receive(fromHex('0500'));
    return give(request, hex);
  };
  assert.equal(afterMethod('0505'), 'connection refused');
  assert.equal(afterMethod('05f0'), 'onion service descriptor can not be found');
  assert.equal(afterMethod('0577'), 'unknown (0x77)');
  assert.equal(afterMethod('0400'), 'proxy failed to accept request');
  assert.equal(afterMethod('0500010100'), 'malformed proxy response');
  assert.equal(afterMethod('0500000900'), 'malformed proxy response');
  assert.equal(give(new Socks5Request('a', 1, null), '0400'), 'proxy failed to initialize');
  assert.equal(give(new Socks5Request('a', 1, null), '0502'), 'proxy requested wrong authentication method 02');
  assert.equal(give(new Socks5Request('a', 1, null), '05ff'), 'proxy requested wrong authentication method ff');
  const refused = new Socks5Request('a', 1, { user: 'u', password: 'p' });
  refused.receive(fromHex('0502'));
  assert.equal(give(refused, '0101'), 'proxy authentication unsuccessful');
});
