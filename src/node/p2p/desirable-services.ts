// Which services a peer must offer to be of use to us (Core GetDesirableServiceFlags): all blocks, or, when we are close to the tip,
// the latest 288 of them (BIP159).

import { NODE_NETWORK, NODE_NETWORK_LIMITED, NODE_WITNESS } from '../wire/protocol.ts';

/** Blocks behind the present up to which pruned peers are enough (Core NODE_NETWORK_LIMITED_ALLOW_CONN_BLOCKS). */
const LIMITED_DEPTH_MAX = 144;

/** Blocks that ought to have been found since the tip's time (Core ApproximateBestBlockDepth). */
export function estimateBlocksBehind(tipTimeSec: number, nowSec: number, spacingSec: number): number {
  return Math.floor((nowSec - tipTimeSec) / spacingSec);
}

/** The services that we want of someone who offers `services`. */
export function getDesirableServices(services: bigint, blocksBehind: number): bigint {
  const isLimited = (services & NODE_NETWORK_LIMITED) !== 0n && blocksBehind < LIMITED_DEPTH_MAX;
  return (isLimited ? NODE_NETWORK_LIMITED : NODE_NETWORK) | NODE_WITNESS;
}

/** Whether someone offers what we want. */
export function hasDesirableServices(services: bigint, blocksBehind: number): boolean {
  const wanted = getDesirableServices(services, blocksBehind);
  return (services & wanted) === wanted;
}

/** Whether someone has blocks at all (Core CanServeBlocks). */
export function canServeBlocks(services: bigint): boolean {
  return (services & (NODE_NETWORK | NODE_NETWORK_LIMITED)) !== 0n;
}

/** Whether someone has the latest blocks only (Core IsLimitedPeer). */
export function isLimitedPeer(services: bigint): boolean {
  return (services & NODE_NETWORK) === 0n && (services & NODE_NETWORK_LIMITED) !== 0n;
}
