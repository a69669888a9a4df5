// What a person can change about the miner: whether it mines, how much of the machine it takes, where rewards go.

import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { type FormEvent, type ReactNode, useEffect, useState } from 'react';
import { Button, Switch } from '../../components/button.tsx';
import { Field } from '../../components/field.tsx';
import { AddressLink } from '../../components/links.tsx';
import { Fault } from '../../components/notice.tsx';
import { useClient } from '../../data/app-context.tsx';
import { changeMiner, createAddress, type MinerChange, type MinerInfo, minerQuery } from '../../data/miner-queries.ts';
import { walletsQuery } from '../../data/wallet-list.ts';
import { useFigures, useMessages } from '../../i18n/messages.tsx';

/** Steps of the slider: the least share is one of them. */
const STEP = 0.05;

/** How long the slider must rest before the miner is told. */
const REST_MS = 300;

/** The view of wallets; a plain text because it is another folder's. */
const WALLET_PATH: string = '/wallet';

/** Switch, slider and address. */
export function MinerControls({ miner }: { readonly miner: MinerInfo }): ReactNode {
  const { miner: texts } = useMessages();
  const client = useClient();
  const queries = useQueryClient();
  const change = useMutation({
    mutationFn: (wanted: MinerChange) => changeMiner(client, wanted),
    onSuccess: (answer) => queries.setQueryData(minerQuery(client).queryKey, answer),
  });
  const hasAddress = miner.address !== undefined;
  return (
    <div className="card stack miner-controls">
      <Switch
        isOn={miner.isOn}
        isDisabled={change.isPending || (!hasAddress && !miner.isOn)}
        onChange={(on) => change.mutate({ on })}
      >
        {texts.turnOn}
      </Switch>
      <ShareSlider share={miner.share} onChange={(share) => change.mutate({ share })} />
      <RewardAddress address={miner.address ?? null} onChange={(address) => change.mutate({ address })} />
      {change.error !== null && <Fault error={change.error} />}
    </div>
  );
}

interface ShareSliderProps {
  readonly share: number;
  readonly onChange: (share: number) => void;
}

function ShareSlider({ share, onChange }: ShareSliderProps): ReactNode {
  const { miner: texts } = useMessages();
  const figures = useFigures();
  const [wanted, setWanted] = useState<number | null>(null);
  useEffect(() => {
    if (wanted === null) return undefined;
    const timer = setTimeout(() => {
      setWanted(null);
      onChange(wanted);
    }, REST_MS);
    return () => clearTimeout(timer);
  }, [wanted, onChange]);
  const shown = wanted ?? share;
  return (
    <label className="field">
      <span className="split">
        <span className="field-label">{texts.share}</span>
        <span>{texts.shareValue(figures.percent(shown))}</span>
      </span>
      <input
        type="range"
        className="slider"
        min={STEP}
        max={1}
        step={STEP}
        value={shown}
        aria-valuetext={texts.shareValue(figures.percent(shown))}
        onChange={(event) => setWanted(Number(event.target.value))}
      />
      <span className="field-hint">{texts.shareHelp}</span>
    </label>
  );
}

interface RewardAddressProps {
  readonly address: string | null;
  readonly onChange: (address: string) => void;
}

function RewardAddress({ address, onChange }: RewardAddressProps): ReactNode {
  const { miner: texts } = useMessages();
  const [isEditing, setEditing] = useState(false);
  const [text, setText] = useState('');
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (text.trim() === '') return;
    setEditing(false);
    onChange(text.trim());
  };
  const take = (fresh: string): void => {
    setEditing(false);
    onChange(fresh);
  };
  if (address !== null && !isEditing) {
    return (
      <div className="split">
        <span>
          <span className="field-label">{texts.address}</span>
          <br />
          <AddressLink address={address} />
        </span>
        <Button onPress={() => setEditing(true)}>{texts.changeAddress}</Button>
      </div>
    );
  }
  return (
    <form className="stack" onSubmit={submit}>
      <WalletChoice onTake={take} />
      <Field label={texts.address} hint={texts.addressHelp} value={text} isMono onChange={setText}>
        <Button type="submit" isDisabled={text.trim() === ''}>
          {texts.save}
        </Button>
      </Field>
    </form>
  );
}

/** A button for each open wallet: it gives a fresh address. */
function WalletChoice({ onTake }: { readonly onTake: (address: string) => void }): ReactNode {
  const { miner: texts } = useMessages();
  const client = useClient();
  const wallets = useQuery(walletsQuery(client));
  const create = useMutation({
    mutationFn: (wallet: string) => createAddress(client, wallet, texts.rewardLabel),
    onSuccess: onTake,
  });
  const open = wallets.data?.filter(({ isOpen }) => isOpen) ?? [];
  if (open.length === 0) {
    return (
      <p className="small">
        {texts.addressNeeded} <Link to={WALLET_PATH}>{texts.toWallet}</Link>
      </p>
    );
  }
  return (
    <>
      <div className="cluster">
        {open.map(({ name }, i) => (
          <Button
            key={name}
            {...(i === 0 ? { kind: 'primary' as const } : {})}
            isDisabled={create.isPending}
            onPress={() => create.mutate(name)}
          >
            {texts.useWallet(name)}
          </Button>
        ))}
      </div>
      {create.error !== null && <Fault error={create.error} />}
    </>
  );
}
