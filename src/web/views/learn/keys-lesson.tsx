// The lesson of keys: make a pair, sign, forge, and check with the public key alone.

import { type ReactNode, useState } from 'react';
import {
  createLessonKey,
  flipBit,
  type LessonKey,
  signText,
  verifyText,
} from '../../../platform/browser/lesson-keys.ts';
import { Button } from '../../components/button.tsx';
import { Field } from '../../components/field.tsx';
import { Section } from '../../components/layout.tsx';
import { useFigures } from '../../i18n/messages.tsx';
import { markDone } from './progress.ts';
import { SealPicture } from './seal-picture.tsx';
import { useLearnTexts } from './use-texts.ts';

const TEXT_LENGTH_MAX = 500;
/** Digits of a signature that are one button, and the bit of them that it turns over. */
const GROUP_DIGITS = 8;
const GROUP_BITS = 32;

interface Signed {
  readonly text: string;
  readonly signature: string;
}

/** The playground. */
export function KeysLesson(): ReactNode {
  const { keys: texts } = useLearnTexts();
  const [key, setKey] = useState<LessonKey | null>(null);
  const [text, setText] = useState(texts.first);
  const [signed, setSigned] = useState<Signed | null>(null);
  const isValid = key !== null && signed !== null && verifyText(key.publicKey, text, signed.signature);
  const make = (): void => {
    setKey(createLessonKey());
    markDone('keys', 'make');
  };
  const sign = (): void => {
    if (key === null) return;
    setSigned({ text, signature: signText(key.secret, text) });
    markDone('keys', 'sign');
  };
  const changeText = (next: string): void => {
    setText(next);
    if (signed !== null && next !== signed.text) markDone('keys', 'text');
  };
  const flip = (group: number): void => {
    if (signed === null) return;
    setSigned({ ...signed, signature: flipBit(signed.signature, (group + 1) * GROUP_BITS - 1) });
    if (text === signed.text) markDone('keys', 'bit');
  };
  return (
    <div className="columns">
      <Section title={texts.yours} isCard>
        <KeyView lessonKey={key} onMake={make} />
        <Field
          label={texts.text}
          value={text}
          onChange={changeText}
          isTall
          input={{ maxLength: TEXT_LENGTH_MAX, rows: 2 }}
        />
        <Button kind="primary" isDisabled={key === null} onPress={sign}>
          {texts.sign}
        </Button>
      </Section>
      <Section title={texts.check} help={texts.checkHelp} isCard>
        <div className="seal" role="status" data-kind={signed === null ? 'none' : isValid ? 'good' : 'bad'}>
          <SealPicture kind={signed === null ? 'none' : isValid ? 'good' : 'bad'} />
          <div>
            <p className="seal-title">{signed === null ? texts.nothing : isValid ? texts.valid : texts.invalid}</p>
            {signed !== null && <p>{isValid ? texts.validHelp : texts.invalidHelp}</p>}
          </div>
        </div>
        {signed !== null && <SignatureGroups signature={signed.signature} onFlip={flip} />}
      </Section>
    </div>
  );
}

function KeyView({
  lessonKey,
  onMake,
}: {
  readonly lessonKey: LessonKey | null;
  readonly onMake: () => void;
}): ReactNode {
  const { keys: texts } = useLearnTexts();
  return (
    <>
      <Button kind={lessonKey === null ? 'primary' : 'quiet'} onPress={onMake}>
        {lessonKey === null ? texts.make : texts.makeAnother}
      </Button>
      {lessonKey !== null && (
        <dl className="keys">
          <dt>{texts.publicKey}</dt>
          <dd className="hash hash-full">{lessonKey.publicKey}</dd>
          <dt>{texts.secret}</dt>
          <dd>
            <details>
              <summary>{texts.showSecret}</summary>
              <span className="hash hash-full">{lessonKey.secret}</span>
            </details>
          </dd>
        </dl>
      )}
    </>
  );
}

interface SignatureGroupsProps {
  readonly signature: string;
  readonly onFlip: (group: number) => void;
}

function SignatureGroups({ signature, onFlip }: SignatureGroupsProps): ReactNode {
  const { keys: texts } = useLearnTexts();
  const figures = useFigures();
  const groups = signature.match(new RegExp(`.{${GROUP_DIGITS}}`, 'g')) ?? [];
  return (
    <fieldset className="groups">
      <legend>{texts.signature}</legend>
      {groups.map((digits, group) => (
        <button
          key={group}
          type="button"
          className="group"
          aria-label={`${texts.flip(figures.integer(group + 1))}: ${digits}`}
          onClick={() => onFlip(group)}
        >
          {digits}
        </button>
      ))}
    </fieldset>
  );
}
