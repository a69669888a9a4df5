// Judges of signature hashes: Core's random legacy hashes, the examples of BIP143 and the wallet vectors of BIP341.

import { parseSignatureLax } from '../../../src/kernel/crypto/der.ts';
import { nobleSecp256k1 } from '../../../src/kernel/crypto/secp256k1-noble.ts';
import { sha256, sha256d, taggedHash } from '../../../src/kernel/crypto/sha256.ts';
import { readCompactSizeAt } from '../../../src/kernel/encoding/compact-size.ts';
import { readI64, readU32 } from '../../../src/kernel/encoding/numbers.ts';
import { parseAmount } from '../../../src/kernel/primitives/amount.ts';
import { SpentOutputs } from '../../../src/kernel/primitives/spent-outputs.ts';
import {
  decodeTransaction,
  type Transaction,
  type TransactionOutput,
} from '../../../src/kernel/primitives/transaction.ts';
import { MANDATORY_SCRIPT_VERIFY_FLAGS } from '../../../src/kernel/script/flags.ts';
import { createWitnessProgram } from '../../../src/kernel/script/script-builder.ts';
import { NO_CODE_SEPARATOR, SighashContext } from '../../../src/kernel/script/sighash.ts';
import { SighashParts } from '../../../src/kernel/script/sighash-parts.ts';
import { createTaprootOutput, type TapLeaf } from '../../../src/kernel/script/taproot-builder.ts';
import { InputVerifier } from '../../../src/kernel/script/verify.ts';
import { concatBytes, fromHex, reversedBytes, toHex } from '../../../src/kernel/util/bytes.ts';
import { formatAddress } from '../../../src/wallet/address.ts';
import { type CaseOutcome, compareOutcome, isInside, type Judge, type VectorFile, verdictOutcome } from '../judge.ts';
import { hexAt, isArrayOf, isHex, isObject, isText, type JsonObject, listAt, numberAt, textAt } from '../shape.ts';
import { NETWORK_PREFIXES } from './addresses.ts';

function decodeOrThrow(hex: string): Transaction {
  const bytes = fromHex(hex);
  const decoded = decodeTransaction(bytes);
  if (decoded.ok) return decoded.value;
  const older = decodeTransaction(bytes, { allowWitness: false });
  if (!older.ok) throw decoded.error;
  return older.value;
}

// --- sighash.json: [transaction, script, input index, hash type as int32, hash as people read it]

type LegacyRow = readonly [string, string, number, number, string];

function isLegacyRow(row: unknown): row is LegacyRow {
  return (
    Array.isArray(row) &&
    row.length === 5 &&
    isHex(row[0], 20) &&
    isHex(row[1], 0) &&
    typeof row[2] === 'number' &&
    typeof row[3] === 'number' &&
    isHex(row[4], 64)
  );
}

function isCommentRow(row: unknown): boolean {
  return Array.isArray(row) && row.length === 1 && isText(row[0]);
}

const legacyJudge: Judge = {
  name: 'legacy signature hashes',
  matches: (file) => {
    const rows = isInside(file, 'consensus') ? file.tryJson() : undefined;
    return Array.isArray(rows) && rows.some(isLegacyRow) && rows.every((row) => isLegacyRow(row) || isCommentRow(row));
  },
  *run(file) {
    const context = new SighashContext();
    const hash = new Uint8Array(32);
    for (const [index, row] of (file.json() as unknown[]).entries()) {
      if (!isLegacyRow(row)) continue;
      const [transactionHex, scriptHex, inputIndex, hashType, expected] = row;
      const script = fromHex(scriptHex);
      context.reset(decodeOrThrow(transactionHex), null);
      context.computeLegacy(inputIndex, script, 0, script.length, hashType, hash);
      yield compareOutcome(`row ${index}`, toHex(reversedBytes(hash)), expected, `hash type ${hashType}`);
    }
  },
};

// --- BIP143: examples with preimages, hashes, signatures and signed transactions

function bip143Cases(file: VectorFile): readonly JsonObject[] | null {
  const json = isInside(file, 'bips') ? file.tryJson() : undefined;
  if (!isObject(json, 'cases')) return null;
  const cases = listAt(json, 'cases');
  const isCase = (value: unknown): value is JsonObject => isObject(value, 'preimages', 'signed_txs', 'prevouts');
  return cases.length > 0 && isArrayOf(cases, isCase) ? cases : null;
}

