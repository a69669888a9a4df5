// A field with its name, what it wants, and what is wrong with what was typed. The three belong together for those who listen, too.

import { type InputHTMLAttributes, type ReactNode, type TextareaHTMLAttributes, useId } from 'react';

interface FieldProps {
  readonly label: string;
  readonly hint?: ReactNode;
  /** What is wrong; null: nothing. */
  readonly fault?: string | null;
  readonly value: string;
  readonly onChange: (value: string) => void;
  /** Whether it holds a hash, key or address. */
  readonly isMono?: boolean;
  /** Several lines. */
  readonly isTall?: boolean;
  /** What the element takes besides. */
  readonly input?: InputHTMLAttributes<HTMLInputElement> & TextareaHTMLAttributes<HTMLTextAreaElement>;
  /** Beside the field, in its row. */
  readonly children?: ReactNode;
}

/** A field for one text. */
export function Field(props: FieldProps): ReactNode {
  const { label, hint, fault = null, value, onChange, isMono = false, isTall = false, input, children } = props;
  const id = useId();
  const shared = {
    ...input,
    id,
    value,
    className: isMono ? 'input input-mono' : 'input',
    'aria-invalid': fault !== null,
    'aria-describedby': `${id}-words`,
    autoComplete: 'off',
    spellCheck: false,
    onChange: (event: { readonly target: { readonly value: string } }) => onChange(event.target.value),
  };
  return (
    <div className="field">
      <label className="field-label" htmlFor={id}>
        {label}
      </label>
      <div className="input-row">
        {isTall ? <textarea {...shared} /> : <input type="text" {...shared} />}
        {children}
      </div>
      <div id={`${id}-words`} aria-live="polite">
        {fault !== null ? (
          <p className="field-fault">{fault}</p>
        ) : (
          hint !== undefined && <p className="field-hint">{hint}</p>
        )}
      </div>
    </div>
  );
}
