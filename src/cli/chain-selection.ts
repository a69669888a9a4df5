// Which ledger: the options -chain, -regtest, -testnet …, -chainparams, and what bends its parameters for tests (Core
// common/args.cpp GetChainArg and chainparams.cpp). Sentences of errors are Core's.

import { readFileSync } from 'node:fs';
import { parseChainParams } from '../kernel/consensus/chain-params-file.ts';
import { NETWORK_NAMES, type NetworkName } from '../kernel/consensus/networks/all.ts';
import { createLocalParams } from '../kernel/consensus/networks/local.ts';
import { createMainnetParams } from '../kernel/consensus/networks/mainnet.ts';
import { createRegtestParams } from '../kernel/consensus/networks/regtest.ts';
import { createSignetParams } from '../kernel/consensus/networks/signet.ts';
import { createTestnet3Params } from '../kernel/consensus/networks/testnet3.ts';
import { createTestnet4Params } from '../kernel/consensus/networks/testnet4.ts';
import type {
  BuriedDeployment,
  ChainParams,
  DeploymentOptions,
  VersionbitsOverride,
} from '../kernel/consensus/params.ts';
import { NO_TIMEOUT } from '../kernel/consensus/params.ts';
import { parseHex } from '../kernel/util/bytes.ts';
import { StartupError } from './error-text.ts';
import { OPEN_ADDRESS_KEY_WORD } from './network-options.ts';
import { REBUILD_TEST_WORD } from './rebuild-advice.ts';
import { interpretFlag, type Settings } from './settings.ts';

/** The chosen ledger before its parameters are made: a network that is built in, or a file. */
export type ChainChoice =
  | { readonly kind: 'network'; readonly name: NetworkName }
  | { readonly kind: 'file'; readonly path: string };

/** Core's names of the rules in -testactivationheight. */
const BURIED_NAMES: ReadonlyMap<string, BuriedDeployment> = new Map([
  ['segwit', 'segwit'],
  ['bip34', 'bip34'],
  ['dersig', 'bip66'],
  ['cltv', 'bip65'],
  ['csv', 'csv'],
]);

/** Largest height of -testactivationheight, exclusive (Core: numeric_limits<int>::max()). */
const HEIGHT_LIMIT = 2 ** 31 - 1;

const INTEGER = /^-?\d+$/;

function isChosen(settings: Settings, name: string): boolean {
  const value = settings.getChainSetting(name);
  return typeof value === 'string' ? interpretFlag(value) : (value ?? false);
}

/** Which ledger the settings choose. Throws StartupError when they contradict each other. */
export function chooseChain(settings: Settings): ChainChoice {
  const chainText = settings.getText('chain');
  const flags: readonly (readonly [option: string, name: NetworkName])[] = [
    ['regtest', 'regtest'],
    ['signet', 'signet'],
    ['testnet', 'test'],
    ['testnet4', 'testnet4'],
  ];
  const chosen = flags.filter(([option]) => isChosen(settings, option));
  const count = chosen.length + (chainText === undefined ? 0 : 1);
  if (count > 1) {
    throw new StartupError(
      'Invalid combination of -regtest, -signet, -testnet, -testnet4 and -chain. Can use at most one.',
    );
  }
  const path = settings.getText('chainparams');
  if (path !== undefined) {
    if (count > 0) {
      throw new StartupError(
        'Invalid combination of -chainparams with -regtest, -signet, -testnet, -testnet4 or -chain. Can use at most one.',
      );
    }
    return { kind: 'file', path };
  }
  if (chainText === undefined) return { kind: 'network', name: chosen[0]?.[1] ?? 'main' };
  const name = NETWORK_NAMES.find((known) => known === chainText);
  if (name === undefined) throw new StartupError(`Unknown chain ${chainText}.`);
  return { kind: 'network', name };
}

/** Parameters of a network with what the settings change about it. */
export function createChosenParams(name: NetworkName, settings: Settings): ChainParams {
  const options = readDeploymentOptions(settings);
  if (name !== 'regtest' && settings.isSet('test')) {
    throw new StartupError('-test=<option> can only be used with regtest');
  }
  switch (name) {
    case 'main':
      refuseBending(settings, 'may not be used on mainnet.');
      return createMainnetParams();
    case 'local':
      refuseBending(settings, 'may not be used on the local ledger.');
      return createLocalParams();
    case 'test':
      return withKnownDeployments(createTestnet3Params(options), options);
    case 'testnet4':
      return withKnownDeployments(createTestnet4Params(options), options);
    case 'regtest':
      return withKnownDeployments(
        createRegtestParams({
          ...options,
          fastPrune: settings.getFlag('fastprune') ?? false,
          enforceBip94: readTestOptions(settings).has('bip94'),
        }),
        options,
      );
    case 'signet': {
      const challenge = readSignetChallenge(settings);
      return withKnownDeployments(createSignetParams(challenge ? { ...options, challenge } : options), options);
    }
  }
}

