// A passphrase that is to be set: typed twice, with a hint at how long it would last.

import { type ReactNode, useState } from 'react';
import { Field } from '../../components/field.tsx';
import { useMessages } from '../../i18n/messages.tsx';
import { judgePassphrase } from './passphrase-strength.ts';

interface NewPassphraseProps {
  readonly label: string;
  /** Null: the two differ; empty: nothing is typed. */
  readonly onChange: (passphrase: string | null) => void;
}

/** The two fields. */
export function NewPassphrase({ label, onChange }: NewPassphraseProps): ReactNode {
  const { wallet: texts } = useMessages();
  const [first, setFirst] = useState('');
  const [second, setSecond] = useState('');
  const strength = judgePassphrase(first);
  const tell = (one: string, other: string): void => onChange(one === other ? one : null);
  return (
    <>
      <Field
        label={label}
        hint={
          strength === null ? undefined : (
            <span className="strength" data-strength={strength}>
              {texts.create[strength]}
            </span>
          )
        }
        value={first}
        input={{ type: 'password' }}
        onChange={(text) => {
          setFirst(text);
          if (text === '') setSecond('');
          tell(text, text === '' ? '' : second);
        }}
      />
      {first !== '' && (
        <Field
          label={texts.create.repeat}
          fault={second !== '' && second !== first ? texts.create.repeatWrong : null}
          value={second}
          input={{ type: 'password' }}
          onChange={(text) => {
            setSecond(text);
            tell(first, text);
          }}
        />
      )}
    </>
  );
}
