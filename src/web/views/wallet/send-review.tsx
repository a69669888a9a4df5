// The last look before a payment is signed: every amount has its name, and all of it is read from the transaction itself.

import type { ReactNode } from 'react';
import { Button } from '../../components/button.tsx';
import { Notice } from '../../components/notice.tsx';
import { useClient } from '../../data/app-context.tsx';
import { type BuiltPayment, type SentPayment, sendPayment } from '../../data/wallet-pay.ts';
import { useMessages } from '../../i18n/messages.tsx';
import { KeyButton } from './key-button.tsx';
import { isAsWished, reviewPayment } from './review.ts';
import { ReviewCard } from './review-card.tsx';
import type { SendWish } from './send-wish.ts';
import { StepTitle } from './step-title.tsx';
import { useKnownPayees } from './use-known-payees.ts';
import { useWallet } from './wallet-context.tsx';

interface SendReviewProps {
  readonly built: BuiltPayment;
  readonly wish: SendWish;
  readonly onBack: () => void;
  readonly onSent: (sent: SentPayment) => void;
}

/** The review. */
export function SendReview({ built, wish, onBack, onSent }: SendReviewProps): ReactNode {
  const { wallet } = useMessages();
  const texts = wallet.review;
  const { name, hasKeys } = useWallet();
  const client = useClient();
  const { known, isAwaited } = useKnownPayees();
  const { content, changeIndex, ownOutputs, rate, psbt } = built;
  const ownScripts = new Set(ownOutputs.map((index) => content.outputs[index]?.scriptHex ?? ''));
  const review = reviewPayment(content, changeIndex === null ? [] : [changeIndex]);
  const send = async (passphrase: string | null): Promise<SentPayment> => {
    const sent = await sendPayment(client, name, built, passphrase);
    // A name that could not be noted is no reason to say that nothing was sent.
    if (sent.kind === 'sent')
      await noteLabels(wish, (address, label) => client.call('setlabel', [address, label], { wallet: name })).catch(
        () => undefined,
      );
    return sent;
  };
  if (!isAsWished(review, wish.wishes)) {
    return (
      <Notice kind="bad" title={texts.mismatch} actions={<Button onPress={onBack}>{texts.back}</Button>}>
        {texts.mismatchHelp}
      </Notice>
    );
  }
  return (
    <div className="card stack review">
      <StepTitle>{texts.title}</StepTitle>
      <p className="small">{texts.help}</p>
      <ReviewCard
        review={review}
        inputs={content.inputs}
        rate={rate}
        known={known}
        ownScripts={ownScripts}
        labels={wish.labels}
      />
      <div className="wizard-actions">
        <Button onPress={onBack}>{texts.back}</Button>
        {hasKeys ? (
          <KeyButton kind="primary" isDisabled={isAwaited} working={texts.sending} act={send} onDone={onSent}>
            {texts.send}
          </KeyButton>
        ) : (
          <Button kind="primary" onPress={() => onSent({ kind: 'unsigned', psbt })}>
            {texts.asFile}
          </Button>
        )}
      </div>
    </div>
  );
}

/** Notes the names of those who were paid. */
async function noteLabels(
  { labels }: SendWish,
  note: (address: string, label: string) => Promise<unknown>,
): Promise<void> {
  for (const { address, label } of labels) if (label !== '') await note(address, label);
}
