// What was asked for, as lines for the log (Core ArgsManager::LogArgs). Values that let somebody in are left out, wherever they stand:
// logs are shown to others more easily than one thinks (R14).

import type { JsonValue } from '../api/json/json-value.ts';
import { formatJson } from '../api/json/json-writer.ts';
import { OPTIONS } from './options.ts';
import type { SettingSources, SettingValue } from './settings.ts';

/** Stands for a value that is not told. */
const HIDDEN = '****';

const SECRET_NAMES: ReadonlySet<string> = new Set(OPTIONS.flatMap(({ name, isSecret }) => (isSecret ? [name] : [])));

function formatValue(name: string, value: SettingValue): string {
  return SECRET_NAMES.has(name) && typeof value === 'string' ? HIDDEN : JSON.stringify(value);
}

/** One line for each value that was given. */
export function listSettings(
  { config, commandLine }: SettingSources,
  stored: ReadonlyMap<string, JsonValue>,
): readonly string[] {
  const lines: string[] = [];
  for (const [section, values] of config) {
    const place = section === '' ? '' : `[${section}] `;
    for (const [name, list] of values) {
      for (const value of list) lines.push(`Config file arg: ${place}${name}=${formatValue(name, value)}`);
    }
  }
  for (const [name, value] of stored) {
    lines.push(`Setting file arg: ${name} = ${SECRET_NAMES.has(name) ? HIDDEN : formatJson(value)}`);
  }
  for (const [name, list] of commandLine) {
    for (const value of list) lines.push(`Command-line arg: ${name}=${formatValue(name, value)}`);
  }
  return lines;
}
