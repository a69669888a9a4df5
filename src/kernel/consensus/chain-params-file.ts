// A network out of a text: the parameters of a ledger of one's own, as JSON (docs/chain-params.md describes every field). Pure:
// text in, parameters or a typed error out. A new ledger has all soft forks from its first block on and no history to make
// exceptions for; what a file leaves out comes from the network that it names as its base.

import { MAX_MONEY } from '../primitives/amount.ts';
import type { Block } from '../primitives/block.ts';
import { formatHash } from '../primitives/hashes.ts';
import { equalBytes, toHex } from '../util/bytes.ts';
import { err, ok, type Result } from '../util/result.ts';
import { encodeUtf8 } from '../util/utf8.ts';
import { ChainParamsError, FieldReader } from './chain-params-fields.ts';
import {
  buildGenesis,
  findGenesisNonce,
  GENESIS_MESSAGE_BYTES_MAX,
  type GenesisSpec,
  payToPublicKeyScript,
} from './genesis.ts';
import { createNetworkParams, NETWORK_NAMES } from './networks/all.ts';
import {
  type ChainParams,
  type ConsensusParams,
  createPowRules,
  type KeyPrefixes,
  type NetworkPorts,
  type PowRules,
  TIMESPAN_SEC_MAX,
} from './params.ts';
import { checkProofOfWork } from './pow.ts';
import { computeSupplyLimitSat } from './subsidy.ts';
import { isTargetInRange } from './target.ts';

/** Longest file, in characters: far above any sensible one. */
export const CHAIN_PARAMS_LENGTH_MAX = 65_536;

/** Nonces that are tried where a file gives none: a second or two of work. */
export const GENESIS_ATTEMPTS_MAX = 1_000_000;

const HEIGHT_MAX = 2 ** 31 - 1;
const PORT_MAX = 65_535;
/** Longest script that can run, in bytes (Core MAX_SCRIPT_SIZE). */
const SCRIPT_BYTES_MAX = 10_000;
const SEED_COUNT_MAX = 32;

const NAME = /^[a-z][a-z0-9-]{0,31}$/;
const NAME_WORDS = 'a letter and up to 31 more letters, digits or hyphens, all lower case';
const HRP = /^[a-z][a-z0-9]{0,19}$/;
const HRP_WORDS = 'a letter and up to 19 more letters or digits, all lower case';
const HOST = /^[a-zA-Z0-9]([a-zA-Z0-9.-]{0,251}[a-zA-Z0-9.])?(:[0-9]{1,5})?$/;
const HOST_WORDS = `up to ${SEED_COUNT_MAX} host names`;

/** Names that people would take for a public network. */
const RESERVED_NAMES: readonly string[] = [...NETWORK_NAMES, 'mainnet', 'testnet', 'testnet3', 'bitcoin'];

/**
 * Reads the parameters of a network from the text of a file.
 *
 * @example
 * const params = parseChainParams(text);
 * if (!params.ok) print(params.error.message);   // genesis.bits: got "1d00", expected 8 hexadecimal digits
 */
export function parseChainParams(text: string): Result<ChainParams, ChainParamsError> {
  try {
    return ok(readChainParams(parseJson(text)));
  } catch (error) {
    if (error instanceof ChainParamsError) return err(error);
    throw error;
  }
}

function parseJson(text: string): unknown {
  if (text.length > CHAIN_PARAMS_LENGTH_MAX) {
    const expected = `at most ${CHAIN_PARAMS_LENGTH_MAX} characters`;
    throw new ChainParamsError('too-long', '', `${text.length} characters`, expected);
  }
  try {
    return JSON.parse(text);
  } catch {
    throw new ChainParamsError('not-json', '', 'a text that is no JSON', 'a JSON object');
  }
}

