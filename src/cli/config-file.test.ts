// Configuration files, their errors and the order in which they count. Sentences are those of Core's
// feature_config_args.py, typed by hand.

import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { parseArguments } from './args.ts';
import { parseConfigText } from './config-file.ts';
import { type Configuration, loadConfiguration } from './configuration.ts';
import { StartupError } from './error-text.ts';
import { argumentRules } from './options.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tally-config-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function write(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

function load(...argv: string[]): Configuration {
  const parsed = parseArguments([`-datadir=${folder}`, ...argv], argumentRules('tallyd'), {
    hasOptionsAfterWords: false,
  });
  assert.ok(parsed.ok, parsed.ok ? '' : parsed.error);
  return loadConfiguration(parsed.value);
}

function loadError(...argv: string[]): string {
  try {
    load(...argv);
  } catch (error) {
    assert.ok(error instanceof StartupError);
    return error.message;
  }
  assert.fail('an error was expected');
}

function parseError(text: string): string {
  const parsed = parseConfigText(text, 'test.conf');
  assert.ok(!parsed.ok, 'an error was expected');
  return parsed.error;
}

test('blanks, comments, empty lines and line ends of other systems do not matter', () => {
  const parsed = parseConfigText('\ufeff # all\r\n\r\n prune = 550 # some\r\n[regtest]\r\npar=2\r\n', 'test.conf');
  assert.ok(parsed.ok);
  assert.deepEqual(parsed.value.entries, [
    { name: 'prune', value: '550' },
    { name: 'regtest.par', value: '2' },
  ]);
  assert.deepEqual(parsed.value.sections, [{ name: 'regtest', file: 'test.conf', line: 4 }]);
});

test('a faulty line is named by number and contents', () => {
  assert.equal(parseError('garbage\n'), 'parse error on line 1: garbage');
  assert.equal(
    parseError('\n-dash=1\n'),
    'parse error on line 2: -dash=1, options in configuration file must be specified without leading -',
  );
  assert.equal(
    parseError('nono\n'),
    'parse error on line 1: nono, if you intended to specify a negated option, use nono=1 instead',
  );
  const ambiguous = ', using # in rpcpassword can be ambiguous and should be avoided';
  assert.equal(parseError('server=1\nrpcuser=a\nrpcpassword=some#pass'), `parse error on line 3${ambiguous}`);
  assert.equal(parseError('server=1\nrpcuser=a\nmain.rpcpassword=some#pass'), `parse error on line 3${ambiguous}`);
  assert.equal(parseError('server=1\nrpcuser=a\n[main]\nrpcpassword=some#pass'), `parse error on line 4${ambiguous}`);
});

test('an error of a file is reported as Core reports it', () => {
  write('bitcoin.conf', 'garbage\n');
  assert.equal(loadError(), 'Error reading configuration file: parse error on line 1: garbage');
  write('bitcoin.conf', 'conf=other.conf\n');
  assert.equal(
    loadError(),
    'Error reading configuration file: conf cannot be set in the configuration file; use includeconf= if you want to include additional config files',
  );
});

test('a folder in place of a file is named', () => {
  const path = join(folder, 'bitcoin.conf');
  mkdirSync(path);
  assert.equal(loadError(), `Error reading configuration file: Config file "${path}" is a directory.`);
  rmSync(path, { recursive: true });
  write('bitcoin.conf', `includeconf=${folder}\n`);
  assert.equal(loadError(), `Error reading configuration file: Included config file "${folder}" is a directory.`);
});

test('a file that -conf names must be there', () => {
  assert.equal(
    loadError('-conf=none.conf'),
    `Error reading configuration file: specified config file "${join(folder, 'none.conf')}" could not be opened.`,
  );
});

