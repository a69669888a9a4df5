// Command lines and the values they mean. The cases are facts about Core's ArgsManager (src/test/argsman_tests.cpp and
// getarg_tests.cpp), typed by hand.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type OptionRule, type ParsedArguments, parseArguments } from './args.ts';
import { addConfigText } from './config-file.ts';
import { type SettingSources, Settings } from './settings.ts';

function rulesFor(names: readonly string[], rule: OptionRule = {}): ReadonlyMap<string, OptionRule> {
  return new Map(names.map((name) => [name, rule]));
}

function parse(argv: readonly string[], names: readonly string[], rule?: OptionRule): ParsedArguments {
  const parsed = parseArguments(argv, rulesFor(names, rule), { hasOptionsAfterWords: false });
  assert.ok(parsed.ok, parsed.ok ? '' : parsed.error);
  return parsed.value;
}

function parseError(argv: readonly string[], names: readonly string[], rule?: OptionRule): string {
  const parsed = parseArguments(argv, rulesFor(names, rule), { hasOptionsAfterWords: false });
  assert.ok(!parsed.ok, 'an error was expected');
  return parsed.error;
}

function settingsOf(
  argv: readonly string[],
  names: readonly string[],
  config = '',
  networkOnly: readonly string[] = [],
) {
  const sources: SettingSources = { commandLine: parse(argv, names).values, config: new Map() };
  const read = addConfigText(sources.config, config, 'test.conf', rulesFor(names), () => {});
  assert.ok(read.ok);
  return new Settings(sources, (name) => networkOnly.includes(name));
}

test('an option means the same text, number, flag and list as in Core', () => {
  const cases: readonly (readonly [
    string | null,
    string | undefined,
    number | undefined,
    boolean | undefined,
    string[],
  ])[] = [
    [null, undefined, undefined, undefined, []],
    ['-novalue', '0', 0, false, []],
    ['-novalue=', '0', 0, false, []],
    ['-novalue=0', '1', 1, true, ['1']],
    ['-novalue=1', '0', 0, false, []],
    ['-novalue=2', '0', 0, false, []],
    ['-novalue=abc', '1', 1, true, ['1']],
    ['-value', '', 0, true, ['']],
    ['-value=', '', 0, true, ['']],
    ['-value=0', '0', 0, false, ['0']],
    ['-value=1', '1', 1, true, ['1']],
    ['-value=2', '2', 2, true, ['2']],
    ['-value=abc', 'abc', 0, false, ['abc']],
  ];
  for (const [argument, text, integer, flag, list] of cases) {
    const settings = settingsOf(argument === null ? [] : [argument], ['value']);
    assert.equal(settings.getText('value'), text, String(argument));
    assert.equal(settings.getInteger('value'), integer, String(argument));
    assert.equal(settings.getFlag('value'), flag, String(argument));
    assert.deepEqual(settings.getAll('value'), list, String(argument));
    assert.equal(settings.isSet('value'), argument !== null, String(argument));
  }
});

test('texts are read as flags and numbers as in Core', () => {
  const cases: readonly (readonly [string, boolean, number])[] = [
    ['', true, 0],
    [' ', false, 0],
    ['0', false, 0],
    ['0 ', false, 0],
    [' 0', false, 0],
    ['+0', false, 0],
    ['-0', false, 0],
    ['5', true, 5],
    ['5 ', true, 5],
    [' 5', true, 5],
    ['+5', true, 5],
    ['-5', true, -5],
    ['+-5', false, 0],
    ['0 5', false, 0],
    ['5 0', true, 5],
    ['050', true, 50],
    ['0.', false, 0],
    ['5.', true, 5],
    ['0.0', false, 0],
    ['0.5', false, 0],
    ['5.0', true, 5],
    ['5.5', true, 5],
    ['x', false, 0],
    ['x0', false, 0],
    ['x5', false, 0],
    ['0x', false, 0],
    ['5x', true, 5],
    ['0x5', false, 0],
    ['false', false, 0],
    ['true', false, 0],
    ['yes', false, 0],
    ['no', false, 0],
  ];
  for (const [text, flag, integer] of cases) {
    const settings = settingsOf([`-value=${text}`], ['value']);
    assert.equal(settings.getFlag('value'), flag, JSON.stringify(text));
    assert.equal(settings.getInteger('value'), integer, JSON.stringify(text));
  }
});

test('numbers beyond 64 bits stay at their limits', () => {
  assert.equal(settingsOf(['-foo=-9223372036854775809'], ['foo']).getInteger('foo'), -(2 ** 63));
  assert.equal(settingsOf(['-foo=9223372036854775808'], ['foo']).getInteger('foo'), 2 ** 63);
});

