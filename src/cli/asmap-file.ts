// The map of autonomous systems that -asmap names: found, read, checked (Core AppInitMain, util/asmap.cpp). No map comes with the
// program: one that is shipped is old before it is used, and the operator chooses whom to believe.

import { readFileSync, statSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import { reversedBytes, toHex } from '../kernel/util/bytes.ts';
import { ASMAP_BYTES_MAX, isValidAsmap } from '../node/wire/asmap.ts';
import { NetGroups, PREFIX_GROUPS } from '../node/wire/net-groups.ts';
import { StartupError } from './error-text.ts';
import type { Log } from './log.ts';
import type { Settings } from './settings.ts';

/** By which addresses are sorted from now on. Throws StartupError. */
export function loadNetGroups(settings: Settings, networkFolder: string, log: Pick<Log, 'info'>): NetGroups {
  if (!settings.isSet('asmap') || settings.isNegated('asmap')) {
    log.info('Using /16 prefix for IP bucketing');
    return PREFIX_GROUPS;
  }
  // A yes without a path asks for the map that some builds of Core carry.
  if (settings.getFlag('asmap') === true) throw new StartupError('Embedded asmap data not available');
  const name = settings.getText('asmap')!;
  const path = isAbsolute(name) ? name : join(networkFolder, name);
  const groups = new NetGroups(readMap(path, log));
  log.info(`Using asmap version ${toHex(reversedBytes(groups.version))} for IP bucketing`);
  return groups;
}

function readMap(path: string, log: Pick<Log, 'info'>): Uint8Array {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats === undefined) throw new StartupError(`Could not find asmap file "${path}"`);
  const refuse = (cause?: unknown): StartupError => new StartupError(`Could not parse asmap file "${path}"`, { cause });
  if (!stats.isFile() || stats.size > ASMAP_BYTES_MAX) throw refuse();
  let map: Uint8Array;
  try {
    map = new Uint8Array(readFileSync(path));
  } catch (cause) {
    throw refuse(cause);
  }
  log.info(`Opened asmap file "${path}" (${map.length} bytes) from disk`);
  if (!isValidAsmap(map)) throw refuse();
  return map;
}
