// What a network is: the rules of its ledger (Core consensus/params.h) and the facts around them, such as names, ports and
// prefixes (Core kernel/chainparams.h). Plain data; the networks themselves are in networks/, and chain-params-file.ts reads
// one from a text.

import type { Block } from '../primitives/block.ts';
import { type BlockHash, parseBlockHash } from '../primitives/hashes.ts';
import { assert } from '../util/assert.ts';
import { createPowLimit, type PowLimit } from './target.ts';

/** Rules of difficulty; make them with {@link createPowRules}. */
export interface PowRules {
  readonly limit: PowLimit;
  /** Wanted time between two blocks. */
  readonly spacingSec: number;
  /** Wanted time of a whole difficulty period. */
  readonly timespanSec: number;
  /** Blocks of a difficulty period: the time span over the spacing, rounded down. */
  readonly interval: number;
  /** Test networks: a block more than two spacings late may have the lowest difficulty. */
  readonly allowMinDifficultyBlocks: boolean;
  /** BIP94: retarget from the first block of the period, and refuse time warps between periods. */
  readonly enforceBip94: boolean;
  /** Regtest: the difficulty never changes. */
  readonly noRetargeting: boolean;
}

/** Consensus changes whose activation height is history and written down (BIP90); the names are Core's. */
export type BuriedDeployment = 'bip34' | 'bip65' | 'bip66' | 'csv' | 'segwit';

/** `startTimeSec` of a deployment that is active from the first block on (Core ALWAYS_ACTIVE). */
export const ALWAYS_ACTIVE = -1;
/** `startTimeSec` of a deployment that can never activate (Core NEVER_ACTIVE). */
export const NEVER_ACTIVE = -2;
/**
 * `timeoutSec` of a deployment that never fails. Core has 2^63 - 1, which no number holds; no block time comes near either, and
 * texts for people and RPC print Core's value for this one.
 */
export const NO_TIMEOUT: number = 2 ** 63;

/** A consensus change that miners signal in the version of their blocks (BIP9). */
export interface VersionbitsDeployment {
  readonly name: string;
  /** Bit of the version, 0 to 28. */
  readonly bit: number;
  /** Median time from which signals count, or ALWAYS_ACTIVE or NEVER_ACTIVE. */
  readonly startTimeSec: number;
  /** Median time at which the attempt fails, or NO_TIMEOUT. */
  readonly timeoutSec: number;
  /** A locked-in change waits at least for this height. */
  readonly minActivationHeight: number;
  /** Blocks of a signalling period. */
  readonly period: number;
  /** Signals within one period that lock the change in. */
  readonly threshold: number;
  /** Miners may build templates without knowing the rule (getblocktemplate's optional rules). */
  readonly isOptionalForMiners: boolean;
}

/** A block of history that breaks today's script rules and stays valid under these flags. */
export interface ScriptFlagException {
  readonly blockHash: BlockHash;
  /** Flags in place of the usual ones, before those of the buried deployments. */
  readonly flags: number;
}

/** A block known by height and hash. */
export interface BlockReference {
  readonly height: number;
  readonly blockHash: BlockHash;
}

/** Everything that decides whether a block is valid on a network. */
export interface ConsensusParams {
  readonly genesisHash: BlockHash;
  /** Subsidy of the first era, in satoshis. */
  readonly initialSubsidySat: number;
  /** Blocks of an era; the subsidy halves from one to the next. */
  readonly subsidyHalvingInterval: number;
  readonly pow: PowRules;
  /** First height at which each rule holds. */
  readonly activationHeights: Readonly<Record<BuriedDeployment, number>>;
  /** Hash of the block at the BIP34 height: on its chain the search of BIP30 may be skipped. Null: always search. */
  readonly bip34Hash: BlockHash | null;
  /** The blocks whose coinbase took the place of an unspent one of the same txid (Core IsBIP30Repeat). */
  readonly bip30Exceptions: readonly BlockReference[];
  readonly scriptFlagExceptions: readonly ScriptFlagException[];
  readonly deployments: readonly VersionbitsDeployment[];
  /** Unknown version signals are no reason for a warning below this height. */
  readonly minBip9WarningHeight: number;
  /** A chain with less work is not the one that we look for; 0: any will do. */
  readonly minimumChainWork: bigint;
  /** Scripts of its ancestors are taken as valid by default; null: every script is run. */
  readonly assumeValid: BlockHash | null;
  /** Script that every block must satisfy (BIP325), or null where blocks need no signature. */
  readonly signetChallenge: Uint8Array | null;
}

