// The RPC interface of a real tallyd against callers who want to stop it, or to learn what it must not tell: whatever is sent, the
// program goes on, others are answered, and a secret stands in no log and in no answer but that of the call that made it.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { test } from 'node:test';
import { start, withFolder } from './programs.ts';
import { findFreePort, RpcClient, RpcFailure } from './rpc-client.ts';

/** A node to call. */
interface Door {
  readonly folder: string;
  readonly port: number;
  readonly client: RpcClient;
}

async function withNode(args: readonly string[], use: (door: Door) => Promise<void>): Promise<void> {
  await withFolder(async (folder) => {
    const port = await findFreePort();
    const node = start('tallyd', ['-regtest', `-datadir=${folder}`, `-rpcport=${port}`, ...args]);
    const client = new RpcClient(port, join(folder, 'regtest', '.cookie'));
    try {
      await client.ready();
      await use({ folder, port, client });
      await client.call('stop');
      const { code, stderr } = await node.ended;
      assert.deepEqual([code, stderr], [0, '']);
    } finally {
      node.signal('SIGKILL');
      await node.ended;
    }
  });
}

/** A body as it is; the status and the beginning of the answer. */
function send({ folder, port }: Door, body: string | Uint8Array): Promise<{ status: number; start: string }> {
  const auth = readFileSync(join(folder, 'regtest', '.cookie'), 'utf8').trim();
  return new Promise((resolve, reject) => {
    const call = request({ host: '127.0.0.1', port, method: 'POST', auth, agent: false }, (response) => {
      let start = '';
      response.setEncoding('latin1').on('data', (text: string) => {
        if (start.length < 500) start += text.slice(0, 500);
      });
      response.on('end', () => resolve({ status: response.statusCode ?? 0, start }));
      response.on('error', reject);
    });
    call.on('error', reject);
    call.end(body);
  });
}

/** Longest body but for a little (Core: 32 MiB). */
const LONG = 32 * 1024 * 1024 - 1024;

test('R15: bodies as large as they may be are answered while others are answered, too', async () => {
  await withNode([], async (door) => {
    const bodies: readonly (readonly [status: number, body: string | Uint8Array, answer: string])[] = [
      [500, '['.repeat(LONG), 'Parse error'],
      [500, Buffer.alloc(LONG, 0xff), 'Parse error'],
      [200, `{"method":"getblockcount"${' '.repeat(LONG)}}`, '{"result":0,'],
      [200, `{"method":"echo","params":["${'x'.repeat(LONG)}"]}`, '{"result":["xxx'],
      [500, `{"method":"decoderawtransaction","params":["${'00'.repeat(LONG / 2)}"]}`, 'TX decode failed'],
      [500, `{"method":"submitblock","params":["${'00'.repeat(LONG / 2)}"]}`, 'Block decode failed'],
      [200, `{"method":"validateaddress","params":["bcrt1${'q'.repeat(LONG)}"]}`, '{"result":{"isvalid":false'],
      [500, `{"method":"getdescriptorinfo","params":["${'sh('.repeat(LONG / 4)}"]}`, 'Descriptor is too long'],
    ];
    for (const [status, body, answer] of bodies) {
      let isAnswered = false;
      const large = send(door, body).finally(() => {
        isAnswered = true;
      });
      // Somebody else calls all the while.
      while (!isAnswered) assert.equal(await door.client.call('getblockcount'), 0);
      const { status: got, start: text } = await large;
      assert.equal(got, status, text);
      assert.ok(text.includes(answer), text);
    }
  });
});

test('R10: a batch of ten thousand calls is answered as a whole', async () => {
  await withNode([], async (door) => {
    const { status, start: text } = await send(door, `[${Array(10_000).fill('{"method":"getblockcount"}').join(',')}]`);
    assert.equal(status, 200);
    assert.ok(text.startsWith('[{"result":0,"error":null'), text);
    assert.equal((await send(door, '[]')).start, '[]\n');
  });
});

/** The secret 1 of regtest, compressed, and the same with a typing error. */
const WIF = 'cMahea7zqjxrtgAbB7LSGbcQUr1uX1ojuat9jZodMN87JcbXMTcA';
const MISTYPED = 'cMahea7zqjxrtgAbB7LSGbcQUr1uX1ojuat9jZodMN87JcbXMTcB';

test('R14: private keys stand in no log and in no answer, right or mistyped', async () => {
  await withNode(['-debug=1', '-printtoconsole=0'], async (door) => {
    const { client, folder } = door;
    const raw = await client.call('createrawtransaction', [{ txid: '11'.repeat(32), vout: 0 }], {});
    const answers: string[] = [];
    const calls: readonly (readonly [method: string, ...params: unknown[]])[] = [WIF, MISTYPED].flatMap((key) => [
      ['signmessagewithprivkey', key, 'message'],
      ['signmessagewithprivkey', key],
      ['signmessagewithprivkey', [key], 'message'],
      ['signrawtransactionwithkey', raw, [key]],
      ['signrawtransactionwithkey', 'zz', [key]],
      ['signrawtransactionwithkey', raw, key],
      ['signrawtransactionwithkey', raw, [key], key],
      ['signrawtransactionwithkey', raw, [key], [], key],
      ['deriveaddresses', `wpkh(${key})`],
      ['descriptorprocesspsbt', 'zz', [key]],
    ]);
    for (const [method, ...params] of calls) {
      const result = await client.call(method, ...params).catch((error: unknown) => {
        assert.ok(error instanceof RpcFailure, String(error));
        return error.message;
      });
      answers.push(JSON.stringify(result));
    }
    for (const body of [
      `{"method":"signmessagewithprivkey","params":["${WIF}"`,
      `{"method":"signmessagewithprivkey","params":"${WIF}"}`,
    ]) {
      answers.push((await send(door, body)).start);
    }
    const log = readFileSync(join(folder, 'regtest', 'debug.log'), 'utf8');
    assert.ok(log.includes('ThreadRPCServer method=signmessagewithprivkey'), 'calls are logged');
    for (const secret of [WIF, MISTYPED]) {
      assert.ok(!log.includes(secret), 'the log has a secret');
      for (const answer of answers) assert.ok(!answer.includes(secret), answer);
    }
  });
});
