// Judges of the fixtures of bitcoinjs-lib: addresses, scripts, script numbers, 64-bit integers, signatures, transactions.
// Where the library is stricter than Core (keys of taproot addresses off the curve), Core's answer is expected.

import { isStrictDerSignature, parseSignatureLax } from '../../../src/kernel/crypto/der.ts';
import { readI64, writeI64 } from '../../../src/kernel/encoding/numbers.ts';
import { SpentOutputs } from '../../../src/kernel/primitives/spent-outputs.ts';
import {
  decodeTransaction,
  type Transaction,
  WITNESS_SCALE_FACTOR,
} from '../../../src/kernel/primitives/transaction.ts';
import { OP } from '../../../src/kernel/script/opcodes.ts';
import { encodePush, hasValidOps, isPushOnly } from '../../../src/kernel/script/script.ts';
import { decodeScriptNumber, encodeScriptNumber } from '../../../src/kernel/script/script-number.ts';
import { NO_CODE_SEPARATOR, SighashContext } from '../../../src/kernel/script/sighash.ts';
import { concatBytes, fromHex, toHex } from '../../../src/kernel/util/bytes.ts';
import { formatAddress, parseAddress } from '../../../src/wallet/address.ts';
import { type CaseOutcome, compareOutcome, isInside, type Judge, type VectorFile, verdictOutcome } from '../judge.ts';
import { hexAt, isArrayOf, isHex, isObject, type JsonObject, listAt, numberAt, textAt } from '../shape.ts';
import { NETWORK_PREFIXES, type TextPrefixes } from './addresses.ts';

const LITECOIN_PREFIXES: TextPrefixes = { pubKeyHash: 48, scriptHash: 50, secretKey: 176, bech32Hrp: 'ltc' };

const PREFIXES: Readonly<Record<string, TextPrefixes>> = {
  bitcoin: NETWORK_PREFIXES['main']!,
  testnet: NETWORK_PREFIXES['test']!,
  regtest: NETWORK_PREFIXES['regtest']!,
  litecoin: LITECOIN_PREFIXES,
};

function objectOf(file: VectorFile): JsonObject | null {
  if (!isInside(file, 'formats')) return null;
  const json = file.tryJson();
  return isObject(json) ? json : null;
}

function objectsAt(json: JsonObject, key: string): readonly JsonObject[] {
  return listAt(json, key) as readonly JsonObject[];
}

/** Script bytes of the library's text form: names of operations and hexadecimal pushes. */
function scriptOf(asm: string): Uint8Array {
  const parts = asm.split(' ').map((word) => {
    const opcode = (OP as Readonly<Record<string, number>>)[word === 'OP_TRUE' ? 'OP_1' : word];
    return opcode === undefined ? encodePush(fromHex(word)) : Uint8Array.of(opcode);
  });
  return concatBytes(...parts);
}

const addressJudge: Judge = {
  name: 'bitcoinjs addresses',
  matches: (file) => isObject(objectOf(file), 'standard', 'bech32', 'invalid'),
  *run(file) {
    const json = file.json() as JsonObject;
    for (const row of objectsAt(json, 'standard')) yield judgeStandardAddress(row);
    for (const row of objectsAt(json, 'bech32')) {
      const text = textAt(row, 'address');
      const program = textAt(row, 'data');
      const script = Object.values(PREFIXES)
        .map((prefixes) => parseAddress(text, prefixes))
        .find((found) => found.ok);
      yield compareOutcome(text, script?.ok ? toHex(script.value.subarray(2)) : 'refused', program);
    }
    const invalid = json['invalid'] as JsonObject;
    for (const row of objectsAt(invalid, 'bech32'))
      yield judgeRefused(textAt(row, 'address'), textAt(row, 'exception'));
    for (const row of objectsAt(invalid, 'fromBase58Check')) {
      yield judgeRefused(textAt(row, 'address'), textAt(row, 'exception'));
    }
    for (const row of objectsAt(invalid, 'toOutputScript')) yield judgeToOutputScript(row);
    for (const row of objectsAt(invalid, 'fromOutputScript')) {
      const isOffCurve = 'description' in row;
      const address = formatAddress(scriptOf(textAt(row, 'script')), PREFIXES['bitcoin']!);
      const comment = isOffCurve ? 'Core gives it an address' : textAt(row, 'exception');
      yield compareOutcome(textAt(row, 'script'), address !== null, isOffCurve, comment);
    }
  },
};

