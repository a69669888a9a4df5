// The doors of the kernel that take bytes from outside, each with good inputs to begin from and a check of the round trip:
// encode(decode(x)) = x, or a refusal by DecodeError or verdict, and never anything else.

import { checkBlock, contextualCheckBlock } from '../../src/kernel/consensus/block-check.ts';
import { parseChainParams } from '../../src/kernel/consensus/chain-params-file.ts';
import { MemoryHeaderBranch } from '../../src/kernel/consensus/header-branch.ts';
import { checkHeader } from '../../src/kernel/consensus/header-check.ts';
import { createNetworkParams } from '../../src/kernel/consensus/networks/all.ts';
import { countLegacySigops } from '../../src/kernel/consensus/sigop-cost.ts';
import { checkTransaction } from '../../src/kernel/consensus/tx-check.ts';
import { isFinalTransaction } from '../../src/kernel/consensus/tx-verify.ts';
import {
  isLowSDerSignature,
  isStrictDerSignature,
  normalizeS,
  parseSignatureLax,
} from '../../src/kernel/crypto/der.ts';
import { nobleSecp256k1 } from '../../src/kernel/crypto/secp256k1-noble.ts';
import { DecodeError, decodeResult } from '../../src/kernel/encoding/decode-error.ts';
import { ByteReader } from '../../src/kernel/encoding/reader.ts';
import { readVarint, writeVarint } from '../../src/kernel/encoding/varint.ts';
import { ByteWriter } from '../../src/kernel/encoding/writer.ts';
import { decodeBlock, encodeBlock } from '../../src/kernel/primitives/block.ts';
import { asTxid } from '../../src/kernel/primitives/hashes.ts';
import { buildHeader, decodeHeader } from '../../src/kernel/primitives/header.ts';
import { SpentOutputs } from '../../src/kernel/primitives/spent-outputs.ts';
import {
  buildTransaction,
  decodeTransaction,
  encodeTransaction,
  type Transaction,
  toTransactionData,
} from '../../src/kernel/primitives/transaction.ts';
import { SCRIPT_VERIFY_ALL } from '../../src/kernel/script/flags.ts';
import { ScriptCursor } from '../../src/kernel/script/script.ts';
import { SCRIPT_ERRORS, type ScriptError } from '../../src/kernel/script/script-error.ts';
import { formatScript } from '../../src/kernel/script/script-format.ts';
import { countSigops } from '../../src/kernel/script/sigops.ts';
import { solveOutput } from '../../src/kernel/script/solver.ts';
import { InputVerifier } from '../../src/kernel/script/verify.ts';
import { concatBytes, equalBytes, fromHex } from '../../src/kernel/util/bytes.ts';
import { encodeUtf8 } from '../../src/kernel/util/utf8.ts';
import { formatAddress, parseAddress } from '../../src/wallet/address.ts';
import { assumeGoodSignatures } from '../bench/recorder.ts';
import type { FuzzTarget } from './run.ts';

/** Good inputs for all targets; what is missing makes a target start from less. */
export interface FuzzSeeds {
  readonly transactions: readonly Uint8Array[];
  readonly blocks: readonly Uint8Array[];
  readonly chainParams: readonly string[];
}

const params = createNetworkParams('regtest');
const noHeaders = new MemoryHeaderBranch();
const scriptErrors: ReadonlySet<string> = new Set(SCRIPT_ERRORS);

function demand(condition: boolean, message: string): void {
  if (!condition) throw new Error(message);
}

/** Values beyond 2^53 are rounded in plain data; no rule lets such a transaction pass, and its view keeps the bytes. */
function hasExactValues(transaction: Transaction): boolean {
  for (let j = 0; j < transaction.outputCount; j++) {
    if (!Number.isSafeInteger(transaction.valueSat(j))) return false;
  }
  return true;
}

/** A transaction that decodes encodes to its bytes, and every rule about it comes to a verdict. */
function exerciseTransaction(transaction: Transaction): void {
  if (hasExactValues(transaction)) {
    demand(equalBytes(encodeTransaction(toTransactionData(transaction)), transaction.serialized()), 'other bytes');
  } else {
    demand(checkTransaction(transaction) !== null, 'a value that is no amount passed');
  }
  demand(transaction.weightWu === 3 * transaction.strippedSize + transaction.totalSize, 'weight');
  demand(transaction.stripped().length === transaction.strippedSize, 'stripped size');
  demand(transaction.txid.length === 32 && transaction.wtxid.length === 32, 'ids');
  checkTransaction(transaction);
  isFinalTransaction(transaction, 1, 1);
  countLegacySigops(transaction);
}