function readChainParams(json: unknown): ChainParams {
  const file = new FieldReader(json, '');
  const name = readName(file);
  const base = createNetworkParams(file.has('base') ? file.oneOf('base', NETWORK_NAMES) : 'main');
  const pow = readPowRules(file, base.consensus.pow);
  const schedule = readSchedule(file, base.consensus);
  const genesis = readGenesis(file.object('genesis'), pow, schedule.initialSubsidySat);
  const params: ChainParams = {
    name,
    isTestChain: base.isTestChain,
    isMockable: base.isMockable,
    magic: readMagic(file, genesis),
    ports: file.has('ports') ? readPorts(file.object('ports'), base.ports) : base.ports,
    prefixes: file.has('prefixes') ? readPrefixes(file.object('prefixes'), base.prefixes) : base.prefixes,
    genesis,
    consensus: { ...newLedger(genesis), ...schedule, pow, signetChallenge: readChallenge(file, base) },
    pruneAfterHeight: base.pruneAfterHeight,
    dnsSeeds: file.has('dnsSeeds') ? file.texts('dnsSeeds', SEED_COUNT_MAX, HOST, HOST_WORDS) : [],
    assumeUtxo: [],
    chainTxData: { timeSec: 0, txCount: 0, txPerSec: 0 },
    headersSync: base.headersSync,
    assumedBlockchainSizeGb: 0,
    assumedChainstateSizeGb: 0,
  };
  file.finish();
  return params;
}

/** What every new ledger has in common: all rules from block 1 on, nothing assumed, nothing excused. */
function newLedger(genesis: Block): Omit<ConsensusParams, keyof Schedule | 'pow' | 'signetChallenge'> {
  return {
    genesisHash: genesis.header.blockHash,
    activationHeights: { bip34: 1, bip65: 1, bip66: 1, csv: 1, segwit: 1 },
    bip34Hash: null,
    bip30Exceptions: [],
    scriptFlagExceptions: [],
    deployments: [],
    minBip9WarningHeight: 0,
    minimumChainWork: 0n,
    assumeValid: null,
  };
}

function readName(file: FieldReader): string {
  const name = file.text('name', NAME, NAME_WORDS);
  if (RESERVED_NAMES.includes(name)) throw file.fault('taken', 'name', 'a name that no public network has');
  return name;
}

function readPowRules(file: FieldReader, base: PowRules): PowRules {
  const spacingSec = file.has('blockIntervalSec')
    ? file.integer('blockIntervalSec', 1, Math.floor(TIMESPAN_SEC_MAX / 2))
    : base.spacingSec;
  // At least two blocks, or a period has no length, and four seconds, or a quarter of it is nothing.
  const timespanMin = Math.max(2 * spacingSec, 4);
  const timespanSec = file.has('retargetTimespanSec')
    ? file.integer('retargetTimespanSec', timespanMin, TIMESPAN_SEC_MAX)
    : base.timespanSec;
  if (timespanSec < timespanMin) {
    throw file.fault(
      'out-of-range',
      'blockIntervalSec',
      `at most half of retargetTimespanSec, which is ${timespanSec}`,
    );
  }
  const noRetargeting = file.has('noRetargeting') ? file.boolean('noRetargeting') : base.noRetargeting;
  const limit = file.has('powLimit') ? readNumber(file.hex('powLimit', 32, 32)) : base.limit.target;
  checkPowLimit(file, limit, noRetargeting ? 1 : 4 * timespanSec);
  return createPowRules({
    limit,
    spacingSec,
    timespanSec,
    noRetargeting,
    allowMinDifficultyBlocks: file.has('allowMinDifficultyBlocks')
      ? file.boolean('allowMinDifficultyBlocks')
      : base.allowMinDifficultyBlocks,
    enforceBip94: file.has('enforceBip94') ? file.boolean('enforceBip94') : base.enforceBip94,
  });
}

