// The audit of the whole ledger, from outside: begin one, look how far it is, end it. Core has no such methods; its verifychain looks
// at the last blocks and believes its own coins below.

import type { AuditService, AuditStatus } from '../../node/app/audit-service.ts';
import type { Arguments } from '../arguments.ts';
import type { RpcContext } from '../context.ts';
import { RPC_CODE, RpcError } from '../errors.ts';
import { AUDIT_FIELDS, formatAudit } from '../format/audit.ts';
import type { JsonOutput } from '../json/json-value.ts';
import type { MethodSpec } from '../schema.ts';
import { OURS, object, param, result } from '../schema-words.ts';

function requireAudits({ audits }: RpcContext): AuditService {
  if (audits !== undefined) return audits;
  throw new RpcError(RPC_CODE.MISC_ERROR, 'This program makes no audits');
}

function startAudit(context: RpcContext): JsonOutput {
  const { events, params } = context;
  const tell = ({ id, done, total, verdict }: AuditStatus): void =>
    events?.progress({
      task: 'audit',
      id: String(id),
      done,
      total,
      unit: 'blocks',
      isOver: verdict.kind !== 'running',
    });
  const status = requireAudits(context).start(tell);
  if (status === null) throw new RpcError(RPC_CODE.MISC_ERROR, 'An audit is under way already');
  return formatAudit(status, params);
}

function getAudit(context: RpcContext, args: Arguments): JsonOutput {
  const { status } = requireAudits(context);
  if (status === null) throw new RpcError(RPC_CODE.MISC_ERROR, 'There was no audit since the program was started');
  const told = formatAudit(status, context.params);
  return args.flag('marks', true) ? told : { ...told, marks: [] };
}

/** The methods of this file. */
export const AUDIT_METHODS: readonly MethodSpec[] = Object.freeze([
  {
    ...OURS,
    name: 'startaudit',
    description:
      'Begins to check the whole ledger again, page by page from the first: every hash, link, work, signature and amount, and in the end every coin. The node goes on meanwhile.',
    parameters: [],
    results: [object(AUDIT_FIELDS)],
    examples: [''],
    run: startAudit,
  },
  {
    ...OURS,
    name: 'getaudit',
    description: 'Tells how far the audit is, or what the last one has found.',
    parameters: [param('marks', 'boolean', 'Whether marks are told', { default: true })],
    results: [object(AUDIT_FIELDS)],
    examples: ['', 'false'],
    run: getAudit,
  },
  {
    ...OURS,
    name: 'abortaudit',
    description: 'Ends the audit that is under way.',
    parameters: [],
    results: [result('boolean', 'Whether there was one')],
    examples: [''],
    run: (context) => requireAudits(context).abort(),
  },
]);
