// From a command line to everything a program needs to know before it opens anything: which ledger, which folders, which
// settings. Follows Core's InitConfig (common/init.cpp) in order and in words. Reads configuration files and makes folders; all
// else is in the pure modules beside it.

import { existsSync } from 'node:fs';
import { isAbsolute, join, resolve } from 'node:path';
import { NETWORK_NAMES } from '../kernel/consensus/networks/all.ts';
import type { ChainParams } from '../kernel/consensus/params.ts';
import type { ParsedArguments } from './args.ts';
import { chooseChain, createChosenParams, readChainParamsFile } from './chain-selection.ts';
import {
  CONFIG_FILE_NAMES,
  type ConfigFiles,
  type ConfigMessage,
  readConfigFiles,
  type SectionMention,
} from './config-file.ts';
import {
  defaultDataFolder,
  isFolder,
  isSameFile,
  layOutFolders,
  type NodeFolders,
  normalizePath,
} from './data-folder.ts';
import { StartupError } from './error-text.ts';
import { CONFIG_RULES, NETWORK_ONLY_OPTIONS } from './options.ts';
import { type SettingSources, Settings } from './settings.ts';

/** What the command line and the files say together. */
export interface Configuration {
  readonly settings: Settings;
  readonly params: ChainParams;
  readonly folders: NodeFolders;
  /** Configuration files that were read. */
  readonly configFiles: readonly string[];
  /** Warnings for the person, each beginning on a line of its own. */
  readonly warnings: readonly string[];
  /** What to log and to print about the command line and the files. */
  readonly messages: readonly ConfigMessage[];
}

/** Reads the configuration files and resolves everything. Throws StartupError with a sentence of Core's. */
export function loadConfiguration(args: ParsedArguments): Configuration {
  const sources: SettingSources = { commandLine: args.values, config: new Map() };
  const settings = new Settings(sources, (name) => NETWORK_ONLY_OPTIONS.includes(name));
  const originalBase = resolveDataFolder(settings, (path) => `Specified data directory "${path}" does not exist.`);
  const confPath = resolveConfPath(settings, originalBase);
  const files = readFiles(settings, confPath, originalBase);
  for (const [section, values] of files.values) sources.config.set(section, values);

  const base = resolveDataFolder(
    settings,
    (path) => `Error reading configuration file: specified data directory "${path}" does not exist.`,
  );
  const params = selectParams(settings, base);
  settings.selectSection(params.name);
  const folders = layOutFolders(base, resolveBlocksBase(settings), params.name);
  refuseMisplaced(settings, params.name);
  const messages = args.warnings.map((text): ConfigMessage => ({ kind: 'warning', text }));
  messages.push(
    ...files.messages,
    ...findIgnoredFiles(settings, { base, originalBase, confPath, filesRead: files.filesRead }),
  );
  return {
    settings,
    params,
    folders,
    configFiles: files.filesRead,
    warnings: describeUnknownSections(files.sections, params.name),
    messages,
  };
}

function resolveDataFolder(settings: Settings, sentence: (path: string) => string): string {
  const text = settings.getText('datadir') ?? '';
  if (text === '') return defaultDataFolder();
  const path = resolve(normalizePath(text));
  if (!isFolder(path)) throw new StartupError(sentence(text));
  return path;
}

/** What -conf names, absolute; null: no file (-noconf); undefined: the usual files. */
function resolveConfPath(settings: Settings, base: string): string | null | undefined {
  if (settings.isNegated('conf')) return null;
  const text = settings.getText('conf') ?? '';
  if (text === '') return undefined;
  const path = normalizePath(text);
  return isAbsolute(path) ? path : join(base, path);
}

function readFiles(settings: Settings, confPath: string | null | undefined, base: string): ConfigFiles {
  if (confPath === null) return { values: new Map(), sections: [], filesRead: [], messages: [] };
  const files =
    confPath === undefined
      ? CONFIG_FILE_NAMES.map((name) => ({ path: join(base, name), isRequired: false }))
      : [{ path: confPath, isRequired: true }];
  const read = readConfigFiles(
    {
      files,
      dataFolder: base,
      ignoresIncludes: settings.isNegated('includeconf'),
      selectSection: (config) => {
        const choice = chooseChain(new Settings({ commandLine: settings.sources.commandLine, config }, () => false));
        return choice.kind === 'network' ? choice.name : '';
      },
    },
    CONFIG_RULES,
  );
  if (!read.ok) throw new StartupError(`Error reading configuration file: ${read.error}`);
  return read.value;
}

function selectParams(settings: Settings, base: string): ChainParams {
  const choice = chooseChain(settings);
  if (choice.kind === 'network') {
    settings.selectSection(choice.name);
    return createChosenParams(choice.name, settings);
  }
  const isFromFile = !settings.sources.commandLine.has('chainparams');
  const path = isFromFile && !isAbsolute(choice.path) ? join(base, choice.path) : resolve(choice.path);
  return readChainParamsFile(path, settings);
}

function resolveBlocksBase(settings: Settings): string | null {
  const text = settings.getText('blocksdir');
  if (text === undefined) return null;
  const path = resolve(normalizePath(text));
  if (text === '' || !isFolder(path)) throw new StartupError(`Specified blocks directory "${text}" does not exist.`);
  return path;
}

function refuseMisplaced(settings: Settings, chainName: string): void {
  const misplaced = settings.findMisplaced(NETWORK_ONLY_OPTIONS);
  if (misplaced.length === 0) return;
  const lines = misplaced.map(
    (name) => `Config setting for -${name} only applied on ${chainName} network when in [${chainName}] section.`,
  );
  throw new StartupError(lines.join('\n'));
}

function describeUnknownSections(sections: readonly SectionMention[], chainName: string): readonly string[] {
  const known: readonly string[] = [...NETWORK_NAMES, chainName];
  return sections
    .filter(({ name }) => !known.includes(name))
    .map(({ name, file, line }) => `${file}:${line} Section [${name}] is not recognized.`);
}

/** Says which configuration files in the data folder were not read because others were. */
function findIgnoredFiles(
  settings: Settings,
  where: {
    readonly base: string;
    readonly originalBase: string;
    readonly confPath: string | null | undefined;
    readonly filesRead: readonly string[];
  },
): readonly ConfigMessage[] {
  const { base, originalBase, confPath, filesRead } = where;
  const messages: ConfigMessage[] = [];
  for (const name of CONFIG_FILE_NAMES) {
    const path = join(base, name);
    if (!existsSync(path)) continue;
    if (confPath === null) {
      const text = `Data directory "${base}" contains a "${name}" file which is explicitly ignored using -noconf.`;
      messages.push({ kind: 'info', text });
      continue;
    }
    if (filesRead.some((used) => isSameFile(used, path))) continue;
    const used = filesRead[0] ?? join(originalBase, name);
    const confText = settings.getText('conf') ?? '';
    const source = confText === '' ? `data directory "${originalBase}"` : `command line argument "-conf=${confText}"`;
    const text =
      `Data directory "${base}" contains a "${name}" file which is ignored, because a different configuration file ` +
      `"${used}" from ${source} is being used instead. Possible ways to address this would be to:\n` +
      `- Delete or rename the "${name}" file in data directory "${base}".\n` +
      '- Change datadir= or conf= options to specify one configuration file, not two, and use ' +
      'includeconf= to include any other configuration files.';
    if (!settings.getFlag('allowignoredconf')) {
      throw new StartupError(
        `${text}\n- Set allowignoredconf=1 option to treat this condition as a warning, not an error.`,
      );
    }
    messages.push({ kind: 'warning', text });
  }
  return messages;
}
