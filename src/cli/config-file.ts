// Configuration files (Core common/config.cpp): lines `name=value`, sections in brackets, comments from `#` on, and includeconf=
// for further files. Which values win is settings.ts' business. Besides Core's bitcoin.conf there is tallystick.conf, read
// first, so that its values win; both have the same form. Unknown names are warned of and skipped, because files are shared.

import { existsSync, readFileSync, statSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import { err, ok, type Result } from '../kernel/util/result.ts';
import { addValue, interpretValue, type OptionRules, parseOptionKey } from './args.ts';
import { countNegated, type SettingValue, type SettingValues } from './settings.ts';

/** Names of the files that are read from the data folder when -conf names none; values of the first win. */
export const CONFIG_FILE_NAMES: readonly string[] = Object.freeze(['tallystick.conf', 'bitcoin.conf']);

/** Where a section was opened or named, to warn of misspelt ones. */
export interface SectionMention {
  readonly name: string;
  readonly file: string;
  readonly line: number;
}

/** A line that sets something; the name has its section in front, as in `regtest.prune`. */
export interface ConfigEntry {
  readonly name: string;
  readonly value: string;
}

/** The lines of one file. */
export interface ConfigLines {
  readonly entries: readonly ConfigEntry[];
  readonly sections: readonly SectionMention[];
}

/** What all files together say. */
export interface ConfigFiles {
  readonly values: Map<string, SettingValues>;
  readonly sections: readonly SectionMention[];
  /** Files that were found and read, as the log names them. */
  readonly filesRead: readonly string[];
  /** Lines for the log. */
  readonly messages: readonly ConfigMessage[];
}

/** Something to tell about the files. */
export interface ConfigMessage {
  /** `spoken` goes to the person at once, as Core prints it; the others go to the log. */
  readonly kind: 'info' | 'warning' | 'spoken';
  readonly text: string;
}

const BLANKS_AROUND = /^[ \t\r\n]+|[ \t\r\n]+$/g;

function trim(text: string): string {
  return text.replace(BLANKS_AROUND, '');
}

/** Takes the text of a file apart. The error says in Core's words which line is at fault. */
export function parseConfigText(text: string, file: string): Result<ConfigLines, string> {
  const entries: ConfigEntry[] = [];
  const sections: SectionMention[] = [];
  let prefix = '';
  for (const [index, raw] of text
    .replace(/^\ufeff/, '')
    .split('\n')
    .entries()) {
    const line = index + 1;
    const comment = raw.indexOf('#');
    const content = trim(comment < 0 ? raw : raw.slice(0, comment));
    if (content === '') continue;
    const equals = content.indexOf('=');
    if (content.startsWith('[') && content.endsWith(']')) {
      const name = content.slice(1, -1);
      sections.push({ name, file, line });
      prefix = `${name}.`;
    } else if (content.startsWith('-')) {
      return err(
        `parse error on line ${line}: ${content}, options in configuration file must be specified without leading -`,
      );
    } else if (equals >= 0) {
      const name = prefix + trim(content.slice(0, equals));
      if (comment >= 0 && name.includes('rpcpassword')) {
        return err(`parse error on line ${line}, using # in rpcpassword can be ambiguous and should be avoided`);
      }
      entries.push({ name, value: trim(content.slice(equals + 1)) });
      const dot = name.lastIndexOf('.');
      if (dot >= prefix.length) sections.push({ name: name.slice(0, dot), file, line });
    } else {
      const hint = content.startsWith('no')
        ? `, if you intended to specify a negated option, use ${content}=1 instead`
        : '';
      return err(`parse error on line ${line}: ${content}${hint}`);
    }
  }
  return ok({ entries, sections });
}

/** Puts the settings of one file behind those that are there. */
export function addConfigText(
  config: Map<string, SettingValues>,
  text: string,
  file: string,
  rules: OptionRules,
  tell: (message: ConfigMessage) => void,
): Result<readonly SectionMention[], string> {
  const lines = parseConfigText(text, file);
  if (!lines.ok) return lines;
  for (const { name, value: valueText } of lines.value.entries) {
    const key = parseOptionKey(name);
    if (key.name === 'conf') {
      return err(
        'conf cannot be set in the configuration file; use includeconf= if you want to include additional config files',
      );
    }
    if (key.name === 'reindex') tell({ kind: 'warning', text: REINDEX_WARNING });
    const rule = rules.get(key.name);
    if (!rule) {
      tell({ kind: 'warning', text: `Ignoring unknown configuration value ${name}` });
      continue;
    }
    const value = interpretValue(key, valueText, rule, (message) => tell({ kind: 'warning', text: message }));
    if (!value.ok) return value;
    const section = config.get(key.section) ?? new Map<string, SettingValue[]>();
    config.set(key.section, section);
    addValue(section, key.name, value.value);
  }
  return ok(lines.value.sections);
}

const REINDEX_WARNING =
  'reindex=1 is set in the configuration file, which will significantly slow down startup. Consider removing or commenting out this option for better performance, unless there is currently a condition which makes rebuilding the indexes necessary';

/** Which files are to be read. */
export interface ConfigRequest {
  /** The files, in order; `isRequired` for one that was named and must be there. */
  readonly files: readonly { readonly path: string; readonly isRequired: boolean }[];
  /** Folder that relative paths of includeconf= start from. */
  readonly dataFolder: string;
  /** Whether -noincludeconf was given. */
  readonly ignoresIncludes: boolean;
  /** Section of the chosen network, which the files read so far may have chosen. */
  selectSection(config: Map<string, SettingValues>): string;
}

/** Reads the files that are there, then those that they include; the included ones cannot include more. */
export function readConfigFiles(request: ConfigRequest, rules: OptionRules): Result<ConfigFiles, string> {
  const values = new Map<string, SettingValues>();
  const sections: SectionMention[] = [];
  const filesRead: string[] = [];
  const messages: ConfigMessage[] = [];
  const tell = (message: ConfigMessage): void => void messages.push(message);
  const add = (text: string, file: string): Result<null, string> => {
    const added = addConfigText(values, text, file, rules, tell);
    if (!added.ok) return added;
    sections.push(...added.value);
    return ok(null);
  };

  for (const { path, isRequired } of request.files) {
    if (isFolder(path)) return err(`Config file "${path}" is a directory.`);
    const text = readText(path);
    if (text === null && isRequired) return err(`specified config file "${path}" could not be opened.`);
    if (text === null && existsSync(path)) return err(`config file "${path}" could not be opened; check permissions.`);
    if (text === null) continue;
    const added = add(text, path);
    if (!added.ok) return added;
    filesRead.push(path);
  }
  if (!request.ignoresIncludes) {
    const section = request.selectSection(values);
    const countBefore = { section: countIncludes(values, section), top: countIncludes(values, '') };
    for (const name of [...listIncludes(values, section), ...listIncludes(values, '')]) {
      const path = name === '' || isAbsolute(name) ? name : join(request.dataFolder, name);
      if (isFolder(path)) return err(`Included config file "${path}" is a directory.`);
      const text = readText(path);
      if (text === null) return err(`Failed to include configuration file ${name}`);
      const added = add(text, name);
      if (!added.ok) return added;
      tell({ kind: 'info', text: `Included configuration file ${name}` });
    }
    const sectionAfter = request.selectSection(values);
    const ignored = [
      ...listIncludes(values, section, countBefore.section),
      ...listIncludes(values, '', countBefore.top),
      ...(sectionAfter === section ? [] : listIncludes(values, sectionAfter)),
    ];
    for (const name of ignored) {
      const text = `warning: -includeconf cannot be used from included files; ignoring -includeconf=${name}`;
      tell({ kind: 'spoken', text });
    }
  }
  return ok({ values, sections, filesRead, messages });
}

function countIncludes(config: Map<string, SettingValues>, section: string): number {
  return config.get(section)?.get('includeconf')?.length ?? 0;
}

function listIncludes(config: Map<string, SettingValues>, section: string, skipCount = 0): readonly string[] {
  const values = config.get(section)?.get('includeconf') ?? [];
  return values.slice(Math.max(skipCount, countNegated(values))).map(String);
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}

function readText(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}
