// What an RPC method looks like from outside, as data: its name and category, its parameters, its results, examples. Parameter checks,
// named arguments, help texts, getopenrpcinfo, the command line and the check of results are all derived from this one description
// (Core RPCMethod, RPCArg, RPCResult).

import type { JsonOutput } from './json/json-value.ts';

/** Headings of `help`, in their order; hidden methods are not listed. */
export type MethodCategory =
  | 'blockchain'
  | 'control'
  | 'hidden'
  | 'mining'
  | 'network'
  | 'rawtransactions'
  | 'signer'
  | 'tallystick'
  | 'util'
  | 'wallet'
  | 'zmq';

/** How a parameter is given. */
export type ParameterType =
  | 'string'
  | 'hex'
  | 'number'
  /** Number or text, in bitcoin unless the description says otherwise. */
  | 'amount'
  /** A number, or an array of two. */
  | 'range'
  | 'boolean'
  | 'object'
  /** An object whose fields may also be given as named arguments of the method. */
  | 'named-options'
  /** An object whose keys are the caller's. */
  | 'user-keys'
  | 'array';

/** One parameter, or one field or item of one. */
export interface ParameterSpec {
  /** Its name; further names after bars. */
  readonly names: string;
  readonly type: ParameterType;
  readonly description: string;
  /** It may be left out, without anything standing for it. Parameters with a default are optional, too. */
  readonly isOptional?: boolean;
  /** What stands for it when it is left out. */
  readonly default?: JsonOutput;
  /** The same in words, where it is no constant. */
  readonly defaultHint?: string;
  /** Fields of an object, items of an array. */
  readonly inner?: readonly ParameterSpec[];
  /** How it stands in the first line of the help, where that is not its name. */
  readonly oneline?: string;
  /** Its type in the help: as a field, and in words. */
  readonly typeTexts?: readonly [field: string, words: string];
  /** Any type is taken, and looked at by the method itself. */
  readonly skipsTypeCheck?: boolean;
  /** Not in the help; nor are those after it. */
  readonly isHidden?: boolean;
  /** A named option that is also the name of a parameter. */
  readonly isAlsoPositional?: boolean;
}

/** What a result, or a part of one, is. */
export type ResultType =
  | 'object'
  | 'array'
  | 'array-fixed'
  /** An object whose keys are not known before. */
  | 'object-dynamic'
  | 'string'
  | 'number'
  | 'boolean'
  | 'none'
  | 'hex'
  | 'amount'
  | 'time'
  | 'any';

/** One result, or one field or item of one. */
export interface ResultSpec {
  readonly type: ResultType;
  /** Name of a field; empty elsewhere. */
  readonly key?: string;
  readonly description?: string;
  /** When the method answers this, where it has several results. */
  readonly condition?: string;
  readonly isOptional?: boolean;
  readonly inner?: readonly ResultSpec[];
  readonly skipsTypeCheck?: boolean;
  /** Stands in the help for itself and the fields after it that are `elided`: an ellipsis with these words. */
  readonly elision?: string;
  readonly isElided?: boolean;
}

/** What is known of a method besides what it does. */
export interface MethodSignature {
  readonly name: string;
  readonly category: MethodCategory;
  readonly description: string;
  readonly parameters: readonly ParameterSpec[];
  readonly results: readonly ResultSpec[];
  /** Argument texts as on the command line. */
  readonly examples: readonly string[];
  /** Core has no such method. It is left out of the table that Core's own client is compared with. */
  readonly isOurs?: boolean;
}

/** Signatures by name. */
export type SignatureTable = ReadonlyMap<string, MethodSignature>;

/** All names of a parameter. */
export function parameterNames({ names }: ParameterSpec): readonly string[] {
  return names.split('|');
}

/** The name of a parameter that texts use. */
export function firstName(parameter: ParameterSpec): string {
  return parameterNames(parameter)[0]!;
}

/** Whether a parameter may be left out. */
export function isOptional({ isOptional: isMarked, default: value, defaultHint }: ParameterSpec): boolean {
  return isMarked === true || value !== undefined || defaultHint !== undefined;
}