/** How keys and addresses of a network begin. */
export interface KeyPrefixes {
  /** Version byte of pay-to-public-key-hash addresses. */
  readonly pubKeyHash: number;
  /** Version byte of pay-to-script-hash addresses. */
  readonly scriptHash: number;
  /** Version byte of exported private keys. */
  readonly secretKey: number;
  /** Version of extended public keys (BIP32), uint32, big-endian on the wire. */
  readonly extendedPublicKey: number;
  /** Version of extended private keys (BIP32), uint32, big-endian on the wire. */
  readonly extendedSecretKey: number;
  /** Human-readable part of witness addresses. */
  readonly bech32Hrp: string;
}

/** Default TCP ports of a network. */
export interface NetworkPorts {
  readonly p2p: number;
  readonly rpc: number;
  /** Where connections arrive through Tor, on loopback. */
  readonly onion: number;
}

/** A set of unspent coins that a node may start from (assumeutxo). */
export interface AssumeUtxo extends BlockReference {
  /** Core's hash_serialized_3 of the coins, internal order. */
  readonly coinsHash: Uint8Array;
  /** Transactions up to and with that block. */
  readonly chainTxCount: number;
}

/** How many transactions the chain had when the software was made, to guess at progress. */
export interface ChainTxData {
  readonly timeSec: number;
  readonly txCount: number;
  /** Transactions per second from then on. */
  readonly txPerSec: number;
}

/** Memory that the first phase of a headers download may take (Core headerssync-params). */
export interface HeadersSyncParams {
  /** Blocks between two commitments. */
  readonly commitmentPeriod: number;
  readonly redownloadBufferSize: number;
}

/** A network as a whole. */
export interface ChainParams {
  /** Core's name of the chain, also of its folder: `main`, `test`, `testnet4`, `signet`, `regtest`, or a name of one's own. */
  readonly name: string;
  /** Any network but the main one: coins are worthless, policy is laxer. */
  readonly isTestChain: boolean;
  /** The clock may be set by RPC (regtest). */
  readonly isMockable: boolean;
  /** Four bytes that begin each message between peers. */
  readonly magic: Uint8Array;
  readonly ports: NetworkPorts;
  readonly prefixes: KeyPrefixes;
  readonly genesis: Block;
  readonly consensus: ConsensusParams;
  /** No block below this height is pruned. */
  readonly pruneAfterHeight: number;
  /** Host names that answer with addresses of nodes. */
  readonly dnsSeeds: readonly string[];
  readonly assumeUtxo: readonly AssumeUtxo[];
  readonly chainTxData: ChainTxData;
  readonly headersSync: HeadersSyncParams;
  /** Disk space that a full node needs, in gigabytes, for a warning. */
  readonly assumedBlockchainSizeGb: number;
  readonly assumedChainstateSizeGb: number;
}

/** New start, timeout and minimum height of a versionbits deployment (option -vbparams). */
export interface VersionbitsOverride {
  readonly startTimeSec: number;
  readonly timeoutSec: number;
  readonly minActivationHeight: number;
}

/** Changes of activation for tests (Core CChainParams::DeploymentOptions). */
export interface DeploymentOptions {
  readonly activationHeights?: Partial<Readonly<Record<BuriedDeployment, number>>>;
  /** By name of the deployment. */
  readonly versionbits?: ReadonlyMap<string, VersionbitsOverride>;
}

/** Longest time span: four of it fit into 32 bits, where Core's retarget would start to cut (C32). */
export const TIMESPAN_SEC_MAX: number = 2 ** 30 - 1;

/** Rules of difficulty with everything that follows from them. */
export function createPowRules(rules: Omit<PowRules, 'limit' | 'interval'> & { readonly limit: bigint }): PowRules {
  const { spacingSec, timespanSec } = rules;
  assert(rules.limit > 0n && rules.limit < 1n << 256n, 'a limit of 256 bits above zero');
  assert(spacingSec >= 1 && timespanSec >= spacingSec && timespanSec <= TIMESPAN_SEC_MAX, 'a time span that fits');
  return { ...rules, limit: createPowLimit(rules.limit), interval: Math.floor(timespanSec / spacingSec) };
}

/** Activation heights with overrides applied. */
export function overrideHeights(
  heights: Readonly<Record<BuriedDeployment, number>>,
  options: DeploymentOptions,
): Readonly<Record<BuriedDeployment, number>> {
  return { ...heights, ...options.activationHeights };
}

/** Deployments with overrides applied; a name that the network does not know changes nothing. */
export function overrideDeployments(
  deployments: readonly VersionbitsDeployment[],
  options: DeploymentOptions,
): readonly VersionbitsDeployment[] {
  return deployments.map((deployment) => ({ ...deployment, ...options.versionbits?.get(deployment.name) }));
}

/** A block hash that our own source spells out in display order. */
export function literalBlockHash(text: string): BlockHash {
  const blockHash = parseBlockHash(text);
  assert(blockHash !== null, 'a block hash of 64 hexadecimal digits');
  return blockHash;
}
