import assert from 'node:assert/strict';
import { test } from 'node:test';
import { listSettings } from './settings-lines.ts';

test('R14: passwords and accounts are in no line of the log, wherever they were given', () => {
  const given = new Map<string, (string | boolean)[]>([
    ['rpcuser', ['marker']],
    ['rpcpassword', ['marker', false]],
    ['rpcauth', ['marker:0123$4567']],
    ['rpcport', ['1']],
  ]);
  const sources = { commandLine: given, stored: new Map(), config: new Map([['regtest', given]]) };
  const lines = listSettings(sources, new Map([['rpcpassword', 'marker']]));
  assert.deepEqual(lines, [
    'Config file arg: [regtest] rpcuser=****',
    'Config file arg: [regtest] rpcpassword=****',
    'Config file arg: [regtest] rpcpassword=false',
    'Config file arg: [regtest] rpcauth=****',
    'Config file arg: [regtest] rpcport="1"',
    'Setting file arg: rpcpassword = ****',
    'Command-line arg: rpcuser=****',
    'Command-line arg: rpcpassword=****',
    'Command-line arg: rpcpassword=false',
    'Command-line arg: rpcauth=****',
    'Command-line arg: rpcport="1"',
  ]);
});