const bip143Judge: Judge = {
  name: 'BIP143',
  matches: (file) => bip143Cases(file) !== null,
  *run(file) {
    for (const each of bip143Cases(file) ?? []) {
      const title = textAt(each, 'title');
      const transactions = [...listAt(each, 'unsigned_txs'), ...listAt(each, 'signed_txs')].map((hex) =>
        decodeOrThrow(hex as string),
      );
      const preimages = listAt(each, 'preimages').map((entry) => readPreimage(entry as JsonObject));
      for (const [index, preimage] of preimages.entries()) {
        yield* judgePreimage(`${title}: preimage ${index}`, preimage, transactions);
      }
      yield* judgeListedSignatures(title, each, preimages);
      yield* judgeSignedTransactions(title, each, preimages);
    }
  },
};

/** A BIP143 preimage taken apart. */
interface Preimage {
  readonly bytes: Uint8Array;
  readonly sighashHex: string;
  readonly outpointHex: string;
  readonly scriptStart: number;
  readonly scriptEnd: number;
  readonly valueSat: number;
  readonly hashType: number;
}

const PREIMAGE_OUTPOINT_AT = 4 + 32 + 32;

function readPreimage(entry: JsonObject): Preimage {
  const bytes = hexAt(entry, 'preimage');
  const outpointEnd = PREIMAGE_OUTPOINT_AT + 36;
  const scriptLength = readCompactSizeAt(bytes, outpointEnd, bytes.length, 'script');
  const scriptStart = outpointEnd + (scriptLength < 0xfd ? 1 : 3);
  const scriptEnd = scriptStart + scriptLength;
  return {
    bytes,
    sighashHex: textAt(entry, 'sighash'),
    outpointHex: toHex(bytes.subarray(PREIMAGE_OUTPOINT_AT, outpointEnd)),
    scriptStart,
    scriptEnd,
    valueSat: readI64(bytes, scriptEnd),
    hashType: readU32(bytes, bytes.length - 4),
  };
}

function outpointHex(transaction: Transaction, inputIndex: number): string {
  const start = transaction.prevoutStart(inputIndex);
  return toHex(transaction.bytes.subarray(start, start + 36));
}

/** The preimage hashes to the listed hash, and so does every transaction with its input. */
function* judgePreimage(
  name: string,
  preimage: Preimage,
  transactions: readonly Transaction[],
): Generator<CaseOutcome> {
  yield compareOutcome(`${name}, hashed`, toHex(sha256d(preimage.bytes)), preimage.sighashHex);
  const context = new SighashContext();
  const hash = new Uint8Array(32);
  let found = 0;
  for (const transaction of transactions) {
    for (let i = 0; i < transaction.inputCount; i++) {
      if (outpointHex(transaction, i) !== preimage.outpointHex) continue;
      const { bytes, scriptStart, scriptEnd, valueSat, hashType } = preimage;
      context.reset(transaction, null);
      context.computeWitnessV0(i, bytes, scriptStart, scriptEnd, valueSat, hashType, hash);
      yield compareOutcome(`${name}, input ${i} of a transaction`, toHex(hash), preimage.sighashHex);
      found++;
    }
  }
  yield verdictOutcome(`${name}, has a transaction`, found > 0 ? null : 'no transaction with this input');
}

/** Every hash has a good signature among the listed ones by a listed key; the others are of inputs without witness. */
function* judgeListedSignatures(
  title: string,
  each: JsonObject,
  preimages: readonly Preimage[],
): Generator<CaseOutcome> {
  const keys = listAt(each, 'private_keys').map((hex) => nobleSecp256k1.createPublicKey(fromHex(hex as string), true)!);
  if (keys.length === 0) return;
  const signatures = listAt(each, 'signatures').map((hex) => fromHex(hex as string));
  const compact = new Uint8Array(64);
  for (const [index, { sighashHex }] of preimages.entries()) {
    const digest = fromHex(sighashHex);
    const isSigned = signatures.some(
      (signature) =>
        parseSignatureLax(signature, 0, signature.length, compact) &&
        keys.some((key) => nobleSecp256k1.verifyEcdsa(compact, digest, key)),
    );
    yield verdictOutcome(`${title}: preimage ${index}, signed`, isSigned ? null : 'no listed signature is good for it');
  }
}

/** Signed transactions pass with the listed outputs, which come in the order of the unsigned transactions' inputs. */
function* judgeSignedTransactions(
  title: string,
  each: JsonObject,
  preimages: readonly Preimage[],
): Generator<CaseOutcome> {
  const listed = listAt(each, 'prevouts') as readonly JsonObject[];
  const spentByOutpoint = new Map<string, TransactionOutput>();
  for (const hex of listAt(each, 'unsigned_txs')) {
    const transaction = decodeOrThrow(hex as string);
    for (let i = 0; i < transaction.inputCount && spentByOutpoint.size < listed.length; i++) {
      spentByOutpoint.set(outpointHex(transaction, i), readPrevout(listed[spentByOutpoint.size]!));
    }
  }
  const verifier = new InputVerifier(nobleSecp256k1);
  for (const [index, hex] of listAt(each, 'signed_txs').entries()) {
    const transaction = decodeOrThrow(hex as string);
    const spent: TransactionOutput[] = [];
    for (let i = 0; i < transaction.inputCount; i++) {
      const outpoint = outpointHex(transaction, i);
      spent.push(spentByOutpoint.get(outpoint) ?? deduceSpent(transaction, i, preimages));
    }
    verifier.setTransaction(transaction, SpentOutputs.pack(spent));
    for (let i = 0; i < transaction.inputCount; i++) {
      const name = `${title}: signed transaction ${index}, input ${i}`;
      yield compareOutcome(name, verifier.verifyInput(i, MANDATORY_SCRIPT_VERIFY_FLAGS), null);
    }
  }
}

