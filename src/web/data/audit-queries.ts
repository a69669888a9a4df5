// The audit of the whole ledger: how far it is, what it has found, beginning and ending one. Amounts are satoshis, times seconds.

import { queryOptions } from '@tanstack/react-query';
import { RpcCallError, type RpcClient } from '../../api/client.ts';
import type { RefusalText } from '../../platform/browser/refusal-text.ts';
import { type ExplanationFields, readExplanation } from './explanation.ts';

/** What became of an audit, or will. */
export type AuditVerdict = 'running' | 'good' | 'bad' | 'aborted' | 'failed';

/** What kind of thing is wrong. */
export type AuditFaultKind = 'unreadable' | 'broken-link' | 'invalid' | 'other-page' | 'other-coins' | 'wrong-sum';

/** What was counted so far. */
export interface AuditFigures {
  readonly height: number;
  readonly hash: string;
  readonly transactionCount: number;
  readonly inputCount: number;
  readonly outputCount: number;
  readonly scriptCount: number;
  readonly issuedSat: number;
  readonly burntSat: number;
  readonly feesSat: number;
  readonly scheduledSat: number;
  /** Expected hashes of all pages, as 64 hexadecimal digits. */
  readonly work: string;
}

/** All unspent coins at the last page. */
export interface AuditCoins {
  readonly coinCount: number;
  readonly unspentSat: number;
  readonly hash_serialized_3: string;
  readonly muhash: string;
}

/** Where the audit stood after every thousand pages. */
export interface AuditMark {
  readonly height: number;
  readonly hash: string;
  readonly issuedSat: number;
  readonly burntSat: number;
  readonly transactionCount: number;
}

/** What the node answers: it goes into the file as it is. */
export interface AuditAnswer {
  readonly id: number;
  readonly verdict: AuditVerdict;
  readonly fault?: {
    readonly kind: AuditFaultKind;
    readonly height?: number;
    readonly place: string;
    readonly message: string;
    readonly explanation?: ExplanationFields;
  };
  readonly failure?: string;
  readonly stage: 'pages' | 'coins' | 'over';
  readonly pagesDone: number;
  readonly pagesTotal: number;
  readonly startedAt: number;
  readonly endedAt?: number;
  readonly ledger: string;
  readonly firstHash: string;
  readonly figures?: AuditFigures;
  readonly coins?: AuditCoins;
  readonly marks: readonly AuditMark[];
}

/** How often an audit that runs is looked at where no event tells of it. */
const LOOK_INTERVAL_MS = 1500;

/** How the node says that there was no audit yet: it has no code of its own. */
const NEVER = /^There was no audit/;

async function fetchAudit(client: RpcClient, hasMarks: boolean): Promise<AuditAnswer | null> {
  try {
    return await client.call<AuditAnswer>('getaudit', [hasMarks]);
  } catch (error) {
    if (error instanceof RpcCallError && NEVER.test(error.message)) return null;
    throw error;
  }
}

/** The audit as it stands, without marks; null: there was none since the node was started. */
export function auditQuery(client: RpcClient) {
  return queryOptions({
    queryKey: ['audit', 'status'],
    queryFn: (): Promise<AuditAnswer | null> => fetchAudit(client, false),
    refetchInterval: ({ state }) => (state.data?.verdict === 'running' ? LOOK_INTERVAL_MS : false),
  });
}

/** An audit that is over, with everything. */
export function auditResultQuery(client: RpcClient, id: number) {
  return queryOptions({
    queryKey: ['audit', 'result', id],
    queryFn: (): Promise<AuditAnswer | null> => fetchAudit(client, true),
  });
}

/** Begins an audit. */
export function startAudit(client: RpcClient): Promise<AuditAnswer> {
  return client.call<AuditAnswer>('startaudit');
}

/** Ends the audit that runs. */
export function abortAudit(client: RpcClient): Promise<boolean> {
  return client.call<boolean>('abortaudit');
}

/** The rule that is broken; null: what is wrong is no rule. */
export function readFaultRule({ fault }: AuditAnswer): RefusalText | null {
  return fault?.explanation === undefined ? null : readExplanation(fault.explanation);
}

/** The checks of an audit, in the order in which they are shown. */
export const AUDIT_CHECKS = ['hashes', 'links', 'work', 'signatures', 'amounts', 'supply', 'coins'] as const;

/** One of the checks. */
export type AuditCheck = (typeof AUDIT_CHECKS)[number];

/** The check that a fault belongs to. */
export function checkOfFault({ fault }: AuditAnswer): AuditCheck | null {
  if (fault === undefined) return null;
  if (fault.kind !== 'invalid') return CHECK_OF_KIND[fault.kind];
  const rule = fault.explanation?.rule ?? '';
  if (rule.startsWith('merkle')) return 'hashes';
  if (rule.startsWith('pow') || rule.startsWith('difficulty')) return 'work';
  if (rule === 'known-parent' || rule === 'valid-parent') return 'links';
  if (rule === 'coinbase-amount') return 'supply';
  return rule.includes('script') ? 'signatures' : 'amounts';
}

const CHECK_OF_KIND: Readonly<Record<Exclude<AuditFaultKind, 'invalid'>, AuditCheck>> = {
  unreadable: 'hashes',
  'broken-link': 'links',
  'other-page': 'hashes',
  'other-coins': 'coins',
  'wrong-sum': 'supply',
};
