import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TOR_SERVICE_KEY } from '../../../test/model/tor-double.ts';
import { MemoryDisk } from '../../kernel/chain/memory-disk.ts';
import { MemoryFolder } from '../../kernel/chain/memory-folder.ts';
import { writeFileAtomic } from '../../kernel/chain/write-file-atomic.ts';
import { encodeUtf8 } from '../../kernel/util/utf8.ts';
import { OnionKeyFile } from './onion-key-file.ts';

const NAME = 'onion_v3_private_key';

test('the key is in a file of its text, as that of Core is', async () => {
  const folder = new MemoryFolder('net', new MemoryDisk());
  const keys = new OnionKeyFile(folder);
  assert.equal(await keys.load(), null);
  await keys.save(TOR_SERVICE_KEY);
  assert.deepEqual(await folder.list(), [NAME]);
  assert.equal(await keys.load(), TOR_SERVICE_KEY);
});

test('a file that holds more or less than a key is refused, named, and left as it is', async () => {
  for (const text of ['', 'key', `${TOR_SERVICE_KEY}\r\nSIGNAL HALT`, 'A:B Port=1', `A:${'B'.repeat(5000)}`]) {
    const folder = new MemoryFolder('net', new MemoryDisk());
    await writeFileAtomic(folder, NAME, encodeUtf8(text));
    const refused = { name: 'ConnectError', message: /net\/onion_v3_private_key holds no private key/ };
    await assert.rejects(new OnionKeyFile(folder).load(), refused);
    const file = await folder.open(NAME, 'read');
    assert.equal(await file.size(), text.length);
  }
});