const transactionTarget = (seeds: readonly Uint8Array[], allowWitness: boolean): FuzzTarget => ({
  name: allowWitness ? 'transaction' : 'transaction without witness',
  seeds,
  run(input) {
    const result = decodeTransaction(input, { allowWitness });
    if (!result.ok) {
      demand(result.error instanceof DecodeError, 'a refusal is a DecodeError');
      return false;
    }
    if (allowWitness || result.value.inputCount > 0) exerciseTransaction(result.value);
    return true;
  },
});

const blockTarget = (seeds: readonly Uint8Array[]): FuzzTarget => ({
  name: 'block',
  seeds,
  run(input) {
    const result = decodeBlock(input);
    if (!result.ok) return false;
    const block = result.value;
    const transactions = Array.from({ length: block.txCount }, (_, i) => block.transaction(i));
    demand(equalBytes(encodeBlock(block.header, transactions), input), 'other bytes');
    demand(block.txids().length === 32 * block.txCount, 'txids');
    checkBlock(block, params.consensus, { skipProofOfWork: true });
    checkBlock(block, params.consensus, { skipProofOfWork: true, skipMerkleRoot: true });
    if (block.txCount > 0) contextualCheckBlock(block, noHeaders, params.consensus);
    return true;
  },
});

const headerTarget = (seeds: readonly Uint8Array[]): FuzzTarget => ({
  name: 'header',
  seeds,
  run(input) {
    const result = decodeHeader(input);
    if (!result.ok) return false;
    demand(equalBytes(buildHeader(result.value).serialized(), input), 'other bytes');
    checkHeader(result.value, params.consensus.pow);
    return true;
  },
});

const varintTarget: FuzzTarget = {
  name: 'VARINT and CompactSize',
  seeds: ['00', '7f', '8000', 'fe7f', '8efefefe7f', 'fdfd00', 'fe00000100', 'ff0000000001000000'].map(fromHex),
  run(input) {
    const varint = decodeResult(() => readWhole(input, (reader) => readVarint(reader, 'fuzz')));
    if (varint.ok) {
      const writer = new ByteWriter();
      writeVarint(writer, varint.value);
      demand(equalBytes(writer.finish(), input), 'other VARINT');
    }
    const size = decodeResult(() => readWhole(input, (reader) => reader.compactSizeAny('fuzz')));
    if (size.ok && size.value <= Number.MAX_SAFE_INTEGER) {
      demand(equalBytes(new ByteWriter().compactSize(size.value).finish(), input), 'other CompactSize');
    }
    return varint.ok || size.ok;
  },
};

function readWhole<T>(input: Uint8Array, read: (reader: ByteReader) => T): T {
  const reader = new ByteReader(input);
  const value = read(reader);
  reader.finish('fuzz');
  return value;
}

/** Scripts that have everything in them: branches, pushes of all kinds, hashes, signatures, numbers. */
const SCRIPTS: readonly string[] = [
  '76a91400112233445566778899aabbccddeeff0011223388ac',
  'a91400112233445566778899aabbccddeeff0011223387',
  '001400112233445566778899aabbccddeeff00112233',
  '51200011223344556677889900112233445566778899001122334455667788990011',
  '51210279be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f8179851ae',
  '6301526754936894b1756d9d6e6f7071727374757677787a7b7c7da5a6a7a8a9aaab6c6b',
  '4c0401020304' + '4d03000a0b0c' + '4e02000000ffee' + '7693699f64516751686a',
  '00630051675268ba53a05487697e8e',
  '6d6d51',
];

const verifier = new InputVerifier(assumeGoodSignatures(nobleSecp256k1));

/** Input: a byte that says how, a byte for the length of the scriptSig, the scriptSig, and the rest. */
const scriptTarget: FuzzTarget = {
  name: 'script',
  seeds: SCRIPTS.flatMap((hex) =>
    [0, 1, 2, 3, 4].map((how) => concatBytes(Uint8Array.of(how, 4), fromHex('51525300'), fromHex(hex))),
  ),
  run(input) {
    if (input.length < 2) return false;
    const split = Math.min(input.length, 2 + input[1]!);
    const first = input.slice(2, split);
    const second = input.slice(split);
    walkScript(second);
    const error = spendScript(input[0]! % 5, first, second);
    demand(error === null || scriptErrors.has(error), `unknown error ${String(error)}`);
    return error === null;
  },
};

