import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { fromHex, toHex } from '../../kernel/util/bytes.ts';
import { MessageCapture } from './message-capture.ts';

const clock = { wallMs: () => 1_700_000_000_000.5, monotonicMs: () => 0 };

function newFolder(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'tallystick-capture-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

test('messages are kept by peer and direction, in the form that readers of such files know', (t) => {
  const folder = newFolder(t);
  const failures: unknown[] = [];
  const capture = new MessageCapture(folder, clock, (error) => failures.push(error));
  capture.record('127.0.0.1:18444', 'received', 'ping', fromHex('0102030405060708'));
  capture.record('127.0.0.1:18444', 'received', 'verack', new Uint8Array(0));
  capture.record('[::1]:18444', 'sent', 'sendaddrv2xyz', fromHex('ff'));
  assert.deepEqual(readdirSync(join(folder, 'message_capture')).sort(), ['127.0.0.1_18444', '[__1]_18444']);
  const received = readFileSync(join(folder, 'message_capture', '127.0.0.1_18444', 'msgs_recv.dat'));
  const time = 'f4411e18240a0600';
  assert.equal(
    toHex(received),
    `${time}70696e670000000000000000080000000102030405060708${time}76657261636b00000000000000000000`,
  );
  const sent = readFileSync(join(folder, 'message_capture', '[__1]_18444', 'msgs_sent.dat'));
  assert.equal(toHex(sent), `${time}73656e64616464727632787901000000ff`);
  assert.equal(existsSync(join(folder, 'message_capture', '127.0.0.1_18444', 'msgs_sent.dat')), false);
  assert.deepEqual(failures, []);
});

test('a disk that does not take it ends the capture, and is told once', (t) => {
  const folder = newFolder(t);
  writeFileSync(join(folder, 'message_capture'), 'no folder');
  const failures: unknown[] = [];
  const capture = new MessageCapture(folder, clock, (error) => failures.push(error));
  capture.record('1.2.3.4:8333', 'sent', 'ping', new Uint8Array(8));
  capture.record('1.2.3.4:8333', 'sent', 'ping', new Uint8Array(8));
  assert.equal(failures.length, 1);
});