/** What -test takes: a rule, a key that everybody knows, and what a test answers instead of a person. */
const TEST_WORDS: readonly string[] = ['bip94', OPEN_ADDRESS_KEY_WORD, REBUILD_TEST_WORD];

/** The words of -test, all of which are known. */
function readTestOptions(settings: Settings): ReadonlySet<string> {
  const words = new Set(settings.getAll('test'));
  for (const word of words) {
    if (!TEST_WORDS.includes(word)) throw new StartupError(`Unrecognised option "${word}" provided in -test=<option>.`);
  }
  return words;
}

/** Parameters out of a file. */
export function readChainParamsFile(path: string, settings: Settings): ChainParams {
  refuseBending(settings, 'may not be used with -chainparams.');
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (cause) {
    throw new StartupError(`Chain parameters file "${path}" could not be opened: ${(cause as Error).message}`, {
      cause,
    });
  }
  const params = parseChainParams(text);
  if (!params.ok) throw new StartupError(`Chain parameters file "${path}" is not valid: ${params.error.message}`);
  return params.value;
}

function refuseBending(settings: Settings, sentenceEnd: string): void {
  for (const name of ['testactivationheight', 'vbparams']) {
    if (settings.isSet(name)) throw new StartupError(`The -${name} option ${sentenceEnd}`);
  }
}

/** The parameters, once it is sure that they know every deployment that was named. */
function withKnownDeployments(params: ChainParams, options: DeploymentOptions): ChainParams {
  for (const name of options.versionbits?.keys() ?? []) {
    if (!params.consensus.deployments.some((deployment) => deployment.name === name)) {
      throw new StartupError(`Invalid deployment (${name})`);
    }
  }
  return params;
}

function readSignetChallenge(settings: Settings): Uint8Array | null {
  const texts = settings.getAll('signetchallenge');
  if (texts.length === 0) return null;
  if (texts.length > 1) throw new StartupError('-signetchallenge cannot be multiple values.');
  const challenge = parseHex(texts[0]!);
  if (!challenge.ok) throw new StartupError(`-signetchallenge must be hex, not '${texts[0]}'.`);
  return challenge.value;
}

/** Heights and schedules of -testactivationheight and -vbparams. */
export function readDeploymentOptions(settings: Settings): DeploymentOptions {
  const activationHeights: Partial<Record<BuriedDeployment, number>> = {};
  for (const text of settings.getAll('testactivationheight')) {
    const [name, height] = parseActivationHeight(text);
    activationHeights[name] = height;
  }
  const versionbits = new Map<string, VersionbitsOverride>();
  for (const text of settings.getAll('vbparams')) {
    const [name, override] = parseVersionbits(text);
    versionbits.set(name, override);
  }
  return { activationHeights, versionbits };
}

function parseActivationHeight(text: string): readonly [BuriedDeployment, number] {
  const fail = (what: string): StartupError =>
    new StartupError(`Invalid ${what} (${text}) for -testactivationheight=name@height.`);
  const at = text.indexOf('@');
  if (at < 0) throw fail('format');
  const heightText = text.slice(at + 1);
  const height = Number(heightText);
  if (!INTEGER.test(heightText) || height < 0 || height >= HEIGHT_LIMIT) throw fail('height value');
  const name = BURIED_NAMES.get(text.slice(0, at));
  if (name === undefined) throw fail('name');
  return [name, height];
}

function parseVersionbits(text: string): readonly [string, VersionbitsOverride] {
  const parts = text.split(':');
  if (parts.length < 3 || parts.length > 4) {
    throw new StartupError('Version bits parameters malformed, expecting deployment:start:end[:min_activation_height]');
  }
  const read = (index: number, what: string): number => {
    const part = parts[index] ?? '0';
    const value = Number(part);
    if (!INTEGER.test(part) || value < -(2 ** 63) || value > 2 ** 63)
      throw new StartupError(`Invalid ${what} (${part})`);
    return value >= 2 ** 63 ? NO_TIMEOUT : value;
  };
  const startTimeSec = read(1, 'nStartTime');
  const timeoutSec = read(2, 'nTimeout');
  const minActivationHeight = read(3, 'min_activation_height');
  return [parts[0]!, { startTimeSec, timeoutSec, minActivationHeight }];
}