test('one dash and two are the same', () => {
  assert.equal(settingsOf(['--foo'], ['foo']).getFlag('foo'), true);
  assert.equal(settingsOf(['--foo=verbose'], ['foo']).getText('foo'), 'verbose');
  assert.equal(settingsOf(['--nofoo=1'], ['foo']).getFlag('foo'), false);
});

test('the last of several values on the command line wins, a negation among them', () => {
  const flag = (...argv: string[]): boolean | undefined => settingsOf(argv, ['foo']).getFlag('foo');
  assert.equal(flag('-foo', '-nofoo'), false);
  assert.equal(flag('-foo=1', '-nofoo=1'), false);
  assert.equal(flag('-foo=0', '-nofoo=0'), true);
  assert.equal(flag('-nofoo', '-foo'), true);
  assert.equal(settingsOf(['-foo=a', '-foo=b'], ['foo']).getText('foo'), 'b');
  assert.deepEqual(settingsOf(['-foo=a', '-foo=b'], ['foo']).getAll('foo'), ['a', 'b']);
  assert.deepEqual(settingsOf(['-foo=a', '-nofoo', '-foo=b'], ['foo']).getAll('foo'), ['b']);
});

test('what follows a word is not read as options', () => {
  const { values, words } = parse(['-a', '-b', '-ccc=argument', '-ccc=multiple', 'f', '-d=e'], ['a', 'b', 'ccc', 'd']);
  assert.deepEqual([...values.keys()], ['a', 'b', 'ccc']);
  assert.deepEqual(values.get('a'), ['']);
  assert.deepEqual(values.get('ccc'), ['argument', 'multiple']);
  assert.deepEqual(words, ['f', '-d=e']);
});

test('a client takes options before and after its command', () => {
  const parsed = parseArguments(['-a', 'word', '-b=1', 'more'], rulesFor(['a', 'b']), { hasOptionsAfterWords: true });
  assert.ok(parsed.ok);
  assert.deepEqual([...parsed.value.values.keys()], ['a', 'b']);
  assert.deepEqual(parsed.value.words, ['word', 'more']);
});

test('unknown options are refused in the words of Core', () => {
  assert.equal(parseError(['-unregistered'], ['registered']), 'Invalid parameter -unregistered');
  assert.equal(parseError(['--xyz=5'], ['registered']), 'Invalid parameter --xyz=5');
  assert.equal(parseError(['-test.registered'], ['registered']), 'Invalid parameter -test.registered');
  assert.equal(parseError(['-noxyz'], ['registered']), 'Invalid parameter -noxyz');
});

test('a meaningless negation and a missing value are refused', () => {
  assert.equal(
    parseError(['-nodatadir'], ['datadir'], { refusesNegation: true }),
    'Negating of -datadir is meaningless and therefore forbidden',
  );
  assert.equal(
    parseError(['-proxy'], ['proxy'], { needsValue: true }),
    'Can not set -proxy with no value. Please specify value with -proxy=value.',
  );
});

test('a double negative is accepted with a warning', () => {
  assert.deepEqual(parse(['-nolisten=0'], ['listen']).warnings, [
    'Parsed potentially confusing double-negative -listen=0',
  ]);
});

test('includeconf belongs in files, its negation on the command line', () => {
  assert.deepEqual(parse(['-noincludeconf'], ['includeconf']).values.get('includeconf'), [false]);
  assert.equal(
    parseError(['-includeconf'], ['includeconf']),
    '-includeconf cannot be used from commandline; -includeconf=""',
  );
  assert.equal(
    parseError(['-includeconf=file'], ['includeconf']),
    '-includeconf cannot be used from commandline; -includeconf="file"',
  );
});

test('in a file the last word decides whether an option is negated, and a double negative is a yes', () => {
  const settings = settingsOf([], ['foo', 'bar'], 'nofoo=1\nfoo=1\nnobar=0\n');
  assert.equal(settings.isNegated('foo'), false);
  assert.equal(settings.getText('foo'), '1');
  assert.equal(settings.isNegated('bar'), false);
  assert.equal(settings.getText('bar'), '1');
});

test('the command line wins over a file without erasing it', () => {
  const settings = settingsOf(['-nofoo', '-bar'], ['foo', 'bar'], 'foo=1\nnobar=1\n');
  assert.equal(settings.isNegated('foo'), true);
  assert.equal(settings.getText('foo'), '0');
  assert.deepEqual(settings.getAll('foo'), []);
  assert.equal(settings.isNegated('bar'), false);
  assert.equal(settings.getText('bar'), '');
  assert.deepEqual(settings.getAll('bar'), ['']);
});

