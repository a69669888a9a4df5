// `tally METHOD …`: calls a method of a running node, as bitcoin-cli does, with its exit codes and its words (Core bitcoin-cli.cpp,
// CommandLineRPC).

import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { CommandLineReader, readReply, type ServerReply } from '../api/command-line.ts';
import { RPC_CODE, RpcError } from '../api/errors.ts';
import { isJsonObject, JsonNumber, type JsonOutput, type JsonValue } from '../api/json/json-value.ts';
import { formatJson } from '../api/json/json-writer.ts';
import { splitHostPort } from '../node/wire/net-address.ts';
import type { AskNode } from './answer.ts';
import { CLIENT_TIMEOUT_SEC_DEFAULT } from './client-options.ts';
import { answerRequest, findRequest } from './client-requests.ts';
import type { Configuration } from './configuration.ts';
import { EXIT_FAILURE, EXIT_SUCCESS, formatWarning } from './error-text.ts';
import type { Output } from './output.ts';
import { CallFailedError, ConnectionFailedError, callNode, type NodeDoor } from './rpc-client.ts';
import { readCookieFile } from './rpc-cookie.ts';
import { locateCookie } from './rpc-settings.ts';
import type { Settings } from './settings.ts';

/** Where a node is looked for when nothing is said. */
const DEFAULT_HOST = '127.0.0.1';

/** How often -rpcwait tries (Core). */
const WAIT_INTERVAL_MS = 1000;

/** Runs one call; resolves to the exit code. */
export async function runCall(configuration: Configuration, words: readonly string[], output: Output): Promise<number> {
  try {
    return await call(configuration, words, output);
  } catch (error) {
    if (error instanceof RpcError) return printError(toJson(error), output);
    output.complain(`error: ${(error as Error).message}\n`);
    return EXIT_FAILURE;
  }
}

/** A refusal that needed no server, as a server would have put it. */
function toJson({ code, message }: RpcError): JsonValue {
  return new Map<string, JsonValue>([
    ['code', new JsonNumber(String(code))],
    ['message', message],
  ]);
}

/** The node that the configuration means, or a wallet of it: the one that is named here, or by -rpcwallet. */
export function openNode(configuration: Configuration, password: string, output: Output, wallet?: string): AskNode {
  const path = locateCalls(configuration.settings, wallet);
  const door = findDoor(configuration, password, output, path);
  return (method, params) => askNode(configuration.settings, door, method, params);
}

async function call(configuration: Configuration, words: readonly string[], output: Output): Promise<number> {
  const { settings } = configuration;
  const lines = settings.getFlag('stdin') || settings.getFlag('stdinrpcpass') ? readLines() : [];
  const password = settings.getFlag('stdinrpcpass') ? (lines.shift() ?? '') : (settings.getText('rpcpassword') ?? '');
  const all = settings.getFlag('stdin') ? [...words, ...lines] : words;
  const ask = openNode(configuration, password, output);
  const request = findRequest(settings);
  if (request !== null) return printReply(await answerRequest(request, ask, all), output);
  const [method, ...rest] = all;
  if (method === undefined) throw new CallFailedError('too few parameters (need at least command)');
  const reply = await ask(method, rest.length === 0 ? [] : await readParameters(settings, method, rest));
  return printReply(reply, output);
}

function printReply(reply: ServerReply, output: Output): number {
  return reply.error === null ? printResult(reply.result, output) : printError(reply.error, output);
}

/** Words as parameters; what the methods take is loaded only where there are any. */
async function readParameters(settings: Settings, method: string, words: readonly string[]): Promise<JsonOutput> {
  const { ALL_METHODS } = await import('../api/all-methods.ts');
  const reader = new CommandLineReader(ALL_METHODS);
  return settings.getFlag('named') ? reader.named(method, words) : reader.positional(method, words);
}

function readLines(): string[] {
  const lines = readFileSync(0, 'utf8').split('\n');
  if (lines.at(-1) === '') lines.pop();
  return lines;
}

function printResult(result: JsonValue, output: Output): number {
  if (result === null) return EXIT_SUCCESS;
  output.print(`${typeof result === 'string' ? result : formatJson(result, 2)}\n`);
  return EXIT_SUCCESS;
}