/** A retarget multiplies before it divides; a limit so easy that the product leaves 256 bits would make mining jump (C32). */
function checkPowLimit(file: FieldReader, limit: bigint, factorMax: number): void {
  const limitMax = ((1n << 256n) - 1n) / BigInt(factorMax);
  if (limit >= 1n && limit <= limitMax) return;
  const expected = `a number from 1 to ${limitMax.toString(16).padStart(64, '0')}`;
  throw file.fault('out-of-range', 'powLimit', expected, limit.toString(16).padStart(64, '0'));
}

function readNumber(bytes: Uint8Array): bigint {
  return BigInt(`0x${toHex(bytes)}`);
}

type Schedule = Pick<ConsensusParams, 'initialSubsidySat' | 'subsidyHalvingInterval'>;

/** All money of the ledger must fit into the range that every amount is checked against. */
function readSchedule(file: FieldReader, base: ConsensusParams): Schedule {
  const schedule: Schedule = {
    initialSubsidySat: file.has('rewardSat') ? file.integer('rewardSat', 1, MAX_MONEY) : base.initialSubsidySat,
    subsidyHalvingInterval: file.has('halvingIntervalBlocks')
      ? file.integer('halvingIntervalBlocks', 1, HEIGHT_MAX)
      : base.subsidyHalvingInterval,
  };
  const supplySat = computeSupplyLimitSat(schedule);
  if (supplySat <= BigInt(MAX_MONEY)) return schedule;
  const field = file.has('rewardSat') ? 'rewardSat' : 'halvingIntervalBlocks';
  throw file.fault('out-of-range', field, `a supply of at most ${MAX_MONEY} satoshis`, `a supply of ${supplySat}`);
}

function readGenesis(fields: FieldReader, pow: PowRules, rewardSat: number): Block {
  const spec: GenesisSpec = {
    message: readMessage(fields),
    // By default a key of 33 zero bytes, as on testnet4. The output is no coin on any ledger.
    outputScript: fields.has('outputScript')
      ? fields.hex('outputScript', 0, SCRIPT_BYTES_MAX)
      : payToPublicKeyScript(new Uint8Array(33)),
    timeSec: fields.integer('timeSec', 0, 2 ** 32 - 1),
    bits: fields.has('bits') ? fields.hexU32('bits') : pow.limit.bits,
    nonce: fields.has('nonce') ? fields.integer('nonce', 0, 2 ** 32 - 1) : 0,
    version: 1,
    rewardSat,
  };
  if (!isTargetInRange(spec.bits, pow.limit)) {
    const limitBits = pow.limit.bits.toString(16).padStart(8, '0');
    throw fields.fault('out-of-range', 'bits', `a positive target, at most that of ${limitBits}`);
  }
  const genesis = fields.has('nonce') ? buildGenesis(spec) : grindGenesis(fields, spec, pow);
  checkGenesisHash(fields, genesis, pow);
  fields.finish();
  return genesis;
}

function readMessage(fields: FieldReader): Uint8Array {
  const expected = `a text of 1 to ${GENESIS_MESSAGE_BYTES_MAX} bytes in UTF-8`;
  // Bounded as a text first, so that no long one is encoded.
  const message = encodeUtf8(fields.text('message', /^.{1,91}$/s, expected));
  if (message.length > GENESIS_MESSAGE_BYTES_MAX) {
    throw fields.fault('out-of-range', 'message', expected, `${message.length} bytes`);
  }
  return message;
}

/** The same file gives the same block everywhere: the lowest nonce that works, from 0 on. */
function grindGenesis(fields: FieldReader, spec: GenesisSpec, pow: PowRules): Block {
  const nonce = findGenesisNonce(spec, pow, GENESIS_ATTEMPTS_MAX);
  if (nonce === null) {
    throw fields.fault(
      'missing-field',
      'nonce',
      `one that is found beforehand: none below ${GENESIS_ATTEMPTS_MAX} works`,
    );
  }
  return buildGenesis({ ...spec, nonce });
}