test('the last value of the command line and the first of a file win', () => {
  assert.equal(settingsOf([], ['p'], 'p=a\np=b\n').getText('p'), 'a');
  assert.equal(settingsOf(['-p=a'], ['p'], 'p=b\n').getText('p'), 'a');
  assert.equal(settingsOf(['-p=a', '-p=b'], ['p'], 'p=c\np=d\n').getText('p'), 'b');
  assert.deepEqual(settingsOf(['-p=a', '-p=b'], ['p'], 'p=c\np=d\n').getAll('p'), ['a', 'b', 'c', 'd']);
});

test('values of a file come back when something follows a negation on the command line', () => {
  assert.deepEqual(settingsOf(['-p=a', '-nop', '-p=b'], ['p'], 'p=c\n').getAll('p'), ['b', 'c']);
  assert.deepEqual(settingsOf(['-p=a', '-nop'], ['p'], 'p=c\n').getAll('p'), []);
});

const SECTIONS = `a=
b=1
ccc=argument
ccc=multiple
d=e
nofff=1
noggg=0
h=1
noh=1
noi=1
i=1
sec1.ccc=extend1

[sec1]
ccc=extend2
d=eee
h=1
[sec2]
ccc=extend3
iii=2
`;
const NAMES = ['a', 'b', 'ccc', 'd', 'e', 'fff', 'ggg', 'h', 'i', 'iii'];

test('without a chosen network the lines outside of sections count', () => {
  const settings = settingsOf([], NAMES, SECTIONS);
  const texts = NAMES.map((name) => [name, settings.getText(name)]);
  assert.deepEqual(Object.fromEntries(texts), {
    a: '',
    b: '1',
    ccc: 'argument',
    d: 'e',
    e: undefined,
    fff: '0',
    ggg: '1',
    h: '0',
    i: '1',
    iii: undefined,
  });
  assert.deepEqual(settings.getAll('ccc'), ['argument', 'multiple']);
  assert.deepEqual(settings.getAll('fff'), []);
  assert.deepEqual(settings.getAll('ggg'), ['1']);
  assert.deepEqual(settings.getAll('h'), []);
  assert.deepEqual(settings.getAll('i'), ['1']);
  assert.deepEqual(
    NAMES.filter((name) => settings.isNegated(name)),
    ['fff', 'h'],
  );
});

test("the section of the chosen network comes before the lines outside, also by a dot in the option's name", () => {
  const settings = settingsOf([], NAMES, SECTIONS);
  settings.selectSection('sec1');
  assert.equal(settings.getText('d'), 'eee');
  assert.equal(settings.getText('h'), '1');
  assert.equal(settings.getText('ccc'), 'extend1');
  assert.deepEqual(settings.getAll('ccc'), ['extend1', 'extend2', 'argument', 'multiple']);
  settings.selectSection('sec2');
  assert.equal(settings.getText('d'), 'e');
  assert.equal(settings.getText('h'), '0');
  assert.equal(settings.getText('iii'), '2');
  assert.deepEqual(settings.getAll('ccc'), ['extend3', 'argument', 'multiple']);
});

test('an option for its own network alone is not taken from outside of sections, but a negation there is', () => {
  const settings = settingsOf([], NAMES, SECTIONS, ['ccc', 'd', 'h']);
  settings.selectSection('main');
  assert.equal(settings.getText('d'), 'e');
  assert.equal(settings.getAll('ccc').length, 2);
  assert.equal(settings.getText('h'), '0');
  settings.selectSection('sec1');
  assert.deepEqual(settings.getAll('d'), ['eee']);
  assert.equal(settings.getAll('ccc').length, 2);
  assert.equal(settings.getText('h'), '1');
  settings.selectSection('sec2');
  assert.equal(settings.getText('d'), undefined);
  assert.deepEqual(settings.getAll('d'), []);
  assert.equal(settings.getAll('ccc').length, 1);
  assert.equal(settings.getText('h'), '0');
  assert.deepEqual(settings.findMisplaced(['ccc', 'd', 'h']), ['d']);
});

test('the network itself: the last value of a file wins, and a negation on the command line does not count', () => {
  assert.equal(settingsOf(['-noregtest'], ['regtest'], 'regtest=1\n').getChainSetting('regtest'), '1');
  assert.equal(settingsOf([], ['regtest'], 'regtest=1\nregtest=0\n').getChainSetting('regtest'), '0');
  assert.equal(settingsOf([], ['regtest'], 'regtest=1\nnoregtest=1\n').getChainSetting('regtest'), undefined);
  assert.equal(settingsOf(['-regtest=0'], ['regtest'], 'regtest=1\n').getChainSetting('regtest'), '0');
});
