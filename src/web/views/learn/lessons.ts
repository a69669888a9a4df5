// The lessons in their order, and what there is to do in each.

/** Every lesson with its tasks; both names are part of addresses and of what is kept, so that they stay. */
export const LESSONS = [
  { name: 'hash', tasks: ['letter', 'zero'] },
  { name: 'links', tasks: ['change', 'digest', 'mend', 'tip'] },
  { name: 'work', tasks: ['change', 'mine', 'tip', 'greed'] },
  { name: 'keys', tasks: ['make', 'sign', 'text', 'bit'] },
  { name: 'payment', tasks: ['pay', 'overdraw', 'steal'] },
  { name: 'twice', tasks: ['first', 'second', 'both'] },
  { name: 'branches', tasks: ['fork', 'overtake', 'weigh'] },
  { name: 'race', tasks: ['run', 'power', 'hundred'] },
] as const;

/** Name of a lesson. */
export type LessonName = (typeof LESSONS)[number]['name'];

/** Names of what there is to do in a lesson. */
export type TaskName<L extends LessonName> = Extract<(typeof LESSONS)[number], { readonly name: L }>['tasks'][number];

/** Position of a lesson; -1: there is none of this name. */
export function findLesson(name: string): number {
  return LESSONS.findIndex((lesson) => lesson.name === name);
}

/** How a task is kept. */
export function taskKey(lesson: LessonName, task: string): string {
  return `${lesson}.${task}`;
}
