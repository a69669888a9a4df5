// Wallets of devices, on a whole node in memory. The device is a wallet of the same node that has the private keys. Keys, paths and the
// first address are those of Core's test (wallet_signer.py).

import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { type Plain, RpcWorld } from '../../../test/model/rpc-world.ts';

const PUBLIC =
  'tpubD6NzVbkrYhZ4WaWSyoBvQwbpLkojyoTZPRsgXELWz3Popb3qkjcJyJUGLnL4qHHoQvao8ESaAstxYSnhyswJ76uZPStJRJCTKvosUCJZL5B';
const SECRET =
  'tprv8ZgxMBicQKsPd7Uf69XL1XwhmjHopUGep8GuEiJDZmbQz6o58LninorQAfcKZWARbtRtfnLcJ5MQ2AtHcQJCCRUcMRvmDUjyEmNUWwx8UbK';
const FIRST_ADDRESS = 'bcrt1qm90ugl4d48jv8n6e5t9ln6t9zlpm5th68x4f8g';

function descriptorOf(key: string, row: 0 | 1): string {
  return `wpkh([00000001/84h/1h/0h]${key}/${row}/*)`;
}

/** A device, and what it answers in place of what it should. */
class Device {
  world!: RpcWorld;
  readonly calls: string[] = [];
  answers: Record<string, Plain> = {};

  async run(words: readonly string[], input: string): Promise<Plain> {
    const [, ...rest] = words;
    const own = ['--fingerprint', '00000001', '--chain', 'regtest'];
    const command = [...rest.filter((word) => word !== '--stdin' && !own.includes(word)), ...input.split(' ')];
    this.calls.push(command[0]!);
    const answer = this.answers[command[0]!] ?? (await this.#answer(command));
    return { exitCode: 0, output: JSON.stringify(answer), complaint: '' };
  }

  async #answer([name, , text]: readonly string[]): Promise<Plain> {
    switch (name) {
      case 'enumerate':
        return [{ fingerprint: '00000001', model: 'toy' }];
      case 'getdescriptors':
        return { receive: [descriptorOf(PUBLIC, 0)], internal: [descriptorOf(PUBLIC, 1)] };
      case 'displayaddress':
        return { address: (await this.world.call('deriveaddresses', text))[0] };
      default:
        return null;
    }
  }
}

/** A node with the wallet `hww` of a device, and the wallet `device` with its keys. */
async function open(t: TestContext): Promise<{ readonly world: RpcWorld; readonly device: Device }> {
  const device = new Device();
  const world = await RpcWorld.open(t, {
    hasWallets: true,
    signerProgram: (words, input) => device.run(words, input),
  });
  device.world = world;
  await world.callNamed('createwallet', { wallet_name: 'hww', disable_private_keys: true, external_signer: true });
  await world.callNamed('createwallet', { wallet_name: 'device', blank: true });
  const rows = [];
  for (const row of [0, 1] as const) {
    const { descriptor, checksum } = await world.call('getdescriptorinfo', descriptorOf(SECRET, row));
    assert.ok(descriptor.includes(PUBLIC), 'the public key of the private one');
    const desc = `${descriptorOf(SECRET, row)}#${checksum}`;
    rows.push({ desc, timestamp: 'now', active: true, internal: row === 1, range: [0, 20] });
  }
  await world.callWallet('device', 'importdescriptors', rows);
  return { world, device };
}

/** Has the device sign with the wallet that has its keys, one PSBT after another. */
function letSign({ world, device }: { readonly world: RpcWorld; readonly device: Device }): void {
  const plain = device.run.bind(device);
  device.run = async (words, input) => {
    if (!input.startsWith('signtx ')) return plain(words, input);
    device.calls.push('signtx');
    const { psbt } = await world.callWallet('device', 'walletprocesspsbt', input.slice('signtx '.length));
    return { exitCode: 0, output: JSON.stringify({ psbt, complete: true }), complaint: '' };
  };
}

