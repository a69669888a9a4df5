// What a run has come to, as data and as lines for a person.

import type { NodeFigures } from './checker/chain-watch.ts';
import type { RebuiltFigures } from './checker/mempool-watch.ts';
import type { ChaosCounts } from './nemesis.ts';
import type { PaymentCounts } from './payers.ts';
import type { SwarmOptions } from './swarm.ts';
import { formatVirtualTime } from './trace.ts';

/** One node at the end of a run. */
export interface NodeReport extends NodeFigures {
  readonly owner: number;
  readonly address: string;
  /** Height and beginning of the hash. */
  readonly tip: string;
  readonly lifeCount: number;
  readonly foundCount: number;
}

/** A run. */
export interface SimReport {
  readonly seed: number;
  readonly options: SwarmOptions;
  /** What went wrong, or null. */
  readonly failure: { readonly check: string; readonly message: string; readonly stack: string } | null;
  /** Equal for equal runs. */
  readonly traceHash: string;
  readonly eventCount: number;
  readonly virtualMs: number;
  /** Time from the end of the chaos until all agreed, in virtual milliseconds; null: they did not. */
  readonly healMs: number | null;
  /** Valid blocks that are not part of the chain in the end. */
  readonly staleCount: number;
  /** Blocks that broke a rule. */
  readonly invalidCount: number;
  readonly sentBytes: number;
  readonly diskFaultCount: number;
  readonly chaos: ChaosCounts;
  readonly payments: PaymentCounts & RebuiltFigures;
  readonly nodes: readonly NodeReport[];
  /** What happened last. */
  readonly recent: readonly string[];
}

/** One line about a run. */
export function formatSummary(report: SimReport): string {
  const { seed, options, failure, nodes, healMs } = report;
  const chaos = Object.values(report.chaos).reduce((sum, count) => sum + count, 0) + report.diskFaultCount;
  const heal = healMs === null ? 'not healed' : `healed in ${Math.round(healMs / 1000)} s`;
  const verdict = failure === null ? 'ok' : `FAILED (${failure.check})`;
  return `seed ${seed}: ${verdict}, ${nodes.length} nodes, ${options.chaosBlocks} intervals, ${chaos} faults, ${report.staleCount} stale and ${report.invalidCount} invalid blocks, ${heal}, trace ${report.traceHash}`;
}

/** The whole of a run. */
export function formatReport(report: SimReport): string {
  const { acceptedCount, refusedCount, doubleCount, rebuiltCount, rebuiltFromMax, rebuiltMax } = report.payments;
  const lines = [
    formatSummary(report),
    `  virtual time ${formatVirtualTime(report.virtualMs)}, ${report.eventCount} events, ${report.sentBytes} bytes sent`,
    `  faults: ${formatCounts(report.chaos)}, ${report.diskFaultCount} of disks`,
    `  payments: ${acceptedCount} accepted, ${refusedCount} refused, ${doubleCount} pairs of one coin; ${rebuiltCount} mempools rebuilt, up to ${rebuiltMax} payments of ${rebuiltFromMax}`,
    '  node address            tip                 lives  found  connected  reorgs  deepest  refused',
    ...report.nodes.map(formatNode),
  ];
  if (report.failure !== null) {
    lines.push(`  ${report.failure.check}: ${report.failure.message}`, '  what happened last:');
    lines.push(...report.recent.map((line) => `    ${line}`));
    lines.push(`  options: ${JSON.stringify(report.options)}`);
  }
  return lines.join('\n');
}

function formatCounts(counts: ChaosCounts): string {
  const named = Object.entries(counts).filter(([, count]) => count > 0);
  return named.length === 0 ? 'none' : named.map(([name, count]) => `${name} ${count}`).join(', ');
}

function formatNode(node: NodeReport): string {
  const columns = [
    `  ${String(node.owner).padStart(4)}`,
    node.address.padEnd(18),
    node.tip.padEnd(19),
    String(node.lifeCount).padStart(5),
    String(node.foundCount).padStart(6),
    String(node.connectedCount).padStart(10),
    String(node.reorgCount).padStart(7),
    String(node.reorgDepthMax).padStart(8),
    String(node.refusedCount).padStart(8),
  ];
  return columns.join(' ');
}
