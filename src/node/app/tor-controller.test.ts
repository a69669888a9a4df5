// An onion service against a Tor that a test plays: what it is told, what is kept, and what a control port that is hostile, broken or
// away can do.

import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { test } from 'node:test';
import { ManualTime } from '../../../test/model/manual-time.ts';
import { TOR_SERVICE_ID, TOR_SERVICE_KEY, TorDouble } from '../../../test/model/tor-double.ts';
import { toHex } from '../../kernel/util/bytes.ts';
import { err, ok } from '../../kernel/util/result.ts';
import type { SocksProxy } from '../ports.ts';
import { TorController, type TorControllerParts } from './tor-controller.ts';
import { torError } from './tor-talk.ts';

const ADDRESS = `${TOR_SERVICE_ID}.onion`;
const COOKIE: Uint8Array = new Uint8Array(32).fill(0xc0);
const NONCE: Uint8Array = new Uint8Array(32).fill(0xa1);
const SERVER_NONCE = 'b2'.repeat(32);

class World {
  readonly time: ManualTime = new ManualTime(1_700_000_000);
  readonly tor: TorDouble = new TorDouble();
  readonly lines: string[] = [];
  readonly warnings: string[] = [];
  readonly addresses: (string | null)[] = [];
  readonly proxies: SocksProxy[] = [];
  readonly used: SocksProxy[] = [];
  readonly failed: unknown[] = [];
  readonly cookiePaths: string[] = [];
  savedKey: string | null = null;
  readonly stop: () => void;

  constructor(changes: Partial<TorControllerParts> = {}, prepare: (tor: TorDouble) => void = () => undefined) {
    prepare(this.tor);
    const write = (text: string): void => {
      this.lines.push(text);
    };
    const controller = new TorController({
      network: this.tor,
      control: { host: '127.0.0.1', port: 9051 },
      connectTimeoutMs: 5000,
      password: '',
      asksForProxy: true,
      isAskedFor: true,
      useProxy: (proxy) => this.used.push(proxy),
      keys: {
        load: async () => this.savedKey,
        save: async (key) => {
          this.savedKey = key;
        },
      },
      secrets: {
        readCookie: async (path, byteCount) => {
          this.cookiePaths.push(path);
          return path === '/cookie' ? ok(COOKIE) : err(`is not exactly ${byteCount} bytes`);
        },
        hmacSha256: (key, data) => new Uint8Array(createHmac('sha256', key).update(data).digest()),
        randomBytes: () => NONCE,
      },
      timers: this.time,
      log: { info: write, warn: (text) => this.warnings.push(text), error: write, debug: (_, text) => write(text()) },
      ...changes,
    });
    this.stop = controller.offer(
      8333,
      { host: '127.0.0.1', port: 8334 },
      {
        onAddress: (host) => this.addresses.push(host),
        onProxy: (proxy) => this.proxies.push(proxy),
        onFailed: (error) => this.failed.push(error),
      },
    );
  }

  /** The beginnings of what was told. */
  get verbs(): readonly string[] {
    return this.tor.told.map((line) => line.split(' ', 1)[0]!);
  }

  has(text: string): boolean {
    return [...this.lines, ...this.warnings].some((line) => line.includes(text));
  }
}

async function open(
  changes: Partial<TorControllerParts> = {},
  prepare: (tor: TorDouble) => void = () => undefined,
): Promise<World> {
  const world = new World(changes, prepare);
  await world.time.settle();
  return world;
}

/** Tor proves that it knows a secret. */
function hashOf(cookie: Uint8Array, name = 'Tor safe cookie authentication server-to-controller hash'): string {
  return createHmac('sha256', name).update(cookie).update(NONCE).update(Buffer.from(SERVER_NONCE, 'hex')).digest('hex');
}

function wantsCookie(cookie: Uint8Array, path = '/cookie') {
  return (tor: TorDouble): void => {
    tor.mischief.set('PROTOCOLINFO', `250-AUTH METHODS=COOKIE,SAFECOOKIE COOKIEFILE="${path}"\r\n250 OK\r\n`);
    const said = `250 AUTHCHALLENGE SERVERHASH=${hashOf(cookie)} SERVERNONCE=${SERVER_NONCE}\r\n`;
    tor.mischief.set('AUTHCHALLENGE', said);
  };
}

