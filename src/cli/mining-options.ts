// The options of making blocks: their rows of the table in options.ts, Core's and our own for mining with the processor.

import type { ChainParams } from '../kernel/consensus/params.ts';
import { COIN } from '../kernel/primitives/amount.ts';
import { checkMiningOptions, MINING_DEFAULTS, type MiningOptions } from '../node/mining/assembler.ts';
import { describeAddressError, parseAddress } from '../wallet/address.ts';
import { StartupError } from './error-text.ts';
import { readAmount } from './mempool-options.ts';
import type { OptionSpec } from './option-spec.ts';
import type { Settings } from './settings.ts';

const DAEMON = ['tallyd'] as const;

const PERCENT_MAX = 100;

/** More threads than any machine of today has cores. */
const THREADS_MAX = 1024;

/** Rows of the table. */
export const MINING_OPTIONS: readonly OptionSpec[] = Object.freeze([
  {
    name: 'blockmaxweight',
    kind: 'integer',
    group: 'mining',
    argument: '<n>',
    help: 'Weight that blocks made here have at most, in weight units (BIP141).',
    defaultText: String(MINING_DEFAULTS.blockMaxWeightWu),
    programs: DAEMON,
  },
  {
    name: 'blockmintxfee',
    kind: 'text',
    group: 'mining',
    argument: '<amount>',
    help: 'Fee rate in BTC/kvB below which transactions are not taken into blocks made here.',
    defaultText: (MINING_DEFAULTS.blockMinFeerate / COIN).toFixed(8),
    programs: DAEMON,
  },
  {
    name: 'blockreservedweight',
    kind: 'integer',
    group: 'mining',
    argument: '<n>',
    help: 'Weight that is kept free for the header and the largest coinbase that mining software may make.',
    defaultText: String(MINING_DEFAULTS.blockReservedWeightWu),
    programs: DAEMON,
  },
  {
    name: 'blockversion',
    kind: 'integer',
    group: 'mining',
    argument: '<n>',
    help: 'Version of blocks made here, to test changes of consensus. On regtest only.',
    programs: DAEMON,
  },
  {
    name: 'mine',
    kind: 'text',
    group: 'mining',
    argument: '<address>',
    help: 'Mine with the processor; rewards go to this address.',
    programs: DAEMON,
  },
  {
    name: 'mineshare',
    kind: 'integer',
    group: 'mining',
    argument: '<percent>',
    help: 'Share of the time that the threads of the miner compute, 1 to 100.',
    defaultText: String(PERCENT_MAX),
    programs: DAEMON,
  },
  {
    name: 'minethreads',
    kind: 'integer',
    group: 'mining',
    argument: '<n>',
    help: 'Threads of the miner.',
    defaultText: 'one for each core',
    programs: DAEMON,
  },
  {
    name: 'printpriority',
    kind: 'flag',
    group: 'debug',
    help: 'Log the fee rate of every transaction that is taken into a block or template made here.',
    defaultText: '0',
    programs: DAEMON,
    isHidden: true,
  },
]);

/** What the settings say about making blocks. */
export interface MiningSettings {
  readonly options: MiningOptions;
  /** Version in place of the usual one. */
  readonly version: number | null;
  readonly threadCount: number;
  /** Whether fee rates of what goes into blocks are logged. */
  readonly logsFeerates: boolean;
  /** Null: the processor does not mine from the start. */
  readonly start: { readonly scriptPubKey: Uint8Array; readonly address: string; readonly share: number } | null;
}

/** Reads and checks the settings of mining. Throws StartupError. */
export function readMiningOptions(settings: Settings, params: ChainParams, coreCount: number): MiningSettings {
  const options: MiningOptions = {
    ...MINING_DEFAULTS,
    blockMaxWeightWu: settings.getInteger('blockmaxweight') ?? MINING_DEFAULTS.blockMaxWeightWu,
    blockReservedWeightWu: settings.getInteger('blockreservedweight') ?? MINING_DEFAULTS.blockReservedWeightWu,
    blockMinFeerate: readAmount(settings, 'blockmintxfee') ?? MINING_DEFAULTS.blockMinFeerate,
  };
  const fault = checkMiningOptions(options);
  if (fault !== null) throw new StartupError(fault);
  const version = params.isMockable ? (settings.getInteger('blockversion') ?? null) : null;
  const threadCount = settings.getInteger('minethreads') ?? coreCount;
  if (threadCount < 1 || threadCount > THREADS_MAX) {
    throw new StartupError(`-minethreads must be from 1 to ${THREADS_MAX}.`);
  }
  const logsFeerates = settings.getFlag('printpriority') ?? false;
  return { options, version, threadCount, logsFeerates, start: readStart(settings, params) };
}

function readStart(settings: Settings, params: ChainParams): MiningSettings['start'] {
  const percent = settings.getInteger('mineshare') ?? PERCENT_MAX;
  if (percent < 1 || percent > PERCENT_MAX) throw new StartupError('-mineshare must be from 1 to 100.');
  const address = settings.getText('mine');
  if (address === undefined || settings.isNegated('mine')) return null;
  const parsed = parseAddress(address, params.prefixes);
  if (!parsed.ok) throw new StartupError(`-mine=${address}: ${describeAddressError(parsed.error)}`);
  return { scriptPubKey: parsed.value, address, share: percent / PERCENT_MAX };
}
