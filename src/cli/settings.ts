// What a person asked for, from the command line and from configuration files, with what the program itself remembers between, and
// which of it wins (Core common/settings.cpp). The rules are odd in places and kept so, because people's files rely on them: on the
// command line the last value counts, in a file the first; a section of the chosen network comes before the lines outside of sections.
// Values stay texts until asked for.

/** A value as it was given; `false` for a negated option (`-nofoo`), `true` for a doubly negated one (`-nofoo=0`). */
export type SettingValue = string | boolean;

/** Values by name of the option, in the order in which they were given. */
export type SettingValues = Map<string, SettingValue[]>;

/** Everything that was given. */
export interface SettingSources {
  readonly commandLine: SettingValues;
  /** By section; the empty name is for lines outside of sections. */
  readonly config: Map<string, SettingValues>;
  /** What the program itself has written down in earlier runs (settings.json). */
  stored?: SettingValues;
}

type Origin = 'command-line' | 'stored' | 'section' | 'default-section';

interface Layer {
  readonly origin: Origin;
  readonly values: readonly SettingValue[];
}

/** How many values from the start a later negation cancels (Core SettingsSpan::negated). */
export function countNegated(values: readonly SettingValue[]): number {
  return values.lastIndexOf(false) + 1;
}

/** Core's name of the main network, whose section is the default one too. */
const MAIN_SECTION = 'main';

const INTEGER = /^(?:\+(?!-))?(-?\d+)/;

/** The whole number that a text begins with; 0 where there is none; at most what 64 bits hold (Core LocaleIndependentAtoi). */
export function parseLeadingInteger(text: string): number {
  const digits = INTEGER.exec(text.replace(/^[ \f\n\r\t\v]+/, ''))?.[1];
  if (digits === undefined) return 0;
  const limit = 2 ** 63;
  return Math.min(limit, Math.max(-limit, Number(digits))) + 0;
}

/** Whether a value means yes: nothing after the name does, `0` and every text that is no number do not (Core InterpretBool). */
export function interpretFlag(text: string): boolean {
  return text === '' || parseLeadingInteger(text) !== 0;
}

/** Whether one of some options was given with a yes: for options that a program heeds before it reads anything else. */
export function isAskedFor(values: SettingValues, ...names: readonly string[]): boolean {
  return names.some((name) => {
    const value = values.get(name)?.at(-1);
    return typeof value === 'string' ? interpretFlag(value) : value === true;
  });
}

/** In a configuration file the first value wins, elsewhere the last. */
function isOfConfigFile(origin: Origin): boolean {
  return origin === 'section' || origin === 'default-section';
}

function asText(value: SettingValue): string {
  if (typeof value === 'string') return value;
  return value ? '1' : '0';
}

/** Answers what an option is set to. Names are without dash. */
export class Settings {
  readonly sources: SettingSources;
  readonly #isNetworkOnly: (name: string) => boolean;
  #section = '';

  /** `isNetworkOnly` says which options are taken from a network's own section alone, unless that network is the main one. */
  constructor(sources: SettingSources, isNetworkOnly: (name: string) => boolean) {
    this.sources = sources;
    this.#isNetworkOnly = isNetworkOnly;
  }

  /** Chooses the network whose section counts from now on. */
  selectSection(name: string): void {
    this.#section = name;
  }

  /** The value that wins, or undefined when the option was not given. */
  get(name: string): SettingValue | undefined {
    for (const { origin, values } of this.#layers(name)) {
      const isNegated = values.at(-1) === false;
      // A negation outside of sections counts even for an option whose other values there do not.
      if (origin === 'default-section' && this.#ignoresDefaultSection(name) && !isNegated) continue;
      if (isNegated) return false;
      if (values.length === 0) continue;
      return isOfConfigFile(origin) ? values[countNegated(values)] : values.at(-1);
    }
    return undefined;
  }

  /**
   * The value that chooses the network, such as `regtest`: the last one wins in a file too, and a negation on the command line is
   * passed over.
   */
  getChainSetting(name: string): SettingValue | undefined {
    for (const { origin, values } of this.#layers(name)) {
      if (origin === 'section' || values.length === 0 || values.at(-1) === false) continue;
      return values.at(-1);
    }
    return undefined;
  }

  /** All values that count, those of the command line first. */
  getAll(name: string): readonly string[] {
    const result: string[] = [];
    let isComplete = false;
    let isCancelled = false;
    for (const { origin, values } of this.#layers(name)) {
      if (origin === 'default-section' && this.#ignoresDefaultSection(name)) continue;
      // Values of a file come back from the dead when something follows the negation on the command line.
      const isRevived = isOfConfigFile(origin) && !isCancelled;
      const negatedCount = countNegated(values);
      if (!isComplete || isRevived) result.push(...values.slice(negatedCount).map(asText));
      isComplete ||= negatedCount > 0;
      isCancelled ||= values.at(-1) === false && result.length === 0;
    }
    return result;
  }

  /** Whether the option was given, negated or not. */
  isSet(name: string): boolean {
    return this.get(name) !== undefined;
  }

  /** Whether the option was given as `-nofoo`. */
  isNegated(name: string): boolean {
    return this.get(name) === false;
  }

  /** The value as a text: `0` when negated. */
  getText(name: string): string | undefined {
    const value = this.get(name);
    return value === undefined ? undefined : asText(value);
  }

  /** The value as yes or no. */
  getFlag(name: string): boolean | undefined {
    const value = this.get(name);
    return typeof value === 'string' ? interpretFlag(value) : value;
  }

  /** The value as a whole number. */
  getInteger(name: string): number | undefined {
    const value = this.get(name);
    return value === undefined ? undefined : parseLeadingInteger(asText(value));
  }

  /** Options among `names` that stand outside of sections only, where they count for the main network alone. */
  findMisplaced(names: readonly string[]): readonly string[] {
    if (this.#section === '' || this.#section === MAIN_SECTION) return [];
    return names.filter((name) => {
      const given = this.#layers(name).filter(({ values }) => values.length > 0 && values.at(-1) !== false);
      return given.length > 0 && given.every(({ origin }) => origin === 'default-section');
    });
  }

  #ignoresDefaultSection(name: string): boolean {
    return this.#section !== MAIN_SECTION && this.#isNetworkOnly(name);
  }

  #layers(name: string): readonly Layer[] {
    const { commandLine, stored, config } = this.sources;
    const layers: Layer[] = [{ origin: 'command-line', values: commandLine.get(name) ?? [] }];
    if (stored !== undefined) layers.push({ origin: 'stored', values: stored.get(name) ?? [] });
    if (this.#section !== '') layers.push({ origin: 'section', values: config.get(this.#section)?.get(name) ?? [] });
    layers.push({ origin: 'default-section', values: config.get('')?.get(name) ?? [] });
    return layers;
  }
}
