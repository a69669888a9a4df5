// Connections by I2P against a router that a test plays: what is asked, by whom a session lives, and what a router that is hostile,
// broken or away can do.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ManualTime } from '../../../test/model/manual-time.ts';
import { SamBridge, type SamMischief, samDestination, samKey } from '../../../test/model/sam-bridge.ts';
import { toHex } from '../../kernel/util/bytes.ts';
import { createRng } from '../../kernel/util/prng.ts';
import { encodeUtf8 } from '../../kernel/util/utf8.ts';
import { ConnectError, type Connection, type Network } from '../ports.ts';
import { formatI2pBase64 } from '../wire/i2p-destination.ts';
import { I2pNetwork } from './i2p-network.ts';

class World {
  readonly time: ManualTime = new ManualTime(1_700_000_000);
  readonly router: SamBridge = new SamBridge();
  readonly lines: string[] = [];
  readonly warnings: string[] = [];
  readonly network: I2pNetwork;
  /** What came in, and our addresses. */
  readonly admitted: Connection[] = [];
  readonly told: (string | null)[] = [];
  readonly failed: unknown[] = [];
  /** The key that is kept; null: none is. */
  savedKey: Uint8Array | null = null;

  constructor(acceptsIncoming: boolean) {
    const write = (text: string): void => {
      this.lines.push(text);
    };
    const inner: Network = {
      dial: (remote) => this.router.dial(remote),
      listen: () => Promise.reject(new Error('nobody listens')),
      resolve: async () => [],
      localHosts: () => ['5.6.7.8'],
    };
    this.network = new I2pNetwork({
      inner,
      sam: { host: '127.0.0.1', port: 7656 },
      connectTimeoutMs: 5000,
      keys: acceptsIncoming
        ? {
            load: async () => this.savedKey,
            save: async (key) => {
              this.savedKey = key;
            },
          }
        : null,
      timers: this.time,
      log: {
        info: write,
        warn: (text) => this.warnings.push(text),
        error: write,
        debug: (_category, text) => write(text()),
      },
      rng: createRng(1),
    });
  }

  dial(host: string, port = 0): Promise<Connection> {
    return this.network.dial({ host, port }, 1000);
  }

  /** Waits for connections until what is returned is called. */
  async accept(): Promise<() => void> {
    const stop = this.network.acceptByI2p({
      onAddress: (host) => this.told.push(host),
      onConnection: (connection) => this.admitted.push(connection),
      onFailed: (error) => this.failed.push(error),
    });
    await this.time.settle();
    return stop;
  }

  /** The beginnings of what was asked. */
  get verbs(): readonly string[] {
    return this.router.asked.map((line) => line.split(' ', 2).join(' '));
  }

  has(text: string): boolean {
    return this.lines.some((line) => line.includes(text));
  }
}

/** The text and whether it was the way that broke. */
async function failureOf(dialled: Promise<Connection>): Promise<readonly [string, boolean]> {
  const error = await dialled.then(
    () => assert.fail('a connection came about'),
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof ConnectError, String(error));
  return [error.message, error.isWayBroken];
}

/** What a connection hears, as text. */
function hear(connection: Connection): string[] {
  const heard: string[] = [];
  connection.start({
    onBytes: (bytes) => heard.push(toHex(bytes)),
    onSent: () => undefined,
    onClosed: (reason) => heard.push(`closed ${reason}`),
  });
  return heard;
}

