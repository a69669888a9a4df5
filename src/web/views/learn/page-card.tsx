// A page of a copied ledger as a card: what stands on it, its header, its hash, and what a node holds against it.

import { type ReactNode, useState } from 'react';
import type { LessonPage } from '../../../platform/browser/lesson-chain.ts';
import { Icon } from '../../components/icon.tsx';
import { formatAmount, parseAmount } from '../../format/amount.ts';
import { useFigures } from '../../i18n/messages.tsx';
import { useLearnTexts } from './use-texts.ts';

/** What can be done with a page. */
export interface PageEdits {
  readonly onNote: (height: number, text: string) => void;
  readonly onReward: (height: number, valueSat: number) => void;
}

interface PageCardProps extends PageEdits {
  readonly page: LessonPage;
  readonly isSelected: boolean;
  readonly onSelect: () => void;
  /** Buttons below. */
  readonly actions: ReactNode;
}

/** The card. */
export function PageCard({ page, isSelected, onSelect, actions, onNote, onReward }: PageCardProps): ReactNode {
  const all = useLearnTexts();
  const figures = useFigures();
  const { links: texts } = all;
  const { height, faults, note } = page;
  const state = stateOf(page);
  const fault = firstFault(page);
  const name = all.page(figures.integer(height));
  return (
    <article className="leaf-card" data-state={state} data-selected={isSelected}>
      <button type="button" className="leaf-head" aria-pressed={isSelected} onClick={onSelect}>
        <span className="leaf-name">{name}</span>
        <span className="leaf-state">
          <Icon name={state === 'good' ? 'check' : 'warning'} />
          {fault === null ? (page.isChanged ? texts.changed : texts.good) : texts.faultNames[fault]}
        </span>
      </button>
      <div className="leaf-body">
        {note !== null && (
          <label className="leaf-field">
            <span>{texts.headline}</span>
            <textarea
              className="input"
              rows={3}
              spellCheck={false}
              value={note}
              onChange={(event) => onNote(height, event.target.value)}
            />
          </label>
        )}
        <RewardField page={page} onReward={onReward} />
        <HashRow name={texts.contents} hash={page.contentsRoot} isBad={faults.contents !== null} />
        <HashRow name={texts.root} hash={page.merkleRoot} isBad={faults.contents !== null} />
        <HashRow name={texts.before} hash={page.previousHash} isBad={faults.link !== null} />
        <HashRow name={texts.hash} hash={page.hash} isBad={faults.work !== null} hasZeros />
      </div>
      <div className="leaf-actions">{actions}</div>
    </article>
  );
}

type PageState = 'good' | 'bad' | 'base';

/** How a page stands. */
export function stateOf({ faults }: LessonPage): PageState {
  if (faults.base !== null) return 'base';
  return Object.values(faults).every((fault) => fault === null) ? 'good' : 'bad';
}

/** The first thing that is held against a page, in the order in which a person can mend it. */
export function firstFault({ faults }: LessonPage): keyof LessonPage['faults'] | null {
  const order = ['contents', 'link', 'work', 'rules', 'base'] as const;
  return order.find((name) => faults[name] !== null) ?? null;
}

/** Digits of a hash that are shown. */
const DIGITS = 12;

interface HashRowProps {
  readonly name: string;
  readonly hash: string;
  readonly isBad: boolean;
  /** Whether its leading zeros are what counts. */
  readonly hasZeros?: boolean;
}

function HashRow({ name, hash, isBad, hasZeros = false }: HashRowProps): ReactNode {
  const zeros = hasZeros ? (/^0*/.exec(hash)?.[0].length ?? 0) : 0;
  const shownZeros = Math.min(zeros, DIGITS);
  return (
    <p className="leaf-row" data-bad={isBad}>
      <span className="leaf-row-name">{name}</span>
      <span className="hash" title={hash}>
        <span className="leaf-zeros">{hash.slice(0, shownZeros)}</span>
        {hash.slice(shownZeros, DIGITS)}…
      </span>
    </p>
  );
}

function RewardField({ page, onReward }: { readonly page: LessonPage } & Pick<PageEdits, 'onReward'>): ReactNode {
  const { links: texts } = useLearnTexts();
  const plain = formatAmount(page.rewardSat).replace(/\.?0+$/, '');
  const [draft, setDraft] = useState<string | null>(null);
  const isFaulty = draft !== null && parseAmount(draft) === null;
  const change = (text: string): void => {
    const valueSat = parseAmount(text);
    setDraft(text);
    if (valueSat !== null) onReward(page.height, valueSat);
  };
  return (
    <label className="leaf-field">
      <span>{texts.reward}</span>
      <input
        className="input"
        type="text"
        inputMode="decimal"
        autoComplete="off"
        aria-invalid={isFaulty}
        value={draft ?? plain}
        onChange={(event) => change(event.target.value)}
        onBlur={() => setDraft(null)}
      />
      {isFaulty && <span className="field-fault">{texts.notANumber}</span>}
    </label>
  );
}
