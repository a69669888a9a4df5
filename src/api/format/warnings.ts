// The warnings of a program as the methods of information show them (Core GetWarningsForRpc).

import { CLOCK_WARNING } from '../../node/p2p/time-offsets.ts';
import type { RpcContext } from '../context.ts';
import type { JsonOutput } from '../json/json-value.ts';

/** All warnings; the last one alone, as a text, where the old form was asked for (-deprecatedrpc=warnings). */
export function formatWarnings({ host, node }: Pick<RpcContext, 'host' | 'node'>): JsonOutput {
  const texts = [...host.warnings.texts, ...(node.control.isClockOutOfSync ? [CLOCK_WARNING] : [])];
  return host.deprecated.has('warnings') ? (texts.at(-1) ?? '') : texts;
}
