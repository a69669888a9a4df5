import assert from 'node:assert/strict';
import { test } from 'node:test';
import { samKey } from '../../../test/model/sam-bridge.ts';
import { MemoryDisk } from '../../kernel/chain/memory-disk.ts';
import { MemoryFolder } from '../../kernel/chain/memory-folder.ts';
import { writeFileAtomic } from '../../kernel/chain/write-file-atomic.ts';
import { I2pKeyFile } from './i2p-key-file.ts';

const NAME = 'i2p_private_key';

function open(): { readonly folder: MemoryFolder; readonly keys: I2pKeyFile } {
  const folder = new MemoryFolder('net', new MemoryDisk());
  return { folder, keys: new I2pKeyFile(folder) };
}

test('the key is in a file of its bytes, as those of Core are', async () => {
  const { folder, keys } = open();
  assert.equal(await keys.load(), null);
  await keys.save(samKey(7));
  assert.deepEqual(await folder.list(), [NAME]);
  const file = await folder.open(NAME, 'read');
  assert.deepEqual(await file.read(0, await file.size()), samKey(7));
  assert.deepEqual(await keys.load(), samKey(7));
});

test('a file that holds no key is refused, named, and left as it is', async () => {
  const longer = samKey(7);
  longer.set([0xff, 0xff], 385);
  for (const bytes of [new Uint8Array(0), samKey(7).slice(0, 386), longer, new Uint8Array(100_000)]) {
    const { folder, keys } = open();
    await writeFileAtomic(folder, NAME, bytes);
    await assert.rejects(keys.load(), { name: 'ConnectError', message: /net\/i2p_private_key holds no private key/ });
    const file = await folder.open(NAME, 'read');
    assert.equal(await file.size(), bytes.length);
  }
});
