// Buttons and switches.

import type { ReactNode } from 'react';
import { Icon, type IconName } from './icon.tsx';

interface ButtonProps {
  readonly kind?: 'primary' | 'danger' | 'quiet';
  readonly icon?: IconName;
  readonly type?: 'button' | 'submit';
  readonly isDisabled?: boolean;
  /** What it is called where its text does not say enough. */
  readonly label?: string;
  readonly onPress?: () => void;
  readonly children?: ReactNode;
}

/** A button; without children it shows its icon alone and needs a label. */
export function Button(props: ButtonProps): ReactNode {
  const { kind, icon, type = 'button', isDisabled = false, label, onPress, children } = props;
  return (
    <button
      type={type}
      className={children === undefined ? 'button icon-button' : 'button'}
      data-kind={kind}
      disabled={isDisabled}
      aria-label={label}
      title={children === undefined ? label : undefined}
      onClick={onPress}
    >
      {icon !== undefined && <Icon name={icon} />}
      {children}
    </button>
  );
}

interface SwitchProps {
  readonly isOn: boolean;
  readonly isDisabled?: boolean;
  readonly onChange: (isOn: boolean) => void;
  readonly children: ReactNode;
}

/** Something that is on or off, and changes at once. */
export function Switch({ isOn, isDisabled = false, onChange, children }: SwitchProps): ReactNode {
  return (
    <button
      type="button"
      role="switch"
      className="switch"
      aria-checked={isOn}
      disabled={isDisabled}
      onClick={() => onChange(!isOn)}
    >
      <span className="switch-track" aria-hidden="true" />
      {children}
    </button>
  );
}
