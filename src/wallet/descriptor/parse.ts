// Reading output descriptors (BIP380 and those after it; Core Parse, ParseScript). Texts come from outside: every error is a value
// with Core's sentence. What is none of the functions here may be a miniscript (parse-miniscript.ts).

import {
  MAX_PUBKEYS_PER_MULTI_A,
  MAX_PUBKEYS_PER_MULTISIG,
  MAX_SCRIPT_ELEMENT_SIZE,
} from '../../kernel/script/script.ts';
import { TAPROOT_DEPTH_MAX } from '../../kernel/script/taproot.ts';
import { assert } from '../../kernel/util/assert.ts';
import { parseHex, toHex } from '../../kernel/util/bytes.ts';
import { err, ok, type Result } from '../../kernel/util/result.ts';
import { runAllSteps, type Steps } from '../../kernel/util/steps.ts';
import { parseAddress } from '../address.ts';
import { stripDescriptorChecksum } from './checksum.ts';
import {
  countMostPaths,
  countPaths,
  countVariants,
  type Descriptor,
  isRangedKey,
  type MultiKeyType,
  type ScriptKey,
  type SingleKeyType,
  scriptKeysOf,
  selectKeyVariant,
  selectVariant,
  type TreeLeaf,
} from './descriptor.ts';
import { DescriptorError, DescriptorText, isHexText, parseUint32 } from './descriptor-text.ts';
import { DescriptorExpander } from './expand.ts';
import { formatKey } from './format.ts';
import { KeyRing } from './key-ring.ts';
import { formatMiniscript } from './miniscript/format-miniscript.ts';
import { parseMiniscript } from './miniscript/parse-miniscript.ts';
import { judgeMiniscript } from './miniscript/sanity.ts';
import type { DescriptorPlace, DescriptorReading } from './parse-key.ts';
import { parseScriptKey } from './parse-musig.ts';

/** Most keys of a multisig output that is no hash. */
const BARE_MULTISIG_KEYS_MAX = 3;

/** Most keys of one text that are derived to see whether they are the same: a millisecond each without a native library (R15). */
const COMPARISONS_MAX = 500;

/** How a text is read, and how many of its keys may still be derived for comparison. */
interface BoundedReading extends DescriptorReading {
  readonly comparisons: { left: number };
}

/**
 * The descriptors of a text: one, or as many as its keys give alternatives. The error is a sentence; it is empty for a text that goes
 * on after a descriptor, as in Core.
 */
export function parseDescriptor(
  text: string,
  reading: DescriptorReading,
  options: ParseOptions = {},
): Result<readonly Descriptor[], string> {
  return runAllSteps(parseDescriptorSteps(text, reading, options));
}

/** What is asked of a text. */
export interface ParseOptions {
  readonly requiresChecksum?: boolean;
}

/** The same in steps: a text may have hundreds of keys. */
export function* parseDescriptorSteps(
  text: string,
  reading: DescriptorReading,
  options: ParseOptions = {},
): Steps<Result<readonly Descriptor[], string>> {
  const body = stripDescriptorChecksum(text, options.requiresChecksum === true);
  if (!body.ok) return body;
  try {
    const source = new DescriptorText(body.value);
    yield;
    const descriptor = yield* parseExpression(source, 'top', { ...reading, comparisons: { left: COMPARISONS_MAX } });
    if (!source.isEmpty) return err('');
    yield;
    const count = countVariants(descriptor);
    return ok(Array.from({ length: count }, (_, variant) => selectVariant(descriptor, variant)));
  } catch (error) {
    if (error instanceof DescriptorError) return err(error.message);
    throw error;
  }
}

const SINGLE_KEY_TYPES: readonly SingleKeyType[] = ['pk', 'pkh', 'combo', 'wpkh', 'rawtr', 'unused'];
const MULTI_KEY_TYPES: readonly MultiKeyType[] = ['multi', 'sortedmulti', 'multi_a', 'sortedmulti_a'];

/** Functions that may not stand everywhere. */
type PlacedType = Exclude<Descriptor['type'], 'pk' | 'miniscript'>;

