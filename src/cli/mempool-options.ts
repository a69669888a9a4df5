// The options of the mempool and of what is relayed: their rows of the table in options.ts, with Core's names and meanings, and the
// policy that follows from them (Core node/mempool_args.cpp). Sentences of errors are Core's.

import type { ChainParams } from '../kernel/consensus/params.ts';
import { POLICY_DEFAULTS, type PolicyOptions } from '../kernel/policy/options.ts';
import { COIN, MAX_MONEY } from '../kernel/primitives/amount.ts';
import { WITNESS_SCALE_FACTOR } from '../kernel/primitives/transaction.ts';
import type { MempoolServiceOptions } from '../node/app/mempool-service.ts';
import { StartupError } from './error-text.ts';
import type { OptionSpec } from './option-spec.ts';
import type { Settings } from './settings.ts';

const DAEMON = ['tallyd'] as const;

/** Largest -limitclustercount (Core MAX_CLUSTER_COUNT_LIMIT). */
const CLUSTER_COUNT_LIMIT = 64;

/** -maxmempool of a node that takes no transactions from the network (Core DEFAULT_BLOCKSONLY_MAX_MEMPOOL_SIZE_MB). */
const BLOCKS_ONLY_MEGABYTES = 5;

const MEGABYTE = 1_000_000;
const HOUR_SEC = 3600;

/** Rows of the table. */
export const MEMPOOL_OPTIONS: readonly OptionSpec[] = Object.freeze([
  {
    name: 'maxmempool',
    kind: 'integer',
    group: 'general',
    argument: '<n>',
    help: 'Keep the mempool below <n> megabytes of memory.',
    defaultText: String(POLICY_DEFAULTS.mempoolBytesMax / MEGABYTE),
    programs: DAEMON,
  },
  {
    name: 'mempoolexpiry',
    kind: 'integer',
    group: 'general',
    argument: '<n>',
    help: 'Give up transactions that waited in the mempool for more than <n> hours.',
    defaultText: String(POLICY_DEFAULTS.expirySec / HOUR_SEC),
    programs: DAEMON,
  },
  {
    name: 'persistmempool',
    kind: 'flag',
    group: 'general',
    help: 'Keep the mempool in a file between two runs.',
    defaultText: '1',
    programs: DAEMON,
  },
  {
    name: 'acceptnonstdtxn',
    kind: 'flag',
    group: 'relay',
    help: 'Relay and mine transactions that are valid and not standard. On test networks only.',
    defaultText: '0',
    programs: DAEMON,
  },
  {
    name: 'acceptstalefeeestimates',
    kind: 'flag',
    group: 'debug',
    help: 'Use the fee estimates of the last run however old they are. On regtest only.',
    defaultText: '0',
    programs: DAEMON,
  },
  {
    name: 'bytespersigop',
    kind: 'integer',
    group: 'relay',
    argument: '<n>',
    help: 'Virtual bytes that a signature operation counts for in relay and mining.',
    defaultText: String(POLICY_DEFAULTS.bytesPerSigop),
    programs: DAEMON,
  },
  {
    name: 'datacarrier',
    kind: 'flag',
    group: 'relay',
    help: 'Relay and mine transactions that carry data.',
    defaultText: '1',
    programs: DAEMON,
  },
  {
    name: 'datacarriersize',
    kind: 'integer',
    group: 'relay',
    argument: '<n>',
    help: 'Relay and mine transactions whose data-carrying output scripts are of this many bytes together at most.',
    defaultText: String(POLICY_DEFAULTS.datacarrierBytesMax),
    programs: DAEMON,
  },
  {
    name: 'dustrelayfee',
    kind: 'text',
    group: 'relay',
    argument: '<amount>',
    help: 'Fee rate in BTC/kvB that decides which outputs are dust: those that would cost more to spend than they are worth.',
    defaultText: formatRate(POLICY_DEFAULTS.dustFeerate),
    programs: DAEMON,
  },
  {
    name: 'incrementalrelayfee',
    kind: 'text',
    group: 'relay',
    argument: '<amount>',
    help: 'Fee rate in BTC/kvB that a replacement pays for its own relay, and by which a full mempool raises its price.',
    defaultText: formatRate(POLICY_DEFAULTS.incrementalFeerate),
    programs: DAEMON,
  },
  {
    name: 'limitclustercount',
    kind: 'integer',
    group: 'relay',
    argument: '<n>',
    help: 'Take no transaction that would be in a cluster of more than <n> unconfirmed transactions.',
    defaultText: String(POLICY_DEFAULTS.clusterCountMax),
    programs: DAEMON,
  },
  {
    name: 'limitclustersize',
    kind: 'integer',
    group: 'relay',
    argument: '<n>',
    help: 'Take no transaction that would be in a cluster of more than <n> thousand virtual bytes.',
    defaultText: String(POLICY_DEFAULTS.clusterWeightMax / WITNESS_SCALE_FACTOR / 1000),
    programs: DAEMON,
  },
  {
    name: 'minrelaytxfee',
    kind: 'text',
    group: 'relay',
    argument: '<amount>',
    help: 'Fee rate in BTC/kvB below which transactions are neither relayed, mined nor made.',
    defaultText: formatRate(POLICY_DEFAULTS.minRelayFeerate),
    programs: DAEMON,
  },
  {
    name: 'permitbaremultisig',
    kind: 'flag',
    group: 'relay',
    help: 'Relay outputs of many keys that are no hash (bare multisig).',
    defaultText: '1',
    programs: DAEMON,
  },
]);

