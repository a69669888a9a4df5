// One movement with all that is known of it, names that can be changed, and what can be done while it waits.

import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { type FormEvent, type ReactNode, useState } from 'react';
import { Button } from '../../components/button.tsx';
import { CopyButton } from '../../components/copy-button.tsx';
import { Dialog } from '../../components/dialog.tsx';
import { Field } from '../../components/field.tsx';
import { Amount, Hash, Time } from '../../components/figures.tsx';
import { Fact, Facts } from '../../components/layout.tsx';
import { BlockLink } from '../../components/links.tsx';
import { useClient } from '../../data/app-context.tsx';
import { type HistoryEntry, nameAddress } from '../../data/wallet-history.ts';
import { plainText } from '../../format/short-text.ts';
import { useFigures, useMessages } from '../../i18n/messages.tsx';
import { GroupedAddress } from './grouped-address.tsx';
import { MovementActs } from './movement-acts.tsx';
import { describeMovement, MovementBadge } from './movement-words.tsx';
import { judgeMovement, type Movement } from './movements.ts';
import { useWallet } from './wallet-context.tsx';
import { WalletFault } from './wallet-fault.tsx';

interface MovementDialogProps {
  readonly movement: Movement;
  readonly tipHeight: number;
  readonly onClose: () => void;
}

/** Entries whose names can be changed here: a payment to thousands is looked at in the ledger. */
const ENTRIES_MAX = 50;

/** The details. */
export function MovementDialog({ movement, tipHeight, onClose }: MovementDialogProps): ReactNode {
  const { wallet, common } = useMessages();
  const texts = wallet.history;
  const { txid, blockHash } = movement;
  return (
    <Dialog
      title={describeMovement(movement, texts)}
      isOpen
      onClose={onClose}
      actions={
        <>
          <Link
            to="/tx/$txid"
            params={{ txid }}
            search={blockHash === null ? {} : { block: blockHash }}
            className="button"
          >
            {texts.inLedger}
          </Link>
          <Button kind="primary" onPress={onClose}>
            {common.close}
          </Button>
        </>
      }
    >
      <p className="balance-sum">
        <Amount sat={movement.changeSat} isSigned />
      </p>
      <MovementFacts movement={movement} tipHeight={tipHeight} />
      {movement.entries.slice(0, ENTRIES_MAX).map((entry) => (
        <EntryName key={`${entry.index} ${entry.kind}`} entry={entry} />
      ))}
      <MovementActs movement={movement} tipHeight={tipHeight} onDone={onClose} />
    </Dialog>
  );
}

function MovementFacts({ movement, tipHeight }: Omit<MovementDialogProps, 'onClose'>): ReactNode {
  const { wallet } = useMessages();
  const texts = wallet.history;
  const figures = useFigures();
  const { timeSec, feeSat, height, blockHash, txid, replacedBy } = movement;
  const state = judgeMovement(movement, tipHeight);
  return (
    <Facts>
      <Fact name={texts.time} note={<Time timeSec={timeSec} />}>
        {figures.exactTime(timeSec)}
      </Fact>
      {feeSat > 0 && (
        <Fact name={texts.fee}>
          <Amount sat={feeSat} />
        </Fact>
      )}
      <Fact name={texts.block}>
        {height !== null && blockHash !== null && (
          <>
            <BlockLink hash={blockHash} height={height} />{' '}
          </>
        )}
        {state.kind === 'confirmed' ? (
          <span className="faint">
            {texts.confirmations(state.confirmations, figures.integer(state.confirmations))}
          </span>
        ) : (
          <MovementBadge movement={movement} tipHeight={tipHeight} />
        )}
      </Fact>
      <Fact name={texts.transaction}>
        <Hash text={txid} what={texts.transaction} />
      </Fact>
      {replacedBy !== null && (
        <Fact name={texts.replacedBy}>
          <Hash text={replacedBy} what={texts.transaction} />
        </Fact>
      )}
    </Facts>
  );
}

/** One output: whose it is, and the name of that address. */
function EntryName({ entry }: { readonly entry: HistoryEntry }): ReactNode {
  const { wallet } = useMessages();
  const texts = wallet.history;
  const { name } = useWallet();
  const client = useClient();
  const queries = useQueryClient();
  const { address, label, amountSat } = entry;
  const [text, setText] = useState(label);
  const save = useMutation({
    mutationFn: (next: string) => nameAddress(client, queries, name, { address: address ?? '', label: next }),
  });
  if (address === null) return null;
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    save.mutate(plainText(text.trim(), 120));
  };
  return (
    <form className="stack entry" onSubmit={submit}>
      <div className="split">
        <span className="address-line">
          <GroupedAddress address={address} /> <CopyButton text={address} what={texts.address} />
        </span>
        <Amount sat={amountSat} isSigned />
      </div>
      <Field label={texts.name} value={text} input={{ maxLength: 120 }} onChange={setText}>
        <Button type="submit" isDisabled={text.trim() === label || save.isPending}>
          {texts.saveName}
        </Button>
      </Field>
      {save.error !== null && <WalletFault error={save.error} />}
    </form>
  );
}