/** Where functions may stand, and Core's sentence where they may not. pk() may stand everywhere; pkh() elsewhere is miniscript. */
const PLACES: Readonly<Record<PlacedType, readonly [places: DescriptorPlace[], error: string]>> = Object.freeze({
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
function enter(source: DescriptorText, type: PlacedType, place: DescriptorPlace): boolean {
  const [places, error] = PLACES[type];
  const isAllowed = places.includes(place);
  if (!isAllowed && error === '') return false;
  if (!source.enter(type)) return false;
  if (!isAllowed) throw new DescriptorError(error);
  return true;
}

/** Reads one expression. It calls itself for sh(), wsh() and leaves only, which cannot stand in each other: four levels at most. */
function* parseExpression(outer: DescriptorText, place: DescriptorPlace, reading: BoundedReading): Steps<Descriptor> {
  const source = outer.takeExpression();
  for (const type of SINGLE_KEY_TYPES) {
    const isCall = type === 'pk' ? source.enter(type) : enter(source, type, place);
    if (isCall) return parseSingleKey(source, type, place, reading);
  }
  for (const type of MULTI_KEY_TYPES) {
    if (enter(source, type, place)) return yield* parseMultiKey(source, type, place, reading);
  }
  for (const type of ['sh', 'wsh'] as const) {
    if (!enter(source, type, place)) continue;
    const inner = yield* parseExpression(source, type, reading);
    if (!source.isEmpty) throw new DescriptorError('');
    return { type, inner };
  }
  if (enter(source, 'addr', place)) return parseAddressOutput(source, reading);
  if (enter(source, 'tr', place)) return yield* parseTree(source, reading);
  if (enter(source, 'raw', place)) return parseRawOutput(source);
  const miniscript = yield* parseMiniscriptPart(source.rest, place, reading);
  if (miniscript !== null) return miniscript;
  if (place === 'sh') throw new DescriptorError('A function is needed within P2SH');
  if (place === 'wsh') throw new DescriptorError('A function is needed within P2WSH');
  throw new DescriptorError(`'${source.rest}' is not a valid descriptor function`);
}

/** A miniscript, which may stand in wsh() and tr() and must be sane; null when the text is none. */
function* parseMiniscriptPart(text: string, place: DescriptorPlace, reading: BoundedReading): Steps<Descriptor | null> {
  const context = place === 'wsh' ? 'wsh' : 'tapscript';
  const keys: ScriptKey[] = [];
  const keyPlace = context === 'wsh' ? 'wsh' : 'tr';
  const root = yield* parseMiniscript(
    text,
    context,
    (keyText) => keys.push(parseScriptKey(keyText, keyPlace, reading)) - 1,
  );
  if (root === null) return null;
  if (place !== 'wsh' && place !== 'tr') {
    throw new DescriptorError('Miniscript expressions can only be used in wsh or tr.');
  }
  const { prefixes } = reading;
  const names: string[] = [];
  for (const key of keys) {
    yield;
    names.push(nameKey(key, reading));
  }
  yield;
  const { insanity, limits } = judgeMiniscript(root, context, names);
  if (insanity !== null) {
    const formatOne = (key: number): string => formatKey(selectKeyVariant(keys[key]!, 0), prefixes);
    throw new DescriptorError(formatMiniscript(insanity.node, formatOne) + insanity.words);
  }
  assert(limits !== null, 'miniscript: what is sane can be satisfied');
  checkAlternatives(keys, 'Miniscript: Multipath derivation paths have mismatched lengths');
  return { type: 'miniscript', context, root, keys, limits };
}

/** A name that two keys share only if they are one: the first public key, or the text where that takes a secret or too much time. */
function nameKey(key: ScriptKey, { prefixes, secp, comparisons }: BoundedReading): string {
  const first = selectKeyVariant(key, 0);
  if (first.kind === 'fixed') return toHex(first.publicKey);
  if (comparisons.left === 0) return formatKey(first, prefixes);
  comparisons.left--;
  const ring = new KeyRing();
  const [script] = new DescriptorExpander(ring, secp).expand({ type: 'pk', key: first, isInTree: false }, 0) ?? [];
  // A push of the key, and OP_CHECKSIG.
  return script === undefined ? formatKey(first, prefixes) : toHex(script.subarray(1, -1));
}

/** Reads a key; errors begin with the name of what it stands in. */
function parseNamedKey(text: string, place: DescriptorPlace, name: string, reading: DescriptorReading): ScriptKey {
  try {
    return parseScriptKey(text, place, reading);
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
    const key = type === 'rawtr' ? parseNamedKey(text, 'tr', 'rawtr()', reading) : parseScriptKey(text, place, reading);
    if (type === 'unused' && isRangedKey(key)) {
      throw new DescriptorError('unused(): key cannot be ranged');
    }
    return { type, key, isInTree };
  }
  const keyPlace = type === 'wpkh' ? 'wpkh' : place;
  return { type, key: parseNamedKey(source.rest, keyPlace, `${type}()`, reading), isInTree };
}

function* parseMultiKey(
  source: DescriptorText,
  type: MultiKeyType,
  place: DescriptorPlace,
  reading: DescriptorReading,
): Steps<Descriptor> {
  const threshold = source.takeExpression().rest;
  const required = parseUint32(threshold);
  if (required === null) throw new DescriptorError(`Multi threshold '${threshold}' is not valid`);
  const keys: ScriptKey[] = [];
  while (!source.isEmpty) {
    if (!source.take(',')) throw new DescriptorError(`Multi: expected ',', got '${source.rest[0]}'`);
    yield;
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

function checkRedeemScriptSize(keys: readonly ScriptKey[]): void {
  let size = 3;
  for (const key of keys) size += 1 + (key.kind === 'fixed' ? key.publicKey.length : 33);
  if (size <= MAX_SCRIPT_ELEMENT_SIZE) return;
  throw new DescriptorError(`P2SH script is too large, ${size} bytes is larger than ${MAX_SCRIPT_ELEMENT_SIZE} bytes`);
}

/** Keys give equally many alternatives, or one for all. */
function checkAlternatives(keys: readonly ScriptKey[], error: string): void {
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

function* parseTree(source: DescriptorText, reading: BoundedReading): Steps<Descriptor> {
  const internalKey = parseNamedKey(source.takeExpression().rest, 'tr', 'tr()', reading);
  const leaves = source.isEmpty ? [] : yield* parseLeaves(source, reading);
  checkTreeAlternatives(internalKey, leaves);
  return { type: 'tr', internalKey, leaves };
}

function* parseLeaves(source: DescriptorText, reading: BoundedReading): Steps<readonly TreeLeaf[]> {
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
    leaves.push({ depth: branches.length, descriptor: yield* parseExpression(text, 'tr', reading) });
    yield;
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

function checkTreeAlternatives(internalKey: ScriptKey, leaves: readonly TreeLeaf[]): void {
  checkAlternatives(
    leaves.length === 0 ? [internalKey] : leaves.flatMap((leaf) => scriptKeysOf(leaf.descriptor)),
    'tr(): Multipath subscripts have mismatched lengths',
  );
  const own = countPaths(internalKey);
  const most = countMostPaths([internalKey, ...leaves.flatMap((leaf) => scriptKeysOf(leaf.descriptor))]);
  if (own > 1 && own !== most) {
    throw new DescriptorError('tr(): Multipath internal key mismatches multipath subscripts lengths');
  }
}
