// Copies a text, and says so.

import { type ReactNode, useEffect, useState } from 'react';
import { useMessages } from '../i18n/messages.tsx';
import { Icon } from './icon.tsx';

/** How long it shows that the text was copied. */
const SHOWN_MS = 1800;

interface CopyButtonProps {
  readonly text: string;
  /** What is copied, in the language that is spoken. */
  readonly what: string;
}

/** A small button beside what it copies. */
export function CopyButton({ text, what }: CopyButtonProps): ReactNode {
  const { common } = useMessages();
  const [isDone, setDone] = useState(false);
  useEffect(() => {
    if (!isDone) return undefined;
    const timer = setTimeout(() => setDone(false), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [isDone]);
  const copy = async (): Promise<void> => {
    if (await copyText(text)) setDone(true);
  };
  return (
    <>
      <button
        type="button"
        className="copy"
        data-done={isDone}
        aria-label={common.copyWhat(what)}
        title={common.copyWhat(what)}
        onClick={() => void copy()}
      >
        <Icon name={isDone ? 'check' : 'copy'} />
      </button>
      <span className="visually-hidden" role="status">
        {isDone ? common.copied : ''}
      </span>
    </>
  );
}

/** The clipboard is there only over https and on this machine: elsewhere the text is selected in a field for a moment. */
async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const field = document.createElement('textarea');
    field.value = text;
    field.className = 'visually-hidden';
    document.body.append(field);
    field.select();
    const isCopied = document.execCommand('copy');
    field.remove();
    return isCopied;
  }
}
