// The options of networks with addresses of their own that no proxy for SOCKS leads into (Core init.cpp): I2P, by a router that speaks
// SAM, and CJDNS, whose addresses the system itself routes. What -onlynet wants of them is checked here, too.

import type { I2pOptions } from '../node/app/node-options.ts';
import { StartupError } from './error-text.ts';
import type { OptionSpec } from './option-spec.ts';
import { readHelperPlace } from './proxy-options.ts';
import type { Settings } from './settings.ts';

/** Where routers listen for SAM (Core; https://geti2p.net/en/docs/ports). */
const SAM_PORT = 7656;

const DAEMON = ['tallyd'] as const;

/** Rows of the table in options.ts. */
export const I2P_OPTIONS: readonly OptionSpec[] = Object.freeze([
  {
    name: 'cjdnsreachable',
    kind: 'flag',
    group: 'connection',
    help: 'This machine is in the CJDNS network: addresses of fc00::/8 lead there.',
    defaultText: '0',
    programs: DAEMON,
  },
  {
    name: 'i2pacceptincoming',
    kind: 'flag',
    group: 'connection',
    help: 'With -i2psam, let others connect to us through I2P, at an address that stays the same: its key is in i2p_private_key in the folder of the network. Without, every connection that we make there has an address of its own.',
    defaultText: '1 unless -listen=0',
    programs: DAEMON,
  },
  {
    name: 'i2psam',
    kind: 'text',
    group: 'connection',
    argument: '<ip:port>',
    help: `Reach addresses of I2P, and be reached, through the router that listens here for SAM. Port ${SAM_PORT} where none is named.`,
    programs: DAEMON,
  },
] satisfies readonly OptionSpec[]);

/** Null: there is no router, or there is to be none (-noi2psam). */
function readSamText(settings: Settings): string | null {
  const text = settings.getText('i2psam') ?? '';
  return text === '' || text === '0' ? null : text;
}

/** Reads the way into I2P; null: there is none. Throws StartupError. */
export function readI2p(settings: Settings, isListening: boolean): I2pOptions | null {
  const text = readSamText(settings);
  if (text === null) return null;
  const sam = readHelperPlace('i2psam', text, SAM_PORT);
  return { sam, acceptsIncoming: settings.getFlag('i2pacceptincoming') ?? isListening };
}

/** Whether this machine is in CJDNS. */
export function readUsesCjdns(settings: Settings): boolean {
  return settings.getFlag('cjdnsreachable') ?? false;
}

/** Throws StartupError when connections are to be made only to a network to which there is no way. */
export function checkOnlyNetworks(settings: Settings, names: readonly string[]): void {
  if (names.includes('cjdns') && !readUsesCjdns(settings)) {
    throw new StartupError(
      'Outbound connections restricted to CJDNS (-onlynet=cjdns) but -cjdnsreachable is not provided',
    );
  }
  if (names.includes('i2p') && readSamText(settings) === null) {
    throw new StartupError('Outbound connections restricted to i2p (-onlynet=i2p) but -i2psam is not provided');
  }
}
