import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { IndexBranch } from '../kernel/chain/index-branch.ts';
import { openMemoryChain } from '../kernel/chain/memory-chain.ts';
import { formatHash } from '../kernel/primitives/hashes.ts';
import { assembleBlock, MINING_DEFAULTS } from '../node/mining/assembler.ts';
import { BlockCandidate } from '../node/mining/block-template.ts';
import { grindHeader } from '../node/mining/grind.ts';
import { parseArguments } from './args.ts';
import { runClient } from './client.ts';
import { loadConfiguration } from './configuration.ts';
import { runNewLedgerCommand } from './new-ledger-command.ts';
import { argumentRules } from './options.ts';
import type { Output } from './output.ts';

const folder = mkdtempSync(join(tmpdir(), 'tally-new-ledger-'));
after(() => rmSync(folder, { recursive: true }));

const NOW_SEC = 1_767_312_000;

class Said implements Output {
  printed = '';
  complained = '';
  readonly terminal = null;
  readonly sharesTerminal = false;

  print(text: string): void {
    this.printed += text;
  }

  complain(text: string): void {
    this.complained += text;
  }
}

async function run(...argv: readonly string[]): Promise<{ code: number; said: Said }> {
  const said = new Said();
  return { code: await runNewLedgerCommand(argv, said, NOW_SEC), said };
}

let fileCount = 0;

function newPath(): string {
  return join(folder, `ledger${fileCount++}.json`);
}

/** The parameters as tallyd reads them from the file. */
function start(path: string): ReturnType<typeof loadConfiguration>['params'] {
  const parsed = parseArguments([`-chainparams=${path}`, `-datadir=${folder}`], argumentRules('tallyd'), {
    hasOptionsAfterWords: false,
  });
  assert(parsed.ok);
  return loadConfiguration(parsed.value).params;
}

test('a ledger is begun with a name alone, and a node starts with its file and mines on it', async () => {
  const path = newPath();
  const { code, said } = await run('hill-village', `--file=${path}`);
  assert.equal(said.complained, '');
  assert.equal(code, 0);
  const params = start(path);
  assert.equal(params.name, 'hill-village');
  assert.equal(params.consensus.pow.spacingSec, 60);
  assert.equal(params.consensus.pow.interval, 60);
  assert.equal(params.consensus.initialSubsidySat, 5_000_000_000);
  assert.equal(params.consensus.subsidyHalvingInterval, 210_000);
  assert.equal(params.prefixes.bech32Hrp, 'hillvillage');
  assert.equal(params.genesis.header.timeSec, NOW_SEC);
  assert.ok(said.printed.includes(formatHash(params.genesis.header.blockHash)));
  assert.ok(said.printed.includes(`tallyd -chainparams=${path}\n`));
  assert.ok(said.printed.includes(`-addnode=<address>:${params.ports.p2p}`));

  const chain = await openMemoryChain(params);
  const branch = new IndexBranch(chain.index, chain.active).moveTo(chain.active.tip);
  const nowSec = NOW_SEC + 60;
  const template = assembleBlock(null, { branch, consensus: params.consensus, nowSec }, MINING_DEFAULTS);
  const candidate = new BlockCandidate(template, { scriptPubKey: Uint8Array.of(0x51) });
  const nonce = grindHeader(candidate.header, 0, 2 ** 32);
  assert(nonce !== null);
  assert.equal((await chain.submitBlock(candidate.seal(nonce), nowSec)).outcome, 'connected');
  assert.equal(chain.height, 1);
  await chain.close(nowSec);
});

test('everything can be chosen, with one dash or two, before or after the name', async () => {
  const path = newPath();
  const { code, said } = await run(
    '--message=Bread 2 coins, 1 May 2026',
    '-interval=15',
    'bakery',
    '--period=15',
    '--reward=0.5',
    '--halving=1000',
    '--easiest=1000',
    '--port=31000',
    '--prefix=bread',
    `-file=${path}`,
  );
  assert.equal(said.complained, '');
  assert.equal(code, 0);
  const { consensus, ports, prefixes, genesis } = start(path);
  assert.equal(consensus.pow.spacingSec, 15);
  assert.equal(consensus.pow.timespanSec, 225);
  assert.equal(consensus.pow.limit.target, 2n ** 256n / 1000n - 1n);
  assert.equal(consensus.initialSubsidySat, 50_000_000);
  assert.equal(consensus.subsidyHalvingInterval, 1000);
  assert.deepEqual(ports, { p2p: 31000, rpc: 30999, onion: 31001 });
  assert.equal(prefixes.bech32Hrp, 'bread');
  const script = new TextDecoder().decode(genesis.transaction(0).scriptSig(0));
  assert.ok(script.endsWith('Bread 2 coins, 1 May 2026'));
});

