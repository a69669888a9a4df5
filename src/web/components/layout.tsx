// The parts that views are made of: heads, sections, figures with their names, facts, what is shown when there is nothing.

import { type ReactNode, useEffect, useId } from 'react';
import { useMessages } from '../i18n/messages.tsx';

interface PageProps {
  readonly title: string;
  readonly lead?: ReactNode;
  /** Beside the title. */
  readonly aside?: ReactNode;
  readonly children: ReactNode;
}

/** A view: its title, which the tab shows too, and what is below. */
export function Page({ title, lead, aside, children }: PageProps): ReactNode {
  const { common } = useMessages();
  useEffect(() => {
    document.title = `${title} · ${common.appName}`;
  }, [title, common.appName]);
  return (
    <div className="stack-l">
      <header className="page-head">
        <div className="split">
          <h1>{title}</h1>
          {aside}
        </div>
        {lead !== undefined && <p className="page-lead">{lead}</p>}
      </header>
      {children}
    </div>
  );
}

interface SectionProps {
  readonly title: string;
  readonly help?: ReactNode;
  readonly aside?: ReactNode;
  readonly isCard?: boolean;
  readonly children: ReactNode;
}

/** A part of a view under a title of its own. */
export function Section({ title, help, aside, isCard = false, children }: SectionProps): ReactNode {
  const id = useId();
  return (
    <section className={isCard ? 'section card' : 'section'} aria-labelledby={id}>
      <div className="section-head">
        <h2 id={id}>{title}</h2>
        {aside}
      </div>
      {help !== undefined && <p className="faint small">{help}</p>}
      {children}
    </section>
  );
}

/** Figures with their names, side by side. */
export function Stats({ children }: { readonly children: ReactNode }): ReactNode {
  return <dl className="stats">{children}</dl>;
}

interface StatProps {
  readonly name: string;
  readonly note?: ReactNode;
  readonly children: ReactNode;
}

/** One figure. */
export function Stat({ name, note, children }: StatProps): ReactNode {
  return (
    <div className="stat">
      <dt>{name}</dt>
      <dd>
        {children}
        {note !== undefined && <div className="stat-note">{note}</div>}
      </dd>
    </div>
  );
}

/** Facts with their names, one below the other. */
export function Facts({ children }: { readonly children: ReactNode }): ReactNode {
  return <dl className="facts">{children}</dl>;
}

interface FactProps {
  readonly name: string;
  /** What it is, for those who learn. */
  readonly note?: ReactNode;
  readonly children: ReactNode;
}

/** One fact. */
export function Fact({ name, note, children }: FactProps): ReactNode {
  return (
    <div className="fact">
      <dt>{name}</dt>
      <dd>
        {children}
        {note !== undefined && <div className="fact-note">{note}</div>}
      </dd>
    </div>
  );
}

interface EmptyProps {
  /** Left out where the title of the page has said it. */
  readonly title?: string;
  readonly help: ReactNode;
  /** What to do about it. */
  readonly children?: ReactNode;
}

/** There is nothing yet, why, and what to do. */
export function Empty({ title, help, children }: EmptyProps): ReactNode {
  return (
    <div className="empty">
      {title !== undefined && <h3>{title}</h3>}
      <p>{help}</p>
      {children}
    </div>
  );
}

/** A place where something will stand; `lines` of text, say. */
export function Skeleton({ lines = 3 }: { readonly lines?: number }): ReactNode {
  const { common } = useMessages();
  return (
    <div className="stack" role="status">
      <span className="visually-hidden">{common.loading}</span>
      {Array.from({ length: lines }, (_, line) => line).map((line) => (
        <span key={line} className="skeleton" />
      ))}
    </div>
  );
}

interface BadgeProps {
  readonly kind?: 'good' | 'warn' | 'bad';
  readonly children: ReactNode;
}

/** A word about the state of something. */
export function Badge({ kind, children }: BadgeProps): ReactNode {
  return (
    <span className="badge" data-kind={kind}>
      {children}
    </span>
  );
}