function judgeStandardAddress(row: JsonObject): CaseOutcome {
  const text = textAt(row, 'bech32' in row ? 'bech32' : 'base58check');
  const prefixes = PREFIXES[textAt(row, 'network')]!;
  const parsed = parseAddress(text, prefixes);
  if (!parsed.ok) return verdictOutcome(text, `refused: ${parsed.error.kind}`);
  const expected = toHex(scriptOf(textAt(row, 'script')));
  if (toHex(parsed.value) !== expected) return compareOutcome(text, toHex(parsed.value), expected);
  const again = formatAddress(parsed.value, prefixes);
  return compareOutcome(text, again, 'bech32' in row ? text.toLowerCase() : text);
}

function judgeRefused(text: string, comment: string): CaseOutcome {
  const accepting = Object.keys(PREFIXES).filter((name) => parseAddress(text, PREFIXES[name]!).ok);
  return verdictOutcome(text, accepting.length === 0 ? null : `accepted on ${accepting.join(', ')}`, comment);
}

/** A taproot key off the curve is refused by the library and taken by Core: nobody can know the key of a hash either. */
function judgeToOutputScript(row: JsonObject): CaseOutcome {
  const text = textAt(row, 'address');
  const isOffCurve = 'paymentException' in row;
  const network = isObject(row['network']) ? row['network'] : {};
  const prefixes = {
    ...PREFIXES['bitcoin']!,
    ...('bech32' in network ? { bech32Hrp: textAt(network, 'bech32') } : {}),
  };
  const comment = isOffCurve ? 'Core accepts it' : textAt(row, 'exception');
  return compareOutcome(text, parseAddress(text, prefixes).ok, isOffCurve, comment);
}

const scriptJudge: Judge = {
  name: 'bitcoinjs scripts',
  matches: (file) => {
    const json = objectOf(file);
    return json !== null && objectsAt(json, 'valid').some((row) => isObject(row, 'asm', 'script'));
  },
  *run(file) {
    const json = file.json() as JsonObject;
    for (const row of objectsAt(json, 'valid')) {
      const hex = textAt(row, 'script');
      const script = fromHex(hex);
      yield compareOutcome(`compile ${hex.slice(0, 40)}`, toHex(scriptOf(textAt(row, 'asm'))), hex);
      yield compareOutcome(`is valid ${hex.slice(0, 40)}`, hasValidOps(script, 0, script.length), true);
      if ('stack' in row)
        yield compareOutcome(`is push only ${hex.slice(0, 40)}`, isPushOnly(script, 0, script.length), true);
    }
    for (const row of objectsAt(json['invalid'] as JsonObject, 'decompile')) {
      const script = hexAt(row, 'script');
      yield compareOutcome(
        textAt(row, 'script'),
        hasValidOps(script, 0, script.length),
        false,
        textAt(row, 'description'),
      );
    }
  },
};

function isNumberRow(row: unknown): row is JsonObject {
  return isObject(row, 'hex', 'number');
}

const scriptNumberJudge: Judge = {
  name: 'bitcoinjs script numbers',
  matches: (file) => isInside(file, 'formats') && isArrayOf(file.tryJson(), isNumberRow),
  *run(file) {
    for (const row of file.json() as readonly JsonObject[]) {
      const bytes = hexAt(row, 'hex');
      const number = numberAt(row, 'number');
      const read = decodeScriptNumber(bytes, 0, bytes.length, 'bytes' in row ? numberAt(row, 'bytes') : 4, true);
      yield compareOutcome(`read ${textAt(row, 'hex')}`, read, number);
      yield compareOutcome(`write ${number}`, toHex(encodeScriptNumber(number)), textAt(row, 'hex'));
    }
  },
};

/** The library reads unsigned integers up to 2^53 - 1; ours are signed, rounded beyond, and range-checked by their users. */
const integerJudge: Judge = {
  name: 'bitcoinjs 64-bit integers',
  matches: (file) => {
    const json = objectOf(file);
    return json !== null && listAt(json, 'valid').some((row) => isObject(row, 'dec', 'hex'));
  },
  *run(file) {
    for (const row of objectsAt(file.json() as JsonObject, 'valid')) {
      const value = numberAt(row, 'dec');
      const written = new Uint8Array(8);
      writeI64(written, 0, value);
      yield compareOutcome(`read ${textAt(row, 'hex')}`, readI64(hexAt(row, 'hex'), 0), value);
      yield compareOutcome(`write ${value}`, toHex(written), textAt(row, 'hex'));
    }
  },
};

