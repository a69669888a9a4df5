// The option that has transactions sent over connections of their own through Tor and I2P (Core init.cpp, -privatebroadcast), and what
// must be so that it can do what it says.

import type { NodeOptions } from '../node/app/node-options.ts';
import { mayReachOnion, reachableNetworks } from '../node/app/node-parts.ts';
import { canSendPrivately } from '../node/p2p/private-target.ts';
import { StartupError } from './error-text.ts';
import type { OptionSpec } from './option-spec.ts';
import type { Settings } from './settings.ts';

/** Rows of the table in options.ts. */
export const PRIVATE_BROADCAST_OPTIONS: readonly OptionSpec[] = Object.freeze([
  {
    name: 'privatebroadcast',
    kind: 'flag',
    group: 'relay',
    help: 'Send what sendrawtransaction is given over short connections of its own through Tor and I2P, and put it into the memory pool when it comes back from others. Payments of wallets are told to all peers as ever.',
    defaultText: '0',
    programs: ['tallyd'],
  },
] satisfies readonly OptionSpec[]);

/** What is wrong with the option among the others. */
const REQUESTED = 'Private broadcast of own transactions requested (-privatebroadcast)';

/** Reads the option; `options` are all others. Throws StartupError. */
export function readPrivateBroadcast(settings: Settings, options: NodeOptions): boolean {
  if (settings.getFlag('privatebroadcast') !== true) return false;
  if (!canSendPrivately(reachableNetworks(options)) && !mayReachOnion(options)) {
    throw new StartupError(`${REQUESTED}, but none of Tor or I2P networks is reachable`);
  }
  if (options.connect !== null) {
    throw new StartupError(
      `${REQUESTED}, but -connect is also configured. They are incompatible because the private broadcast needs to open new connections to randomly chosen Tor or I2P peers. Consider using -maxconnections=0 -addnode=... instead`,
    );
  }
  return true;
}

/** What an operator should know who has it on; null: nothing. */
export function findPrivateBroadcastWarning({ broadcastsPrivately, proxies }: NodeOptions): string | null {
  const tor = proxies.byNetwork.get('onion');
  if (!broadcastsPrivately || tor === undefined || tor.isRandomized) return null;
  return `${REQUESTED} and -proxyrandomize is disabled. Tor circuits for private broadcast connections may be correlated to other connections over Tor. For maximum privacy set -proxyrandomize=1.`;
}
