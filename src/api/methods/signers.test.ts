// Facts about Core (external_signer.cpp, common/run_command.cpp), typed by hand.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Arguments } from '../arguments.ts';
import type { RpcContext } from '../context.ts';
import { RpcError } from '../errors.ts';
import { ExternalSigners, type ProgramOutcome } from '../external-signer.ts';
import { SIGNER_METHODS } from './signers.ts';

const calls: string[][] = [];

/** A program that answers the same to everything. */
function programOf(outcome: Partial<ProgramOutcome> | Error): ExternalSigners {
  return new ExternalSigners('hwi --x', 'regtest', async (words, input) => {
    calls.push([...words, input]);
    if (outcome instanceof Error) throw outcome;
    return { exitCode: 0, output: '', complaint: '', ...outcome };
  });
}

function enumerate(signers: ExternalSigners | undefined): Promise<unknown> {
  const [method] = SIGNER_METHODS;
  const context = (signers === undefined ? {} : { signers }) as unknown as RpcContext;
  return Promise.resolve(method!.run(context, new Arguments(method!, [])));
}

async function fails(signers: ExternalSigners | undefined, message: string): Promise<void> {
  await assert.rejects(enumerate(signers), (error) => {
    assert.ok(error instanceof RpcError);
    assert.deepEqual([error.code, error.message], [-1, message]);
    return true;
  });
}

test('signers are listed, of several with the same key the first', async () => {
  const output =
    '[{"fingerprint":"00000001","type":"trezor","model":"trezor_t"},{"fingerprint":"00000001","model":"other"},' +
    '{"fingerprint":"ABCDEF02","model":7}]';
  assert.deepEqual(await enumerate(programOf({ output })), {
    signers: [
      { fingerprint: '00000001', name: 'trezor_t' },
      { fingerprint: 'ABCDEF02', name: '' },
    ],
  });
  assert.deepEqual(calls.pop(), ['hwi', '--x', 'enumerate', '']);
});

test('whatever a program says instead is an error in words', async () => {
  await fails(undefined, 'Error: restart bitcoind with -signer=<cmd>');
  await fails(
    programOf(new Error('execve failed: No such file or directory')),
    'execve failed: No such file or directory',
  );
  await fails(
    programOf({ exitCode: 2, complaint: 'oh' }),
    'RunCommandParseJSON error: process(hwi --x enumerate) returned 2: oh\n',
  );
  await fails(programOf({ output: '{"invalid json"}' }), 'Unable to parse JSON: {"invalid json"}');
  await fails(programOf({ output: '{}' }), "'hwi --x' received invalid response, expected array of signers");
  await fails(programOf({ output: '[{"error":"not found"}]' }), "'hwi --x' error: not found");
  await fails(programOf({ output: '[{"error":5}]' }), "'hwi --x' error");
  for (const output of ['[{}]', '[7]', '[null]', '[[]]']) {
    await fails(programOf({ output }), "'hwi --x' received invalid response, missing signer fingerprint");
  }
  for (const fingerprint of ['""', '"0000001"', '"000000001"', '"0000000g"', '12345678', '["00000001"]']) {
    await fails(
      programOf({ output: `[{"fingerprint":${fingerprint}}]` }),
      "'hwi --x' received invalid fingerprint, must be 8 hex characters",
    );
  }
});

test('a device is asked by its fingerprint and the name of the network', async () => {
  const [signer] = await programOf({ output: '[{"fingerprint":"00000001"}]' }).enumerate();
  calls.length = 0;
  await signer!.displayAddress('wpkh(x)#1');
  await signer!.getDescriptors(3);
  await signer!.signTransaction('cHNidP8=');
  const own = ['--fingerprint', '00000001', '--chain', 'regtest'];
  assert.deepEqual(calls, [
    ['hwi', '--x', ...own, 'displayaddress', '--desc', 'wpkh(x)#1', ''],
    ['hwi', '--x', ...own, 'getdescriptors', '--account', '3', ''],
    ['hwi', '--x', '--stdin', ...own, 'signtx cHNidP8='],
  ]);
});