test('a connection goes out from the address that others know, whose key is kept before it is used', async () => {
  const world = new World(true);
  const host = world.router.meet(1);
  const connection = await world.dial(host);
  const me = samDestination(100).host;
  assert.deepEqual(world.savedKey, samKey(100));
  assert.deepEqual(connection.remote, { host, port: 0 });
  assert.deepEqual(connection.local, { host: me, port: 0 });
  assert.deepEqual(world.verbs, [
    'HELLO VERSION',
    'DEST GENERATE',
    'SESSION CREATE',
    'HELLO VERSION',
    'NAMING LOOKUP',
    'STREAM CONNECT',
  ]);
  const [, , create, , , connect] = world.router.asked;
  const [, id] = / ID=([0-9a-f]{10}) /.exec(create!)!;
  assert.ok(create!.includes(` DESTINATION=${formatI2pBase64(samKey(100))} `));
  assert.equal(connect, `STREAM CONNECT ID=${id} DESTINATION=${samDestination(1).text} SILENT=false`);
  assert.ok(world.has(`Creating persistent I2P SAM session ${id} with 127.0.0.1:7656`));
  assert.ok(world.has(`Persistent I2P SAM session ${id} created, my address=${me}:0`));
  assert.equal(world.has(formatI2pBase64(samKey(100)).slice(0, 40)), false, 'the key is not in the log');
});

test('the session is used again, the key of the last run, too', async () => {
  const world = new World(true);
  world.savedKey = samKey(50);
  const [one, two] = [world.router.meet(1), world.router.meet(2)];
  const both = await Promise.all([world.dial(one), world.dial(two)]);
  for (const { local } of both) assert.equal(local.host, samDestination(50).host);
  assert.equal(world.verbs.filter((verb) => verb === 'SESSION CREATE').length, 1);
  assert.equal(world.verbs.includes('DEST GENERATE'), false);
});

test('bytes of the other side that come with the reply are its first ones', async () => {
  const world = new World(true);
  const host = world.router.meet(1);
  world.router.mischief.set('STREAM CONNECT', 'STREAM STATUS RESULT=OK\nab');
  const connection = await world.dial(host);
  const link = world.router.links[1]!;
  assert.equal(link.isReading, false);
  link.say('c');
  const heard = hear(connection);
  await world.time.advance(1);
  assert.equal(link.isReading, true);
  link.say('d');
  connection.send(encodeUtf8('out'));
  link.cut();
  assert.deepEqual(heard, ['616263', '64', 'closed null']);
  assert.equal(toHex(link.unread), '6f7574');
});

test('M13: without an address of our own, and for what is private, each connection has a new one that ends with it', async () => {
  const world = new World(false);
  const host = world.router.meet(1);
  const connection = await world.dial(host);
  assert.deepEqual(world.verbs, [
    'HELLO VERSION',
    'SESSION CREATE',
    'HELLO VERSION',
    'NAMING LOOKUP',
    'STREAM CONNECT',
  ]);
  assert.ok(world.router.asked[1]!.includes(' DESTINATION=TRANSIENT SIGNATURE_TYPE=7 '));
  const other = await world.dial(host);
  assert.notEqual(connection.local.host, other.local.host);
  connection.close();
  await world.time.settle();
  assert.equal(world.router.links[0]!.isClosed, true, 'the session is over');
  assert.equal(world.router.links[2]!.isClosed, false);

  const known = new World(true);
  known.savedKey = samKey(50);
  const peer = known.router.meet(1);
  const open = await known.dial(peer);
  const hidden = await known.network.dialPrivately({ host: peer, port: 0 }, 1000);
  assert.equal(open.local.host, samDestination(50).host);
  assert.notEqual(hidden.local.host, samDestination(50).host);
});

test('a session that is lost with its peer, or by the router, is made anew', async () => {
  const world = new World(true);
  world.savedKey = samKey(50);
  const host = world.router.meet(1);
  await world.dial(host);
  world.router.links[0]!.cut();
  assert.ok(world.has('Destroying I2P SAM session'));
  await world.dial(host);
  assert.equal(world.verbs.filter((verb) => verb === 'SESSION CREATE').length, 2);
  world.router.mischief.set('STREAM CONNECT', 'STREAM STATUS RESULT=INVALID_ID\n');
  assert.deepEqual(await failureOf(world.dial(host)), ['Invalid session id', true]);
  world.router.mischief.clear();
  await world.dial(host);
  assert.equal(world.verbs.filter((verb) => verb === 'SESSION CREATE').length, 3);
});