test('Tor is asked for a proxy and a service, whose key is kept and whose address is told', async () => {
  const world = await open();
  assert.deepEqual(world.tor.told, [
    'PROTOCOLINFO 1',
    'AUTHENTICATE',
    'GETINFO net/listeners/socks',
    'ADD_ONION NEW:ED25519-V3 PoWDefensesEnabled=1 Port=8333,127.0.0.1:8334',
  ]);
  assert.deepEqual(world.addresses, [ADDRESS]);
  assert.deepEqual(world.proxies, [{ endpoint: { host: '127.0.0.1', port: 9150 }, isRandomized: true }]);
  assert.deepEqual(world.used, world.proxies);
  assert.equal(world.savedKey, TOR_SERVICE_KEY);
  assert.ok(world.has(`Got tor service ID ${TOR_SERVICE_ID}, advertising service ${ADDRESS}:8333`));
  assert.equal(world.has(TOR_SERVICE_KEY), false, 'the key is not in the log');
  assert.deepEqual(world.warnings, []);
  world.stop();
  await world.time.settle();
  assert.deepEqual([world.addresses, world.tor.open.length, world.time.timerCount], [[ADDRESS, null], 0, 0]);
  assert.deepEqual(world.failed, []);
});

test('a key that was kept is used again, also when Tor was away', async () => {
  const world = await open({ asksForProxy: false, keys: { load: async () => TOR_SERVICE_KEY, save: assert.fail } });
  const add = `ADD_ONION ${TOR_SERVICE_KEY} PoWDefensesEnabled=1 Port=8333,127.0.0.1:8334`;
  assert.deepEqual(world.tor.told, ['PROTOCOLINFO 1', 'AUTHENTICATE', add]);
  world.tor.links[0]!.cut();
  await world.time.settle();
  assert.deepEqual(world.addresses, [ADDRESS, null]);
  await world.time.advance(1000);
  assert.deepEqual([world.tor.told.at(-1), world.addresses], [add, [ADDRESS, null, ADDRESS]]);
});

test('where Tor does not know of work for callers it is asked without', async () => {
  const world = await open({}, (tor) =>
    tor.mischief.set('ADD_ONION NEW:ED25519-V3 PoW', '512 Unrecognized option\r\n'),
  );
  assert.deepEqual(world.tor.told.slice(3), [
    'ADD_ONION NEW:ED25519-V3 PoWDefensesEnabled=1 Port=8333,127.0.0.1:8334',
    'ADD_ONION NEW:ED25519-V3 Port=8333,127.0.0.1:8334',
  ]);
  assert.deepEqual([world.addresses, world.warnings], [[ADDRESS], []]);
});

test('a Tor that cannot be reached is tried again after longer and longer pauses, and warned of once', async () => {
  const world = await open({}, (tor) => {
    tor.isDown = true;
  });
  assert.deepEqual(world.warnings, ['tor: Initiating connection to Tor control port 127.0.0.1:9051 failed']);
  await world.time.advance(24 * 3600_000);
  const pauses = world.lines.filter((line) => line.startsWith('Retrying')).map((line) => Number(/[\d.]+/.exec(line)));
  assert.deepEqual(pauses.slice(0, 4), [1, 1.5, 2.3, 3.4]);
  assert.ok(pauses.length > 100 && pauses.length < 200 && Math.max(...pauses.slice(0, 100)) === 600);
  assert.equal(world.warnings.length, 1);
  world.tor.isDown = false;
  await world.time.advance(600_000);
  assert.deepEqual(world.addresses, [ADDRESS]);
});

test('who did not ask for a service is not warned that there is no Tor', async () => {
  const world = await open({ isAskedFor: false }, (tor) => {
    tor.isDown = true;
  });
  await world.time.advance(3600_000);
  assert.deepEqual(world.warnings, []);
  assert.ok(world.has('tor: Initiating connection'));
});

