// The command `npm run vectors -- DIR`: judges any folder laid out like the public vectors and says what passed, what failed
// and what nobody here can judge yet. Ends with exit code 0 only when something was judged and nothing failed.

import { resolve } from 'node:path';
import { absenceNotice, openVectorFolder, vectorsPath } from './folder.ts';
import { JUDGES } from './judges.ts';
import { type FileReport, formatFailure, runFolder } from './run.ts';

/** Runs the command with its arguments; every line goes to `print`. Returns the exit code. */
export function runVectorsCommand(args: readonly string[], print: (line: string) => void): number {
  const root = args[0] === undefined ? vectorsPath() : resolve(args[0]);
  const folder = openVectorFolder(root);
  if (folder === null) {
    print(absenceNotice(root));
    return 2;
  }
  let passed = 0;
  let failed = 0;
  const unjudged: string[] = [];
  for (const report of runFolder(folder, JUDGES)) {
    if (report.kind === 'no-judge') {
      unjudged.push(`  ${report.path}: no judge yet${report.part === null ? '' : ` (${report.part})`}`);
      continue;
    }
    passed += report.passed;
    failed += report.failures.length;
    for (const line of describe(report)) print(line);
  }
  if (unjudged.length > 0) {
    print('');
    print(`${unjudged.length} files without a judge:`);
    for (const line of unjudged) print(line);
  }
  print('');
  if (passed + failed === 0) print('nothing was judged');
  print(`${passed} passed, ${failed} failed`);
  return failed === 0 && passed > 0 ? 0 : 1;
}

function* describe(report: FileReport & { readonly kind: 'judged' }): Generator<string> {
  const failed = report.failures.length;
  yield `${failed === 0 ? 'ok  ' : 'FAIL'} ${report.path}: ${report.passed} passed, ${failed} failed (${report.judge})`;
  for (const failure of report.failures) yield `       ${formatFailure(failure)}`;
}
