// A reporter for Node's test runner: TAP, with every failed test named once more just before the closing summary, so that who
// sees only the end of a long log knows what failed, where, and with which words.

import { relative } from 'node:path';
import { tap } from 'node:test/reporters';

const MAX_FAILURES = 20;
const MAX_WORDS = 300;

/** What a failed test said, cut short and in one line. */
function failureWords({ details }) {
  const error = details.error?.cause ?? details.error;
  return String(error?.message ?? error)
    .replace(/\s+/g, ' ')
    .slice(0, MAX_WORDS);
}

/** `test:fail` events of tests, not of the files and suites around them, which fail only with what is in them. */
function isCause({ details }) {
  return details.error?.failureType !== 'subtestsFailed';
}

/** The events of a run, with the failures as diagnostics before the first line of its summary (`tests N`). */
async function* withFailuresLast(events) {
  const failures = [];
  let summed = false;
  for await (const event of events) {
    if (event.type === 'test:fail' && event.data.todo === undefined && isCause(event.data)) failures.push(event.data);
    if (
      !summed &&
      event.type === 'test:diagnostic' &&
      event.data.nesting === 0 &&
      /^tests \d+$/.test(event.data.message)
    ) {
      summed = true;
      yield* failures.slice(0, MAX_FAILURES).map((failure) => {
        const place = `${relative(process.cwd(), failure.file ?? '')}:${failure.line ?? ''}`;
        const message = `FAILED ${place} ${failure.name}: ${failureWords(failure)}`;
        return { type: 'test:diagnostic', data: { nesting: 0, message } };
      });
      if (failures.length > MAX_FAILURES) {
        const message = `FAILED ${failures.length - MAX_FAILURES} more`;
        yield { type: 'test:diagnostic', data: { nesting: 0, message } };
      }
    }
    yield event;
  }
}

export default async function* report(events) {
  yield* tap(withFailuresLast(events));
}
