// A refusal, told: the rule in words, what was wanted, what was found, and the names under which others know it.

import type { ReactNode } from 'react';
import { useFigures, useLanguage, useMessages } from '../i18n/messages.tsx';
import { Amount } from './figures.tsx';
import './refusal.css';
import type { RefusalText } from '../../platform/browser/refusal-text.ts';

interface RefusalProps {
  readonly refusal: RefusalText;
  /** In place of the usual title. */
  readonly title?: string;
}

/** A refusal with its rule. */
export function Refusal({ refusal, title }: RefusalProps): ReactNode {
  const { refusal: texts } = useMessages();
  const [language] = useLanguage();
  const { words, wordsZh, expected, actual, expects, field, scriptError } = refusal;
  return (
    <div className="refusal">
      <p className="refusal-title">{title ?? texts.title}</p>
      <p className="refusal-words">{language === 'zh-CN' ? wordsZh : words}</p>
      {(expected !== null || actual !== null) && (
        <dl className="refusal-pair">
          {expected !== null && (
            <div>
              <dt>{texts.expects(expects)}</dt>
              <dd>
                <RefusalValue value={expected} field={field} />
              </dd>
            </div>
          )}
          {actual !== null && (
            <div data-kind="bad">
              <dt>{texts.actual}</dt>
              <dd>
                <RefusalValue value={actual} field={field} />
              </dd>
            </div>
          )}
        </dl>
      )}
      <p className="refusal-names">
        <code>{refusal.reason}</code>
        {refusal.bip !== null && <span>BIP {refusal.bip}</span>}
        <span>{texts.rule(refusal.rule)}</span>
        {scriptError !== null && <span>{scriptError}</span>}
        {field !== '' && <span>{field}</span>}
      </p>
    </div>
  );
}

/** The largest whole number that a double holds exactly. */
const EXACT_DIGITS = 15;

function RefusalValue({ value, field }: { readonly value: string; readonly field: string }): ReactNode {
  const figures = useFigures();
  const isNumber = /^-?\d+$/.test(value) && value.length <= EXACT_DIGITS + 1 && field !== 'header.bits';
  if (isNumber && field.endsWith('Sat')) return <Amount sat={Number(value)} />;
  if (isNumber && field.endsWith('timeSec')) return <span>{figures.exactTime(Number(value))}</span>;
  if (isNumber) return <span>{figures.integer(Number(value))}</span>;
  return <span className="hash hash-full">{value}</span>;
}
