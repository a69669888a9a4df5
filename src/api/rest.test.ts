import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RpcWorld } from '../../test/model/rpc-world.ts';
import { fromHex } from '../kernel/util/bytes.ts';
import { answerRest, isRestPath } from './rest.ts';
import { parseCount, parseLooseHex, RestPath } from './rest-request.ts';

const GENESIS = '0f9188f13cb7b2c71f2a335e3a4fc328bf5beb436012afca590b1a11466e2206';
const GENESIS_COINBASE = '4a5e1e4baab89f3a32518a88c31bc87f618f76673e2cc77ab2127b7afdeda33b';
const ANYONE = 'raw(51)';
const UNKNOWN = '00'.repeat(31).concat('77');

function read(rest: string): readonly [text: string, format: string | null] {
  const { text, format } = new RestPath(`/rest/tx/${rest}`, rest);
  return [text, format];
}

test('a path ends with its format, and a query with it', () => {
  assert.deepEqual(read('abc.json'), ['abc', 'json']);
  assert.deepEqual(read('abc.hex?count=5'), ['abc', 'hex']);
  assert.deepEqual(read('abc'), ['abc', null]);
  assert.deepEqual(read('abc.xml'), ['abc.xml', null]);
  assert.deepEqual(read('a.b.bin'), ['a.b', 'bin']);
  assert.deepEqual(read('.json'), ['', 'json']);
  assert.deepEqual(read('abc%'), ['abc%', null]);
});

test('parameters of a query are decoded, and the first of a name counts', () => {
  const path = new RestPath('/rest/headers/x.json?count=7&count=8&na%6de=%41b%2&flag', 'x.json');
  assert.equal(path.parameter('count'), '7');
  assert.equal(path.parameter('name'), 'Ab%2');
  assert.equal(path.parameter('flag'), '');
  assert.equal(path.parameter('other'), null);
  assert.equal(new RestPath('/rest/headers/x.json', 'x.json').parameter('count'), null);
});

test('counts have no sign and no letters; loose hexadecimal text may have white space', () => {
  assert.deepEqual(['0', '15', '+1', '-1', '', '1x', '99999999999999999'].map(parseCount), [
    0,
    15,
    null,
    null,
    null,
    null,
    null,
  ]);
  assert.deepEqual(parseLooseHex(' 0a\n0B '), Uint8Array.of(10, 11));
  assert.deepEqual(parseLooseHex('0a0'), new Uint8Array(0));
  assert.deepEqual(parseLooseHex('zz'), new Uint8Array(0));
});

test('only paths of the interface are taken, and none before the program can answer', async () => {
  assert.deepEqual(['/rest/tx/x', '/rest/nothing', '/', '/rest/chaininfo.json'].map(isRestPath), [
    true,
    false,
    false,
    true,
  ]);
  const subject = { context: null, warmupStatus: 'Loading block index…', call: () => assert.fail('no call') };
  const reply = await answerRest(subject, { target: '/rest/chaininfo.json', body: new Uint8Array(0) });
  assert.deepEqual([reply.status, reply.body], [503, 'Service temporarily unavailable: Loading block index…\r\n']);
});

test('headers and blocks are told as bytes, as text and as JSON', async (t) => {
  const world = await RpcWorld.open(t);
  const [, tip] = await world.call('generatetodescriptor', 2, ANYONE);
  const header = await world.call('getblockheader', GENESIS, false);
  assert.equal(await world.rest(`headers/${GENESIS}.hex?count=1`), `200 ${header}`);
  assert.equal(await world.rest(`headers/1/${GENESIS}.bin`), `200 ${header}`);
  const headers = JSON.parse((await world.rest(`headers/${GENESIS}.json`)).slice(4));
  assert.deepEqual(headers[0], await world.call('getblockheader', GENESIS));
  assert.equal(headers.length, 3);
  assert.equal(await world.rest(`headers/${UNKNOWN}.json`), '200 []');
  assert.match(
    await world.rest(`headers/${GENESIS}.json?count=2001`),
    /^400 Header count is invalid or out of acceptable range \(1-2000\): 2001/,
  );
  assert.equal(await world.rest('headers/abc.json'), '400 Invalid hash: abc');
  const block = await world.call('getblock', tip, 0);
  assert.equal(await world.rest(`block/${tip}.hex`), `200 ${block}`);
  assert.deepEqual(
    JSON.parse((await world.rest(`block/notxdetails/${tip}.json`)).slice(4)),
    await world.call('getblock', tip, 1),
  );
  assert.deepEqual(JSON.parse((await world.rest(`block/${tip}.json`)).slice(4)), await world.call('getblock', tip, 3));
  assert.equal(await world.rest(`block/${UNKNOWN}.json`), `404 ${UNKNOWN} not found`);
  assert.equal(await world.rest(`block/${tip}.xml`), `400 Invalid hash: ${tip}.xml`);
  assert.equal(await world.rest(`block/${tip}`), '404 output format not found (available: .bin, .hex, .json)');
});

test('a part of a block lies within it', async (t) => {
  const world = await RpcWorld.open(t);
  const block: string = await world.call('getblock', GENESIS, 0);
  const size = block.length / 2;
  assert.equal(await world.rest(`blockpart/${GENESIS}.hex?offset=4&size=10`), `200 ${block.slice(8, 28)}`);
  assert.equal(await world.rest(`blockpart/${GENESIS}.bin?offset=0&size=${size}`), `200 ${block}`);
  for (const query of ['offset=0&size=0', `offset=${size}&size=1`, `offset=1&size=${size}`]) {
    assert.match(await world.rest(`blockpart/${GENESIS}.hex?${query}`), /^400 Bad block part offset\/size/);
  }
  assert.equal(await world.rest(`blockpart/${GENESIS}.hex?size=1`), '400 Block part offset missing or invalid');
  assert.equal(await world.rest(`blockpart/${GENESIS}.hex?offset=1&size=x`), '400 Block part size missing or invalid');
  assert.equal(
    await world.rest(`blockpart/${GENESIS}.json?offset=0&size=1`),
    '400 JSON output is not supported for this request type',
  );
});