test('I2P knows no ports: others are refused without asking anybody', async () => {
  const world = new World(true);
  const host = world.router.meet(1);
  const [, isWayBroken] = await failureOf(world.dial(host, 8333));
  assert.equal(isWayBroken, false);
  assert.ok(world.has(`Error connecting to ${host}:8333, connection refused due to arbitrary port 8333`));
  assert.equal(world.router.links.length, 0);
});

test('a router that is not there is told from a peer that is not there', async () => {
  const world = new World(true);
  const host = world.router.meet(1);
  world.router.isDown = true;
  assert.deepEqual(await failureOf(world.dial(host)), ['Cannot connect to 127.0.0.1:7656', true]);
  assert.ok(world.has(`Error connecting to ${host}:0: Cannot connect to 127.0.0.1:7656`));
  world.router.isDown = false;
  for (const result of ['CANT_REACH_PEER', 'TIMEOUT']) {
    world.router.mischief.set('STREAM CONNECT', `STREAM STATUS RESULT=${result}\n`);
    assert.deepEqual(await failureOf(world.dial(host)), [`"STREAM STATUS RESULT=${result}"`, false]);
  }
  assert.deepEqual(await failureOf(world.dial(samDestination(9).host)), [
    `Reply to "NAMING LOOKUP NAME=${samDestination(9).host}": had a RESULT not equal to OK. It is "KEY_NOT_FOUND"`,
    true,
  ]);
});

