import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hostOf } from './network-queries.ts';

test('an address is banned without its port', () => {
  assert.equal(hostOf('127.0.0.1:28339'), '127.0.0.1');
  assert.equal(hostOf('[2001:db8::1]:8333'), '2001:db8::1');
  assert.equal(hostOf('[::1]'), '::1');
  assert.equal(hostOf('2001:db8::1'), '2001:db8::1');
  assert.equal(hostOf('example.onion:8333'), 'example.onion');
  assert.equal(hostOf('plain'), 'plain');
});
