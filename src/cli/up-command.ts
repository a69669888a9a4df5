// `tally up`: everything that a person needs to try a ledger out, with one command. It builds the page where it is missing, runs the
// daemon in this process with the app switched on, and says where to look. A node that runs already is left alone and asked for a link.

import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { readReply } from '../api/command-line.ts';
import { formatJson } from '../api/json/json-writer.ts';
import { APP_FILE_NAME, type AppRun } from './app-run.ts';
import { parseArguments } from './args.ts';
import { type Configuration, loadConfiguration } from './configuration.ts';
import { runDaemon } from './daemon.ts';
import { EXIT_FAILURE, EXIT_SUCCESS, formatError } from './error-text.ts';
import { describeFailure } from './failure.ts';
import { isPortFree } from './free-ports.ts';
import { openBrowser } from './open-browser.ts';
import { argumentRules } from './options.ts';
import type { Output } from './output.ts';
import { callNode } from './rpc-client.ts';
import { readCookieFile } from './rpc-cookie.ts';
import { locateCookie } from './rpc-settings.ts';
import { isLoginLink, readAppFile } from './run-web.ts';
import { parseUpArguments, type UpArguments } from './up-options.ts';
import { formatBanner, formatNotRunning, formatRunning, UP_HELP } from './up-text.ts';
import { readVersion } from './version.ts';
import { buildPage, canBuildPage, isPageBuilt } from './web-build.ts';

/** How long a node that runs may take to answer. */
const ANSWER_MS_MAX = 5000;

/** Ports for programs that are tried when the usual one is taken by another ledger or folder. */
const PORT_TRIES = 20;

/** Runs the command; resolves to the exit code. */
export async function runUpCommand(argv: readonly string[], output: Output): Promise<number> {
  const wanted = parseUpArguments(argv);
  if (wanted.wantsHelp) {
    output.print(UP_HELP);
    return EXIT_SUCCESS;
  }
  const fail = (message: string): number => {
    output.complain(formatError(message));
    return EXIT_FAILURE;
  };
  try {
    const parsed = parseArguments(wanted.daemonArguments, argumentRules('tallyd'), { hasOptionsAfterWords: false });
    if (!parsed.ok) return fail(`Error parsing command line arguments: ${parsed.error}`);
    const configuration = loadConfiguration(parsed.value);
    const folder = configuration.folders.network;
    const link = await askForLink(configuration);
    if (link !== null) return tellLink(link, folder, wanted, output);
    if (wanted.wantsLink) return fail(formatNotRunning(folder));
    await buildWhatIsMissing(output);
    const more = await choosePortForPrograms(configuration);
    return await runDaemon([...wanted.daemonArguments, ...more], output, new UpRun(configuration, wanted, output));
  } catch (error) {
    return fail(describeFailure(error));
  }
}

function tellLink(link: string, folder: string, { opensBrowser }: UpArguments, output: Output): number {
  output.print(formatRunning(folder, link));
  if (opensBrowser) openBrowser(link);
  return EXIT_SUCCESS;
}

/** A link to the app of the node that has the folder; null when there is none. */
async function askForLink({ settings, folders }: Configuration): Promise<string | null> {
  const app = readAppFile(folders.network);
  if (app === null || app.rpcPort === null) return null;
  const cookiePath = locateCookie(settings, folders.network);
  const cookie = cookiePath === null ? null : readCookieFile(cookiePath);
  const password = settings.getText('rpcpassword') ?? '';
  const credentials =
    password === '' ? `${cookie?.user}:${cookie?.password}` : `${settings.getText('rpcuser') ?? ''}:${password}`;
  const door = { host: '127.0.0.1', port: app.rpcPort, path: '/', credentials, refusal: '', timeoutMs: ANSWER_MS_MAX };
  try {
    const call = formatJson({ jsonrpc: '2.0', id: 1, method: 'getapplink', params: [] });
    const reply = readReply(await callNode(door, call));
    const link = reply?.result;
    // The node may be gone, and its port somebody else's, whose words go into no terminal and no browser.
    return typeof link === 'string' && isLoginLink(link, app) ? link : null;
  } catch {
    // Nobody is there: a node was cut off, and its file stayed.
    if (!isAlive(app.pid)) rmSync(join(folders.network, APP_FILE_NAME), { force: true });
    return null;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

async function buildWhatIsMissing(output: Output): Promise<void> {
  if (isPageBuilt() || !canBuildPage()) return;
  output.print('Building the page, once … / 正在生成网页（仅首次）……\n');
  const fault = await buildPage();
  if (fault !== null) output.complain(`The page could not be built; the node starts without it.\n${fault}\n`);
}

/** Options that move the port for programs out of the way when somebody else has it, and the person has named none. */
async function choosePortForPrograms({ settings, params }: Configuration): Promise<readonly string[]> {
  const isNamed = settings.isSet('rpcport') || settings.isSet('rpcbind') || settings.getFlag('server') === false;
  if (isNamed) return [];
  const first = params.ports.rpc;
  for (let port = first; port < first + PORT_TRIES; port++) {
    if (await isPortFree(port)) return port === first ? [] : [`-rpcport=${port}`];
  }
  return [];
}

/** Hears what becomes of the app, and tells the person. */
class UpRun implements AppRun {
  readonly #configuration: Configuration;
  readonly #arguments: UpArguments;
  readonly #output: Output;

  constructor(configuration: Configuration, wanted: UpArguments, output: Output) {
    this.#configuration = configuration;
    this.#arguments = wanted;
    this.#output = output;
  }

  onListening(place: Parameters<AppRun['onListening']>[0]): void {
    const { params, folders, settings } = this.#configuration;
    const isOpen = settings.getFlag('listen') ?? true;
    const facts = { version: readVersion(), network: params.name, folder: folders.network, place, isOpen };
    this.#output.print(formatBanner(facts));
    if (this.#arguments.opensBrowser) openBrowser(place.link);
  }

  onReady(): void {
    this.#output.print('  Ready. / 已就绪。\n');
  }
}
