// One PSBT: what it does, how far it is, and the next step.

import { useMutation } from '@tanstack/react-query';
import { type FormEvent, type ReactNode, useState } from 'react';
import { Button } from '../../components/button.tsx';
import { Field } from '../../components/field.tsx';
import { Fact, Facts } from '../../components/layout.tsx';
import { Notice } from '../../components/notice.tsx';
import { useClient } from '../../data/app-context.tsx';
import type { SentPayment } from '../../data/wallet-pay.ts';
import { broadcast, combinePsbts, finalizePsbt, type ShownPsbt, signPsbt } from '../../data/wallet-psbt.ts';
import { plainText } from '../../format/short-text.ts';
import { useFigures, useMessages } from '../../i18n/messages.tsx';
import { KeyButton } from './key-button.tsx';
import { cleanPsbtText } from './psbt-file.ts';
import { PsbtText } from './psbt-text.tsx';
import { reviewPayment } from './review.ts';
import { ReviewCard } from './review-card.tsx';
import { SentNotice } from './sent-notice.tsx';
import { StepTitle } from './step-title.tsx';
import { useKnownPayees } from './use-known-payees.ts';
import { useWallet } from './wallet-context.tsx';
import { WalletFault } from './wallet-fault.tsx';

interface PsbtStepsProps {
  readonly shown: ShownPsbt;
  /** Reads it anew after a step. */
  readonly onChanged: (psbt: string) => Promise<ShownPsbt>;
  readonly onClose: () => void;
}

/** What it does, and the steps. */
export function PsbtSteps({ shown, onChanged, onClose }: PsbtStepsProps): ReactNode {
  const { wallet } = useMessages();
  const texts = wallet.psbt;
  const figures = useFigures();
  const { known } = useKnownPayees();
  const [sent, setSent] = useState<SentPayment | null>(null);
  const { content, ownOutputs, rate, next, fault, psbt } = shown;
  if (sent !== null) return <SentNotice sent={sent} onAgain={onClose} />;
  const signedCount = content.inputs.filter(({ hasSignature }) => hasSignature).length;
  return (
    <div className="card stack review">
      <StepTitle>{texts.does}</StepTitle>
      <p className="small">{texts.warn}</p>
      <ReviewCard review={reviewPayment(content, ownOutputs)} inputs={content.inputs} rate={rate} known={known} />
      <Facts>
        <Fact
          name={texts.next}
          note={texts.signedCount(figures.integer(signedCount), figures.integer(content.inputs.length))}
        >
          {next === 'signer' && signedCount > 0 ? texts.signerMore : texts[next]}
        </Fact>
      </Facts>
      {fault !== null && <Notice kind="bad">{plainText(fault)}</Notice>}
      <NextStep shown={shown} onChanged={onChanged} onSent={setSent} />
      <CombineForm psbt={psbt} onChanged={onChanged} />
      <PsbtText psbt={psbt} />
      <div>
        <Button kind="quiet" onPress={onClose}>
          {texts.startOver}
        </Button>
      </div>
    </div>
  );
}

interface NextStepProps extends Omit<PsbtStepsProps, 'onClose'> {
  readonly onSent: (sent: SentPayment) => void;
}

function NextStep({ shown, onChanged, onSent }: NextStepProps): ReactNode {
  const { wallet } = useMessages();
  const texts = wallet.psbt;
  const { name, hasKeys } = useWallet();
  const client = useClient();
  const [note, setNote] = useState<string | null>(null);
  const finish = useMutation({
    mutationFn: async (): Promise<void> => {
      const { psbt, hex } = await finalizePsbt(client, shown.psbt);
      if (hex === null) {
        await onChanged(psbt);
        setNote(texts.missing);
        return;
      }
      onSent({ kind: 'sent', txid: await broadcast(client, shown.content, hex) });
    },
  });
  const noteSigned = async (psbt: string): Promise<void> => {
    setNote(psbt === shown.psbt ? texts.nothingAdded : texts.signed);
    await onChanged(psbt);
  };
  const isSigned = shown.next === 'finalizer' || shown.next === 'extractor';
  return (
    <>
      <div className="cluster">
        {hasKeys && !isSigned && (
          <KeyButton
            kind="primary"
            act={(passphrase) => signPsbt(client, name, shown.psbt, passphrase)}
            onDone={(psbt) => void noteSigned(psbt)}
          >
            {texts.sign}
          </KeyButton>
        )}
        {isSigned && (
          <Button kind="primary" isDisabled={finish.isPending} onPress={() => finish.mutate()}>
            {texts.send}
          </Button>
        )}
      </div>
      {note !== null && !isSigned && <Notice>{note}</Notice>}
      {finish.error !== null && <WalletFault error={finish.error} />}
    </>
  );
}

function CombineForm({ psbt, onChanged }: { readonly psbt: string } & Pick<PsbtStepsProps, 'onChanged'>): ReactNode {
  const { wallet } = useMessages();
  const texts = wallet.psbt;
  const client = useClient();
  const [text, setText] = useState('');
  const other = cleanPsbtText(text);
  const combine = useMutation({
    mutationFn: async (one: string): Promise<void> => {
      await onChanged(await combinePsbts(client, [psbt, one]));
      setText('');
    },
  });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (other !== null) combine.mutate(other);
  };
  return (
    <details className="fold">
      <summary>{texts.combine}</summary>
      <form className="stack" onSubmit={submit}>
        <Field
          label={texts.combineHint}
          value={text}
          fault={text !== '' && other === null ? texts.refused : null}
          isMono
          isTall
          onChange={setText}
        />
        <div>
          <Button type="submit" isDisabled={other === null || combine.isPending}>
            {texts.combineButton}
          </Button>
        </div>
        {combine.error !== null && <WalletFault error={combine.error} />}
      </form>
    </details>
  );
}
