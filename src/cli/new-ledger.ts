// A ledger of one's own as a chain-parameters file (docs/chain-params.md): what a person chose, the rest filled in, and its first
// page mined. Pure but for the time that mining takes: choices in, text of the file out. The words of the command line are in
// new-ledger-command.ts.

import { parseChainParams } from '../kernel/consensus/chain-params-file.ts';
import { buildGenesis, type GenesisSpec, payToPublicKeyScript } from '../kernel/consensus/genesis.ts';
import { createLocalParams } from '../kernel/consensus/networks/local.ts';
import type { ChainParams } from '../kernel/consensus/params.ts';
import { encodeCompact } from '../kernel/consensus/target.ts';
import { sha256 } from '../kernel/crypto/sha256.ts';
import { readU32 } from '../kernel/encoding/numbers.ts';
import type { Block } from '../kernel/primitives/block.ts';
import { formatHash } from '../kernel/primitives/hashes.ts';
import { assert } from '../kernel/util/assert.ts';
import { toHex } from '../kernel/util/bytes.ts';
import { err, ok, type Result } from '../kernel/util/result.ts';
import { encodeUtf8 } from '../kernel/util/utf8.ts';
import { grindHeader } from '../node/mining/grind.ts';

/** What a person chooses about a ledger. */
export interface LedgerChoices {
  readonly name: string;
  /** Text in the first page. */
  readonly message: string;
  /** Wanted time between two pages. */
  readonly intervalSec: number;
  /** Pages after which the difficulty adapts. */
  readonly periodPages: number;
  /** What the first pages pay. */
  readonly rewardSat: number;
  /** Pages after which the reward halves. */
  readonly halvingPages: number;
  /** Hashes that the easiest page costs on average. */
  readonly easiestHashes: number;
  /** Port of the nodes; the next lower is RPC's, the next higher Tor's. */
  readonly port: number;
  /** How witness addresses begin. */
  readonly prefix: string;
  /** Date of the first page. */
  readonly timeSec: number;
}

/** A ledger ready to begin. */
export interface NewLedger {
  /** The file. */
  readonly text: string;
  readonly params: ChainParams;
}

/** What is wrong with a choice: the field of the file, and what was found and expected. */
export interface ChoiceFault {
  readonly field: string;
  readonly got: string;
  readonly expected: string;
}

/** Most hashes for the easiest page: minutes of one processor core. */
const EASIEST_HASHES_MAX: number = 2 ** 30;

/** All nonces of a header. */
const NONCE_END: number = 2 ** 32;

/** Ports of new ledgers: 9,000 from here on, far from those of the public networks, three for each. */
const FIRST_PORT = 20_000;
const PORT_TRIPLES = 3_000;

/** A port that follows from the name, so that two ledgers on one machine rarely meet. */
export function proposePort(name: string): number {
  return FIRST_PORT + 3 * (readU32(sha256(encodeUtf8(name)), 0) % PORT_TRIPLES) + 1;
}

/** Longest prefix that is made out of a name. */
const PREFIX_LENGTH_MAX = 12;

/** The beginning of addresses that follows from the name. */
export function proposePrefix(name: string): string {
  return name.replaceAll('-', '').slice(0, PREFIX_LENGTH_MAX);
}

/** The fields of the file that no hash depends on. */
function describeLedger(choices: LedgerChoices): Readonly<Record<string, unknown>> {
  const { pubKeyHash, scriptHash, secretKey } = createLocalParams().prefixes;
  return {
    name: choices.name,
    base: 'local',
    blockIntervalSec: choices.intervalSec,
    retargetTimespanSec: choices.intervalSec * choices.periodPages,
    rewardSat: choices.rewardSat,
    halvingIntervalBlocks: choices.halvingPages,
    ports: { p2p: choices.port, rpc: choices.port - 1, onion: choices.port + 1 },
    prefixes: { pubKeyHash, scriptHash, secretKey, bech32Hrp: choices.prefix },
  };
}

/** Makes a ledger. The first page takes about as many hashes as the easiest one costs. */
export function createLedger(choices: LedgerChoices): Result<NewLedger, ChoiceFault> {
  const fields = describeLedger(choices);
  const { message, timeSec } = choices;
  // Everything else is judged first, with the easy target of the base: mining may take a while.
  const draft = parseChainParams(JSON.stringify({ ...fields, noRetargeting: true, genesis: { message, timeSec } }));
  if (!draft.ok) return err(draft.error);
  const fault = checkEasiest(choices);
  if (fault !== null) return err(fault);
  const limit = 2n ** 256n / BigInt(choices.easiestHashes) - 1n;
  const genesis = mineGenesis(choices, encodeCompact(limit));
  const { header } = genesis;
  const text = `${JSON.stringify(
    {
      ...fields,
      powLimit: limit.toString(16).padStart(64, '0'),
      genesis: {
        message,
        timeSec: header.timeSec,
        bits: header.bits.toString(16).padStart(8, '0'),
        nonce: header.nonce,
        hash: formatHash(header.blockHash),
      },
      magic: toHex(header.blockHash.subarray(0, 4)),
    },
    null,
    2,
  )}\n`;
  const params = parseChainParams(text);
  assert(params.ok, `new ledger: the file is not what it should be: ${params.ok ? '' : params.error.message}`);
  return ok({ text, params: params.value });
}

/** Fewer hashes, and a retarget could multiply the target out of its 256 bits; more, and mining the first page is no pleasure. */
function checkEasiest({ easiestHashes, intervalSec, periodPages }: LedgerChoices): ChoiceFault | null {
  const least = 4 * intervalSec * periodPages;
  if (easiestHashes >= least && easiestHashes <= EASIEST_HASHES_MAX) return null;
  const expected = `a whole number from ${least} (four for each second of a period) to ${EASIEST_HASHES_MAX}`;
  return { field: 'powLimit', got: `${easiestHashes} hashes`, expected };
}

/** The first page with its proof of work; when no nonce has one, the next second is tried. */
function mineGenesis({ message, timeSec, rewardSat }: LedgerChoices, bits: number): Block {
  for (let second = timeSec; ; second++) {
    const spec: GenesisSpec = {
      message: encodeUtf8(message),
      outputScript: payToPublicKeyScript(new Uint8Array(33)),
      timeSec: second,
      bits,
      nonce: 0,
      version: 1,
      rewardSat,
    };
    const nonce = grindHeader(buildGenesis(spec).header.serialized(), 0, NONCE_END);
    if (nonce !== null) return buildGenesis({ ...spec, nonce });
  }
}
