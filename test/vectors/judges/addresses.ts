// Judges of addresses and exported keys: Core's base58 and key_io files, the older base58 key files, BIP173 and BIP350. The
// prefixes of the networks are typed here again by hand, so that they cannot drift along with the code.

import { base58, bech32, bech32m } from '@scure/base';
import { toHex } from '../../../src/kernel/util/bytes.ts';
import { type AddressPrefixes, formatAddress, parseAddress } from '../../../src/wallet/address.ts';
import { formatWif, parseWif } from '../../../src/wallet/keys/wif.ts';
import { type CaseOutcome, compareOutcome, isInside, type Judge, verdictOutcome } from '../judge.ts';
import { hexAt, isArrayOf, isHex, isObject, isText, type JsonObject, listAt, textAt } from '../shape.ts';

/** Prefixes of one network, with that of exported keys. */
export interface TextPrefixes extends AddressPrefixes {
  readonly secretKey: number;
}

const TEST_PREFIXES: TextPrefixes = { pubKeyHash: 111, scriptHash: 196, secretKey: 239, bech32Hrp: 'tb' };

/** By the names that Core's files use. */
export const NETWORK_PREFIXES: Readonly<Record<string, TextPrefixes>> = {
  main: { pubKeyHash: 0, scriptHash: 5, secretKey: 128, bech32Hrp: 'bc' },
  test: TEST_PREFIXES,
  testnet3: TEST_PREFIXES,
  testnet4: TEST_PREFIXES,
  signet: TEST_PREFIXES,
  regtest: { ...TEST_PREFIXES, bech32Hrp: 'bcrt' },
};

function prefixesOf(name: string): TextPrefixes {
  const prefixes = NETWORK_PREFIXES[name];
  if (prefixes === undefined) throw new TypeError(`unknown network ${name}`);
  return prefixes;
}

type Row = readonly unknown[];

function isRow(value: unknown): value is Row {
  return Array.isArray(value);
}

function rowsOf(json: unknown): readonly Row[] {
  return isArrayOf(json, isRow) ? json : [];
}

/** Rows [hex, text] and back. */
const base58Judge: Judge = {
  name: 'base58',
  matches: (file) => {
    const rows = isInside(file, 'formats') ? rowsOf(file.tryJson()) : [];
    return rows.length > 0 && rows.every((row) => row.length === 2 && isHex(row[0], 0) && isText(row[1]));
  },
  *run(file) {
    for (const [hex, text] of rowsOf(file.json()) as readonly (readonly [string, string])[]) {
      yield compareOutcome(`decode ${text || 'nothing'}`, toHex(base58.decode(text)), hex.toLowerCase());
      yield compareOutcome(`encode ${hex || 'nothing'}`, base58.encode(Uint8Array.from(fromPairs(hex))), text);
    }
  },
};

function fromPairs(hex: string): number[] {
  return (hex.match(/../g) ?? []).map((pair) => Number(`0x${pair}`));
}

/** Rows [text, script or key hex, {chain, isPrivkey, isCompressed?, tryCaseFlip?}] of Core's key_io_valid. */
const keyIoValidJudge: Judge = {
  name: 'addresses and keys, valid',
  matches: (file) => {
    const rows = isInside(file, 'formats') ? rowsOf(file.tryJson()) : [];
    return rows.length > 0 && rows.every((row) => isText(row[0]) && isHex(row[1]) && isObject(row[2], 'chain'));
  },
  *run(file) {
    for (const [text, hex, facts] of rowsOf(file.json()) as readonly (readonly [string, string, JsonObject])[]) {
      yield verdictOutcome(
        text,
        facts['isPrivkey'] ? checkKeyRow(text, hex, facts) : checkAddressRow(text, hex, facts),
      );
    }
  },
};

function checkKeyRow(text: string, hex: string, facts: JsonObject): string | null {
  const { secretKey, ...prefixes } = prefixesOf(textAt(facts, 'chain'));
  const key = parseWif(text, secretKey);
  if (!key.ok) return `refused as a key: ${key.error.kind}`;
  if (toHex(key.value.secret) !== hex) return `secret ${toHex(key.value.secret)}, expected ${hex}`;
  if (key.value.isCompressed !== facts['isCompressed']) return `compressed: ${key.value.isCompressed}`;
  if (formatWif(key.value, secretKey) !== text) return `written again: ${formatWif(key.value, secretKey)}`;
  return parseAddress(text, prefixes).ok ? 'a key was taken for an address' : null;
}

function checkAddressRow(text: string, hex: string, facts: JsonObject): string | null {
  const prefixes = prefixesOf(textAt(facts, 'chain'));
  const script = parseAddress(text, prefixes);
  if (!script.ok) return `refused: ${script.error.kind}`;
  if (toHex(script.value) !== hex) return `script ${toHex(script.value)}, expected ${hex}`;
  const again = formatAddress(script.value, prefixes);
  if (again?.toLowerCase() !== text.toLowerCase()) return `written again: ${again}`;
  if (parseWif(text, prefixes.secretKey).ok) return 'an address was taken for a key';
  const flipped = parseAddress(flipCase(text), prefixes);
  if (facts['tryCaseFlip'] !== true) return flipped.ok ? 'accepted with the case of its letters flipped' : null;
  if (!flipped.ok) return `refused with the case of its letters flipped: ${flipped.error.kind}`;
  return toHex(flipped.value) === hex ? null : `another script with flipped case: ${toHex(flipped.value)}`;
}

