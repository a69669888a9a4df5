// Failures at the start of which Core asks whether the databases are to be rebuilt. Here nobody is asked: the error says what is wrong and
// what to do, and only the option of Core's tests that answers in advance is obeyed.

import { StorageError } from '../kernel/chain/ports.ts';
import { RebuildNeededError } from './error-text.ts';
import type { Settings } from './settings.ts';

/** A tip that is younger than the clock says. */
const FROM_THE_FUTURE = 'The block database contains a block which appears to be from the future.';

/** Blocks, coins and the index of blocks do not belong together. */
const NOT_INITIALIZED = 'Error initializing block database';

/** What the questions are about: what the words of the failure begin with. */
const QUESTIONS: readonly string[] = [NOT_INITIALIZED, FROM_THE_FUTURE];

/** The word of -test that says yes instead of a person. */
export const REBUILD_TEST_WORD = 'reindex_after_failure_noninteractive_yes';

/** Whether to rebuild at once: it helps, and a test has said yes. */
export function isRebuildWanted(error: unknown, settings: Settings): boolean {
  if (!(error instanceof StorageError) || !settings.getAll('test').includes(REBUILD_TEST_WORD)) return false;
  return QUESTIONS.some((words) => error.message.startsWith(words));
}

/** What is told in place of Core's question: of a wrong clock no more than its words, since no file and no disk has failed. */
export function adviseRebuild(error: unknown): unknown {
  if (!(error instanceof StorageError)) return error;
  if (error.message.startsWith(FROM_THE_FUTURE)) return new RebuildNeededError(error.message);
  if (error.message.startsWith(NOT_INITIALIZED)) return new RebuildNeededError(NOT_INITIALIZED, { cause: error });
  return error;
}
