// What `tally` can be asked for by an option in place of a method, as bitcoin-cli can: -getinfo, -netinfo, -generate, -addrinfo. Words and
// errors are Core's (bitcoin-cli.cpp), since scripts look for them.

import { CommandLineReader, type ServerReply } from '../api/command-line.ts';
import { isJsonObject, type JsonOutput, type JsonValue } from '../api/json/json-value.ts';
import type { AskNode } from './answer.ts';
import { formatGetInfo } from './get-info.ts';
import { answerNetInfo } from './net-info.ts';
import { CallFailedError } from './rpc-client.ts';
import type { Settings } from './settings.ts';

/** Options in place of a method, in the order in which errors name them. */
const REQUESTS = ['addrinfo', 'generate', 'getinfo', 'netinfo'] as const;

/** One of them. */
export type ClientRequest = (typeof REQUESTS)[number];

/** The one that was asked for, or null. Throws when there is more than one (Core CheckMultipleCLIArgs). */
export function findRequest(settings: Settings): ClientRequest | null {
  const found = REQUESTS.filter((name) => settings.getFlag(name) === true);
  if (found.length < 2) return found[0] ?? null;
  throw new CallFailedError(`Only one of ${found.map((name) => `-${name}`).join(', ')} may be specified.`);
}

/** Answers it with what the node says. */
export async function answerRequest(
  request: ClientRequest,
  ask: AskNode,
  words: readonly string[],
): Promise<ServerReply> {
  switch (request) {
    case 'getinfo':
      if (words.length > 0) throw new CallFailedError('-getinfo takes no arguments');
      return { error: null, result: await formatGetInfo(ask) };
    case 'netinfo':
      return answerNetInfo(ask, words);
    case 'generate':
      return generate(ask, words);
    case 'addrinfo':
      if (words.length > 0) throw new CallFailedError('-addrinfo takes no arguments');
      return countAddresses(await ask('getaddrmaninfo', []));
  }
}

/** Blocks where nobody says how many (Core DEFAULT_NBLOCKS). */
const BLOCKS_DEFAULT = '1';

async function generate(ask: AskNode, words: readonly string[]): Promise<ServerReply> {
  // First of all, as in Core: whoever has no wallet hears of that.
  const address = await ask('getnewaddress', []);
  if (address.error !== null) return address;
  const params = await readGenerateWords(words, `${address.result}`);
  const mined = await ask('generatetoaddress', params);
  if (mined.error !== null) return mined;
  return {
    error: null,
    result: new Map<string, JsonValue>([
      ['address', address.result],
      ['blocks', mined.result],
    ]),
  };
}

async function readGenerateWords(words: readonly string[], address: string): Promise<JsonOutput> {
  if (words.length > 2) throw new CallFailedError('too many arguments (maximum 2 for nblocks and maxtries)');
  const [count = BLOCKS_DEFAULT, ...tries] = words;
  if (count === '0') {
    throw new CallFailedError(
      `the first argument (number of blocks to generate, default: ${BLOCKS_DEFAULT}) must be an integer value greater than zero`,
    );
  }
  const { ALL_METHODS } = await import('../api/all-methods.ts');
  return new CommandLineReader(ALL_METHODS).positional('generatetoaddress', [count, address, ...tries]);
}

function countAddresses(reply: ServerReply): ServerReply {
  if (reply.error !== null || !isJsonObject(reply.result)) return reply;
  const counts = new Map<string, JsonValue>();
  for (const [network, count] of reply.result) {
    const total = isJsonObject(count) ? count.get('total') : undefined;
    counts.set(network === 'all_networks' ? 'total' : network, total ?? null);
  }
  return { error: null, result: new Map([['addresses_known', counts]]) };
}
