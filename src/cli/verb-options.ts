// Options of the commands for people (tally mine, balance, send, export), which stand behind the command's name. They are not in the
// table of options: names as short as these would mean something else in a configuration file.

import { type ParsedArguments, parseArguments } from './args.ts';
import { StartupError } from './error-text.ts';
import { argumentRules } from './options.ts';

/** One option of a command: its name, what follows the equals sign (empty: it is a switch), what it says. */
export type VerbOption = readonly [name: string, argument: string, help: string];

/** What was given to a command. */
export class VerbArguments {
  /** Everything, for the configuration of the program. */
  readonly parsed: ParsedArguments;

  constructor(parsed: ParsedArguments) {
    this.parsed = parsed;
  }

  /** Words behind the name of the command. */
  get words(): readonly string[] {
    return this.parsed.words.slice(1);
  }

  /** The value of an option of the command; the last one counts. */
  text(name: string): string | undefined {
    const value = this.parsed.values.get(name)?.at(-1);
    return typeof value === 'string' ? value : undefined;
  }

  /** Whether a switch of the command is on. */
  has(name: string): boolean {
    const value = this.parsed.values.get(name)?.at(-1);
    return value === true || value === '' || value === '1';
  }

  /** A whole number between bounds. Throws StartupError. */
  integer(name: string, min: number, max: number): number | undefined {
    const text = this.text(name);
    if (text === undefined) return undefined;
    const value = /^[0-9]{1,15}$/.test(text) ? Number(text) : Number.NaN;
    if (value >= min && value <= max) return value;
    throw new StartupError(`--${name} must be a whole number from ${min} to ${max}, not ${text}`);
  }

  /** A number between bounds. Throws StartupError. */
  decimal(name: string, min: number, max: number): number | undefined {
    const text = this.text(name);
    if (text === undefined) return undefined;
    const value = /^[0-9]{1,12}(\.[0-9]{1,12})?$/.test(text) ? Number(text) : Number.NaN;
    if (value >= min && value <= max) return value;
    throw new StartupError(`--${name} must be a number from ${min} to ${max}, not ${text}`);
  }

  /** One of some words. Throws StartupError. */
  oneOf<T extends string>(name: string, words: readonly T[], fallback: T): T {
    const text = this.text(name) ?? fallback;
    const found = words.find((word) => word === text);
    if (found !== undefined) return found;
    throw new StartupError(`--${name} must be one of ${words.join(', ')}, not ${text}`);
  }
}

/** Reads the command line of a command with such options. Throws StartupError. */
export function readVerbArguments(argv: readonly string[], options: readonly VerbOption[]): VerbArguments {
  const rules = new Map(argumentRules('tally'));
  for (const [name, argument] of options) rules.set(name, { needsValue: argument !== '', refusesNegation: true });
  const parsed = parseArguments(argv, rules, { hasOptionsAfterWords: true });
  if (parsed.ok) return new VerbArguments(parsed.value);
  throw new StartupError(`Error parsing command line arguments: ${parsed.error}`);
}
