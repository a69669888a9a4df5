// What the kernel says of the page that a reader has chosen. Where pages stand one below the other it is said in the page itself, since
// below all of them nobody would see it.

import type { ReactNode } from 'react';
import type { LessonPage } from '../../../platform/browser/lesson-chain.ts';
import { Button } from '../../components/button.tsx';
import { Section } from '../../components/layout.tsx';
import { useMedia } from '../../components/use-media.ts';
import { useFigures } from '../../i18n/messages.tsx';
import { firstFault } from './page-card.tsx';
import { useLearnTexts } from './use-texts.ts';
import { VerdictBox } from './verdict-box.tsx';

/** Screens on which pages stand one below the other, as in the style sheet. */
const STACKED = '(width < 48rem)';

/** Whether they do. */
export function useIsStacked(): boolean {
  return useMedia(STACKED);
}

/** The verdict on a page. */
export function PageVerdict({ page }: { readonly page: LessonPage }): ReactNode {
  const { links: texts } = useLearnTexts();
  const fault = firstFault(page);
  return <VerdictBox refusal={fault === null ? null : page.faults[fault]} accepted={texts.good} />;
}

interface KernelSaysProps {
  readonly page: LessonPage;
  readonly onStartOver: () => void;
}

/** The verdict below the pages, and the way back to the original. */
export function KernelSays({ page, onStartOver }: KernelSaysProps): ReactNode {
  const texts = useLearnTexts();
  const figures = useFigures();
  const isStacked = useIsStacked();
  const startOver = <Button onPress={onStartOver}>{texts.startOver}</Button>;
  if (isStacked) return <div className="cluster">{startOver}</div>;
  return (
    <Section title={texts.kernelSays(figures.integer(page.height))} aside={startOver}>
      <PageVerdict page={page} />
    </Section>
  );
}
