import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AppRefusal } from '../api/app-ports.ts';
import { createLocalParams } from '../kernel/consensus/networks/local.ts';
import { createRegtestParams } from '../kernel/consensus/networks/regtest.ts';
import type { ChainParams } from '../kernel/consensus/params.ts';
import type { ListenAt } from '../node/app/node-options.ts';
import { ConnectError, type Endpoint } from '../node/ports.ts';
import { AppDoor } from './app-door.ts';
import { Settings, type SettingValues } from './settings.ts';

/** A node that listens where it is told, unless the port is taken. */
class ListeningNode {
  readonly listening: Endpoint[] = [];
  readonly takenPorts: Set<number> = new Set();

  async listenAt({ endpoint }: ListenAt): Promise<Endpoint> {
    if (endpoint.host === '203.0.113.9') throw new ConnectError('EADDRNOTAVAIL', 'not an address of this machine');
    if (this.takenPorts.has(endpoint.port)) throw new ConnectError('EADDRINUSE', 'taken');
    this.listening.push(endpoint);
    return endpoint;
  }

  stopListening({ host, port }: Endpoint): boolean {
    const at = this.listening.findIndex((one) => one.host === host && one.port === port);
    return at >= 0 && this.listening.splice(at, 1).length === 1;
  }
}

const HOSTS = ['fe80::1', '2001:db8::5', '192.168.1.5', '169.254.3.4', '10.0.0.5'];

function makeDoor(node: ListeningNode, params: ChainParams = createLocalParams(), given: SettingValues = new Map()) {
  const settings = new Settings({ commandLine: given, config: new Map() }, () => false);
  return new AppDoor({ settings, params, node, localHosts: () => HOSTS });
}

test('a closed door says what it would be like', () => {
  const advice = makeDoor(new ListeningNode()).adviseJoining();
  assert.deepEqual(advice, {
    isOpen: false,
    places: ['192.168.1.5:28339', '10.0.0.5:28339'],
    command: 'npm start -- -addnode=192.168.1.5:28339',
    paramsFile: null,
  });
});

test('a door opens at the next port that is free, and closes what it has opened alone', async () => {
  const node = new ListeningNode();
  node.listening.push({ host: '127.0.0.1', port: 5000 });
  node.takenPorts.add(18444).add(18445);
  const door = makeDoor(node, createRegtestParams());
  assert.equal(door.adviseJoining().isOpen, false, 'this machine alone is not open');
  const { isOpen, command } = await door.open('0.0.0.0');
  assert.deepEqual([isOpen, command], [true, 'npm start -- -chain=regtest -addnode=192.168.1.5:18446']);
  await door.open('0.0.0.0');
  assert.equal(node.listening.length, 2, 'it is open already');
  assert.equal((await door.close()).isOpen, false);
  assert.deepEqual(node.listening, [{ host: '127.0.0.1', port: 5000 }]);
});

test('an open door names the address that it listens at', async () => {
  const door = makeDoor(new ListeningNode());
  assert.deepEqual((await door.open('10.0.0.5')).places, ['10.0.0.5:28339']);
  const both = makeDoor(new ListeningNode());
  assert.deepEqual((await both.open('::')).places, ['[2001:db8::5]:28339']);
});

test('a ledger of one’s own needs its file on the other machine, too', () => {
  const given: SettingValues = new Map([['chainparams', ['/books/village.json']]]);
  const params = { ...createLocalParams(), name: 'village' };
  const { command, paramsFile } = makeDoor(new ListeningNode(), params, given).adviseJoining();
  assert.equal(command, 'npm start -- -chainparams=<file> -addnode=192.168.1.5:28339');
  assert.equal(paramsFile, '/books/village.json');
});

test('what cannot be listened at is refused in a sentence', async () => {
  const node = new ListeningNode();
  for (let port = 28339; port < 28339 + 20; port++) node.takenPorts.add(port);
  const door = makeDoor(node);
  await assert.rejects(door.open('0.0.0.0'), new AppRefusal('All ports from 28339 to 28358 are taken'));
  await assert.rejects(door.open('localhost'), new AppRefusal("'localhost' is no address of this machine"));
  await assert.rejects(door.open('203.0.113.9'), AppRefusal);
});

test('R09: nobody makes it listen at more and more places', async () => {
  const node = new ListeningNode();
  const door = makeDoor(node);
  for (let i = 1; i <= 4; i++) await door.open(`127.0.0.${i}`);
  await assert.rejects(door.open('127.0.0.5'), new AppRefusal('It listens at 4 addresses already'));
  await door.close();
  assert.equal(node.listening.length, 0);
});
