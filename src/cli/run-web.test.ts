import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isLoginLink } from './run-web.ts';

test('R14: what another program says at the port of a node that is gone is no link', () => {
  const app = { pid: 1, url: 'http://127.0.0.1:8339', rpcPort: 1 };
  assert.ok(isLoginLink('http://127.0.0.1:8339/login?token=ab-_9', app));
  const others = [
    'http://127.0.0.1:8339/login?token=',
    'http://127.0.0.1:8339/login?token=a b',
    'http://127.0.0.1:8339/login?token=a\n',
    'http://127.0.0.1:8339/login?token=\u001b[2J',
    'http://127.0.0.1:8340/login?token=ab',
    'http://127.0.0.1:8339.evil.example/login?token=ab',
    'https://evil.example/login?token=ab',
    'file:///etc/passwd',
    '--help',
    '',
  ];
  for (const text of others) assert.ok(!isLoginLink(text, app), JSON.stringify(text));
});