function readPrevout(entry: JsonObject): TransactionOutput {
  const amount = parseAmount(textAt(entry, 'value_btc'));
  if (!amount.ok) throw new TypeError('a prevout without a value');
  return { valueSat: amount.value, scriptPubKey: hexAt(entry, 'scriptPubKey') };
}

/** An output that the file does not list: the script hash of the witness script, with the value of its preimage. */
function deduceSpent(transaction: Transaction, inputIndex: number, preimages: readonly Preimage[]): TransactionOutput {
  const preimage = preimages.find((each) => each.outpointHex === outpointHex(transaction, inputIndex));
  const witnessScript = transaction.witness(inputIndex).at(-1);
  if (preimage === undefined || witnessScript === undefined) throw new TypeError('no output for an input');
  return { valueSat: preimage.valueSat, scriptPubKey: createWitnessProgram(0, sha256(witnessScript)) };
}

// --- BIP341: outputs from internal keys and trees, and key path spends

function isWalletVectors(value: unknown): value is JsonObject {
  return isObject(value, 'scriptPubKey', 'keyPathSpending') && listAt(value, 'scriptPubKey').length > 0;
}

const bip341Judge: Judge = {
  name: 'BIP341 wallet vectors',
  matches: (file) => (isInside(file, 'consensus') || isInside(file, 'bips')) && isWalletVectors(file.tryJson()),
  *run(file) {
    const json = file.json() as JsonObject;
    for (const [index, each] of listAt(json, 'scriptPubKey').entries()) {
      yield* judgeConstruction(`output ${index}`, each as JsonObject);
    }
    for (const [index, each] of listAt(json, 'keyPathSpending').entries()) {
      yield* judgeKeyPath(`key path ${index}`, each as JsonObject);
    }
  },
};

function objectAt(value: JsonObject, key: string): JsonObject {
  const object = value[key];
  if (!isObject(object)) throw new TypeError(`no object at ${key}`);
  return object;
}

/** Leaves of a tree given as null, one leaf, or a pair of trees; in depth-first order, with the places they have in the list. */
function readTree(tree: unknown, depth = 0): (TapLeaf & { readonly id: number })[] {
  if (tree === null) return [];
  if (Array.isArray(tree)) return tree.flatMap((half) => readTree(half, depth + 1));
  if (!isObject(tree, 'script')) throw new TypeError('a tree without a script');
  return [
    { depth, script: hexAt(tree, 'script'), leafVersion: numberAt(tree, 'leafVersion'), id: numberAt(tree, 'id') },
  ];
}

function* judgeConstruction(name: string, each: JsonObject): Generator<CaseOutcome> {
  const given = objectAt(each, 'given');
  const intermediary = objectAt(each, 'intermediary');
  const expected = objectAt(each, 'expected');
  const leaves = readTree(given['scriptTree']);
  const output = createTaprootOutput(nobleSecp256k1, hexAt(given, 'internalPubkey'), leaves);
  if (output === null) {
    yield verdictOutcome(name, 'no output can be made');
    return;
  }
  const rootHex = output.merkleRoot === null ? null : toHex(output.merkleRoot);
  yield compareOutcome(`${name}: merkle root`, rootHex, intermediary['merkleRoot'] ?? null);
  yield compareOutcome(`${name}: tweak`, toHex(output.tweak), textAt(intermediary, 'tweak'));
  yield compareOutcome(`${name}: tweaked key`, toHex(output.outputKey), textAt(intermediary, 'tweakedPubkey'));
  yield compareOutcome(`${name}: scriptPubKey`, toHex(output.scriptPubKey), textAt(expected, 'scriptPubKey'));
  const address = formatAddress(output.scriptPubKey, NETWORK_PREFIXES['main']!);
  yield compareOutcome(`${name}: address`, address, textAt(expected, 'bip350Address'));
  for (const [index, leaf] of output.leaves.entries()) {
    const { id } = leaves[index]!;
    yield compareOutcome(`${name}: leaf ${id}`, toHex(leaf.tapleafHash), listAt(intermediary, 'leafHashes')[id]);
    const controlBlock = listAt(expected, 'scriptPathControlBlocks')[id];
    yield compareOutcome(`${name}: control block ${id}`, toHex(leaf.controlBlock), controlBlock);
  }
}

