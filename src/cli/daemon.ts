// tallyd, the node: from a command line to an orderly stop. Reads settings, locks the folders, opens the log, runs the chain
// (run-chain.ts), and turns whatever goes wrong into a sentence and an exit code. The order of the steps is Core's (init.cpp).

import { availableParallelism, totalmem } from 'node:os';
import { toHex, useHostHex } from '../kernel/util/bytes.ts';
import { HOST_HEX } from '../platform/node/host-hex.ts';
import type { FolderLock } from '../platform/node/lock-file.ts';
import { lockFolder } from '../platform/node/lock-file.ts';
import type { AppRun } from './app-run.ts';
import { type ParsedArguments, parseArguments } from './args.ts';
import { loadNetGroups } from './asmap-file.ts';
import { type Configuration, loadConfiguration } from './configuration.ts';
import { createFolders, defaultDataFolder, OWNER_ONLY_UMASK } from './data-folder.ts';
import {
  describeFatalError,
  EXIT_FAILURE,
  EXIT_SUCCESS,
  formatError,
  formatWarning,
  PROGRAM_NAME,
  RebuildNeededError,
  StartupError,
} from './error-text.ts';
import { describeFailure, describeHeadline } from './failure.ts';
import { limitConnections, readOpenFilesMax } from './file-limit.ts';
import { formatDaemonHelp, formatVersionText } from './help.ts';
import { readIndexOptions } from './index-options.ts';
import { Log } from './log.ts';
import { LOG_FILE_NAME, locateLogFile } from './log-file.ts';
import { readMempoolOptions } from './mempool-options.ts';
import { readMiningOptions } from './mining-options.ts';
import { readNetworkOptions } from './network-options.ts';
import { type NodeOptions, readNodeOptions } from './node-options.ts';
import { argumentRules, CONFIG_RULES } from './options.ts';
import type { Output } from './output.ts';
import { locatePidFile, writePidFile } from './pid-file.ts';
import { findPrivateBroadcastWarning } from './private-broadcast-options.ts';
import { ProgressDisplay } from './progress.ts';
import { type ChainFailure, runChain } from './run-chain.ts';
import { describeRuntimeFault } from './runtime-check.ts';
import { isAskedFor } from './settings.ts';
import { readSettingsFile, type SettingsFile } from './settings-file.ts';
import { listSettings } from './settings-lines.ts';
import { StopRequest } from './stop-request.ts';
import { findOnionBindWarning } from './tor-options.ts';
import { readVersion } from './version.ts';
import { readZmqOptions } from './zmq-options.ts';

/** Runs the daemon until it stops; resolves to the exit code. `app` hears of the app where `tally up` runs it. */
export async function runDaemon(argv: readonly string[], output: Output, app: AppRun | null = null): Promise<number> {
  process.umask(OWNER_ONLY_UMASK);
  useHostHex(HOST_HEX);
  const fail = (message: string): number => {
    output.complain(formatError(message));
    return EXIT_FAILURE;
  };
  const parsed = parseArguments(argv, argumentRules('tallyd'), { hasOptionsAfterWords: false });
  if (!parsed.ok) return fail(`Error parsing command line arguments: ${parsed.error}`);
  const { values, words } = parsed.value;
  if (isAskedFor(values, 'version')) {
    output.print(formatVersionText('tallyd', readVersion()));
    return EXIT_SUCCESS;
  }
  if (isAskedFor(values, 'help', 'h', '?')) {
    output.print(formatDaemonHelp(readVersion()));
    return EXIT_SUCCESS;
  }
  if (words.length > 0) {
    return fail(`Command line contains unexpected token '${words[0]}', see tallyd -h for a list of options.`);
  }
  try {
    return await start(parsed.value, output, app);
  } catch (error) {
    return fail(describeFailure(error));
  }
}

async function start(args: ParsedArguments, output: Output, app: AppRun | null): Promise<number> {
  const configuration = loadConfiguration(args);
  const { settings, params, folders } = configuration;
  const settingsFile = readSettingsFile(settings, folders.network);
  if (settingsFile !== null) settings.sources.stored = settingsFile.asSettings();
  const options = readNodeOptions(settings, params, { memoryBytes: totalmem(), coreCount: availableParallelism() });
  const indexes = readIndexOptions(settings, {
    isPruned: options.prune.kind !== 'off',
    isReindexing: options.reindex === 'all',
    // Whoever tries things out wants to look at them, on a ledger of one's own as well.
    isLocal: params.name === 'local' || (app !== null && settings.getText('chainparams') !== undefined),
  });
  const mempool = readMempoolOptions(settings, params);
  const zmq = readZmqOptions(settings);
  const mining = readMiningOptions(settings, params, availableParallelism());
  const isPruned = options.prune.kind !== 'off';
  const network = readNetworkOptions(settings, params, { version: readVersion(), isPruned });
  const connections = limitConnections(network.connectionCountMax, network.listen.length, readOpenFilesMax());
  const stop = new StopRequest();
  const { log, progress } = makeLog(options, output);
  const removeHandlers = handleSignals(stop, log);
  if (settings.getFlag('stopwithinput')) stopWithInput(stop);
  const locks: FolderLock[] = [];
  let removePidFile = (): void => {};
  try {
    createFolders(folders);
    locks.push(await lockFolder(folders.network, PROGRAM_NAME));
    locks.push(await lockFolder(folders.blocks, PROGRAM_NAME));
    removePidFile = writePidFile(locatePidFile(settings, folders.network), process.pid, log);
    log.info(`${PROGRAM_NAME} version v${readVersion()}`);
    openLogFile(log, locateLogFile(settings, folders.network), options.logCategories.size === 0);
    tellConfiguration(configuration, settingsFile, log, output);
    await settingsFile?.begin();
    const fault = describeRuntimeFault(process.version);
    if (fault !== null) log.warn(fault);
    const warn = (text: string): void => {
      log.warn(text);
      progress.aside(() => output.complain(formatWarning(text)));
    };
    const warnings = [connections.warning, findOnionBindWarning(network), findPrivateBroadcastWarning(network)];
    for (const text of warnings) if (text !== null) warn(text);
    const netGroups = loadNetGroups(settings, folders.network, log);
    const limited = { ...network, connectionCountMax: connections.count, netGroups };
    const told = { settings, settingsFile, params, folders, options, network: limited, indexes, mempool, mining, zmq };
    const failure = await runChain({ ...told, stop, log, progress, warn, app });
    if (failure === null) return EXIT_SUCCESS;
    const { headline, details } = tellFailure(failure);
    log.error(describeFailure(failure.error));
    progress.aside(() => output.complain(headline));
    // Where the log is shown, it has told them already.
    if (details !== '' && !options.printsToConsole) output.print(details);
    return EXIT_FAILURE;
  } finally {
    removePidFile();
    for (const lock of locks.reverse()) await lock.release();
    removeHandlers();
    log.close();
  }
}