test('the file chooses the network, and -noconf ignores it', () => {
  write('bitcoin.conf', 'regtest=1\n[regtest]\nprune=600\n');
  const { params, settings, folders } = load();
  assert.equal(params.name, 'regtest');
  assert.equal(settings.getInteger('prune'), 600);
  assert.equal(folders.network, join(folder, 'regtest'));
  assert.equal(folders.blocks, join(folder, 'regtest', 'blocks'));
  const ignored = load('-noconf');
  assert.equal(ignored.params.name, 'main');
  assert.deepEqual(ignored.messages, [
    {
      kind: 'info',
      text: `Data directory "${folder}" contains a "bitcoin.conf" file which is explicitly ignored using -noconf.`,
    },
  ]);
});

test('tallystick.conf is read before bitcoin.conf, so its values win', () => {
  write('bitcoin.conf', 'par=1\ndbcache=100\n');
  write('tallystick.conf', 'par=2\n');
  const { settings, configFiles } = load();
  assert.equal(settings.getInteger('par'), 2);
  assert.equal(settings.getInteger('dbcache'), 100);
  assert.deepEqual(configFiles, [join(folder, 'tallystick.conf'), join(folder, 'bitcoin.conf')]);
});

test('included files add to the file that includes them, its own section first', () => {
  write('bitcoin.conf', 'regtest=1\nincludeconf=common.conf\n[regtest]\nincludeconf=regtest.conf\ndebug=prune\n');
  write('common.conf', 'debug=bench\npar=3\n');
  write('regtest.conf', 'debug=reindex\npar=4\n');
  const { settings, messages } = load();
  assert.equal(settings.getInteger('par'), 4);
  assert.deepEqual(settings.getAll('debug'), ['prune', 'reindex', 'bench']);
  assert.deepEqual(
    messages.map(({ text }) => text),
    ['Included configuration file regtest.conf', 'Included configuration file common.conf'],
  );
  assert.equal(load('-noincludeconf').settings.getInteger('par'), undefined);
});

test('included files cannot include more', () => {
  write('bitcoin.conf', 'includeconf=one.conf\n');
  write('one.conf', 'includeconf=two.conf\n');
  assert.deepEqual(load().messages.at(-1), {
    kind: 'spoken',
    text: 'warning: -includeconf cannot be used from included files; ignoring -includeconf=two.conf',
  });
  write('bitcoin.conf', 'includeconf=missing.conf\n');
  assert.equal(loadError(), 'Error reading configuration file: Failed to include configuration file missing.conf');
});

test('unknown names are skipped and told to the log, unknown sections to the person', () => {
  const path = write('bitcoin.conf', 'dash_conf=1\nreindex=1\ntestnot.datadir=1\n[testnet]\n');
  const { messages, warnings } = load();
  assert.deepEqual(
    messages.map(({ kind, text }) => [kind, text.slice(0, 56)]),
    [
      ['warning', 'Ignoring unknown configuration value dash_conf'],
      ['warning', 'reindex=1 is set in the configuration file, which will s'],
    ],
  );
  assert.deepEqual(warnings, [
    `${path}:3 Section [testnot] is not recognized.`,
    `${path}:4 Section [testnet] is not recognized.`,
  ]);
});

test('a file may name another data folder, which must exist', () => {
  const elsewhere = join(folder, 'elsewhere');
  const conf = write('named.conf', `datadir=${elsewhere}\n`);
  const parsed = parseArguments([`-conf=${conf}`], argumentRules('tallyd'), { hasOptionsAfterWords: false });
  assert.ok(parsed.ok);
  assert.throws(() => loadConfiguration(parsed.value), {
    message: `Error reading configuration file: specified data directory "${elsewhere}" does not exist.`,
  });
  mkdirSync(elsewhere);
  assert.equal(loadConfiguration(parsed.value).folders.base, elsewhere);
  writeFileSync(join(elsewhere, 'bitcoin.conf'), '');
  assert.throws(
    () => loadConfiguration(parsed.value),
    (error: Error) =>
      error.message.startsWith(
        `Data directory "${elsewhere}" contains a "bitcoin.conf" file which is ignored, because a different configuration file "${conf}" from command line argument "-conf=${conf}" is being used instead. Possible ways to address this would be to:\n`,
      ),
  );
});