const signatureJudge: Judge = {
  name: 'bitcoinjs signatures',
  matches: (file) => {
    const json = objectOf(file);
    return json !== null && listAt(json, 'valid').some((row) => isObject(row, 'hashType', 'raw'));
  },
  *run(file) {
    const json = file.json() as JsonObject;
    for (const row of objectsAt(json, 'valid')) {
      const bytes = hexAt(row, 'hex');
      const raw = row['raw'] as JsonObject;
      const pair = new Uint8Array(64);
      yield compareOutcome(`strict ${textAt(row, 'hex')}`, isStrictDerSignature(bytes, 0, bytes.length), true);
      parseSignatureLax(bytes, 0, bytes.length - 1, pair);
      yield compareOutcome(`r and s of ${textAt(row, 'hex')}`, toHex(pair), textAt(raw, 'r') + textAt(raw, 's'));
    }
    for (const row of objectsAt(json, 'invalid')) {
      // Hash types outside the defined ones are none of DER's business: Core's IsDefinedHashtypeSignature refuses them.
      if (!isHex(row['hex']) || /hashtype/i.test(textAt(row, 'exception'))) continue;
      const bytes = hexAt(row, 'hex');
      yield compareOutcome(
        textAt(row, 'hex'),
        isStrictDerSignature(bytes, 0, bytes.length),
        false,
        textAt(row, 'exception'),
      );
    }
  },
};

/** The lists of canonical and other signatures that Core once had: texts, of which the ones that are no hex are comments. */
const signatureListJudge: Judge = {
  name: 'canonical signatures',
  matches: (file) => {
    const json = isInside(file, 'formats') ? file.tryJson() : undefined;
    return (
      Array.isArray(json) &&
      json.length > 1 &&
      json.some((row) => isHex(row) && /^30/.test(row)) &&
      json.every((row) => typeof row === 'string')
    );
  },
  *run(file) {
    const rows = file.json() as readonly string[];
    const isCanonicalList = rows.every((row) => isHex(row));
    let comment = '';
    for (const row of rows) {
      if (!isHex(row)) {
        comment = row;
        continue;
      }
      const bytes = fromHex(row);
      // The old list also calls signatures with an undefined hash type not canonical.
      const isDefined = [1, 2, 3].includes((bytes[bytes.length - 1] ?? 0) & 0x7f);
      yield compareOutcome(row, isDefined && isStrictDerSignature(bytes, 0, bytes.length), isCanonicalList, comment);
    }
  },
};

const transactionJudge: Judge = {
  name: 'bitcoinjs transactions',
  matches: (file) => {
    const json = objectOf(file);
    return json !== null && listAt(json, 'valid').some((row) => isObject(row, 'id', 'hex', 'raw'));
  },
  *run(file) {
    const json = file.json() as JsonObject;
    for (const row of objectsAt(json, 'valid'))
      yield verdictOutcome(textAt(row, 'description'), checkTransactionRow(row));
    for (const row of objectsAt(json['invalid'] as JsonObject, 'fromBuffer')) {
      const decoded = decodeTransaction(hexAt(row, 'hex'));
      yield compareOutcome(textAt(row, 'exception'), decoded.ok ? 'accepted' : 'refused', 'refused');
    }
    for (const row of objectsAt(json, 'hashForSignature')) yield* judgeLegacySighash(row);
    for (const row of objectsAt(json, 'hashForWitnessV0')) yield judgeWitnessV0Sighash(row);
    for (const row of objectsAt(json, 'taprootSigning')) yield* judgeTaprootSighashes(row);
  },
};

const sighash = new SighashContext();

function transactionOf(row: JsonObject): Transaction {
  const decoded = decodeTransaction(hexAt(row, 'txHex'));
  if (!decoded.ok) throw new TypeError(decoded.error.message);
  return decoded.value;
}

/** What SIGHASH_SINGLE without an output signs is the number one, which the library keeps in the other byte order. */
const ONE_BIG_ENDIAN = `${'00'.repeat(31)}01`;
const ONE_LITTLE_ENDIAN = `01${'00'.repeat(31)}`;