/** At each step what a router can do, and what comes of it. */
const MISCHIEF: readonly (readonly [SamMischief, RegExp])[] = [
  ['close', /the router has closed the connection/],
  ['\n', /Missing (RESULT|PRIV)= in the reply/],
  ['RESULT\n', /Missing (RESULT|PRIV)= in the reply/],
  [`${'x'.repeat(65_537)}`, /too many bytes without a terminator/],
  ['RESULT=NO PRIV=?? MESSAGE="\u0007"\n', /RESULT not equal to OK|Cannot decode Base64|"RESULT=NO/],
  [`RESULT=OK PRIV=${formatI2pBase64(new Uint8Array(300))}\n`, /too short|Missing VALUE|Cannot decode|closed/],
];

test('D01: a router that says too much, too little or nonsense, or goes away, costs the attempt and nothing else', async () => {
  for (const step of ['HELLO', 'DEST GENERATE', 'SESSION CREATE', 'NAMING LOOKUP', 'STREAM CONNECT']) {
    for (const [mischief, expected] of MISCHIEF) {
      const isHarmless = mischief.startsWith('RESULT=OK') && !['DEST GENERATE', 'NAMING LOOKUP'].includes(step);
      if (isHarmless) continue;
      const world = new World(true);
      const host = world.router.meet(1);
      world.router.mischief.set(step, mischief);
      const [message, isWayBroken] = await failureOf(world.dial(host));
      assert.match(message, expected, `${step}: ${mischief.slice(0, 20)}`);
      assert.ok(isWayBroken, step);
      await world.time.settle();
      const mayStay = step === 'NAMING LOOKUP' || step === 'STREAM CONNECT' ? 1 : 0;
      assert.equal(world.router.open.length, mayStay, `${step}: open connections`);
      assert.equal(world.time.timerCount, 0, `${step}: timers`);
      world.router.mischief.clear();
      await world.dial(host);
    }
  }
});

test('D01: a router that says nothing is given up after three minutes, at whatever step', async () => {
  for (const step of ['HELLO', 'DEST GENERATE', 'SESSION CREATE', 'NAMING LOOKUP', 'STREAM CONNECT']) {
    const world = new World(true);
    world.router.mischief.set(step, 'silence');
    const failure = failureOf(world.dial(world.router.meet(1)));
    await world.time.advance(179_999);
    assert.equal(world.has('does not answer'), false, step);
    await world.time.advance(1);
    assert.deepEqual(await failure, ['the router does not answer', true], step);
  }
});

test('a router that drips its line is given no more time', async () => {
  const world = new World(true);
  world.router.mischief.set('HELLO', 'silence');
  const failure = failureOf(world.dial(world.router.meet(1)));
  for (let i = 0; i < 180; i++) {
    await world.time.advance(1000);
    world.router.links[0]!.say('x');
  }
  assert.deepEqual(await failure, ['the router does not answer', true]);
});

test('a router that names another destination than was looked up is not believed', async () => {
  const world = new World(true);
  const host = world.router.meet(1);
  const cut = samDestination(1).text.slice(0, -4);
  for (const text of [samDestination(2).text, cut, `${samDestination(1).text}AAAA`, '', 'ID=x', '\x00']) {
    world.router.known.set(host, text);
    assert.deepEqual(await failureOf(world.dial(host)), ['the router has looked up another destination', true]);
  }
  assert.equal(world.verbs.includes('STREAM CONNECT'), false);
});

test('D01: a router that talks on when it is not asked loses its session, not our memory', async () => {
  const world = new World(true);
  world.savedKey = samKey(50);
  const host = world.router.meet(1);
  await world.dial(host);
  const [control] = world.router.links;
  for (let i = 0; i < 64; i++) control!.say('x'.repeat(1024));
  await world.time.settle();
  assert.equal(control!.isClosed, false);
  control!.say('x');
  await world.time.settle();
  assert.equal(control!.isClosed, true);
  assert.ok(world.has('Control socket error: the router says more than it is asked'));
  await world.dial(host);
});

test('a key that is too short for a destination is not kept', async () => {
  const world = new World(true);
  world.router.mischief.set('DEST GENERATE', `DEST REPLY PRIV=${formatI2pBase64(new Uint8Array(386))}\n`);
  const [message] = await failureOf(world.dial(world.router.meet(1)));
  assert.equal(message, 'the router has made a private key that is too short');
  assert.equal(world.savedKey, null);
});

test('sessions whose attempts failed wait for the next ones, ten of them at most', async () => {
  const world = new World(false);
  const host = world.router.meet(1);
  world.router.mischief.set('STREAM CONNECT', 'STREAM STATUS RESULT=TIMEOUT\n');
  await Promise.all(Array.from({ length: 15 }, () => failureOf(world.dial(host))));
  await world.time.settle();
  assert.equal(world.verbs.filter((verb) => verb === 'SESSION CREATE').length, 15);
  assert.equal(world.router.open.length, 10);
  world.router.mischief.clear();
  for (let i = 0; i < 10; i++) await world.dial(host);
  assert.equal(world.verbs.filter((verb) => verb === 'SESSION CREATE').length, 15);
});

// --- who comes in

test('who connects to us is admitted under its address, one after another, and our address is told', async () => {
  const world = new World(true);
  world.savedKey = samKey(50);
  await world.accept();
  const me = samDestination(50).host;
  assert.deepEqual(world.told, [me]);
  assert.deepEqual(world.verbs, ['HELLO VERSION', 'SESSION CREATE', 'HELLO VERSION', 'STREAM ACCEPT']);
  const [, waiting] = world.router.links;
  waiting!.say(`${samDestination(3).text}\nab`);
  await world.time.advance(1);
  const [connection] = world.admitted;
  assert.deepEqual(connection!.remote, { host: samDestination(3).host, port: 0 });
  assert.deepEqual(connection!.local, { host: me, port: 0 });
  const heard = hear(connection!);
  await world.time.advance(1);
  assert.deepEqual(heard, ['6162']);
  assert.equal(world.verbs.filter((verb) => verb === 'STREAM ACCEPT').length, 2, 'the next one is waited for');
  world.router.links[2]!.say(`${samDestination(4).text}\n`);
  await world.time.advance(1);
  assert.equal(world.admitted.length, 2);
  assert.deepEqual([world.told, world.failed], [[me], []]);
});

test('D01: what is no destination of a peer admits nobody, and costs a pause', async () => {
  const text = samDestination(3).text;
  const lines = ['', 'FROM', text.slice(4), `${text}AAAA`, `${text} FROM_PORT=1`, 'x'.repeat(65_537), '\x00\xff'];
  for (const line of lines) {
    const world = new World(true);
    world.savedKey = samKey(50);
    await world.accept();
    world.router.links[1]!.say(`${line}\n`);
    await world.time.settle();
    assert.ok(world.has('Error accepting: '), line.slice(0, 20));
    assert.equal(world.router.links[1]!.isClosed, true);
    assert.equal(world.router.links.length, 2);
    await world.time.advance(1000);
    assert.equal(world.router.links.length, 3);
    world.router.links[2]!.say(`${text}\n`);
    await world.time.advance(1);
    assert.deepEqual([world.admitted.length, world.failed], [1, []]);
  }
});

test('a session that the router has closed behind our back is made anew', async () => {
  const world = new World(true);
  world.savedKey = samKey(50);
  await world.accept();
  world.router.links[1]!.say('STREAM STATUS RESULT=I2P_ERROR MESSAGE="Session was closed"\n');
  await world.time.settle();
  assert.ok(world.has('unexpected reply that hints the session is unusable'));
  assert.ok(world.has('Destroying I2P SAM session'));
  assert.equal(world.router.open.length, 0);
  await world.time.advance(1000);
  assert.equal(world.verbs.filter((verb) => verb === 'SESSION CREATE').length, 2);
  world.router.links[2]!.cut();
  await world.time.settle();
  assert.equal(world.router.open.length, 0, 'nobody is waited for without a session');
});

test('while the router is away it is asked less and less often, is reported once, and nobody is told of us', async () => {
  const world = new World(true);
  world.savedKey = samKey(50);
  await world.accept();
  world.router.isDown = true;
  for (const link of world.router.links) link.cut();
  await world.time.advance(60_000);
  const tries = world.lines.filter((line) => line.startsWith('Creating persistent')).length;
  assert.ok(tries > 5 && tries < 15, `${tries} tries in a minute`);
  assert.deepEqual(world.warnings, ["Couldn't listen: Cannot connect to 127.0.0.1:7656"]);
  assert.deepEqual(world.told, [samDestination(50).host, null]);
  world.router.isDown = false;
  await world.time.advance(60_000);
  assert.deepEqual(world.told, [samDestination(50).host, null, samDestination(50).host]);
});

test('whoever stops is not waited for, and nothing is dialled afterwards', async () => {
  const world = new World(true);
  const host = world.router.meet(1);
  await world.accept();
  world.router.mischief.set('NAMING LOOKUP', 'silence');
  const failure = failureOf(world.dial(host));
  await world.time.settle();
  world.network.abandonDials();
  assert.deepEqual(await failure, ['the talk is over', true]);
  await world.time.advance(600_000);
  assert.equal(world.router.open.length, 0);
  assert.equal(world.time.timerCount, 0);
  assert.deepEqual(await failureOf(world.dial(host)), ['the talk is over', true]);
  assert.deepEqual(world.warnings, []);
});

test('everything else is the affair of the network behind it', async () => {
  const world = new World(false);
  assert.equal((await world.network.dial({ host: '1.2.3.4', port: 5 }, 1000)).remote.host, '1.2.3.4');
  await assert.rejects(world.network.dialPrivately({ host: '1.2.3.4', port: 5 }, 1000), { code: 'ENETUNREACH' });
  await assert.rejects(
    world.network.listen({ host: '::', port: 1 }, (one) => world.admitted.push(one)),
    /nobody listens/,
  );
  assert.deepEqual(await world.network.resolve('x'), []);
  assert.deepEqual([world.network.localHosts(), world.network.dialsNames], [['5.6.7.8'], false]);
  await world.accept();
  assert.deepEqual(world.told, [], 'nobody can connect to us');
});
