// Every judge over the public vectors of this machine: a subtest per file, and a table of how many cases of which file ran.
// Without the vectors the tests are skipped with a notice, except on a machine that must have them.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { EXPECTED_CASES, EXPECTED_ROUNDTRIPS } from './expected-counts.ts';
import { absenceNotice, areVectorsRequired, openVectorFolder, vectorsPath } from './folder.ts';
import type { VectorFile, VectorFolder } from './judge.ts';
import { JUDGES } from './judges.ts';
import { type FileReport, formatFailure, runFile } from './run.ts';

/** Failures of one file that are printed; the rest are counted. */
const FAILURES_SHOWN = 20;

const root = vectorsPath();
const folder = openVectorFolder(root);

if (folder === null) {
  const isRequired = areVectorsRequired();
  it('the public vectors', { skip: isRequired ? false : absenceNotice(root) }, () => {
    assert.fail(`${absenceNotice(root)}; this machine must have them (CI or TALLY_REQUIRE_VECTORS is set)`);
  });
} else {
  judgeFolder(folder);
}

function judgeFolder(vectors: VectorFolder): void {
  const table: string[] = [];
  const unjudged: string[] = [];
  describe('the public vectors', () => {
    for (const file of vectors.files) {
      it(file.path, (context) => {
        const reports = [...runFile(file, vectors, JUDGES)];
        for (const report of reports) {
          if (report.kind === 'no-judge') unjudged.push(describeUnjudged(report));
          else table.push(describeJudged(report));
        }
        const isUnknown = reports.every((report) => report.kind === 'no-judge');
        if (isUnknown && !isExpected(file.path)) context.skip('no judge yet');
        else assertPassed(file, reports);
      });
    }
  });
  it('every file that must be there is there', { skip: isForeignFolder() && 'another folder was named' }, () => {
    const expected = [...Object.keys(EXPECTED_CASES), ...Object.keys(EXPECTED_ROUNDTRIPS)];
    const missing = expected.filter((path) => vectors.find(path) === undefined);
    assert.deepEqual(missing, []);
  });
  it('cases that ran, by file', (context) => {
    for (const line of table) context.diagnostic(line);
    for (const line of unjudged) context.diagnostic(line);
    assert.ok(table.length > 0, 'nothing was judged');
  });
}

/** True when the environment names the folder: it may hold other files under other names. */
function isForeignFolder(): boolean {
  return process.env['TALLY_VECTORS'] !== undefined && process.env['TALLY_REQUIRE_VECTORS'] !== '1';
}

function assertPassed(file: VectorFile, reports: readonly FileReport[]): void {
  const failures = reports.flatMap((report) => (report.kind === 'judged' ? report.failures : []));
  const shown = failures.slice(0, FAILURES_SHOWN).map(formatFailure).join('\n');
  assert.equal(failures.length, 0, `${failures.length} cases failed, the first of them:\n${shown}\n`);
  assert.ok(countPassed(reports, false) >= (EXPECTED_CASES[file.path] ?? 0), describeTooFew(reports, false));
  assert.ok(countPassed(reports, true) >= (EXPECTED_ROUNDTRIPS[file.path] ?? 0), describeTooFew(reports, true));
}

function isExpected(path: string): boolean {
  return path in EXPECTED_CASES || path in EXPECTED_ROUNDTRIPS;
}

function countPassed(reports: readonly FileReport[], isCompanion: boolean): number {
  return reports.reduce((sum, report) => {
    return report.kind === 'judged' && report.isCompanion === isCompanion ? sum + report.passed : sum;
  }, 0);
}

function describeTooFew(reports: readonly FileReport[], isCompanion: boolean): string {
  const what = isCompanion ? 'blocks or transactions went through' : 'cases of its own judge ran';
  return `only ${countPassed(reports, isCompanion)} ${what}; see expected-counts.ts`;
}

function describeJudged(report: FileReport & { readonly kind: 'judged' }): string {
  const ran = report.passed + report.failures.length;
  return `${report.path}: ${ran} cases, ${report.failures.length} failed (${report.judge})`;
}

function describeUnjudged(report: FileReport & { readonly kind: 'no-judge' }): string {
  return `${report.path}: no judge yet${report.part === null ? '' : ` (${report.part})`}`;
}
