// Reading output descriptors (BIP380 and those after it; Core Parse, ParseScript). Texts come from outside: every error is a value
// with Core's sentence. musig() and miniscript are not among the functions that are known here.

import {
  MAX_PUBKEYS_PER_MULTI_A,
  MAX_PUBKEYS_PER_MULTISIG,
  MAX_SCRIPT_ELEMENT_SIZE,
} from '../../kernel/script/script.ts';
import { TAPROOT_DEPTH_MAX } from '../../kernel/script/taproot.ts';
import { parseHex } from '../../kernel/util/bytes.ts';
import { err, ok, type Result } from '../../kernel/util/result.ts';
import { parseAddress } from '../address.ts';
import { stripDescriptorChecksum } from './checksum.ts';
import {
  countMostPaths,
  countPaths,
  countVariants,
  type Descriptor,
  type KeyExpression,
  keysOf,
  type MultiKeyType,
  type SingleKeyType,
  selectVariant,
  type TreeLeaf,
} from './descriptor.ts';
import { DescriptorError, DescriptorText, isHexText, parseUint32 } from './descriptor-text.ts';
import { type DescriptorPlace, type DescriptorReading, parseKey } from './parse-key.ts';

/** Most keys of a multisig output that is no hash. */
const BARE_MULTISIG_KEYS_MAX = 3;

/**
 * The descriptors of a text: one, or as many as its keys give alternatives. The error is a sentence; it is empty for a text that goes
 * on after a descriptor, as in Core.
 */
export function parseDescriptor(
  text: string,
  reading: DescriptorReading,
  options: { readonly requiresChecksum?: boolean } = {},
): Result<readonly Descriptor[], string> {
  const body = stripDescriptorChecksum(text, options.requiresChecksum === true);
  if (!body.ok) return body;
  try {
    const source = new DescriptorText(body.value);
    const descriptor = parseExpression(source, 'top', reading);
    if (!source.isEmpty) return err('');
    const count = countVariants(descriptor);
    return ok(Array.from({ length: count }, (_, variant) => selectVariant(descriptor, variant)));
  } catch (error) {
    if (error instanceof DescriptorError) return err(error.message);
    throw error;
  }
}

const SINGLE_KEY_TYPES: readonly SingleKeyType[] = ['pk', 'pkh', 'combo', 'wpkh', 'rawtr', 'unused'];
const MULTI_KEY_TYPES: readonly MultiKeyType[] = ['multi', 'sortedmulti', 'multi_a', 'sortedmulti_a'];

/** Where functions may stand, and Core's sentence where they may not. pk() may stand everywhere; pkh() elsewhere is miniscript. */
const PLACES: Readonly<Record<Exclude<Descriptor['type'], 'pk'>, readonly [places: DescriptorPlace[], error: string]>> =
  Object.freeze({
    pkh: [['top', 'sh', 'wsh'], ''],
    combo: [['top'], 'Can only have combo() at top level'],
    wpkh: [['top', 'sh'], 'Can only have wpkh() at top level or inside sh()'],
    rawtr: [['top'], 'Can only have rawtr at top level'],
    unused: [['top'], 'Can only have unused at top level'],
    multi: [['top', 'sh', 'wsh'], 'Can only have multi/sortedmulti at top level, in sh(), or in wsh()'],
    sortedmulti: [['top', 'sh', 'wsh'], 'Can only have multi/sortedmulti at top level, in sh(), or in wsh()'],
    multi_a: [['tr'], 'Can only have multi_a/sortedmulti_a inside tr()'],
    sortedmulti_a: [['tr'], 'Can only have multi_a/sortedmulti_a inside tr()'],
    sh: [['top'], 'Can only have sh() at top level'],
    wsh: [['top', 'sh'], 'Can only have wsh() at top level or inside sh()'],
    addr: [['top'], 'Can only have addr() at top level'],
    raw: [['top'], 'Can only have raw() at top level'],
    tr: [['top'], 'Can only have tr at top level'],
  });

/** Turns to what is inside a call of the function; throws where it may not stand. */
function enter(source: DescriptorText, type: Exclude<Descriptor['type'], 'pk'>, place: DescriptorPlace): boolean {
  const [places, error] = PLACES[type];
  const isAllowed = places.includes(place);
  if (!isAllowed && error === '') return false;
  if (!source.enter(type)) return false;
  if (!isAllowed) throw new DescriptorError(error);
  return true;
}

