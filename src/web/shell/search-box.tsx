// The search for whatever the ledger holds. It asks when a person pauses in typing; Enter goes to what was found first.

import { type UseQueryResult, useQuery } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { type FormEvent, type ReactNode, useEffect, useRef, useState } from 'react';
import { Icon } from '../components/icon.tsx';
import { Fault } from '../components/notice.tsx';
import { useClient } from '../data/app-context.tsx';
import { type Found, searchQuery } from '../data/search-query.ts';
import { shortenMiddle } from '../format/short-text.ts';
import { useMessages } from '../i18n/messages.tsx';

/** A pause in typing. */
const PAUSE_MS = 250;

/** The search box. */
export function SearchBox(): ReactNode {
  const { common } = useMessages();
  const navigate = useNavigate();
  const [text, setText] = useState('');
  const [isOpen, setOpen] = useState(false);
  const box = useRef<HTMLFormElement>(null);
  useCloseOutside(box, () => setOpen(false));
  const wanted = usePaused(text.trim());
  const answer = useQuery(searchQuery(useClient(), wanted));
  const close = (): void => {
    setOpen(false);
    setText('');
  };
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    const first = wanted === text.trim() ? answer.data?.[0] : undefined;
    setOpen(first === undefined);
    if (first === undefined) return;
    close();
    void navigate(placeOf(first));
  };
  return (
    <search>
      <form ref={box} className="search" onSubmit={submit} onKeyDown={({ key }) => key === 'Escape' && setOpen(false)}>
        <Icon name="search" />
        <input
          type="text"
          inputMode="search"
          enterKeyHint="search"
          aria-label={common.searchLabel}
          placeholder={common.searchHint}
          autoComplete="off"
          spellCheck={false}
          value={text}
          onFocus={() => setOpen(true)}
          onChange={(event) => {
            setText(event.target.value);
            setOpen(true);
          }}
        />
        {isOpen && wanted !== '' && <SearchAnswer answer={answer} onFollow={close} />}
      </form>
    </search>
  );
}

interface SearchAnswerProps {
  readonly answer: UseQueryResult<readonly Found[]>;
  readonly onFollow: () => void;
}

function SearchAnswer({ answer: { data, error, isPending }, onFollow }: SearchAnswerProps): ReactNode {
  const { common } = useMessages();
  return (
    <div className="search-answer" role="status">
      {isPending && error === null && <p>{common.loading}</p>}
      {error !== null && <Fault error={error} />}
      {data?.length === 0 && <p>{common.searchNothing}</p>}
      {data?.map((found) => (
        <FoundLink key={found.kind + nameOf(found)} found={found} onFollow={onFollow} />
      ))}
    </div>
  );
}

function FoundLink({ found, onFollow }: { readonly found: Found; readonly onFollow: () => void }): ReactNode {
  const { common } = useMessages();
  const names = { block: common.searchBlock, transaction: common.searchTransaction, address: common.searchAddress };
  return (
    <Link {...placeOf(found)} onClick={onFollow}>
      <span className="badge">{names[found.kind]}</span>
      <span className="hash">{shortenMiddle(nameOf(found))}</span>
    </Link>
  );
}

function nameOf(found: Found): string {
  if (found.kind === 'block') return found.hash;
  return found.kind === 'transaction' ? found.txid : found.address;
}

/** Where the page shows it. */
function placeOf(found: Found) {
  switch (found.kind) {
    case 'block':
      return { to: '/block/$block', params: { block: found.hash } } as const;
    case 'transaction': {
      const search = found.hash === undefined ? {} : { block: found.hash };
      return { to: '/tx/$txid', params: { txid: found.txid }, search } as const;
    }
    case 'address':
      return { to: '/address/$address', params: { address: found.address } } as const;
  }
}

/** Closes what is open when a person presses elsewhere. */
function useCloseOutside(box: { readonly current: HTMLElement | null }, close: () => void): void {
  const latest = useRef(close);
  latest.current = close;
  useEffect(() => {
    const listen = (event: Event): void => {
      if (!box.current?.contains(event.target as Node)) latest.current();
    };
    document.addEventListener('pointerdown', listen);
    return () => document.removeEventListener('pointerdown', listen);
  }, [box]);
}

/** A text once it has not changed for a moment. */
function usePaused(text: string): string {
  const [paused, setPaused] = useState(text);
  useEffect(() => {
    const timer = setTimeout(() => setPaused(text), PAUSE_MS);
    return () => clearTimeout(timer);
  }, [text]);
  return paused;
}