/** Rows with an input that the transaction does not have are left out: asking for one is a bug of the caller. */
function* judgeLegacySighash(row: JsonObject): Generator<CaseOutcome> {
  const transaction = transactionOf(row);
  const index = numberAt(row, 'inIndex');
  if (index >= transaction.inputCount) return;
  const script = scriptOf(textAt(row, 'script'));
  const digest = new Uint8Array(32);
  sighash.reset(transaction, null);
  sighash.computeLegacy(index, script, 0, script.length, numberAt(row, 'type'), digest);
  const expected = textAt(row, 'hash') === ONE_BIG_ENDIAN ? ONE_LITTLE_ENDIAN : textAt(row, 'hash');
  yield compareOutcome(`legacy ${textAt(row, 'script')}`, toHex(digest), expected, String(row['description'] ?? ''));
}

function judgeWitnessV0Sighash(row: JsonObject): CaseOutcome {
  const script = scriptOf(textAt(row, 'script'));
  const digest = new Uint8Array(32);
  sighash.reset(transactionOf(row), null);
  sighash.computeWitnessV0(
    numberAt(row, 'inIndex'),
    script,
    0,
    script.length,
    numberAt(row, 'value'),
    numberAt(row, 'type'),
    digest,
  );
  return compareOutcome(textAt(row, 'description'), toHex(digest), textAt(row, 'hash'));
}

function* judgeTaprootSighashes(row: JsonObject): Generator<CaseOutcome> {
  const spent = objectsAt(row, 'utxos').map((output) => ({
    valueSat: numberAt(output, 'value'),
    scriptPubKey: hexAt(output, 'scriptHex'),
  }));
  sighash.reset(transactionOf(row), SpentOutputs.pack(spent));
  for (const item of objectsAt(row, 'cases')) {
    const index = numberAt(item, 'vin');
    const hashType = hexAt(item, 'typeHex')[0]!;
    const digest = new Uint8Array(32);
    const isDefined = sighash.computeTaproot(index, hashType, null, null, NO_CODE_SEPARATOR, digest);
    const name = `${textAt(row, 'description')} input ${index}`;
    yield compareOutcome(name, isDefined ? toHex(digest) : 'undefined', textAt(item, 'hash'));
  }
}

function checkTransactionRow(row: JsonObject): string | null {
  const whole = decodeTransaction(hexAt(row, 'whex' in row && textAt(row, 'whex') !== '' ? 'whex' : 'hex'));
  if (!whole.ok) return whole.error.message;
  const transaction = whole.value;
  const facts: readonly (readonly [string, unknown, unknown])[] = [
    ['txid', toHex(transaction.txid), textAt(row, 'hash')],
    ['stripped', toHex(transaction.stripped()), textAt(row, 'hex')],
    ['weight', transaction.weightWu, row['weight'] ?? transaction.weightWu],
    [
      'vsize',
      Math.ceil(transaction.weightWu / WITNESS_SCALE_FACTOR),
      row['virtualSize'] ?? Math.ceil(transaction.weightWu / WITNESS_SCALE_FACTOR),
    ],
    ['coinbase', transaction.isCoinbase, row['coinbase']],
    ...rawFacts(transaction, row['raw'] as JsonObject),
  ];
  const wrong = facts.find(([, actual, expected]) => actual !== expected);
  return wrong === undefined ? null : `${wrong[0]}: expected ${String(wrong[2])}, got ${String(wrong[1])}`;
}

function rawFacts(transaction: Transaction, raw: JsonObject): (readonly [string, unknown, unknown])[] {
  const inputs = objectsAt(raw, 'ins');
  const outputs = objectsAt(raw, 'outs');
  return [
    ['version', transaction.version, raw['version']],
    ['locktime', transaction.locktime, raw['locktime']],
    ['inputs', transaction.inputCount, inputs.length],
    ['outputs', transaction.outputCount, outputs.length],
    ...inputs.flatMap((input, i): (readonly [string, unknown, unknown])[] => [
      [`prevout txid ${i}`, toHex(transaction.prevout(i).txid), textAt(input, 'hash')],
      [`prevout index ${i}`, transaction.prevout(i).index, input['index']],
      [`sequence ${i}`, transaction.sequence(i), input['sequence'] ?? 0xffffffff],
      [`witness ${i}`, transaction.witness(i).map(toHex).join(), listAt(input, 'witness').join()],
    ]),
    ...outputs.map((output, j): readonly [string, unknown, unknown] => [
      `value ${j}`,
      transaction.valueSat(j),
      output['value'] ?? transaction.valueSat(j),
    ]),
  ];
}

export const judges: readonly Judge[] = [
  addressJudge,
  scriptJudge,
  scriptNumberJudge,
  integerJudge,
  signatureJudge,
  signatureListJudge,
  transactionJudge,
];