/** Reads one expression. It calls itself for sh(), wsh() and leaves only, which cannot stand in each other: four levels at most. */
function parseExpression(outer: DescriptorText, place: DescriptorPlace, reading: DescriptorReading): Descriptor {
  const source = outer.takeExpression();
  for (const type of SINGLE_KEY_TYPES) {
    const isCall = type === 'pk' ? source.enter(type) : enter(source, type, place);
    if (isCall) return parseSingleKey(source, type, place, reading);
  }
  for (const type of MULTI_KEY_TYPES) {
    if (enter(source, type, place)) return parseMultiKey(source, type, place, reading);
  }
  for (const type of ['sh', 'wsh'] as const) {
    if (!enter(source, type, place)) continue;
    const inner = parseExpression(source, type, reading);
    if (!source.isEmpty) throw new DescriptorError('');
    return { type, inner };
  }
  if (enter(source, 'addr', place)) return parseAddressOutput(source, reading);
  if (enter(source, 'tr', place)) return parseTree(source, reading);
  if (enter(source, 'raw', place)) return parseRawOutput(source);
  if (place === 'sh') throw new DescriptorError('A function is needed within P2SH');
  if (place === 'wsh') throw new DescriptorError('A function is needed within P2WSH');
  throw new DescriptorError(`'${source.rest}' is not a valid descriptor function`);
}

/** Reads a key; errors begin with the name of what it stands in. */
function parseNamedKey(text: string, place: DescriptorPlace, name: string, reading: DescriptorReading): KeyExpression {
  try {
    return parseKey(text, place, reading);
  } catch (error) {
    if (!(error instanceof DescriptorError)) throw error;
    throw new DescriptorError(`${name}: ${error.message}`);
  }
}

function parseSingleKey(
  source: DescriptorText,
  type: SingleKeyType,
  place: DescriptorPlace,
  reading: DescriptorReading,
): Descriptor {
  const isInTree = place === 'tr';
  if (type === 'rawtr' || type === 'unused') {
    const text = source.takeExpression().rest;
    if (!source.isEmpty) {
      throw new DescriptorError(
        type === 'rawtr' ? 'rawtr(): only one key expected.' : 'unused(): only one key expected',
      );
    }
    const key = type === 'rawtr' ? parseNamedKey(text, 'tr', 'rawtr()', reading) : parseKey(text, place, reading);
    if (type === 'unused' && key.kind === 'derived' && key.range !== 'none') {
      throw new DescriptorError('unused(): key cannot be ranged');
    }
    return { type, key, isInTree };
  }
  const keyPlace = type === 'wpkh' ? 'wpkh' : place;
  return { type, key: parseNamedKey(source.rest, keyPlace, `${type}()`, reading), isInTree };
}

function parseMultiKey(
  source: DescriptorText,
  type: MultiKeyType,
  place: DescriptorPlace,
  reading: DescriptorReading,
): Descriptor {
  const threshold = source.takeExpression().rest;
  const required = parseUint32(threshold);
  if (required === null) throw new DescriptorError(`Multi threshold '${threshold}' is not valid`);
  const keys: KeyExpression[] = [];
  while (!source.isEmpty) {
    if (!source.take(',')) throw new DescriptorError(`Multi: expected ',', got '${source.rest[0]}'`);
    keys.push(parseNamedKey(source.takeExpression().rest, place, 'Multi', reading));
  }
  checkMultiKeyCount(type, required, keys.length);
  if (place === 'top' && keys.length > BARE_MULTISIG_KEYS_MAX) {
    throw new DescriptorError(`Cannot have ${keys.length} pubkeys in bare multisig; only at most 3 pubkeys`);
  }
  if (place === 'sh') checkRedeemScriptSize(keys);
  checkAlternatives(keys, 'multi(): Multipath derivation paths have mismatched lengths');
  return { type, required, keys };
}

