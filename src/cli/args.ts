// Reads a command line as Core's ArgsManager does: one dash or two, `-foo`, `-foo=value`, `-nofoo`, options again and again. The
// same reading of names and values serves configuration files. Pure: texts in, settings or a sentence out.

import { err, ok, type Result } from '../kernel/util/result.ts';
import { countNegated, interpretFlag, type SettingValue, type SettingValues } from './settings.ts';

/** What reading needs to know about an option. */
export interface OptionRule {
  /** `-nofoo` is refused. */
  readonly refusesNegation?: boolean;
  /** `-foo` without a value is refused. */
  readonly needsValue?: boolean;
}

/** Rules by name of the option, without dash. */
export type OptionRules = ReadonlyMap<string, OptionRule>;

/** Name of an option as it stands in a command line or a file, taken apart. */
export interface OptionKey {
  /** Without `no`. */
  readonly name: string;
  /** What stands before a dot, as in `regtest.prune`; else empty. */
  readonly section: string;
  readonly isNegated: boolean;
}

/** A command line that was read. */
export interface ParsedArguments {
  readonly values: SettingValues;
  /** What is no option: a command and its parameters. */
  readonly words: readonly string[];
  /** Worth a line in the log. */
  readonly warnings: readonly string[];
}

/** How a command line is laid out. */
export interface ArgumentLayout {
  /** Options may follow words (`tally utxohash -regtest`); otherwise all that follows the first word is a word. */
  readonly hasOptionsAfterWords: boolean;
}

/** Takes `foo`, `nofoo`, `section.foo` and `section.nofoo` apart. */
export function parseOptionKey(text: string): OptionKey {
  const dot = text.indexOf('.');
  const section = dot < 0 ? '' : text.slice(0, dot);
  const name = text.slice(dot + 1);
  return name.startsWith('no')
    ? { name: name.slice(2), section, isNegated: true }
    : { name, section, isNegated: false };
}

/** The value that `key` and what follows the equals sign mean together, or why they make no sense. */
export function interpretValue(
  key: OptionKey,
  text: string | undefined,
  rule: OptionRule,
  warn: (message: string) => void,
): Result<SettingValue, string> {
  if (key.isNegated) {
    if (rule.refusesNegation) return err(`Negating of -${key.name} is meaningless and therefore forbidden`);
    if (text === undefined || interpretFlag(text)) return ok(false);
    warn(`Parsed potentially confusing double-negative -${key.name}=${text}`);
    return ok(true);
  }
  if (text === undefined && rule.needsValue) {
    return err(`Can not set -${key.name} with no value. Please specify value with -${key.name}=value.`);
  }
  return ok(text ?? '');
}

/** Adds a value behind those that a name has already. */
export function addValue(values: SettingValues, name: string, value: SettingValue): void {
  const list = values.get(name);
  if (list) list.push(value);
  else values.set(name, [value]);
}

/** Reads a command line without the program's name. The error is a sentence of Core's. */
export function parseArguments(
  argv: readonly string[],
  rules: OptionRules,
  layout: ArgumentLayout,
): Result<ParsedArguments, string> {
  const values: SettingValues = new Map();
  const words: string[] = [];
  const warnings: string[] = [];
  for (const [index, argument] of argv.entries()) {
    if (argument === '-') break;
    if (!argument.startsWith('-')) {
      if (layout.hasOptionsAfterWords) {
        words.push(argument);
        continue;
      }
      words.push(...argv.slice(index));
      break;
    }
    const equals = argument.indexOf('=');
    const text = equals < 0 ? undefined : argument.slice(equals + 1);
    const key = parseOptionKey((equals < 0 ? argument : argument.slice(0, equals)).replace(/^--?/, ''));
    const rule = rules.get(key.name);
    if (!rule || key.section !== '') return err(`Invalid parameter ${argument}`);
    const value = interpretValue(key, text, rule, (message) => warnings.push(message));
    if (!value.ok) return value;
    addValue(values, key.name, value.value);
  }
  const includes = values.get('includeconf') ?? [];
  const include = includes[countNegated(includes)];
  if (include !== undefined) {
    return err(`-includeconf cannot be used from commandline; -includeconf=${JSON.stringify(include)}`);
  }
  return ok({ values, words, warnings });
}
