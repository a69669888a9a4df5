// One of a few: buttons of which one is on.

import { type ReactNode, useId } from 'react';

interface ChoiceProps<T extends string | number> {
  readonly name: string;
  readonly hint?: ReactNode;
  readonly value: T;
  readonly options: readonly { readonly value: T; readonly text: ReactNode; readonly note?: ReactNode }[];
  readonly onChange: (value: T) => void;
}

/** The buttons, under their common name. */
export function Choice<T extends string | number>(props: ChoiceProps<T>): ReactNode {
  const { name, hint, value, options, onChange } = props;
  const group = useId();
  return (
    <fieldset className="picks">
      <legend className="field-label">{name}</legend>
      <div className="picks-row">
        {options.map((option) => (
          <label key={option.value} className="pick">
            <input type="radio" name={group} checked={option.value === value} onChange={() => onChange(option.value)} />
            <span>{option.text}</span>
            {option.note !== undefined && <span className="pick-note">{option.note}</span>}
          </label>
        ))}
      </div>
      {hint !== undefined && <p className="field-hint">{hint}</p>}
    </fieldset>
  );
}
