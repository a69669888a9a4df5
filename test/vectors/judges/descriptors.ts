// Judges of output descriptors: bcoin's lists of valid and invalid ones and of those with private keys, btclib's list of checksums. What
// is wrong with a text each project says in its own words, so that of invalid ones only the refusal is judged.

import { nobleSecp256k1 as secp } from '../../../src/kernel/crypto/secp256k1-noble.ts';
import { collectSecrets, formatPrivateDescriptor } from '../../../src/wallet/books/descriptor-secrets.ts';
import { addDescriptorChecksum } from '../../../src/wallet/descriptor/checksum.ts';
import { type Descriptor, isRanged, isSolvable, keysOf } from '../../../src/wallet/descriptor/descriptor.ts';
import { formatDescriptor } from '../../../src/wallet/descriptor/format.ts';
import { KeyRing } from '../../../src/wallet/descriptor/key-ring.ts';
import { parseDescriptor } from '../../../src/wallet/descriptor/parse.ts';
import { compareOutcome, isInside, type Judge, verdictOutcome } from '../judge.ts';
import { isArrayOf, isObject, isText, type JsonObject, textAt } from '../shape.ts';
import { NETWORK_PREFIXES, type TextPrefixes } from './addresses.ts';

const FOLDER = 'formats/descriptors';

/** First bytes of extended keys, typed by hand as the prefixes of addresses are. */
const EXTENDED_MAIN = { extendedPublicKey: 0x0488b21e, extendedSecretKey: 0x0488ade4 };
const EXTENDED_TEST = { extendedPublicKey: 0x043587cf, extendedSecretKey: 0x04358394 };

type Prefixes = TextPrefixes & typeof EXTENDED_MAIN;

/** The networks as bcoin calls them; where none is named, it is the main one. */
const PREFIXES: ReadonlyMap<unknown, Prefixes> = new Map<unknown, Prefixes>([
  [undefined, { ...NETWORK_PREFIXES['main']!, ...EXTENDED_MAIN }],
  ['main', { ...NETWORK_PREFIXES['main']!, ...EXTENDED_MAIN }],
  ['testnet', { ...NETWORK_PREFIXES['test']!, ...EXTENDED_TEST }],
  ['regtest', { ...NETWORK_PREFIXES['regtest']!, ...EXTENDED_TEST }],
]);

interface Reading {
  readonly descriptor: Descriptor;
  readonly ring: KeyRing;
  readonly prefixes: Prefixes;
}

function prefixesOf(row: JsonObject): Prefixes {
  const prefixes = PREFIXES.get(row['network']);
  if (prefixes === undefined) throw new TypeError(`unknown network ${String(row['network'])}`);
  return prefixes;
}

/** What a row's input says; a sentence when it is refused. */
function read(row: JsonObject, requiresChecksum = false): Reading | string {
  const prefixes = prefixesOf(row);
  const ring = new KeyRing();
  const parsed = parseDescriptor(textAt(row, 'input'), { prefixes, secp, ring }, { requiresChecksum });
  if (!parsed.ok) return parsed.error || 'goes on after its end';
  return { descriptor: parsed.value[0]!, ring, prefixes };
}

function isRow(...keys: readonly string[]): (value: unknown) => value is JsonObject {
  return (value): value is JsonObject => isObject(value, ...keys);
}

function rowsOf(json: unknown, ...keys: readonly string[]): readonly JsonObject[] {
  return isArrayOf(json, isRow(...keys)) ? json : [];
}

/** Rows {input, descriptor, checksum, isrange, issolvable, hasprivatekeys, network?} by function. */
function validRowsOf(json: unknown): readonly JsonObject[] {
  return isObject(json) ? Object.values(json).flatMap((rows) => rowsOf(rows, 'input', 'descriptor', 'checksum')) : [];
}

