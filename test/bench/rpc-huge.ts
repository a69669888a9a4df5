// Single calls as large as a client can make them: what has to be taken in pieces if nobody else shall wait for it.

import { Agent } from 'node:http';
import { type HttpAnswer, type LoadTarget, post } from './rpc-load.ts';

/** A call. */
export interface HugeCall {
  readonly name: string;
  /** Made when it is needed: some are of 32 MiB. */
  readonly body: () => string | Uint8Array;
}

/** Most bytes of a body (Core MAX_SIZE). */
const BODY_BYTES_MAX = 0x02000000;

/** Room in a body for what is around a parameter. */
const ROOM_BYTES = 1024;

const FILLING: number = BODY_BYTES_MAX - ROOM_BYTES;

function call(name: string, method: string, ...params: readonly unknown[]): HugeCall {
  return { name, body: () => JSON.stringify({ id: 1, method, params }) };
}

/** A call whose text is made later. */
function text(name: string, body: () => string | Uint8Array): HugeCall {
  return { name, body };
}

/** A transaction of one input and as many outputs without script as fill a body. */
function wideTransaction(): string {
  const outputBytes = 9;
  const count = 400_000;
  const outputs = '00'.repeat(outputBytes).repeat(count);
  const size = `fe${Buffer.from(Uint32Array.of(count).buffer).toString('hex')}`;
  return `0200000001${'11'.repeat(32)}0000000000ffffffff${size}${outputs}00000000`;
}

/** The calls; a block of the chain is taken for those that need one. */
export function hugeCalls({ blockHash, blockHex }: { blockHash: string; blockHex: string }): readonly HugeCall[] {
  return [
    ...[0, 1, 2, 3].map((verbosity) => call(`getblock ${verbosity}`, 'getblock', blockHash, verbosity)),
    call('getblockstats', 'getblockstats', blockHash),
    call('submitblock', 'submitblock', blockHex),
    call('getblocktemplate proposal', 'getblocktemplate', { mode: 'proposal', data: blockHex }),
    call('gettxoutsetinfo muhash', 'gettxoutsetinfo', 'muhash'),
    call('gettxoutsetinfo serialized', 'gettxoutsetinfo'),
    call('scantxoutset', 'scantxoutset', 'start', [`raw(51)`]),
    call('getrawmempool true', 'getrawmempool', true),
    call('getmempoolfeeratediagram', 'getmempoolfeeratediagram'),
    call('verifychain 4 2', 'verifychain', 4, 2),
    text('submitblock of 32 MiB', () => `{"method":"submitblock","params":["${'00'.repeat(FILLING / 2)}"]}`),
    text('submitblock of 32 MiB no hex', () => `{"method":"submitblock","params":["${'xx'.repeat(FILLING / 2)}"]}`),
    text(
      'decoderawtransaction 32 MiB',
      () => `{"method":"decoderawtransaction","params":["${'00'.repeat(FILLING / 2)}"]}`,
    ),
    text('decoderawtransaction wide', () => `{"method":"decoderawtransaction","params":["${wideTransaction()}"]}`),
    text('sendrawtransaction wide', () => `{"method":"sendrawtransaction","params":["${wideTransaction()}"]}`),
    text('decodescript 1 MB', () => `{"method":"decodescript","params":["${'51'.repeat(1_000_000)}"]}`),
    text('decodescript 32 MiB', () => `{"method":"decodescript","params":["${'51'.repeat(FILLING / 2)}"]}`),
    text('string of 32 MiB', () => `{"method":"echo","params":["${'x'.repeat(FILLING)}"]}`),
    text('escapes, 32 MiB', () => `{"method":"echo","params":["${'\\n'.repeat(FILLING / 2)}"]}`),
    text('id of 32 MiB', () => `{"method":"getblockcount","id":"${'é'.repeat(FILLING / 2)}"}`),
    text('method of 32 MiB', () => `{"method":"${'x'.repeat(FILLING)}"}`),
    text('number of 32 MiB', () => `{"method":"echo","params":[${'1'.repeat(FILLING)}]}`),
    text('32 MiB of no UTF-8', () => Buffer.alloc(FILLING, 0xff)),
    text('32 MiB of blanks', () => `{"method":"getblockcount"${' '.repeat(FILLING)}}`),
    text('nesting', () => '['.repeat(FILLING)),
    text('list of 2,000,000', () => `{"method":"echo","params":[[${'0,'.repeat(2_000_000)}0]]}`),
    text('keys, 1,000,000', () => {
      const keys = Array.from({ length: 1_000_000 }, (_, i) => `"${i}":0`).join(',');
      return `{"method":"echo","params":[{${keys}}]}`;
    }),
    text('batch of 10,000', () => `[${Array(10_000).fill('{"method":"getblockcount"}').join(',')}]`),
    text('batch of 100,000 nothings', () => `[${Array(100_000).fill('0').join(',')}]`),
    text('address of 1 MB', () => `{"method":"validateaddress","params":["${'1'.repeat(1_000_000)}"]}`),
    text('bech32 of 32 MiB', () => `{"method":"validateaddress","params":["bcrt1${'q'.repeat(FILLING)}"]}`),
    text('descriptor of 1 MB', () => `{"method":"getdescriptorinfo","params":["raw(${'51'.repeat(500_000)})"]}`),
    text('descriptor of 32 MiB', () => `{"method":"getdescriptorinfo","params":["raw(${'51'.repeat(FILLING / 2)})"]}`),
    text('descriptor, nested', () => `{"method":"getdescriptorinfo","params":["${'sh('.repeat(FILLING / 3)}"]}`),
    text('taproot tree, nested', () => `{"method":"getdescriptorinfo","params":["tr(a,${'{'.repeat(FILLING - 10)}"]}`),
    text(
      'logging, 1,000,000 names',
      () => `{"method":"logging","params":[[${Array(1_000_000).fill('"net"').join(',')}]]}`,
    ),
    text('createrawtransaction, 200,000 inputs', () => {
      const input = `{"txid":"${'1'.repeat(64)}","vout":0}`;
      return `{"method":"createrawtransaction","params":[[${Array(200_000).fill(input).join(',')}],{}]}`;
    }),
    text('deriveaddresses, 1,000,000', () => {
      const key =
        'tpubD6NzVbkrYhZ4WaWSyoBvQwbpLkojyoTZPRsgXELWz3Popb3qkjcJyJUGLnL4qHHoQvao8ESaAstxYSnhyswJ76uZPStJRJCTKvosUCJZL5B';
      return `{"method":"deriveaddresses","params":["wpkh(${key}/*)#aaaaaaaa",[0,999999]]}`;
    }),
    text('verifymessage of 32 MiB', () => {
      const message = 'x'.repeat(FILLING);
      const address = 'mrcXbF9qmyH8eCZcZ5uyrH4g3iLq9GvKGp';
      return `{"method":"verifymessage","params":["${address}","${Buffer.alloc(65, 31).toString('base64')}","${message}"]}`;
    }),
    text('verifytxoutproof of 32 MiB', () => `{"method":"verifytxoutproof","params":["${'00'.repeat(FILLING / 2)}"]}`),
  ];
}

/** Sends one; with the time until the whole answer was there. */
export async function sendHuge(
  target: LoadTarget,
  { body }: HugeCall,
): Promise<{ readonly answer: HttpAnswer; readonly sentBytes: number; readonly ms: number }> {
  const agent = new Agent({ keepAlive: false });
  const bytes = Buffer.from(body() as string);
  const startMs = performance.now();
  const answer = await post(target, agent, bytes);
  return { answer, sentBytes: bytes.length, ms: performance.now() - startMs };
}
