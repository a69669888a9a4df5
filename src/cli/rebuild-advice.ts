// Failures at the start of which Core asks whether the databases are to be rebuilt: here nobody is asked, and the answer is advice.

import { StorageError } from '../kernel/chain/ports.ts';
import { RebuildNeededError } from './error-text.ts';
import { describeFailure } from './failure.ts';
import type { Logger } from './log.ts';
import type { Settings } from './settings.ts';

/** What the questions are about, and what the words of the failure begin with. */
const QUESTIONS: readonly string[] = [
  'Error initializing block database',
  'The block database contains a block which appears to be from the future.',
];

/** The word of -test that says yes instead of a person. */
export const REBUILD_TEST_WORD = 'reindex_after_failure_noninteractive_yes';

/** A failure as the advice to rebuild, where that is what helps; the log gets the details. */
export function adviseRebuild(error: unknown, log: Logger): unknown {
  if (!(error instanceof StorageError)) return error;
  const question = QUESTIONS.find((words) => error.message.startsWith(words));
  if (question === undefined) return error;
  log.error(describeFailure(error));
  return new RebuildNeededError(question.endsWith('.') ? error.message : question);
}

/** Whether to rebuild at once: it helps, and a test has said yes. */
export function isRebuildWanted(error: unknown, settings: Settings): boolean {
  return error instanceof RebuildNeededError && settings.getAll('test').includes(REBUILD_TEST_WORD);
}