test('a data folder or blocks folder that is named must exist', () => {
  assert.equal(
    loadError(`-datadir=${folder}/newdatadir`),
    `Specified data directory "${folder}/newdatadir" does not exist.`,
  );
  assert.equal(
    loadError(`-blocksdir=${folder}/blocksdir`),
    `Specified blocks directory "${folder}/blocksdir" does not exist.`,
  );
});

test('networks are chosen one at a time', () => {
  const combination = 'Invalid combination of -regtest, -signet, -testnet, -testnet4 and -chain. Can use at most one.';
  assert.equal(loadError('-regtest', '-signet'), combination);
  assert.equal(loadError('-regtest', '-chain=regtest'), combination);
  assert.equal(loadError('-chain=foo'), 'Unknown chain foo.');
  assert.equal(load('-testnet').folders.network, join(folder, 'testnet3'));
  assert.equal(load('-chain=test').params.name, 'test');
  assert.equal(load('-testnet4').folders.network, join(folder, 'testnet4'));
  assert.equal(load('-signet').params.name, 'signet');
  assert.equal(load().folders.network, folder);
});

test("a ledger of one's own has a folder and a section of its name", () => {
  write('village.json', '{"name":"village","base":"regtest","genesis":{"message":"hello","timeSec":1700000000}}');
  write('bitcoin.conf', 'chainparams=village.json\n[village]\npar=2\n');
  const { params, folders, settings, warnings } = load();
  assert.equal(params.name, 'village');
  assert.equal(folders.network, join(folder, 'village'));
  assert.equal(settings.getInteger('par'), 2);
  assert.deepEqual(warnings, []);
  assert.match(loadError('-regtest'), /^Invalid combination of -chainparams with -regtest/);
  write('village.json', '{"name":"village"');
  assert.match(loadError(), /^Chain parameters file ".*village\.json" is not valid: the file: got /);
});

test('activation for tests is bent on test networks only', () => {
  const regtest = load('-regtest', '-testactivationheight=segwit@432', '-vbparams=testdummy:0:9223372036854775807');
  assert.equal(regtest.params.consensus.activationHeights.segwit, 432);
  assert.equal(regtest.params.consensus.deployments.find(({ name }) => name === 'testdummy')?.startTimeSec, 0);
  assert.equal(loadError('-vbparams=testdummy:0:1'), 'The -vbparams option may not be used on mainnet.');
  assert.equal(
    loadError('-testactivationheight=segwit@1'),
    'The -testactivationheight option may not be used on mainnet.',
  );
  const end = 'for -testactivationheight=name@height.';
  assert.equal(loadError('-regtest', '-testactivationheight=x'), `Invalid format (x) ${end}`);
  assert.equal(loadError('-regtest', '-testactivationheight=x@1'), `Invalid name (x@1) ${end}`);
  assert.equal(loadError('-regtest', '-testactivationheight=csv@-1'), `Invalid height value (csv@-1) ${end}`);
  assert.equal(
    loadError('-regtest', '-vbparams=testdummy'),
    'Version bits parameters malformed, expecting deployment:start:end[:min_activation_height]',
  );
  assert.equal(loadError('-regtest', '-vbparams=nothing:0:1'), 'Invalid deployment (nothing)');
  assert.equal(loadError('-regtest', '-vbparams=testdummy:a:1'), 'Invalid nStartTime (a)');
});

test("a signet of one's own has one challenge in hexadecimal", () => {
  assert.deepEqual(load('-signet', '-signetchallenge=51').params.consensus.signetChallenge, Uint8Array.of(0x51));
  assert.equal(loadError('-signet', '-signetchallenge=xy'), "-signetchallenge must be hex, not 'xy'.");
  assert.equal(
    loadError('-signet', '-signetchallenge=51', '-signetchallenge=52'),
    '-signetchallenge cannot be multiple values.',
  );
});