function formatRate(feerateSat: number): string {
  return (feerateSat / COIN).toFixed(8);
}

/** Reads and checks the settings of the mempool. Throws StartupError. */
export function readMempoolOptions(settings: Settings, params: ChainParams): MempoolServiceOptions {
  return {
    policy: readPolicy(settings, params),
    isPersistent: settings.getFlag('persistmempool') ?? true,
    acceptsStaleFees: readStaleFees(settings, params),
    estimatesFees: !(settings.getFlag('blocksonly') ?? false),
  };
}

function readStaleFees(settings: Settings, params: ChainParams): boolean {
  const acceptsStale = settings.getFlag('acceptstalefeeestimates') ?? false;
  if (!acceptsStale || params.name === 'regtest') return acceptsStale;
  throw new StartupError(`acceptstalefeeestimates is not supported on ${params.name} chain.`);
}

function readPolicy(settings: Settings, params: ChainParams): PolicyOptions {
  const integer = (name: string, fallback: number): number => settings.getInteger(name) ?? fallback;
  const clusterCountMax = integer('limitclustercount', POLICY_DEFAULTS.clusterCountMax);
  // Core reads a number below zero as one that is far too large.
  if (clusterCountMax < 0 || clusterCountMax > CLUSTER_COUNT_LIMIT) {
    throw new StartupError(`limitclustercount must be less than or equal to ${CLUSTER_COUNT_LIMIT}`);
  }
  if (clusterCountMax === 0) throw new StartupError('limitclustercount must be at least 1');
  const requiresStandard = !(settings.getFlag('acceptnonstdtxn') ?? false);
  if (!params.isTestChain && !requiresStandard) {
    throw new StartupError(`acceptnonstdtxn is not currently supported for ${params.name} chain`);
  }
  const kilobytes = settings.getInteger('limitclustersize');
  return {
    ...readFeerates(settings),
    dustFeerate: readAmount(settings, 'dustrelayfee') ?? POLICY_DEFAULTS.dustFeerate,
    bytesPerSigop: integer('bytespersigop', POLICY_DEFAULTS.bytesPerSigop),
    datacarrierBytesMax: readDatacarrier(settings),
    permitsBareMultisig: settings.getFlag('permitbaremultisig') ?? POLICY_DEFAULTS.permitsBareMultisig,
    requiresStandard,
    clusterCountMax,
    clusterWeightMax:
      kilobytes === undefined ? POLICY_DEFAULTS.clusterWeightMax : kilobytes * 1000 * WITNESS_SCALE_FACTOR,
    mempoolBytesMax: readMempoolBytes(settings, kilobytes),
    expirySec: integer('mempoolexpiry', POLICY_DEFAULTS.expirySec / HOUR_SEC) * HOUR_SEC,
  };
}

/** A mempool has room for forty clusters at least (Core: descendant size limit times forty). */
function readMempoolBytes(settings: Settings, clusterKilobytes: number | undefined): number {
  const isBlocksOnly = settings.getFlag('blocksonly') ?? false;
  const megabytesDefault = isBlocksOnly ? BLOCKS_ONLY_MEGABYTES : POLICY_DEFAULTS.mempoolBytesMax / MEGABYTE;
  const bytes = (settings.getInteger('maxmempool') ?? megabytesDefault) * MEGABYTE;
  const clusterBytes = (clusterKilobytes ?? POLICY_DEFAULTS.clusterWeightMax / WITNESS_SCALE_FACTOR / 1000) * 1000;
  const least = clusterBytes * 40;
  if (bytes < 0 || (bytes > 0 && bytes < least)) {
    throw new StartupError(`-maxmempool must be at least ${Math.ceil(least / MEGABYTE)} MB`);
  }
  return bytes;
}

function readDatacarrier(settings: Settings): number | null {
  if (settings.getFlag('datacarrier') === false) return null;
  return settings.getInteger('datacarriersize') ?? POLICY_DEFAULTS.datacarrierBytesMax;
}

/** Who raises only what a replacement pays raises the lowest rate with it. */
function readFeerates(settings: Settings): Pick<PolicyOptions, 'minRelayFeerate' | 'incrementalFeerate'> {
  const incrementalFeerate = readAmount(settings, 'incrementalrelayfee') ?? POLICY_DEFAULTS.incrementalFeerate;
  const minRelayFeerate =
    readAmount(settings, 'minrelaytxfee') ?? Math.max(incrementalFeerate, POLICY_DEFAULTS.minRelayFeerate);
  return { minRelayFeerate, incrementalFeerate };
}

const MONEY = /^\s*([0-9]{0,10})(?:\.([0-9]{0,8}))?\s*$/;

/** Satoshis of a decimal text in bitcoin as options have it, `.5` and `1.` included (Core ParseMoney). */
export function parseMoney(text: string): number | null {
  const match = MONEY.exec(text);
  if (match === null || text.trim() === '') return null;
  const valueSat = Number(match[1] === '' ? 0 : match[1]) * COIN + Number((match[2] ?? '').padEnd(8, '0'));
  return valueSat <= MAX_MONEY ? valueSat : null;
}

/** An amount of an option; undefined: it is not given. Throws StartupError. */
export function readAmount(settings: Settings, name: string): number | undefined {
  const text = settings.getText(name);
  if (text === undefined) return undefined;
  const valueSat = parseMoney(text);
  if (valueSat === null) throw new StartupError(`Invalid amount for -${name}=<amount>: '${text}'`);
  return valueSat;
}