function checkMultiKeyCount(type: MultiKeyType, required: number, keyCount: number): void {
  const isInTree = type.endsWith('_a');
  const keyCountMax = isInTree ? MAX_PUBKEYS_PER_MULTI_A : MAX_PUBKEYS_PER_MULTISIG;
  if (keyCount === 0 || keyCount > keyCountMax) {
    throw new DescriptorError(
      `Cannot have ${keyCount} keys in ${isInTree ? 'multi_a' : 'multisig'}; must have between 1 and ${keyCountMax} keys, inclusive`,
    );
  }
  if (required < 1) throw new DescriptorError(`Multisig threshold cannot be ${required}, must be at least 1`);
  if (required > keyCount) {
    throw new DescriptorError(
      `Multisig threshold cannot be larger than the number of keys; threshold is ${required} but only ${keyCount} keys specified`,
    );
  }
}

function checkRedeemScriptSize(keys: readonly KeyExpression[]): void {
  let size = 3;
  for (const key of keys) size += 1 + (key.kind === 'fixed' ? key.publicKey.length : 33);
  if (size <= MAX_SCRIPT_ELEMENT_SIZE) return;
  throw new DescriptorError(`P2SH script is too large, ${size} bytes is larger than ${MAX_SCRIPT_ELEMENT_SIZE} bytes`);
}

/** Keys give equally many alternatives, or one for all. */
function checkAlternatives(keys: readonly KeyExpression[], error: string): void {
  const count = countMostPaths(keys);
  if (keys.some((key) => countPaths(key) !== 1 && countPaths(key) !== count)) throw new DescriptorError(error);
}

function parseAddressOutput(source: DescriptorText, { prefixes }: DescriptorReading): Descriptor {
  const parsed = parseAddress(source.rest, prefixes);
  if (!parsed.ok) throw new DescriptorError('Address is not valid');
  return { type: 'addr', script: parsed.value };
}

function parseRawOutput(source: DescriptorText): Descriptor {
  const parsed = parseHex(source.rest);
  if (!isHexText(source.rest) || !parsed.ok) throw new DescriptorError('Raw script is not hex');
  return { type: 'raw', script: parsed.value };
}

function parseTree(source: DescriptorText, reading: DescriptorReading): Descriptor {
  const internalKey = parseNamedKey(source.takeExpression().rest, 'tr', 'tr()', reading);
  const leaves = source.isEmpty ? [] : parseLeaves(source, reading);
  checkTreeAlternatives(internalKey, leaves);
  return { type: 'tr', internalKey, leaves };
}

function parseLeaves(source: DescriptorText, reading: DescriptorReading): readonly TreeLeaf[] {
  if (!source.take(',')) throw new DescriptorError(`tr: expected ',', got '${source.rest[0]}'`);
  const leaves: TreeLeaf[] = [];
  /** The way from the root to where we are: whether each step goes right. */
  const branches: boolean[] = [];
  do {
    while (source.take('{')) {
      branches.push(false);
      if (branches.length > TAPROOT_DEPTH_MAX) {
        throw new DescriptorError(`tr() supports at most ${TAPROOT_DEPTH_MAX} nesting levels`);
      }
    }
    const text = source.takeExpression();
    leaves.push({ depth: branches.length, descriptor: parseExpression(text, 'tr', reading) });
    while (branches.at(-1) === true) {
      if (!source.take('}')) throw new DescriptorError("tr(): expected '}' after script expression");
      branches.pop();
    }
    if (branches.length > 0) {
      if (!source.take(',')) throw new DescriptorError("tr(): expected ',' after script expression");
      branches[branches.length - 1] = true;
    }
  } while (branches.length > 0);
  if (!source.isEmpty) throw new DescriptorError("tr(): expected ')' after script expression");
  return leaves;
}

function checkTreeAlternatives(internalKey: KeyExpression, leaves: readonly TreeLeaf[]): void {
  checkAlternatives(
    leaves.length === 0 ? [internalKey] : leaves.flatMap((leaf) => keysOf(leaf.descriptor)),
    'tr(): Multipath subscripts have mismatched lengths',
  );
  const own = countPaths(internalKey);
  const most = countMostPaths([internalKey, ...leaves.flatMap((leaf) => keysOf(leaf.descriptor))]);
  if (own > 1 && own !== most) {
    throw new DescriptorError('tr(): Multipath internal key mismatches multipath subscripts lengths');
  }
}
