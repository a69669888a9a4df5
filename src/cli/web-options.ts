// The options of the web app and what they say: where its server listens, whom it answers, under which names (R01, R05).

import type { Subnet } from '../node/p2p/subnet.ts';
import type { Endpoint } from '../node/ports.ts';
import { StartupError } from './error-text.ts';
import { readUsesCjdns } from './i2p-options.ts';
import type { OptionSpec } from './option-spec.ts';
import { LOOPBACK_SUBNETS, readAllowedSubnet, readListenPlace } from './rpc-settings.ts';
import type { Settings } from './settings.ts';

/** -webport: one above Core's ports of the main network, which end at 8334. */
export const WEB_PORT_DEFAULT = 8339;

const DAEMON = ['tallyd'] as const;

/** Rows of the table. */
export const WEB_OPTIONS: readonly OptionSpec[] = Object.freeze([
  {
    name: 'web',
    kind: 'flag',
    group: 'web',
    help: 'Serve the app for browsers. Whoever uses it signs in with a link that is printed once at start.',
    defaultText: '0, and 1 with tally up or -webport',
    programs: DAEMON,
  },
  {
    name: 'weballowip',
    kind: 'list',
    group: 'web',
    argument: '<ip>',
    help: 'Answer browsers at this address or in this subnet, too. May be given more than once.',
    defaultText: 'this machine only',
    programs: DAEMON,
  },
  {
    name: 'webbind',
    kind: 'list',
    group: 'web',
    argument: '<addr>[:port]',
    help: 'Listen at this address. Ignored unless -weballowip is given, too. What is said there is not encrypted: for strange networks put a server with TLS in front. May be given more than once.',
    defaultText: '127.0.0.1 and ::1',
    programs: DAEMON,
  },
  {
    name: 'webhost',
    kind: 'list',
    group: 'web',
    argument: '<name>',
    help: 'A name or address by which browsers may call this server, besides localhost and the address that they have reached. May be given more than once.',
    programs: DAEMON,
  },
  {
    name: 'webport',
    kind: 'integer',
    group: 'web',
    argument: '<port>',
    help: 'Port of the app.',
    defaultText: `${WEB_PORT_DEFAULT}`,
    programs: DAEMON,
  },
] satisfies readonly OptionSpec[]);

/** What the server is run with. */
export interface WebOptions {
  readonly places: readonly Endpoint[];
  /** The person has named the port: no other will do. */
  readonly isPortNamed: boolean;
  readonly allowed: readonly Subnet[];
  /** Further names in the Host header, in small letters. */
  readonly hostNames: ReadonlySet<string>;
  /** For the log. */
  readonly warnings: readonly string[];
}

/** Reads the settings; null without an app. Throws a StartupError. */
export function readWebOptions(settings: Settings): WebOptions | null {
  const isPortNamed = settings.isSet('webport') && !settings.isNegated('webport');
  if (!(settings.getFlag('web') ?? isPortNamed)) return null;
  const warnings: string[] = [];
  const allowedTexts = settings.getAll('weballowip');
  const usesCjdns = readUsesCjdns(settings);
  return {
    places: readPlaces(settings, readPort(settings, isPortNamed), allowedTexts.length > 0, warnings),
    isPortNamed,
    allowed: [...LOOPBACK_SUBNETS, ...allowedTexts].map((text) => readAllowedSubnet(text, 'weballowip', usesCjdns)),
    hostNames: new Set(settings.getAll('webhost').map((name) => name.toLowerCase())),
    warnings,
  };
}

function readPort(settings: Settings, isPortNamed: boolean): number {
  const text = isPortNamed ? (settings.getText('webport') ?? '') : `${WEB_PORT_DEFAULT}`;
  if (/^[0-9]{1,5}$/.test(text) && Number(text) >= 1 && Number(text) <= 65_535) return Number(text);
  throw new StartupError(`Invalid port specified in -webport: '${text}'`);
}

/** Beyond this machine only when it is also said who may come (R01). */
function readPlaces(settings: Settings, port: number, hasAllowed: boolean, warnings: string[]): readonly Endpoint[] {
  const places = settings.getAll('webbind').map((text) => readListenPlace(text, port, 'webbind'));
  if (places.length > 0 && hasAllowed) return places;
  if (places.length > 0) {
    warnings.push('Option -webbind was ignored because -weballowip was not specified, refusing to let everyone in');
  } else if (hasAllowed) {
    warnings.push("Option -weballowip was specified without -webbind; this doesn't usually make sense");
  }
  return [
    { host: '127.0.0.1', port },
    { host: '::1', port },
  ];
}