test('the same choices in the same second make the same ledger', async () => {
  const [a, b] = [newPath(), newPath()];
  await run('twin', `--file=${a}`);
  await run('twin', `--file=${b}`);
  assert.equal(readFileSync(a, 'utf8'), readFileSync(b, 'utf8'));
});

test('no file is written over', async () => {
  const path = newPath();
  writeFileSync(path, 'precious');
  const { code, said } = await run('twin', `--file=${path}`);
  assert.equal(code, 1);
  assert.match(said.complained, /^Error: The file .* exists, and nothing is written over it\./);
  assert.equal(readFileSync(path, 'utf8'), 'precious');
});

test('a file that cannot be written is an error with its path', async () => {
  const path = join(folder, 'missing', 'ledger.json');
  const { code, said } = await run('twin', `--file=${path}`);
  assert.equal(code, 1);
  assert.ok(said.complained.startsWith(`Error: The file ${path} could not be written: `));
});

test('each bad value gets an error that names its option', async () => {
  const cases: readonly (readonly [argv: readonly string[], begins: string])[] = [
    [[], '<name>: got nothing'],
    [['Village'], '<name> (name): got "Village"'],
    [['regtest'], '<name> (name): got "regtest"'],
    [['a', 'b'], 'Invalid parameter b'],
    [['a', '--intervall=5'], 'Invalid parameter --intervall=5'],
    [['a', '--interval'], '--interval needs a value'],
    [['a', '--interval=0'], '--interval: got "0", expected a whole number from 1 to 86400'],
    [['a', '--interval=1.5'], '--interval: got "1.5"'],
    [['a', '--interval='], '--interval: got ""'],
    [['a', '--period=1'], '--period: got "1"'],
    [['a', '--interval=1', '--period=3'], '--period (retargetTimespanSec): got 3'],
    [['a', '--reward=x'], '--reward: got "x"'],
    [['a', '--reward=1e3'], '--reward: got "1e3"'],
    [['a', '--reward=0'], '--reward (rewardSat): got 0'],
    [['a', '--reward=51'], '--reward (rewardSat): got a supply of'],
    [['a', '--halving=0'], '--halving: got "0"'],
    [['a', '--easiest=14399'], '--easiest (powLimit): got 14399 hashes, expected a whole number from 14400'],
    [['a', '--easiest=1073741825'], '--easiest (powLimit): got 1073741825 hashes'],
    [['a', '--port=65535'], '--port: got "65535"'],
    [['a', '--prefix=BC'], '--prefix (prefixes.bech32Hrp): got "BC"'],
    [['a', '--prefix=bc'], '--prefix (prefixes.bech32Hrp): got "bc"'],
    [['a', '--message='], '--message (genesis.message): got ""'],
    [['a', `--message=${'é'.repeat(46)}`], '--message (genesis.message): got 92 bytes'],
  ];
  for (const [argv, begins] of cases) {
    const { code, said } = await run(...argv, `--file=${join(folder, 'never.json')}`);
    assert.equal(code, 1, argv.join(' '));
    assert.equal(said.complained.slice('Error: '.length, 'Error: '.length + begins.length), begins);
    assert.ok(said.complained.endsWith('; see tally new-ledger --help.\n'), said.complained);
  }
});

test('help is printed when asked for, and by the client for the command', async () => {
  for (const argv of [['--help'], ['a', '-h'], ['-?']]) {
    const { code, said } = await run(...argv);
    assert.equal(code, 0);
    assert.ok(said.printed.startsWith('Usage: tally new-ledger <name> [options]\n'));
    for (const line of said.printed.split('\n')) assert.ok(line.length <= 79, line);
  }
  const said = new Said();
  assert.equal(await runClient(['new-ledger', '--help'], said), 0);
  assert.ok(said.printed.startsWith('Usage: tally new-ledger'));
  const misplaced = new Said();
  assert.equal(await runClient(['-regtest', 'new-ledger', 'a'], misplaced), 1);
  assert.match(misplaced.complained, /new-ledger stands before its options/);
});
