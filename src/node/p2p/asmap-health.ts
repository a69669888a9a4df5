// How much of the known addresses a map of autonomous systems knows: a line for the log that tells whether the map is worth its place
// (Core ASMapHealthCheck).

import { netClass } from '../wire/net-group.ts';
import type { NetGroups } from '../wire/net-groups.ts';
import type { AddressManager } from './addrman.ts';

/** The line, in Core's words. */
export function describeMapHealth(manager: AddressManager, groups: NetGroups, nowSec: number): string {
  const systems = new Set<number>();
  let addressCount = 0;
  let unmappedCount = 0;
  const everything = { countMax: 0, percentMax: 0, network: null, isFiltered: false };
  for (const { address } of manager.getAddr(everything, nowSec)) {
    const network = netClass(address);
    if (network !== 'ipv4' && network !== 'ipv6') continue;
    addressCount++;
    const system = groups.mappedAs(address);
    if (system === 0) unmappedCount++;
    else systems.add(system);
  }
  const counts = `${addressCount} clearnet peers are mapped to ${systems.size} ASNs`;
  return `ASMap Health Check: ${counts} with ${unmappedCount} peers being unmapped`;
}