function flipCase(text: string): string {
  return [...text]
    .map((letter) => (letter === letter.toLowerCase() ? letter.toUpperCase() : letter.toLowerCase()))
    .join('');
}

/** Rows [text]: neither an address nor a key on any network. Serves the older invalid base58 keys, too. */
const keyIoInvalidJudge: Judge = {
  name: 'addresses and keys, invalid',
  matches: (file) => {
    const rows = isInside(file, 'formats') ? rowsOf(file.tryJson()) : [];
    return rows.length > 0 && rows.every((row) => row.length === 1 && isText(row[0]));
  },
  *run(file) {
    for (const [text] of rowsOf(file.json()) as readonly (readonly [string])[]) {
      const accepting = Object.keys(NETWORK_PREFIXES).filter((name) => {
        const prefixes = prefixesOf(name);
        return parseAddress(text, prefixes).ok || parseWif(text, prefixes.secretKey).ok;
      });
      yield verdictOutcome(text, accepting.length === 0 ? null : `accepted on ${accepting.join(', ')}`);
    }
  },
};

/** Rows [text, payload hex, {isPrivkey, isTestnet, addrType? | isCompressed?}] of Core's older base58_keys_valid. */
const base58KeysJudge: Judge = {
  name: 'base58 keys, valid',
  matches: (file) => {
    const rows = isInside(file, 'formats') ? rowsOf(file.tryJson()) : [];
    return rows.length > 0 && rows.every((row) => isText(row[0]) && isHex(row[1]) && isObject(row[2], 'isTestnet'));
  },
  *run(file) {
    for (const [text, hex, facts] of rowsOf(file.json()) as readonly (readonly [string, string, JsonObject])[]) {
      yield verdictOutcome(text, checkBase58KeyRow(text, hex, facts));
    }
  },
};

function checkBase58KeyRow(text: string, hex: string, facts: JsonObject): string | null {
  const chain = facts['isTestnet'] === true ? 'test' : 'main';
  if (facts['isPrivkey'] === true) return checkKeyRow(text, hex, { ...facts, chain });
  const script = facts['addrType'] === 'script' ? `a914${hex}87` : `76a914${hex}88ac`;
  return checkAddressRow(text, script, { ...facts, chain });
}

/** The lists that were lifted out of BIP173 and BIP350. */
const bech32Judge: Judge = {
  name: 'bech32 and bech32m',
  matches: (file) => isObject(file.tryJson(), 'valid_segwit', 'invalid_segwit'),
  *run(file) {
    const json = file.json() as JsonObject;
    const isAmended = 'valid_bech32m' in json;
    const codec = isAmended ? bech32m : bech32;
    for (const text of listAt(json, 'valid_bech32').concat(listAt(json, 'valid_bech32m')).filter(isText)) {
      yield verdictOutcome(text, checkBech32Again(codec, text));
    }
    for (const row of listAt(json, 'invalid') as readonly JsonObject[]) {
      const text = latin1(hexAt(row, 'bytes_hex'));
      yield verdictOutcome(text, codec.decodeUnsafe(text) ? 'accepted' : null, textAt(row, 'reason'));
    }
    for (const row of listAt(json, 'valid_segwit') as readonly JsonObject[]) {
      yield judgeValidWitnessAddress(textAt(row, 'address'), textAt(row, 'scriptPubKey'), isAmended);
    }
    for (const row of listAt(json, 'invalid_segwit') as readonly JsonObject[]) {
      const text = textAt(row, 'address');
      yield verdictOutcome(text || '(empty)', acceptedAs(text) === null ? null : 'accepted', textAt(row, 'reason'));
    }
  },
};

function checkBech32Again(codec: typeof bech32, text: string): string | null {
  const decoded = codec.decodeUnsafe(text);
  if (!decoded) return 'refused';
  const again = codec.encode(decoded.prefix, decoded.words);
  return again === text.toLowerCase() ? null : `written again: ${again}`;
}

function latin1(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes);
}

/** The script that a text stands for on the first network that accepts it, as hex; null when none does. */
function acceptedAs(text: string): string | null {
  for (const name of Object.keys(NETWORK_PREFIXES)) {
    const parsed = parseAddress(text, prefixesOf(name));
    if (parsed.ok) return toHex(parsed.value);
  }
  return null;
}

/** BIP350 replaced the checksum of versions above 0: what BIP173 calls valid there must be refused since. */
function judgeValidWitnessAddress(text: string, scriptHex: string, isAmended: boolean): CaseOutcome {
  const isReplaced = !isAmended && !scriptHex.startsWith('00');
  const expected = isReplaced ? null : scriptHex;
  return compareOutcome(text, acceptedAs(text), expected, isReplaced ? 'replaced by BIP350' : undefined);
}

export const judges: readonly Judge[] = [keyIoValidJudge, base58KeysJudge, keyIoInvalidJudge, base58Judge, bech32Judge];
