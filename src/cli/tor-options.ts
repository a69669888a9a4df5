// The options of an onion service of our own (Core init.cpp): whether Tor is to bring connections to us, where it lets itself be
// controlled, and by which password.

import type { NodeOptions, TorOptions } from '../node/app/node-options.ts';
import { formatNetAddress, parseHost } from '../node/wire/net-address.ts';
import { StartupError } from './error-text.ts';
import type { OptionSpec } from './option-spec.ts';
import { readHelperPlace } from './proxy-options.ts';
import type { Settings } from './settings.ts';

/** Where Tor lets itself be controlled (Core DEFAULT_TOR_CONTROL). */
const CONTROL_HOST = '127.0.0.1';
const CONTROL_PORT = 9051;

/** Longest password: arbitrary; a command is a line. */
const PASSWORD_LENGTH_MAX = 1000;

const DAEMON = ['tallyd'] as const;

/** Rows of the table in options.ts. */
export const TOR_OPTIONS: readonly OptionSpec[] = Object.freeze([
  {
    name: 'listenonion',
    kind: 'flag',
    group: 'connection',
    help: 'Let others connect to us through Tor, where there is one: it is asked to make an onion service whose address stays the same, with the key in onion_v3_private_key in the folder of the network.',
    defaultText: '1 unless -listen=0',
    programs: DAEMON,
  },
  {
    name: 'torcontrol',
    kind: 'text',
    group: 'connection',
    argument: '<ip>[:<port>]',
    help: `Where Tor lets itself be controlled, for -listenonion. Port ${CONTROL_PORT} where none is named.`,
    defaultText: `${CONTROL_HOST}:${CONTROL_PORT}`,
    programs: DAEMON,
  },
  {
    name: 'torpassword',
    kind: 'text',
    group: 'connection',
    argument: '<password>',
    help: 'The password by which Tor lets itself be controlled; without, it is asked for one of the other ways.',
    programs: DAEMON,
    isSecret: true,
  },
] satisfies readonly OptionSpec[]);

/** Reads what is to be asked of Tor; null: nothing. Throws StartupError. */
export function readTor(settings: Settings, isListening: boolean): TorOptions | null {
  const flag = settings.getFlag('listenonion');
  const text = settings.getText('torcontrol') ?? '';
  const control = readHelperPlace('torcontrol', text === '' ? CONTROL_HOST : text, CONTROL_PORT);
  const password = readPassword(settings);
  if (flag === true && !isListening) throw new StartupError('Cannot set -listen=0 together with -listenonion=1');
  if (flag === false || !isListening) return null;
  return {
    control,
    password,
    asksForProxy: (settings.getText('onion') ?? '') === '',
    isAskedFor: flag === true || text !== '' || password !== '',
  };
}

/** What an operator should know who has several places for Tor; null: nothing. */
export function findOnionBindWarning({ tor, listen }: NodeOptions): string | null {
  const [first, second] = listen.filter(({ isOnion }) => isOnion);
  if (tor === null || first === undefined || second === undefined) return null;
  const { host, port } = first.endpoint;
  const address = parseHost(host, port);
  const place = address === null ? `${host}:${port}` : formatNetAddress(address);
  return `More than one onion bind address is provided. Using ${place} for the automatically created Tor onion service.`;
}

/** A password with the end of a line inside would be two commands. */
function readPassword(settings: Settings): string {
  const password = settings.getText('torpassword') ?? '';
  if (password.length > PASSWORD_LENGTH_MAX) throw new StartupError('-torpassword is too long');
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for.
  if (/[\u0000-\u001f\u007f]/.test(password))
    throw new StartupError('-torpassword has a character that is none of a text');
  return password;
}