function checkValid(row: JsonObject): string | null {
  const reading = read(row);
  if (typeof reading === 'string') return `refused: ${reading}`;
  const { descriptor, ring, prefixes } = reading;
  const text = addDescriptorChecksum(formatDescriptor(descriptor, prefixes));
  if (text !== row['descriptor']) return `written as ${text}, expected ${String(row['descriptor'])}`;
  const [body] = textAt(row, 'input').split('#');
  const checksum = addDescriptorChecksum(body!).slice(-8);
  if (checksum !== row['checksum']) return `checksum ${checksum}, expected ${String(row['checksum'])}`;
  if (isRanged(descriptor) !== row['isrange']) return 'another opinion on being a row';
  if (isSolvable(descriptor) !== row['issolvable']) return 'another opinion on being solvable';
  return ring.secretCount > 0 === row['hasprivatekeys'] ? null : `${ring.secretCount} private keys`;
}

const validJudge: Judge = {
  name: 'descriptors, valid',
  matches: (file) => isInside(file, FOLDER) && validRowsOf(file.tryJson()).length > 0,
  *run(file) {
    for (const row of validRowsOf(file.json())) yield verdictOutcome(textAt(row, 'input'), checkValid(row));
  },
};

/** Rows {input, error, network?, requirechecksum?}. Alternatives in a path are valid since BIP389, which bcoin does not know. */
const invalidJudge: Judge = {
  name: 'descriptors, invalid',
  matches: (file) => isInside(file, FOLDER) && rowsOf(file.tryJson(), 'input', 'error').length > 0,
  *run(file) {
    for (const row of rowsOf(file.json(), 'input', 'error')) {
      const input = textAt(row, 'input');
      const isRefused = typeof read(row, row['requirechecksum'] === true) === 'string';
      const hasAlternatives = input.includes('<0;1>');
      yield compareOutcome(input || '(empty)', isRefused, !hasAlternatives, textAt(row, 'error'));
    }
  },
};

/** Rows {input, expected}, the text with its private keys, or {input, error}, when one of them is missing. */
function privateRowsOf(json: unknown): readonly JsonObject[] {
  const rows = rowsOf(json, 'input');
  return rows.some((row) => 'expected' in row) ? rows : [];
}

function checkPrivate(row: JsonObject): string | null {
  const reading = read(row);
  if (typeof reading === 'string') return `refused: ${reading}`;
  const { descriptor, ring, prefixes } = reading;
  const secrets = collectSecrets(descriptor, ring);
  if (!('expected' in row)) {
    const count = secrets.extendedKeys.length + secrets.keys.length;
    return count < keysOf(descriptor).length ? null : 'all private keys were found';
  }
  const text = addDescriptorChecksum(formatPrivateDescriptor(descriptor, secrets, prefixes, secp));
  return text === row['expected'] ? null : `written as ${text}`;
}

const privateJudge: Judge = {
  name: 'descriptors with private keys',
  matches: (file) => isInside(file, FOLDER) && privateRowsOf(file.tryJson()).length > 0,
  *run(file) {
    for (const row of privateRowsOf(file.json())) yield verdictOutcome(textAt(row, 'input'), checkPrivate(row));
  },
};

/** Rows {desc, checksum}. */
const checksumJudge: Judge = {
  name: 'descriptor checksums',
  matches: (file) => isInside(file, FOLDER) && rowsOf(file.tryJson(), 'desc', 'checksum').length > 0,
  *run(file) {
    for (const row of rowsOf(file.json(), 'desc', 'checksum')) {
      const text = textAt(row, 'desc');
      yield compareOutcome(text, addDescriptorChecksum(text), `${text}#${textAt(row, 'checksum')}`);
      const reading = read({ input: `${text}#${textAt(row, 'checksum')}` }, true);
      yield verdictOutcome(`${text}, read`, isText(reading) ? `refused: ${reading}` : null);
    }
  },
};

export const judges: readonly Judge[] = [validJudge, invalidJudge, privateJudge, checksumJudge];
