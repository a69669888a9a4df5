// A PSBT to pass on: as a text to copy, or as a file.

import type { ReactNode } from 'react';
import { saveFile } from '../../../platform/browser/save-file.ts';
import { Button } from '../../components/button.tsx';
import { CopyButton } from '../../components/copy-button.tsx';
import { useMessages } from '../../i18n/messages.tsx';
import { decodeBase64 } from './psbt-file.ts';

/** The text. */
export function PsbtText({ psbt }: { readonly psbt: string }): ReactNode {
  const { wallet } = useMessages();
  const texts = wallet.psbt;
  const save = (): void => {
    const bytes = decodeBase64(psbt);
    if (bytes !== null) saveFile('payment.psbt', 'application/octet-stream', bytes);
  };
  return (
    <div className="stack">
      <div className="cluster">
        <Button onPress={save}>{texts.save}</Button>
        <CopyButton text={psbt} what={texts.copyText} />
      </div>
      <details className="fold">
        <summary>{texts.text}</summary>
        <pre className="code-block psbt-code">{psbt}</pre>
      </details>
    </div>
  );
}
