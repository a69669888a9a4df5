// Pages side by side, each linked to the one before; a link that does not fit is drawn broken.

import { Fragment, type ReactNode } from 'react';
import type { LessonPage } from '../../../platform/browser/lesson-chain.ts';
import { PageCard, type PageEdits } from './page-card.tsx';
import { useLearnTexts } from './use-texts.ts';

interface ChainPictureProps extends PageEdits {
  readonly pages: readonly LessonPage[];
  readonly selected: number;
  readonly onSelect: (height: number) => void;
  /** Buttons below a page. */
  readonly actionsOf: (page: LessonPage) => ReactNode;
}

/** The chain. */
export function ChainPicture({ pages, selected, onSelect, actionsOf, onNote, onReward }: ChainPictureProps): ReactNode {
  const { links: texts } = useLearnTexts();
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard
    <section className="pages" aria-label={texts.chainPicture} tabIndex={0}>
      {pages.map((page) => (
        <Fragment key={page.height}>
          {page.height > 0 && <LinkPicture isBroken={page.faults.link !== null} />}
          <PageCard
            page={page}
            isSelected={page.height === selected}
            onSelect={() => onSelect(page.height)}
            actions={actionsOf(page)}
            onNote={onNote}
            onReward={onReward}
          />
        </Fragment>
      ))}
    </section>
  );
}

/** Two links of a chain, or what is left of them. */
function LinkPicture({ isBroken }: { readonly isBroken: boolean }): ReactNode {
  const { links: texts } = useLearnTexts();
  return (
    <svg
      className="page-link"
      data-broken={isBroken}
      viewBox="0 0 48 32"
      role="img"
      aria-label={isBroken ? texts.linkBroken : texts.linkGood}
    >
      <rect x="3" y="9" width={isBroken ? 17 : 25} height="14" rx="7" />
      <rect x={isBroken ? 28 : 20} y="9" width={isBroken ? 17 : 25} height="14" rx="7" />
      {isBroken && <path d="M24 2l-2 6M24 30l2-6M18 4l1 4M30 28l-1-4" />}
    </svg>
  );
}
