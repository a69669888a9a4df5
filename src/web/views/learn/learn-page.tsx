// All lessons, with what was done of each.

import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { Button } from '../../components/button.tsx';
import { Icon } from '../../components/icon.tsx';
import { Badge, Page } from '../../components/layout.tsx';
import { useFigures } from '../../i18n/messages.tsx';
import './learn.css';
import { LESSONS, type LessonName, taskKey } from './lessons.ts';
import { forgetProgress, useDone } from './progress.ts';
import { TallyMarks } from './tally-marks.tsx';
import { useLearnTexts } from './use-texts.ts';

/** The view of all lessons. */
export function LearnPage(): ReactNode {
  const texts = useLearnTexts();
  const done = useDone();
  const next = LESSONS.find(({ name, tasks }) => tasks.some((task) => !done.has(taskKey(name, task))));
  return (
    <Page title={texts.title} lead={texts.lead}>
      <ol className="lessons">
        {LESSONS.map(({ name }, i) => (
          <LessonCard key={name} name={name} number={i + 1} />
        ))}
      </ol>
      <div className="cluster">
        {next !== undefined && (
          <Link to="/learn/$lesson" params={{ lesson: next.name }} className="button" data-kind="primary">
            {done.size === 0 ? texts.begin : texts.goOn}
            <Icon name="arrow" />
          </Link>
        )}
        {done.size > 0 && (
          <Button kind="quiet" onPress={forgetProgress}>
            {texts.forget}
          </Button>
        )}
      </div>
    </Page>
  );
}

function LessonCard({ name, number }: { readonly name: LessonName; readonly number: number }): ReactNode {
  const texts = useLearnTexts();
  const figures = useFigures();
  const done = useDone();
  const { tasks } = LESSONS[number - 1]!;
  const doneCount = tasks.filter((task) => done.has(taskKey(name, task))).length;
  return (
    <li>
      <Link to="/learn/$lesson" params={{ lesson: name }} className="lesson-card">
        <span className="lesson-number">
          <TallyMarks count={number} />
        </span>
        <span className="lesson-words">
          <span className="lesson-title">{texts[name].title}</span>
          <span className="lesson-short">{texts[name].short}</span>
        </span>
        {doneCount > 0 && (
          <Badge kind={doneCount === tasks.length ? 'good' : 'warn'}>
            {doneCount === tasks.length
              ? texts.complete
              : texts.progress(figures.integer(doneCount), figures.integer(tasks.length))}
          </Badge>
        )}
      </Link>
    </li>
  );
}
