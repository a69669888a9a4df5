// A text and its fingerprint: every bit is a cell, and those that the last change turned over are marked.

import { type ReactNode, useState } from 'react';
import { countChangedBits, hashText, type LessonDigest } from '../../../platform/browser/lesson-hash.ts';
import { Field } from '../../components/field.tsx';
import { Section } from '../../components/layout.tsx';
import { useFigures } from '../../i18n/messages.tsx';
import { BitsPicture } from './bits-picture.tsx';
import { markDone } from './progress.ts';
import { useLearnTexts } from './use-texts.ts';

/** Longer texts would only be slower. */
const TEXT_LENGTH_MAX = 2000;

/** Leading zero bits of a first digit 0. */
const ZERO_DIGIT_BITS = 4;

interface Digests {
  readonly text: string;
  readonly now: LessonDigest;
  readonly before: LessonDigest;
}

/** The playground. */
export function HashLesson(): ReactNode {
  const all = useLearnTexts();
  const figures = useFigures();
  const { hash: texts } = all;
  const [state, setState] = useState<Digests>(() => {
    const now = hashText(texts.first);
    return { text: texts.first, now, before: now };
  });
  const change = (text: string): void => {
    const now = hashText(text);
    setState({ text, now, before: state.now });
    if (isOneLetterApart(text, state.text)) markDone('hash', 'letter');
    if (now.zeroBits >= ZERO_DIGIT_BITS) markDone('hash', 'zero');
  };
  const changed = countChangedBits(state.now, state.before);
  return (
    <Section title={texts.bits} isCard>
      <Field
        label={texts.text}
        value={state.text}
        onChange={change}
        isTall
        input={{ maxLength: TEXT_LENGTH_MAX, rows: 2 }}
      />
      <div className="hash-views">
        <BitsPicture now={state.now} before={state.before} summary={texts.picture(figures.integer(changed))} />
        <div className="stack">
          <p aria-live="polite" className="hash-turned">
            {changed === 0 ? texts.none : texts.turned(figures.integer(changed))}
          </p>
          <p className="faint small">{texts.hex}</p>
          <HexDigits now={state.now.hex} before={state.before.hex} />
        </div>
      </div>
    </Section>
  );
}

/** Whether two texts differ in one letter that was changed, added or taken away. */
function isOneLetterApart(a: string, b: string): boolean {
  const [left, right] = [[...a], [...b]];
  let start = 0;
  while (start < left.length && start < right.length && left[start] === right[start]) start++;
  let end = 0;
  const common = Math.min(left.length, right.length) - start;
  while (end < common && left[left.length - 1 - end] === right[right.length - 1 - end]) end++;
  return Math.max(left.length, right.length) - start - end === 1;
}

function HexDigits({ now, before }: { readonly now: string; readonly before: string }): ReactNode {
  return (
    <p className="hash hash-full hash-digits">
      <span className="visually-hidden">{now}</span>
      <span aria-hidden="true">
        {[...now].map((digit, i) => (
          <span key={i} data-changed={digit !== before[i]}>
            {digit}
          </span>
        ))}
      </span>
    </p>
  );
}