/** What standard error gets, where programs look for Core's words and for nothing else, and what standard output gets: all that is known. */
function tellFailure({ error, isStarting }: ChainFailure): { readonly headline: string; readonly details: string } {
  const words = describeFailure(error);
  if (error instanceof RebuildNeededError) {
    return { headline: `${error.message}\n`, details: words === error.message ? '' : `${words}\n` };
  }
  if (isStarting || error instanceof StartupError) return { headline: formatError(words), details: '' };
  const sentence = describeHeadline(error);
  return {
    headline: formatError(describeFatalError(sentence, LOG_FILE_NAME)),
    details: sentence === words ? '' : `${words}\n`,
  };
}

/** The log, and the progress bar that shares the terminal with it. */
function makeLog(options: NodeOptions, output: Output): { readonly log: Log; readonly progress: ProgressDisplay } {
  let progress: ProgressDisplay | null = null;
  const write = (line: string): void => {
    if (progress && output.sharesTerminal) progress.aside(() => output.print(line));
    else output.print(line);
  };
  const isQuiet = (): boolean => output.sharesTerminal && (progress?.isActive ?? false);
  const sink = options.printsToConsole ? { write, isQuiet } : null;
  const log = new Log({
    categories: options.logCategories,
    console: sink,
    isLimited: options.limitsLog,
    showsMicros: options.logsMicros,
    nowMs: Date.now,
  });
  progress = new ProgressDisplay(output.terminal, log, () => performance.now());
  return { log, progress };
}

function openLogFile(log: Log, path: string | null, shrinks: boolean): void {
  if (path === null) {
    log.goWithoutFile();
    return;
  }
  try {
    log.openFile(path, shrinks);
  } catch (cause) {
    throw new StartupError(`Could not open debug log file ${path}\n${(cause as Error).message}`, { cause });
  }
}

/** SIGINT and SIGTERM stop in order, however often they come; SIGHUP opens the log anew. */
function handleSignals(stop: StopRequest, log: Log): () => void {
  const stopInOrder = (): void => stop.make('signal');
  const reopenLog = (): void => log.reopenFile();
  const handlers: readonly (readonly [signal: NodeJS.Signals, handler: () => void])[] = [
    ['SIGINT', stopInOrder],
    ['SIGTERM', stopInOrder],
    ['SIGHUP', process.platform === 'win32' ? stopInOrder : reopenLog],
  ];
  for (const [signal, handler] of handlers) process.on(signal, handler);
  return () => {
    for (const [signal, handler] of handlers) process.off(signal, handler);
  };
}

/** Stops when whoever has started the program closes its standard input, or is no more. */
function stopWithInput(stop: StopRequest): void {
  process.stdin.on('end', () => stop.make('signal'));
  process.stdin.on('error', () => stop.make('signal'));
  process.stdin.resume();
}

/** Tells the log where everything lies and what was asked for, and the person what looks like a mistake. */
function tellConfiguration(
  configuration: Configuration,
  settingsFile: SettingsFile | null,
  log: Log,
  output: Output,
): void {
  const { settings, params, folders, configFiles, warnings, messages } = configuration;
  log.info(`Default data directory ${defaultDataFolder()}`);
  log.info(`Using data directory ${folders.network}`);
  if (params.consensus.signetChallenge !== null) {
    log.info(`Signet derived magic (message start): ${toHex(params.magic)}`);
  }
  if (settings.isNegated('conf')) log.info('Config file: <disabled>');
  else if (configFiles.length === 0) log.info('Config file: (not found, skipping)');
  for (const path of configFiles) log.info(`Config file: ${path}`);
  for (const { kind, text } of messages) {
    if (kind === 'warning') log.warn(text);
    else log.info(text);
    if (kind === 'spoken') output.complain(`${text}\n`);
  }
  for (const name of settingsFile?.unknownNames(CONFIG_RULES) ?? []) {
    log.warn(`Ignoring unknown rw_settings value ${name}`);
  }
  for (const line of listSettings(settings.sources, settingsFile?.values ?? new Map())) log.info(line);
  if (warnings.length === 0) return;
  log.warn(warnings.join('\n'));
  output.complain(formatWarning(warnings.join('\n')));
}
