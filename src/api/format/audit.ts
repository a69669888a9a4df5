// An audit as JSON: what getaudit answers, and what stands in the file that another program can check. All amounts are satoshis.

import type { AuditCoins, AuditFault, AuditFigures, AuditMark } from '../../kernel/audit/audit-report.ts';
import type { ChainParams } from '../../kernel/consensus/params.ts';
import { formatHash } from '../../kernel/primitives/hashes.ts';
import { reversedBytes, toHex } from '../../kernel/util/bytes.ts';
import type { AuditStatus } from '../../node/app/audit-service.ts';
import { JsonNumber, type JsonOutput, type JsonRecord } from '../json/json-value.ts';
import { field, maybe, object } from '../schema-words.ts';
import type { ResultSpec } from '../signature.ts';
import { EXPLANATION_FIELDS, formatExplanation } from './explanation.ts';

/** The audit of a ledger. */
export function formatAudit(status: AuditStatus, { name, consensus }: ChainParams): JsonRecord {
  const { id, verdict, stage, done, total, startedMs, endedMs, figures, coins, marks } = status;
  return {
    id,
    verdict: verdict.kind,
    fault: verdict.kind === 'bad' ? formatFault(verdict.fault) : undefined,
    failure: verdict.kind === 'failed' ? verdict.message : undefined,
    stage,
    pagesDone: done,
    pagesTotal: total,
    startedAt: Math.floor(startedMs / 1000),
    endedAt: endedMs === null ? undefined : Math.floor(endedMs / 1000),
    ledger: name,
    firstHash: formatHash(consensus.genesisHash),
    figures: figures === null ? undefined : formatFigures(figures),
    coins: coins === null ? undefined : formatCoins(coins),
    marks: marks.map(formatMark),
  };
}

function formatFigures(figures: AuditFigures): JsonOutput {
  const { height, blockHash, work, scheduledSat, ...counts } = figures;
  return {
    height,
    hash: formatHash(blockHash),
    ...counts,
    scheduledSat: new JsonNumber(scheduledSat.toString()),
    work: work.toString(16).padStart(64, '0'),
  };
}

function formatCoins({ coinCount, unspentSat, hashSerialized3, muhash }: AuditCoins): JsonOutput {
  return {
    coinCount,
    unspentSat,
    hash_serialized_3: toHex(reversedBytes(hashSerialized3)),
    muhash: toHex(reversedBytes(muhash)),
  };
}

function formatMark({ height, blockHash, ...counts }: AuditMark): JsonOutput {
  return { height, hash: formatHash(blockHash), ...counts };
}

function formatFault({ kind, height, place, message, reject }: AuditFault): JsonOutput {
  return {
    kind,
    height: height ?? undefined,
    place,
    message,
    explanation: reject === null ? undefined : formatExplanation(reject),
  };
}

/** The fields of an audit. */
export const AUDIT_FIELDS: readonly ResultSpec[] = Object.freeze([
  field('id', 'number', 'Number of the audit since the program was started'),
  field('verdict', 'string', 'running, good, bad, aborted, or failed: then nothing is said of the ledger'),
  maybe('fault', 'object', 'The first thing that is wrong', {
    inner: [
      field('kind', 'string', 'unreadable, broken-link, invalid, other-page, other-coins or wrong-sum'),
      maybe('height', 'number', 'Of the page'),
      field('place', 'string', 'The file and the place in it, or the coin'),
      field('message', 'string', 'What is wrong'),
      maybe('explanation', 'object', 'The rule that is broken', { inner: EXPLANATION_FIELDS }),
    ],
  }),
  maybe('failure', 'string', 'Why the audit could not go on'),
  field('stage', 'string', 'pages, coins or over'),
  field('pagesDone', 'number', 'Pages that are done'),
  field('pagesTotal', 'number', 'Pages that there are'),
  field('startedAt', 'time', 'When it began'),
  maybe('endedAt', 'time', 'When it was over'),
  field('ledger', 'string', 'Name of the ledger'),
  field('firstHash', 'hex', 'Hash of its first page'),
  maybe('figures', 'object', 'What was counted', {
    inner: [
      field('height', 'number', 'Of the last page'),
      field('hash', 'hex', 'Its hash'),
      field('transactionCount', 'number', 'Transactions, coinbases included'),
      field('inputCount', 'number', 'Coins that were spent'),
      field('outputCount', 'number', 'Outputs that were made'),
      field('scriptCount', 'number', 'Inputs whose scripts were run'),
      field('issuedSat', 'number', 'What coinbases took beyond fees'),
      field('burntSat', 'number', 'What nobody can spend'),
      field('feesSat', 'number', 'Fees'),
      field('scheduledSat', 'number', 'What the schedule allows'),
      field('work', 'hex', 'Expected hashes of all pages'),
    ],
  }),
  maybe('coins', 'object', 'All unspent coins at the last page, as gettxoutsetinfo tells them', {
    inner: [
      field('coinCount', 'number', 'Coins'),
      field('unspentSat', 'number', 'Their sum'),
      field('hash_serialized_3', 'hex', 'Their hash'),
      field('muhash', 'hex', 'Their MuHash'),
    ],
  }),
  field('marks', 'array', 'Where the audit stood after every thousand pages, the first ones first', {
    inner: [
      object([
        field('height', 'number', 'Of the page'),
        field('hash', 'hex', 'Its hash'),
        field('issuedSat', 'number', 'What was issued up to here'),
        field('burntSat', 'number', 'What was lost up to here'),
        field('transactionCount', 'number', 'Transactions up to here'),
      ]),
    ],
  }),
]);