function walkScript(script: Uint8Array): void {
  const cursor = new ScriptCursor();
  cursor.reset(script, 0, script.length);
  let steps = 0;
  while (cursor.next()) demand(++steps <= script.length, 'the cursor stands still');
  formatScript(script, 0, script.length);
  formatScript(script, 0, script.length, { decodeHashTypes: true });
  solveOutput(script, 0, script.length);
  demand(countSigops(script, 0, script.length, true) <= 20 * script.length, 'more sigops than bytes');
}

/** Spends an output in one of the ways that scripts can be brought in. */
function spendScript(how: number, first: Uint8Array, second: Uint8Array): ScriptError | null {
  const isWitness = how >= 2;
  const program = concatBytes(Uint8Array.of(how === 2 ? 0 : 0x51, 32), new Uint8Array(32).fill(7));
  const transaction = buildTransaction({
    version: 2,
    inputs: [
      {
        prevout: { txid: asTxid(new Uint8Array(32).fill(1)), index: 0 },
        scriptSig: isWitness
          ? new Uint8Array(0)
          : how === 1
            ? concatBytes(first, Uint8Array.of(1, second[0] ?? 0))
            : first,
        sequence: 0,
        witness: isWitness
          ? [first, second, concatBytes(Uint8Array.of(0xc0), new Uint8Array(32).fill(9))].slice(0, how)
          : [],
      },
    ],
    outputs: [{ valueSat: 0, scriptPubKey: second }],
    locktime: 0,
  });
  const scriptPubKey = isWitness ? program : second;
  verifier.setTransaction(transaction, SpentOutputs.pack([{ valueSat: 1, scriptPubKey }]));
  const consensus = verifier.verifyInput(0, SCRIPT_VERIFY_ALL);
  verifier.verifyInput(0, 0);
  return consensus;
}

const signatureTarget: FuzzTarget = {
  name: 'signature encoding',
  seeds: [
    '304402204e45e16932b8af514961a1d3a1a25fdf3f4f7732e9d624c6c61548ab5fb8cd410220181522ec8eca07de4860a4acdd12909d831cc56cbbac4622082221a8768d1d0901',
    '3006020101020101',
    '308400000006020101020101',
  ].map(fromHex),
  run(input) {
    const signature64 = new Uint8Array(64);
    const isParsed = parseSignatureLax(input, 0, input.length, signature64);
    if (isParsed) {
      normalizeS(signature64);
      demand(!normalizeS(signature64), 'a normal S is normal');
    }
    const isStrict = isStrictDerSignature(input, 0, input.length);
    if (isStrict) isLowSDerSignature(input, 0, input.length, signature64);
    return isParsed;
  },
};

const addressTarget: FuzzTarget = {
  name: 'address',
  seeds: [
    '1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa',
    '3J98t1WpEZ73CNmQviecrnyiWrnqRhWNLy',
    'bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4',
    'bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqzk5jj0',
  ].map(encodeUtf8),
  run(input) {
    const text = String.fromCharCode(...input);
    const { prefixes } = createNetworkParams('main');
    const parsed = parseAddress(text, prefixes);
    if (!parsed.ok) return false;
    const again = formatAddress(parsed.value, prefixes);
    demand(again !== null && again.toLowerCase() === text.toLowerCase(), 'another address');
    return true;
  },
};

const chainParamsTarget = (texts: readonly string[]): FuzzTarget => ({
  name: 'chain parameters',
  seeds: texts.map(encodeUtf8),
  run: (input) => parseChainParams(String.fromCharCode(...input)).ok,
});

/** All targets. */
export function createTargets(seeds: FuzzSeeds): FuzzTarget[] {
  return [
    transactionTarget(seeds.transactions, true),
    transactionTarget(seeds.transactions, false),
    blockTarget(seeds.blocks),
    headerTarget(seeds.blocks.map((block) => block.slice(0, 80))),
    varintTarget,
    scriptTarget,
    signatureTarget,
    addressTarget,
    chainParamsTarget(seeds.chainParams),
  ];
}
