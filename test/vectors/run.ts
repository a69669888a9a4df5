// The runner: gives every file to the first judge that recognises it, and to every companion that does, and collects what
// became of each case. Used by the tests and by `npm run vectors`; neither a hostile file nor a throwing judge stops it.

import type { CaseOutcome, Judge, VectorFile, VectorFolder } from './judge.ts';

/** What became of one file. */
export type FileReport =
  | {
      readonly kind: 'judged';
      readonly path: string;
      readonly judge: string;
      /** Judged besides the file's own judge. */
      readonly isCompanion: boolean;
      readonly passed: number;
      readonly failures: readonly CaseOutcome[];
    }
  | { readonly kind: 'no-judge'; readonly path: string; readonly part: string | null };

/** Judges every file of the folder, one after another; a report is handed out as soon as its file is done. */
export function* runFolder(folder: VectorFolder, judges: readonly Judge[]): Generator<FileReport> {
  for (const file of folder.files) yield* runFile(file, folder, judges);
}

/** Judges one file and forgets its contents. One report per judge, or one that says that nobody knows the file. */
export function* runFile(file: VectorFile, folder: VectorFolder, judges: readonly Judge[]): Generator<FileReport> {
  try {
    file.bytes();
  } catch (error) {
    const failures = [failureOf('file', error)];
    yield { kind: 'judged', path: file.path, judge: 'reader', isCompanion: false, passed: 0, failures };
    return;
  }
  const claims = judges.filter((judge) => isClaimedBy(judge, file));
  const first = claims.find((judge) => judge.isCompanion !== true);
  const chosen = claims.filter((judge) => judge === first || judge.isCompanion === true);
  for (const judge of chosen) {
    const isCompanion = judge.isCompanion === true;
    yield { kind: 'judged', path: file.path, judge: judge.name, isCompanion, ...judgeCases(judge, file, folder) };
  }
  if (chosen.length === 0) yield { kind: 'no-judge', path: file.path, part: laterPartOf(file) };
  file.release();
}

/** A judge whose test of the shape stumbles over a foreign file does not know it. */
function isClaimedBy(judge: Judge, file: VectorFile): boolean {
  try {
    return judge.matches(file);
  } catch {
    return false;
  }
}

function judgeCases(judge: Judge, file: VectorFile, folder: VectorFolder): { passed: number; failures: CaseOutcome[] } {
  const failures: CaseOutcome[] = [];
  let passed = 0;
  try {
    for (const outcome of judge.run(file, folder)) {
      if (outcome.ok) passed++;
      else failures.push(outcome);
    }
    if (passed + failures.length === 0) failures.push({ name: 'file', ok: false, detail: 'no case in the file' });
  } catch (error) {
    failures.push(failureOf(`after ${passed + failures.length} cases`, error));
  }
  return { passed, failures };
}

function failureOf(name: string, error: unknown): CaseOutcome {
  return { name, ok: false, detail: error instanceof Error ? `${error.name}: ${error.message}` : String(error) };
}

/** One line for a person about a failed case: its name, the comment of the vectors, expected and actual. */
export function formatFailure(failure: CaseOutcome): string {
  const comment = failure.comment ? ` (${failure.comment})` : '';
  return `${failure.name}${comment}${failure.detail ? `: ${failure.detail}` : ''}`;
}

/** Folders whose files belong to parts of the program that are not written yet, said as it is. */
const LATER_PARTS: readonly (readonly [folder: RegExp, part: string])[] = [
  [/^bips\/bip-0(174|370|371|373)$/, 'wallet: partially signed transactions'],
  [/^bips\/bip-00(32|39|85)$/, 'wallet: keys from seeds'],
  [/^bips\/bip-0(067|069)$/, 'wallet: sorting of keys, inputs and outputs'],
  [/^bips\/bip-0(322|352)$/, 'wallet: signed messages, silent payments'],
  [/^bips\/bip-0327$/, 'MuSig2: signing without chance'],
  [/^p2p(\/|$)/, 'network: messages'],
  [/^rpc(\/|$)/, 'api'],
  [/^formats\/bitcoin-util$/, 'command line: bitcoin-tx and bitcoin-util commands'],
];

function laterPartOf(file: VectorFile): string | null {
  for (const [folder, part] of LATER_PARTS) {
    if (folder.test(file.folder)) return part;
  }
  return null;
}
