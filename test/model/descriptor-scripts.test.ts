// The witness against published vectors: it must be trustworthy itself.

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { DescriptorScripts } from './descriptor-scripts.ts';

// The words of BIP39's first vector, eleven times "abandon" and "about": accounts 0 of BIP44, 49, 84 and 86, and their first addresses.
const ACCOUNTS: readonly (readonly [text: string, script: string])[] = [
  [
    'pkh([73c5da0a/44h/0h/0h]xpub6BosfCnifzxcFwrSzQiqu2DBVTshkCXacvNsWGYJVVhhawA7d4R5WSWGFNbi8Aw6ZRc1brxMyWMzG3DSSSSoekkudhUd9yLb6qx39T9nMdj/0/*)',
    '76a914d986ed01b7a22225a70edbf2ba7cfb63a15cb3aa88ac',
  ],
  [
    "sh(wpkh([73c5da0a/49'/1'/0']tpubDD7tXK8KeQ3YY83yWq755fHY2JW8Ha8Q765tknUM5rSvjPcGWfUppDFMpQ1ScziKfW3ZNtZvAD7M3u7bSs7HofjTD3KP3YxPK7X6hwV8Rk2/0/*))#00000000",
    'a914336caa13e08b96080a32b5d818d59b4ab3b3674287',
  ],
  [
    'wpkh(zpub6rFR7y4Q2AijBEqTUquhVz398htDFrtymD9xYYfG1m4wAcvPhXNfE3EfH1r1ADqtfSdVCToUG868RvUUkgDKf31mGDtKsAYz2oz2AGutZYs/0/*)',
    '0014c0cebcd6c3d3ca8c75dc5ec62ebe55330ef910e2',
  ],
  [
    'tr(xpub6BgBgsespWvERF3LHQu6CnqdvfEvtMcQjYrcRzx53QJjSxarj2afYWcLteoGVky7D3UKDP9QyrLprQ3VCECoY49yfdDEHGCtMMj92pReUsQ/0/*)',
    '5120a60869f0dbcf1dc659c9cecbaf8050135ea9e8cdc487053f1dc6880949dc684c',
  ],
];

test('first addresses of accounts are those of BIP49, BIP84, BIP86 and of everybody’s wallets', () => {
  for (const [text, script] of ACCOUNTS) assert.deepEqual(new DescriptorScripts(text).first(1), [script], text);
});

test('a later address is the published one, and asking again gives the same', () => {
  const scripts = new DescriptorScripts(ACCOUNTS[3]![0]);
  // BIP86, second receiving address
  const second = '5120a82f29944d65b86ae6b5e5cc75e294ead6c59391a1edc5e016e3498c67fc7bbb';
  assert.equal(scripts.first(2)[1], second);
  assert.deepEqual(scripts.first(2), [ACCOUNTS[3]![1], second]);
});

test('keys of a sorted multisig stand in the order of BIP67', () => {
  const keys = [
    '02ff12471208c14bd580709cb2358d98975247d8765f92bc25eab3b2763ed605f8',
    '02fe6f0a5a297eb38c391581c4413e084773ea23954d93f7753db7dc0adc188b2f',
  ];
  const script = `5221${keys[1]}21${keys[0]}52ae`;
  const hash = createHash('sha256').update(Buffer.from(script, 'hex')).digest('hex');
  assert.deepEqual(new DescriptorScripts(`wsh(sortedmulti(2,${keys.join()}))`).first(1), [`0020${hash}`]);
});

test('what it does not know it refuses: other shapes, keys with a wrong letter', () => {
  assert.throws(() => new DescriptorScripts('raw(51)'), /does not know/);
  assert.throws(() => new DescriptorScripts(ACCOUNTS[3]![0].replace('BgBg', 'BgBh')), /no extended key/);
});