test('a password is given where one is wanted, and to nobody who does not', async () => {
  const wantsPassword = (tor: TorDouble): void => {
    tor.mischief.set('PROTOCOLINFO', '250-AUTH METHODS=HASHEDPASSWORD\r\n250 OK\r\n');
  };
  const world = await open({ password: 'pass"word' }, wantsPassword);
  assert.equal(world.tor.told[1], 'AUTHENTICATE "pass\\"word"');
  assert.deepEqual([world.addresses, world.has('pass')], [[ADDRESS], false]);
  const other = await open({ password: 'password' });
  assert.deepEqual(other.verbs, ['PROTOCOLINFO']);
  assert.match(other.warnings[0]!, /but HASHEDPASSWORD authentication is not available/);
  const without = await open({}, wantsPassword);
  assert.deepEqual(without.verbs, ['PROTOCOLINFO']);
  assert.match(without.warnings[0]!, /no password provided with -torpassword/);
});

test('by the secret of a file both sides prove themselves, and neither shows it', async () => {
  const world = await open({}, wantsCookie(COOKIE));
  assert.equal(world.tor.told[1], `AUTHCHALLENGE SAFECOOKIE ${toHex(NONCE)}`);
  const proof = hashOf(COOKIE, 'Tor safe cookie authentication controller-to-server hash');
  assert.equal(world.tor.told[2], `AUTHENTICATE ${proof}`);
  assert.deepEqual([world.addresses, world.cookiePaths], [[ADDRESS], ['/cookie']]);
  for (const secret of [toHex(COOKIE), toHex(NONCE), SERVER_NONCE, proof, hashOf(COOKIE)]) {
    assert.equal(world.has(secret), false);
  }
});

test('who only plays Tor is shown no proof', async () => {
  const challenge = (said: string) => (tor: TorDouble) => {
    wantsCookie(COOKIE)(tor);
    tor.mischief.set('AUTHCHALLENGE', said);
  };
  const hash = hashOf(COOKIE);
  const cases: readonly (readonly [RegExp, (tor: TorDouble) => void])[] = [
    [/ServerHash does not match/, wantsCookie(new Uint8Array(32))],
    [/cookie \/other is not exactly 32 bytes/, wantsCookie(COOKIE, '/other')],
    [/ServerNonce is not 32 bytes/, challenge(`250 AUTHCHALLENGE SERVERHASH=${hash} SERVERNONCE=b2\r\n`)],
    [/ServerNonce is not 32 bytes/, challenge('250 AUTHCHALLENGE what\r\n')],
    [/ServerHash does not match/, challenge(`250 AUTHCHALLENGE SERVERHASH= SERVERNONCE=${SERVER_NONCE}\r\n`)],
    [/Invalid reply to AUTHCHALLENGE/, challenge('250 OK\r\n')],
    [/authentication challenge failed/, challenge('515 no\r\n')],
  ];
  for (const [reason, prepare] of cases) {
    const world = await open({}, prepare);
    assert.equal(world.verbs.includes('AUTHENTICATE'), false, String(reason));
    assert.match(world.warnings.join(), reason);
  }
});

test('D18: Tor may refuse at each step; it is left alone until it has gone', async () => {
  const steps: readonly (readonly [string, string, RegExp])[] = [
    ['PROTOCOLINFO', '510 what\r\n', /Requesting protocol info failed/],
    ['PROTOCOLINFO', '250 OK\r\n', /No supported authentication method/],
    ['AUTHENTICATE', '515 no\r\n', /Authentication failed/],
    ['ADD_ONION', '510 what\r\n', /unrecognized command/],
    ['ADD_ONION', '512 what\r\n', /Add onion failed; error code 512/],
    ['ADD_ONION', '551 what\r\n', /Add onion failed; error code 551/],
    ['ADD_ONION', '250 OK\r\n', /Error parsing ADD_ONION parameters/],
    ['ADD_ONION', '250-ServiceID=short\r\n250 OK\r\n', /no valid address/],
  ];
  for (const [begin, said, reason] of steps) {
    const world = await open({}, (tor) => tor.mischief.set(begin, said));
    assert.match(world.warnings.join(), reason);
    await world.time.advance(3600_000);
    assert.deepEqual([world.addresses, world.tor.links.length, world.tor.open.length], [[], 1, 1]);
    assert.deepEqual([world.warnings.length, world.failed], [1, []], said);
    world.stop();
  }
});