function checkGenesisHash(fields: FieldReader, genesis: Block, pow: PowRules): void {
  const { blockHash, bits } = genesis.header;
  if (!checkProofOfWork(blockHash, 0, bits, pow)) {
    throw fields.fault(
      'no-proof-of-work',
      'nonce',
      `one whose block hash reaches the target; ${formatHash(blockHash)} does not`,
    );
  }
  if (fields.has('hash') && !equalBytes(fields.hex('hash', 32, 32).reverse(), blockHash)) {
    throw fields.fault('wrong-hash', 'hash', formatHash(blockHash));
  }
}

/** By default the first bytes of the genesis hash, so that two ledgers never talk to each other by accident. */
function readMagic(file: FieldReader, genesis: Block): Uint8Array {
  if (!file.has('magic')) return genesis.header.blockHash.slice(0, 4);
  const magic = file.hex('magic', 4, 4);
  for (const name of NETWORK_NAMES) {
    if (equalBytes(createNetworkParams(name).magic, magic)) {
      throw file.fault('taken', 'magic', `four bytes that are not those of ${name}`);
    }
  }
  return magic;
}

function readPorts(fields: FieldReader, base: NetworkPorts): NetworkPorts {
  const port = (name: keyof NetworkPorts): number =>
    fields.has(name) ? fields.integer(name, 1, PORT_MAX) : base[name];
  const ports: NetworkPorts = { p2p: port('p2p'), rpc: port('rpc'), onion: port('onion') };
  if (ports.rpc === ports.p2p) throw fields.fault('taken', 'rpc', 'another port than p2p', String(ports.rpc));
  if (ports.onion === ports.p2p || ports.onion === ports.rpc) {
    throw fields.fault('taken', 'onion', 'another port than p2p and rpc', String(ports.onion));
  }
  fields.finish();
  return ports;
}

function readPrefixes(fields: FieldReader, base: KeyPrefixes): KeyPrefixes {
  const byte = (name: 'pubKeyHash' | 'scriptHash' | 'secretKey'): number =>
    fields.has(name) ? fields.integer(name, 0, 255) : base[name];
  const prefixes: KeyPrefixes = {
    pubKeyHash: byte('pubKeyHash'),
    scriptHash: byte('scriptHash'),
    secretKey: byte('secretKey'),
    extendedPublicKey: fields.has('extendedPublicKey') ? fields.hexU32('extendedPublicKey') : base.extendedPublicKey,
    extendedSecretKey: fields.has('extendedSecretKey') ? fields.hexU32('extendedSecretKey') : base.extendedSecretKey,
    bech32Hrp: fields.has('bech32Hrp') ? readHrp(fields) : base.bech32Hrp,
  };
  // A key hash must never be readable as a script hash, nor a secret key as a public one.
  if (prefixes.scriptHash === prefixes.pubKeyHash) {
    throw fields.fault('taken', 'scriptHash', 'another byte than pubKeyHash', String(prefixes.scriptHash));
  }
  if (prefixes.extendedSecretKey === prefixes.extendedPublicKey) {
    throw fields.fault('taken', 'extendedSecretKey', 'other bytes than extendedPublicKey');
  }
  fields.finish();
  return prefixes;
}

/** Nobody should take an address of this ledger for one of another. */
function readHrp(fields: FieldReader): string {
  const hrp = fields.text('bech32Hrp', HRP, HRP_WORDS);
  for (const name of NETWORK_NAMES) {
    if (createNetworkParams(name).prefixes.bech32Hrp === hrp) {
      throw fields.fault('taken', 'bech32Hrp', `another prefix than that of ${name}`);
    }
  }
  return hrp;
}

/** A signet of one's own needs a challenge of one's own: only the public signet's keepers can answer the public one. */
function readChallenge(file: FieldReader, base: ChainParams): Uint8Array | null {
  if (base.name === 'signet') return file.hex('signetChallenge', 1, SCRIPT_BYTES_MAX);
  if (!file.has('signetChallenge')) return null;
  throw file.fault('unknown-field', 'signetChallenge', 'no such field, unless base is signet');
}