test('a wallet of a device gives out its addresses, and has it show them', async (t) => {
  const { world, device } = await open(t);
  const info = await world.callWallet('hww', 'getwalletinfo');
  assert.deepEqual([info.external_signer, info.private_keys_enabled], [true, false]);
  assert.ok(info.flags.includes('external_signer'));
  assert.equal((await world.callWallet('device', 'getwalletinfo')).external_signer, false);
  const address = await world.callWallet('hww', 'getnewaddress');
  assert.equal(address, FIRST_ADDRESS);
  assert.deepEqual(await world.callWallet('hww', 'walletdisplayaddress', address), { address });
  const refusal = (...params: readonly Plain[]) =>
    assert.rejects(world.callWallet('hww', 'walletdisplayaddress', address), ...(params as [RegExp]));
  device.answers = { displayaddress: { address: 'wrong' } };
  await refusal(/Signer echoed unexpected address wrong/);
  device.answers = { displayaddress: { error: 'no' } };
  await refusal(/Signer returned error: no/);
  device.answers = { displayaddress: 7 };
  await refusal(/Signer did not echo address/);
  device.answers = { enumerate: [] };
  await refusal(/No external signers found/);
  await assert.rejects(
    world.callWallet('device', 'walletdisplayaddress', address),
    /There is no ScriptPubKeyManager for this address/,
  );
});

test('it is there again after it was unloaded', async (t) => {
  const { world } = await open(t);
  await world.call('unloadwallet', 'hww');
  await world.call('loadwallet', 'hww');
  assert.equal((await world.callWallet('hww', 'getwalletinfo')).external_signer, true);
  assert.equal(await world.callWallet('hww', 'getnewaddress'), FIRST_ADDRESS);
});

test('the device signs what is sent, and what replaces it', async (t) => {
  const both = await open(t);
  const { world, device } = both;
  letSign(both);
  await world.call('generatetoaddress', 101, await world.callWallet('hww', 'getnewaddress'));
  const to = await world.callWallet('device', 'getnewaddress', '', 'bech32');
  await assert.rejects(world.callWallet('hww', 'sendtoaddress', to, 1), /use send instead/);
  const sent = await world.callWallet('hww', 'send', [{ [to]: 1 }]);
  assert.equal(sent.complete, true);
  assert.deepEqual(await world.call('getrawmempool'), [sent.txid]);
  const bumped = await world.callWallet('hww', 'bumpfee', sent.txid);
  assert.deepEqual(await world.call('getrawmempool'), [bumped.txid]);
  assert.ok(bumped.fee > bumped.origfee);
  assert.equal(device.calls.filter((name) => name === 'signtx').length, 2, 'the device is asked once for each');
});

test('what the device does not sign is not sent', async (t) => {
  const { world, device } = await open(t);
  await world.call('generatetoaddress', 101, await world.callWallet('hww', 'getnewaddress'));
  const to = await world.callWallet('device', 'getnewaddress', '', 'bech32');
  const refused = (message: RegExp) => assert.rejects(world.callWallet('hww', 'send', [{ [to]: 1 }]), message);
  for (const [answers, message] of [
    [{ enumerate: [] }, /External signer not found/],
    [{ enumerate: [{ fingerprint: '00000002' }] }, /External signer failed to sign/],
    [{ signtx: { error: 'refused' } }, /External signer failed to sign/],
    [{ signtx: { psbt: 'no base 64' } }, /External signer failed to sign/],
    [{ signtx: [] }, /External signer failed to sign/],
  ] as const) {
    device.answers = answers;
    await refused(message);
  }
  assert.deepEqual(await world.call('getrawmempool'), []);
  assert.ok(world.walletLines.some((line) => line.includes('Failed to sign: refused')));
});

test('a device whose descriptors make no sense gets no wallet', async (t) => {
  const { world, device } = await open(t);
  const wishes = { wallet_name: 'other', disable_private_keys: true, external_signer: true };
  const receive = [descriptorOf(PUBLIC, 0)];
  for (const [getdescriptors, message] of [
    [null, /Unexpected result/],
    [{ receive }, /Unexpected result/],
    [{ receive, internal: ['nonsense'] }, /Invalid descriptor "nonsense"/],
    [{ receive, internal: [descriptorOf(SECRET, 1)] }, /it has private keys/],
    [{ receive, internal: [descriptorOf(PUBLIC, 1).replace('/*', '')] }, /it is not ranged/],
    [{ receive: Array(101).fill(receive[0]), internal: [] }, /Unexpected result/],
  ] as const) {
    device.answers = { getdescriptors };
    if (getdescriptors === null) device.answers = { getdescriptors: [] };
    await assert.rejects(world.callNamed('createwallet', wishes), message);
  }
  device.answers = { enumerate: [{ fingerprint: '00000001' }, { fingerprint: '00000002' }] };
  await assert.rejects(world.callNamed('createwallet', wishes), /More than one external signer found/);
  await assert.rejects(
    world.callNamed('createwallet', { ...wishes, disable_private_keys: false }),
    /Private keys must be disabled when using an external signer/,
  );
  assert.deepEqual(await world.call('listwallets'), ['hww', 'device']);
});
