// musig() in descriptors (BIP390; Core ParsePubkey): several keys, and a path behind the bracket that is walked from their aggregate.

import { HARDENED_START } from '../keys/extended-key.ts';
import {
  countMostPaths,
  countPaths,
  isRangedKey,
  type KeyExpression,
  type MusigKey,
  type ScriptKey,
} from './descriptor.ts';
import { DescriptorError, DescriptorText } from './descriptor-text.ts';
import { type DescriptorPlace, type DescriptorReading, parseKey, parsePath } from './parse-key.ts';

/** Reads a key that stands in a script: one with its origin, or musig(). */
export function parseScriptKey(text: string, place: DescriptorPlace, reading: DescriptorReading): ScriptKey {
  if (!text.startsWith('musig(')) return parseKey(text, place, reading);
  if (place !== 'tr') throw new DescriptorError('musig() is only allowed in tr() and rawtr()');
  const [inner, steps, ...more] = text.slice('musig('.length).split(')');
  if (more.length > 0) throw new DescriptorError("Too many ')' in musig() expression");
  if (steps === undefined || !(steps === '' || steps.startsWith('/'))) {
    throw new DescriptorError('Invalid musig() expression');
  }
  const participants = parseParticipants(inner!, reading);
  const { paths, range } = parseSteps(steps, participants);
  if (paths.length > 1 && countMostPaths(participants) > 1) {
    throw new DescriptorError('musig(): Cannot have multipath participant keys if musig() is also multipath');
  }
  return { kind: 'musig', participants, paths, range };
}

function parseParticipants(text: string, reading: DescriptorReading): readonly KeyExpression[] {
  const source = new DescriptorText(text);
  const participants: KeyExpression[] = [];
  while (!source.isEmpty) {
    if (participants.length > 0 && !source.take(',')) {
      throw new DescriptorError(`musig(): expected ',', got '${source.rest[0]}'`);
    }
    participants.push(parseParticipant(source.takeExpression().rest, reading));
  }
  if (participants.length === 0) throw new DescriptorError('musig(): Must contain key expressions');
  const count = countMostPaths(participants);
  if (participants.some((key) => countPaths(key) !== 1 && countPaths(key) !== count)) {
    throw new DescriptorError('musig(): Multipath derivation paths have mismatched lengths');
  }
  return participants;
}

function parseParticipant(text: string, reading: DescriptorReading): KeyExpression {
  try {
    return parseKey(text, 'musig', reading);
  } catch (error) {
    if (!(error instanceof DescriptorError)) throw error;
    throw new DescriptorError(`musig(): ${error.message}`);
  }
}

function parseSteps(text: string, participants: readonly KeyExpression[]): Pick<MusigKey, 'paths' | 'range'> {
  if (text === '') return { paths: [[]], range: 'none' };
  if (!participants.every(({ kind }) => kind === 'derived')) {
    throw new DescriptorError('musig(): derivation requires all participants to be xpubs or xprvs');
  }
  if (participants.some(isRangedKey)) {
    throw new DescriptorError('musig(): Cannot have ranged participant keys if musig() also has derivation');
  }
  const steps = text.slice(1).split('/');
  const last = steps.at(-1)!;
  if (last === "*'" || last === '*h') throw new DescriptorError('musig(): Cannot have hardened child derivation');
  const isRow = last === '*';
  const paths = parseUnhardened(isRow ? steps.slice(0, -1) : steps);
  return { paths, range: isRow ? 'unhardened' : 'none' };
}

function parseUnhardened(steps: readonly string[]): MusigKey['paths'] {
  let paths: MusigKey['paths'];
  try {
    paths = parsePath(steps, true, false).paths;
  } catch (error) {
    if (!(error instanceof DescriptorError)) throw error;
    throw new DescriptorError(`musig(): ${error.message}`);
  }
  if (paths.some((path) => path.some((step) => step >= HARDENED_START))) {
    throw new DescriptorError('musig(): cannot have hardened derivation steps');
  }
  return paths;
}