function* judgeKeyPath(name: string, each: JsonObject): Generator<CaseOutcome> {
  const given = objectAt(each, 'given');
  const transaction = decodeOrThrow(textAt(given, 'rawUnsignedTx'));
  const outputs = (listAt(given, 'utxosSpent') as readonly JsonObject[]).map((output) => ({
    valueSat: numberAt(output, 'amountSats'),
    scriptPubKey: hexAt(output, 'scriptPubKey'),
  }));
  const spent = SpentOutputs.pack(outputs);
  yield* judgeParts(name, transaction, spent, objectAt(each, 'intermediary'));

  const signed = decodeOrThrow(textAt(objectAt(each, 'auxiliary'), 'fullySignedTx'));
  const context = new SighashContext();
  context.reset(transaction, spent);
  for (const input of listAt(each, 'inputSpending') as readonly JsonObject[]) {
    yield* judgeKeyPathInput(name, input, context, signed);
  }
  const verifier = new InputVerifier(nobleSecp256k1);
  verifier.setTransaction(signed, spent);
  for (let i = 0; i < signed.inputCount; i++) {
    yield compareOutcome(`${name}: signed input ${i}`, verifier.verifyInput(i, MANDATORY_SCRIPT_VERIFY_FLAGS), null);
  }
}

function* judgeParts(
  name: string,
  transaction: Transaction,
  spent: SpentOutputs,
  intermediary: JsonObject,
): Generator<CaseOutcome> {
  const parts = new SighashParts();
  parts.reset(transaction, spent);
  yield compareOutcome(`${name}: prevouts`, toHex(parts.prevoutsHash), textAt(intermediary, 'hashPrevouts'));
  yield compareOutcome(`${name}: amounts`, toHex(parts.spentValuesHash), textAt(intermediary, 'hashAmounts'));
  yield compareOutcome(`${name}: scripts`, toHex(parts.spentScriptsHash), textAt(intermediary, 'hashScriptPubkeys'));
  yield compareOutcome(`${name}: sequences`, toHex(parts.sequencesHash), textAt(intermediary, 'hashSequences'));
  yield compareOutcome(`${name}: outputs`, toHex(parts.outputsHash), textAt(intermediary, 'hashOutputs'));
}

/** Tweak, tweaked secret and hash are as listed, and signing with auxiliary zeros gives the very signature. */
function* judgeKeyPathInput(
  name: string,
  input: JsonObject,
  context: SighashContext,
  signed: Transaction,
): Generator<CaseOutcome> {
  const given = objectAt(input, 'given');
  const intermediary = objectAt(input, 'intermediary');
  const index = numberAt(given, 'txinIndex');
  const hashType = numberAt(given, 'hashType');
  const secret = hexAt(given, 'internalPrivkey');
  const where = `${name}, input ${index}`;

  const internalKey = nobleSecp256k1.createPublicKey(secret, true)!.subarray(1);
  yield compareOutcome(`${where}: internal key`, toHex(internalKey), textAt(intermediary, 'internalPubkey'));
  const root = given['merkleRoot'];
  const subtrees = isText(root) ? [{ depth: 0, tapHash: fromHex(root) }] : [];
  const output = createTaprootOutput(nobleSecp256k1, internalKey, subtrees)!;
  yield compareOutcome(`${where}: tweak`, toHex(output.tweak), textAt(intermediary, 'tweak'));
  const tweakedSecret = nobleSecp256k1.tweakXOnlySecret(secret, output.tweak)!;
  yield compareOutcome(`${where}: tweaked secret`, toHex(tweakedSecret), textAt(intermediary, 'tweakedPrivkey'));

  const hash = new Uint8Array(32);
  context.computeTaproot(index, hashType, null, null, NO_CODE_SEPARATOR, hash);
  yield compareOutcome(`${where}: signature hash`, toHex(hash), textAt(intermediary, 'sigHash'));
  const message = hexAt(intermediary, 'sigMsg');
  yield compareOutcome(`${where}: message, hashed`, toHex(taggedHash('TapSighash', message)), toHex(hash));
  const signature = nobleSecp256k1.signSchnorr(hash, tweakedSecret, new Uint8Array(32))!;
  const witnessItem = hashType === 0 ? signature : concatBytes(signature, Uint8Array.of(hashType));
  yield compareOutcome(`${where}: witness`, toHex(witnessItem), listAt(objectAt(input, 'expected'), 'witness')[0]);
  yield compareOutcome(`${where}: signed transaction`, toHex(signed.witness(index)[0]!), toHex(witnessItem));
}

export const judges: readonly Judge[] = [legacyJudge, bip143Judge, bip341Judge];
