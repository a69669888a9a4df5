// One lesson: the idea, what there is to do, the playground, what it means, and the way to the next.

import { Link, useParams } from '@tanstack/react-router';
import { type ComponentType, lazy, type ReactNode, Suspense } from 'react';
import { Icon } from '../../components/icon.tsx';
import { Empty, Page, Section, Skeleton } from '../../components/layout.tsx';
import { useFigures } from '../../i18n/messages.tsx';
import './learn.css';
import { findLesson, LESSONS, type LessonName, taskKey } from './lessons.ts';
import { useDone } from './progress.ts';
import { useLearnTexts } from './use-texts.ts';

/** The playgrounds; the kernel is loaded with the first of them. */
const PLAYGROUNDS: Readonly<Record<LessonName, ComponentType>> = {
  hash: lazy(async () => ({ default: (await import('./hash-lesson.tsx')).HashLesson })),
  links: lazy(async () => ({ default: (await import('./links-lesson.tsx')).LinksLesson })),
  work: lazy(async () => ({ default: (await import('./work-lesson.tsx')).WorkLesson })),
  keys: lazy(async () => ({ default: (await import('./keys-lesson.tsx')).KeysLesson })),
  payment: lazy(async () => ({ default: (await import('./payment-lesson.tsx')).PaymentLesson })),
  twice: lazy(async () => ({ default: (await import('./twice-lesson.tsx')).TwiceLesson })),
  branches: lazy(async () => ({ default: (await import('./branches-lesson.tsx')).BranchesLesson })),
  race: lazy(async () => ({ default: (await import('./race-lesson.tsx')).RaceLesson })),
};

/** The view of one lesson. */
export function LessonPage(): ReactNode {
  const { lesson } = useParams({ from: '/learn/$lesson' });
  const texts = useLearnTexts();
  const position = findLesson(lesson);
  if (position === -1) {
    return (
      <Page title={texts.title}>
        <Empty title={texts.unknown} help={texts.unknownHelp}>
          <Link to="/learn" className="button">
            {texts.all}
          </Link>
        </Empty>
      </Page>
    );
  }
  const { name } = LESSONS[position]!;
  return <LessonView key={name} name={name} position={position} />;
}

interface LessonViewProps {
  readonly name: LessonName;
  readonly position: number;
}

function LessonView({ name, position }: LessonViewProps): ReactNode {
  const texts = useLearnTexts();
  const figures = useFigures();
  const { title, idea, means, builders } = texts[name];
  const Playground = PLAYGROUNDS[name];
  return (
    <Page
      title={title}
      aside={
        <Link to="/learn" className="lesson-count">
          {texts.lessonOf(figures.integer(position + 1), figures.integer(LESSONS.length))}
        </Link>
      }
    >
      <div className="lesson-top">
        <div className="lesson-idea">
          {idea.map((paragraph) => (
            <p key={paragraph}>{paragraph}</p>
          ))}
        </div>
        <TaskList name={name} position={position} />
      </div>
      <Suspense fallback={<Skeleton lines={8} />}>
        <Playground />
      </Suspense>
      <Section title={texts.means}>
        <p className="lesson-means">{means}</p>
        <details className="fold">
          <summary>{texts.builders}</summary>
          <p>{builders}</p>
          {name === 'hash' && (
            <pre className="code-block">printf hello | openssl dgst -sha256 -binary | openssl dgst -sha256</pre>
          )}
        </details>
      </Section>
      <Neighbours position={position} />
    </Page>
  );
}

function TaskList({ name, position }: LessonViewProps): ReactNode {
  const texts = useLearnTexts();
  const done = useDone();
  const words: Readonly<Record<string, string>> = texts[name].tasks;
  return (
    <section className="tasks" aria-label={texts.tasks}>
      <h2>{texts.tasks}</h2>
      <ol aria-live="polite">
        {LESSONS[position]!.tasks.map((task) => {
          const isDone = done.has(taskKey(name, task));
          return (
            <li key={task} className="task" data-done={isDone}>
              <span className="task-mark">
                {isDone && <Icon name="check" />}
                <span className="visually-hidden">{isDone ? texts.taskDone : texts.taskOpen}</span>
              </span>
              <span>{words[task]}</span>
            </li>
          );
        })}
      </ol>
    </section>
  );
}

function Neighbours({ position }: { readonly position: number }): ReactNode {
  const texts = useLearnTexts();
  const before = LESSONS[position - 1];
  const after = LESSONS[position + 1];
  return (
    <nav className="lesson-ways" aria-label={texts.all}>
      {before !== undefined && (
        <Link to="/learn/$lesson" params={{ lesson: before.name }} className="button" data-kind="quiet">
          <Icon name="left" />
          {texts.previous(texts[before.name].title)}
        </Link>
      )}
      <Link
        to={after === undefined ? '/learn' : '/learn/$lesson'}
        params={{ lesson: after?.name ?? '' }}
        className="button lesson-next"
        data-kind="primary"
      >
        {after === undefined ? texts.all : texts.next(texts[after.name].title)}
        <Icon name="arrow" />
      </Link>
    </nav>
  );
}