test('block hashes by height', async (t) => {
  const world = await RpcWorld.open(t);
  assert.equal(await world.rest('blockhashbyheight/0.hex'), `200 ${GENESIS}`);
  assert.equal(await world.rest('blockhashbyheight/0.json'), `200 {"blockhash":"${GENESIS}"}`);
  assert.equal(await world.rest('blockhashbyheight/1.json'), '404 Block height out of range');
  for (const bad of ['-1', '+1', '', 'abc']) {
    assert.equal(await world.rest(`blockhashbyheight/${bad}.json`), `400 Invalid height: ${bad}`.trimEnd());
  }
});

test('coins are told as BIP64 says, from the address or the body of a request', async (t) => {
  const world = await RpcWorld.open(t);
  const [hash] = await world.call('generatetodescriptor', 1, ANYONE);
  const [coinbase] = (await world.call('getblock', hash)).tx;
  const json = JSON.parse((await world.rest(`getutxos/${coinbase}-0/${GENESIS_COINBASE}-0.json`)).slice(4));
  assert.equal(json.bitmap, '10');
  assert.deepEqual([json.chainHeight, json.chaintipHash], [1, hash]);
  assert.deepEqual([json.utxos.length, json.utxos[0].height, json.utxos[0].value], [1, 1, 50]);
  const internal = (text: string): string => text.match(/../g)!.reverse().join('');
  const question = `0101${internal(coinbase)}00000000`;
  const answer = `01000000${internal(hash)}0101010000000001000000${'00f2052a01000000'}0151`;
  assert.equal(await world.rest('getutxos.bin', fromHex(question)), `200 ${answer}`);
  assert.equal(await world.rest('getutxos.hex', new TextEncoder().encode(question)), `200 ${answer}`);
  assert.equal(await world.rest(`getutxos/checkmempool/${coinbase}-0.bin`), `200 ${answer}`);
  assert.equal(await world.rest('getutxos.bin', fromHex('0102')), '400 Parse error');
  assert.equal(
    await world.rest(`getutxos/${coinbase}-0.bin`, fromHex(question)),
    '400 Combination of URI scheme inputs and raw post data is not allowed',
  );
  for (const empty of ['getutxos.json', 'getutxos/checkmempool.json']) {
    assert.equal(await world.rest(empty), '400 Error: empty request');
  }
  for (const bad of [`${coinbase}-+1`, `${coinbase}--1`, `${coinbase}_1`, 'aa-1', `${coinbase}-4294967296`]) {
    assert.equal(await world.rest(`getutxos/${bad}.json`), '400 Parse error', bad);
  }
  const many = Array.from({ length: 16 }, (_, i) => `${coinbase}-${i}`).join('/');
  assert.equal(await world.rest(`getutxos/${many}.json`), '400 Error: max outpoints exceeded (max: 15, tried: 16)');
});

test('transactions come from the index, and what blocks spent from their undo data', async (t) => {
  const world = await RpcWorld.open(t, { indexes: ['transactions', 'filters'] });
  const [hash] = await world.call('generatetodescriptor', 1, ANYONE);
  const [coinbase] = (await world.call('getblock', hash)).tx;
  const raw = await world.call('getrawtransaction', coinbase, 0, hash);
  assert.equal(await world.rest(`tx/${coinbase}.hex`), `200 ${raw}`);
  assert.equal(JSON.parse((await world.rest(`tx/${coinbase}.json`)).slice(4)).blockhash, hash);
  assert.equal(await world.rest(`tx/${UNKNOWN}.json`), `404 ${UNKNOWN} not found`);
  assert.equal(await world.rest('tx/abc.json'), '400 Invalid hash: abc');
  assert.equal(await world.rest(`spenttxouts/${hash}.hex`), '200 0100');
  assert.equal(await world.rest(`spenttxouts/${GENESIS}.json`), '200 [[]]');
  const { filter, header } = await world.call('getblockfilter', hash);
  assert.equal(await world.rest(`blockfilter/basic/${hash}.json`), `200 {"filter":"${filter}"}`);
  assert.equal(await world.rest(`blockfilterheaders/basic/${hash}.json?count=1`), `200 ["${header}"]`);
  assert.equal(await world.rest(`blockfilter/other/${hash}.json`), '400 Unknown filtertype other');
});

test('the memory pool and the state of the chain are those of the RPC methods', async (t) => {
  const world = await RpcWorld.open(t);
  assert.equal(JSON.parse((await world.rest('chaininfo.json')).slice(4)).bestblockhash, GENESIS);
  assert.equal(await world.rest('chaininfo.hex'), '404 output format not found (available: json)');
  assert.equal(await world.rest('mempool/contents.json'), '200 {}');
  assert.equal(await world.rest('mempool/contents.json?verbose=false'), '200 []');
  assert.equal(JSON.parse((await world.rest('mempool/info.json')).slice(4)).size, 0);
  assert.match(await world.rest('mempool/contents.json?verbose=TRUE'), /^400 The "verbose" query parameter must be/);
  assert.match(await world.rest('mempool/contents.json?mempool_sequence=true'), /^400 Verbose results cannot contain/);
  assert.match(await world.rest('mempool/other.json'), /^400 Invalid URI format\. Expected \/rest\/mempool/);
});
