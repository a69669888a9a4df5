// What `tally -getinfo` prints: the most important things about a node, in bitcoin-cli's layout.

import type { ServerReply } from '../api/command-line.ts';
import { isJsonArray, isJsonObject, JsonNumber, type JsonObject, type JsonValue } from '../api/json/json-value.ts';
import { formatJson } from '../api/json/json-writer.ts';
import { CallFailedError } from './rpc-client.ts';

type Ask = (method: string, params: readonly []) => Promise<ServerReply>;

async function askForObject(ask: Ask, method: string): Promise<JsonObject> {
  const { result, error } = await ask(method, []);
  if (isJsonObject(result ?? undefined)) return result as JsonObject;
  throw new CallFailedError(`${method}: ${formatJson(error)}`);
}

function show(value: JsonValue | undefined): string {
  if (value instanceof JsonNumber) return value.text;
  return typeof value === 'string' ? value : formatJson(value ?? null);
}

/** Every proxy once, with the networks that are reached through it. */
function showProxies(networks: JsonValue | undefined): string {
  const names = new Map<string, string[]>();
  for (const network of isJsonArray(networks) ? networks : []) {
    if (!isJsonObject(network)) continue;
    const proxy = show(network.get('proxy'));
    if (proxy !== '') names.set(proxy, [...(names.get(proxy) ?? []), show(network.get('name'))]);
  }
  return names.size === 0 ? 'n/a' : [...names].map(([proxy, of]) => `${proxy} (${of.join(', ')})`).join(', ');
}

/** Asks for everything and lays it out. */
export async function formatGetInfo(ask: Ask): Promise<string> {
  const chain = await askForObject(ask, 'getblockchaininfo');
  const network = await askForObject(ask, 'getnetworkinfo');
  const progress = Number(show(chain.get('verificationprogress'))) * 100;
  const warnings = network.get('warnings');
  const warningText = isJsonArray(warnings) ? warnings.map(show).join('\n') : show(warnings);
  return [
    `Chain: ${show(chain.get('chain'))}`,
    `Blocks: ${show(chain.get('blocks'))}`,
    `Headers: ${show(chain.get('headers'))}`,
    `Verification progress: ${progress.toFixed(4)}%`,
    `Difficulty: ${show(chain.get('difficulty'))}`,
    '',
    `Network: in ${show(network.get('connections_in'))}, out ${show(network.get('connections_out'))}, total ${show(network.get('connections'))}`,
    `Version: ${show(network.get('version'))}`,
    `Time offset (s): ${show(network.get('timeoffset'))}`,
    `Proxies: ${showProxies(network.get('networks'))}`,
    `Min tx relay fee rate (BTC/kvB): ${show(network.get('relayfee'))}`,
    '',
    `Warnings: ${warningText === '' ? '(none)' : warningText}`,
  ].join('\n');
}
