// Pages side by side, each linked to the one before; a link that does not fit is drawn broken.

import { Fragment, type ReactNode } from 'react';
import type { LessonPage } from '../../../platform/browser/lesson-chain.ts';
import { PageVerdict, useIsStacked } from './kernel-says.tsx';
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
  const isStacked = useIsStacked();
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard
    <section className="pages" aria-label={texts.chainPicture} tabIndex={0}>
      {pages.map((page) => (
        <Fragment key={page.height}>
          {page.height > 0 && <LinkPicture kind={kindOfLink(page)} />}
          <PageCard
            page={page}
            isSelected={page.height === selected}
            onSelect={() => onSelect(page.height)}
            actions={
              <>
                {isStacked && page.height === selected && <PageVerdict page={page} />}
                {actionsOf(page)}
              </>
            }
            onNote={onNote}
            onReward={onReward}
          />
        </Fragment>
      ))}
    </section>
  );
}

type LinkKind = 'good' | 'weak' | 'broken';

/** A link may fit and still be worth nothing, because what it holds on to was refused. */
function kindOfLink({ faults }: LessonPage): LinkKind {
  if (faults.link !== null) return 'broken';
  return faults.base === null ? 'good' : 'weak';
}

/** Two links of a chain, or what is left of them. */
function LinkPicture({ kind }: { readonly kind: LinkKind }): ReactNode {
  const { links: texts } = useLearnTexts();
  const words = { good: texts.linkGood, weak: texts.linkWeak, broken: texts.linkBroken };
  const isBroken = kind === 'broken';
  return (
    <svg className="leaf-link" data-kind={kind} viewBox="0 0 48 32" role="img" aria-label={words[kind]}>
      <rect x="3" y="9" width={isBroken ? 17 : 25} height="14" rx="7" />
      <rect x={isBroken ? 28 : 20} y="9" width={isBroken ? 17 : 25} height="14" rx="7" />
      {isBroken && <path d="M24 2l-2 6M24 30l2-6M18 4l1 4M30 28l-1-4" />}
    </svg>
  );
}
