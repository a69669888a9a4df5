// What was done in the lessons, for every part of the view: marks of tasks that stay while the tab is open.

import { useSyncExternalStore } from 'react';
import { readProgress, writeProgress } from '../../../platform/browser/lesson-progress.ts';
import { type LessonName, type TaskName, taskKey } from './lessons.ts';

/** One set for the whole page. */
const store = {
  done: new Set(readProgress()) as ReadonlySet<string>,
  listeners: new Set<() => void>(),
  subscribe: (listener: () => void): (() => void) => {
    store.listeners.add(listener);
    return () => store.listeners.delete(listener);
  },
  change: (done: ReadonlySet<string>): void => {
    store.done = done;
    writeProgress([...done]);
    for (const listener of store.listeners) listener();
  },
};

/** Everything that was done. */
export function useDone(): ReadonlySet<string> {
  return useSyncExternalStore(store.subscribe, () => store.done);
}

/** Marks a task as done. */
export function markDone<L extends LessonName>(lesson: L, task: TaskName<L>): void {
  const key = taskKey(lesson, task);
  if (!store.done.has(key)) store.change(new Set([...store.done, key]));
}

/** Forgets everything that was done. */
export function forgetProgress(): void {
  store.change(new Set());
}
