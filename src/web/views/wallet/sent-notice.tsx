// What became of a payment: it is on its way, or others have to sign it.

import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { Button } from '../../components/button.tsx';
import { Hash } from '../../components/figures.tsx';
import { Icon } from '../../components/icon.tsx';
import type { SentPayment } from '../../data/wallet-pay.ts';
import { useMessages } from '../../i18n/messages.tsx';
import { PsbtText } from './psbt-text.tsx';
import { StepTitle } from './step-title.tsx';

interface SentNoticeProps {
  readonly sent: SentPayment;
  readonly onAgain: () => void;
}

/** The end of a payment. */
export function SentNotice({ sent, onAgain }: SentNoticeProps): ReactNode {
  const { wallet } = useMessages();
  const texts = wallet.review;
  return (
    <div className="card stack sent" role="status">
      {sent.kind === 'sent' ? (
        <>
          <span className="sent-mark">
            <Icon name="check" />
          </span>
          <StepTitle>{texts.sent}</StepTitle>
          <p>{texts.sentHelp}</p>
          <p>
            <Hash text={sent.txid} what={wallet.history.transaction} />
          </p>
          <div className="cluster">
            <Link to="/tx/$txid" params={{ txid: sent.txid }} className="button" data-kind="primary">
              {texts.seeIt}
            </Link>
            <Button onPress={onAgain}>{texts.another}</Button>
          </div>
        </>
      ) : (
        <>
          <StepTitle>{texts[sent.kind]}</StepTitle>
          <p>{sent.kind === 'unsigned' ? texts.unsignedHelp : texts.incompleteHelp}</p>
          <PsbtText psbt={sent.psbt} />
          <div>
            <Button onPress={onAgain}>{texts.another}</Button>
          </div>
        </>
      )}
    </div>
  );
}
