// How connections are planned where a test says nothing else: as by default, without seeds of any kind.

import { type ConnectionPlanOptions, computeConnectionLimits } from '../../src/node/p2p/connection-plan.ts';

/** The usual limits, IPv4 and IPv6, the port of the main network. */
export const USUAL_PLAN: ConnectionPlanOptions = Object.freeze({
  limits: computeConnectionLimits(125),
  isAutomatic: true,
  connect: [],
  addedNodes: [],
  seedNodes: [],
  dnsSeeds: [],
  isDnsForced: false,
  hasNameProxy: false,
  useFixedSeeds: false,
  fixedSeeds: [],
  anchors: [],
  encrypts: false,
  reachable: new Set(['ipv4', 'ipv6'] as const),
  defaultPort: 8333,
});