test('D18: Tor may be silent, go away, say nonsense or too much at each step: its connection ends, and no other thing', async () => {
  const floods: readonly string[] = ['A'.repeat(100_001), '250-A\r\n'.repeat(1001), '\r\n'.repeat(500_001)];
  for (const begin of ['PROTOCOLINFO', 'AUTHENTICATE', 'GETINFO', 'ADD_ONION']) {
    for (const mischief of ['silence', 'close', ...floods]) {
      const world = await open({}, (tor) => tor.mischief.set(begin, mischief));
      await world.time.advance(62_000);
      const what = `${begin}: ${mischief.slice(0, 8)}`;
      assert.ok(world.tor.links.length > 1 && world.tor.open.length <= 1, what);
      assert.deepEqual([world.addresses, world.failed], [[], []], what);
      assert.equal(world.warnings.length, 1, what);
      world.tor.mischief.clear();
      await world.time.advance(120_000);
      assert.deepEqual(world.addresses, [ADDRESS], what);
      world.stop();
    }
  }
});

test('D18: Tor may hang up as soon as there is a service: pauses grow until one has lasted', async () => {
  const world = await open();
  const cutSoon = async (): Promise<void> => {
    for (let i = 0; i < 3600; i++) {
      for (const link of world.tor.open) link.cut();
      await world.time.advance(1000);
    }
  };
  await cutSoon();
  assert.ok(world.tor.links.length < 25, `${world.tor.links.length} connections in an hour`);
  await world.time.advance(700_000);
  assert.equal(world.addresses.at(-1), ADDRESS);
  const count = world.tor.links.length;
  world.tor.open[0]!.cut();
  await world.time.advance(1000);
  assert.equal(world.tor.links.length, count + 1);
});

test('D18: what nobody has asked for is passed over, and ends the connection when it is too much', async () => {
  const world = await open();
  const [link] = world.tor.links;
  link!.say('250 OK\r\n650 EVENT\r\n251 x\r\n');
  assert.deepEqual([link!.isClosed, world.verbs.length], [false, 4]);
  assert.ok(world.has('Received unexpected sync reply 251') && world.has('Received async notification 650'));
  link!.say('250-x\r\n'.repeat(1001));
  await world.time.settle();
  assert.deepEqual([link!.isClosed, world.addresses], [true, [ADDRESS, null]]);
});

test('a proxy is where Tor says, or where it is by default; never at a name', async () => {
  const placeOf = async (said: string): Promise<string> => {
    const { proxies } = await open({}, (tor) => tor.mischief.set('GETINFO', said));
    assert.equal(proxies.length, 1);
    return `${proxies[0]!.endpoint.host} ${proxies[0]!.endpoint.port}`;
  };
  assert.equal(await placeOf('250-net/listeners/socks="10.1.2.3:9"\r\n250 OK\r\n'), '10.1.2.3 9');
  for (const said of ['"evil.example:9"', '"unix:/run/tor"', '', '"127.0.0.1:99999"']) {
    assert.equal(await placeOf(`250-net/listeners/socks=${said}\r\n250 OK\r\n`), '127.0.0.1 9050', said);
  }
  assert.equal(await placeOf('510 what\r\n'), '127.0.0.1 9050');
});

test('a service whose key cannot be read is not made, and one whose key cannot be kept is', async () => {
  const keys = { load: async () => null, save: async () => Promise.reject(torError('the disk is full')) };
  const unkept = await open({ keys });
  assert.deepEqual([unkept.addresses, unkept.warnings], [[ADDRESS], ['tor: the disk is full']]);
  const load = async () => Promise.reject(torError('no private key'));
  const unread = await open({ keys: { load, save: assert.fail } });
  assert.deepEqual([unread.addresses, unread.warnings], [[], ['tor: no private key']]);
  assert.equal(unread.verbs.includes('ADD_ONION'), false);
});

test('who stops while Tor is dialled or asked is told nothing more', async () => {
  const world = new World();
  world.stop();
  await world.time.settle();
  assert.deepEqual([world.addresses, world.tor.open.length, world.time.timerCount], [[], 0, 0]);
  const asked = await open({}, (tor) => tor.mischief.set('ADD_ONION', 'silence'));
  asked.stop();
  await asked.time.settle();
  assert.deepEqual([asked.addresses, asked.tor.open.length, asked.time.timerCount], [[], 0, 0]);
  assert.deepEqual([asked.warnings, asked.failed], [[], []]);
});