/** Tells of an error of a node. The exit code is that of the error without its sign, as in bitcoin-cli; the system keeps its lowest byte. */
export function printError(error: JsonValue, output: Output): number {
  if (!isJsonObject(error)) {
    output.complain(`error: ${formatJson(error)}\n`);
    return EXIT_FAILURE;
  }
  const code = error.get('code');
  const message = error.get('message');
  const first = code instanceof JsonNumber ? `error code: ${code.text}\n` : '';
  output.complain(`${first}${typeof message === 'string' ? `error message:\n${message}` : ''}\n`);
  return code instanceof JsonNumber ? Math.abs(Number(code.text)) % 256 : EXIT_FAILURE;
}

/** Asks, and asks again with -rpcwait as long as the node is not there or not ready. */
async function askNode(
  settings: Settings,
  door: () => NodeDoor,
  method: string,
  params: JsonOutput,
): Promise<ServerReply> {
  const waits = settings.getFlag('rpcwait') ?? false;
  const limitMs = Math.max(0, settings.getInteger('rpcwaittimeout') ?? 0) * 1000;
  const startMs = performance.now();
  const request = `${formatJson({ method, params, id: 1, jsonrpc: '2.0' })}\n`;
  for (;;) {
    try {
      const reply = readReply(await callNode(door(), request));
      if (reply === null) throw new CallFailedError("couldn't parse reply from server");
      if (!waits || !isWarmup(reply.error)) return reply;
      if (limitMs > 0 && performance.now() - startMs >= limitMs) {
        throw new ConnectionFailedError('server in warmup');
      }
    } catch (error) {
      if (!(error instanceof ConnectionFailedError) || !waits) throw error;
      if (limitMs > 0 && performance.now() - startMs >= limitMs) {
        throw new CallFailedError(`timeout on transient error: ${error.message}`, { cause: error });
      }
    }
    await sleep(WAIT_INTERVAL_MS);
  }
}

function isWarmup(error: JsonValue): boolean {
  const code = isJsonObject(error) ? error.get('code') : null;
  return code instanceof JsonNumber && Number(code.text) === RPC_CODE.IN_WARMUP;
}

/** The path of the wallet that is meant. */
function locateCalls(settings: Settings, wallet: string | undefined): string {
  const walletName = wallet ?? (settings.isNegated('rpcwallet') ? undefined : settings.getText('rpcwallet'));
  return walletName === undefined ? '/' : `/wallet/${encodeURIComponent(walletName)}`;
}

/** The node that is meant; the cookie is read anew at every try, since every start of the node writes another. */
function findDoor(
  { settings, params, folders }: Configuration,
  password: string,
  output: Output,
  path: string,
): () => NodeDoor {
  const text = settings.getText('rpcconnect') ?? DEFAULT_HOST;
  const split = splitHostPort(text);
  if (split === null || split.port === 0) throw new CallFailedError(`Invalid port provided in -rpcconnect: ${text}`);
  const portText = settings.getText('rpcport');
  if (portText !== undefined && !/^[1-9][0-9]{0,4}$/.test(portText)) {
    throw new CallFailedError(`Invalid port provided in -rpcport: ${portText}`);
  }
  if (portText !== undefined && split.port !== null) {
    output.complain(formatWarning(`Port specified in both -rpcconnect and -rpcport. Using -rpcport ${portText}`));
  }
  const port = portText === undefined ? (split.port ?? params.ports.rpc) : Number(portText);
  const timeoutSec = settings.getInteger('rpcclienttimeout') ?? CLIENT_TIMEOUT_SEC_DEFAULT;
  const place = { host: split.host, port, timeoutMs: Math.max(0, timeoutSec) * 1000, path };
  if (password !== '') {
    const credentials = `${settings.getText('rpcuser') ?? ''}:${password}`;
    return () => ({ ...place, credentials, refusal: 'Incorrect rpcuser or rpcpassword were specified.' });
  }
  const cookiePath = locateCookie(settings, folders.network);
  return () => {
    const cookie = cookiePath === null ? null : readCookieFile(cookiePath);
    const credentials = cookie === null ? '' : `${cookie.user}:${cookie.password}`;
    return { ...place, credentials, refusal: describeRefusal(cookiePath, cookie !== null) };
  };
}

function describeRefusal(cookiePath: string | null, wasRead: boolean): string {
  if (cookiePath === null) return 'Cookie file was disabled via -norpccookiefile and no rpcpassword was specified.';
  if (!wasRead) return 'Failed to read cookie file and no rpcpassword was specified.';
  return 'Cookie file credentials were invalid and no rpcpassword was specified.';
}
