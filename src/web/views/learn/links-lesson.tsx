// The forger's lesson: change a page of a copied ledger, hide it, and see how far the damage goes.

import { useQuery } from '@tanstack/react-query';
import { type ReactNode, useEffect, useMemo, useReducer, useState } from 'react';
import { LessonChain, type LessonPage } from '../../../platform/browser/lesson-chain.ts';
import {
  isKnownNetwork,
  LESSON_PAGES,
  readMainSource,
  readNodeSource,
} from '../../../platform/browser/lesson-source.ts';
import { Button } from '../../components/button.tsx';
import { useApp } from '../../data/app-context.tsx';
import { firstPagesQuery } from '../../data/lesson-queries.ts';
import { ChainPicture } from './chain-picture.tsx';
import { KernelSays } from './kernel-says.tsx';
import { markDone } from './progress.ts';
import { useLearnTexts } from './use-texts.ts';

/** The playground. */
export function LinksLesson(): ReactNode {
  const { client, session } = useApp();
  const { links: texts } = useLearnTexts();
  const [isOwn, setOwn] = useState(false);
  const canBeOwn = session.network !== 'main' && isKnownNetwork(session.network);
  const hexes = useQuery({ ...firstPagesQuery(client, LESSON_PAGES), enabled: canBeOwn }).data;
  const own = useMemo(
    () => (hexes === undefined || hexes.length < LESSON_PAGES ? null : readNodeSource(session.network, hexes)),
    [hexes, session.network],
  );
  const source = useMemo(() => (isOwn && own !== null ? own : readMainSource()), [isOwn, own]);
  const choice = own !== null && (
    <fieldset className="lesson-choice">
      <legend className="visually-hidden">{texts.source}</legend>
      <Button kind={isOwn ? 'quiet' : 'primary'} onPress={() => setOwn(false)}>
        {texts.sourceMain}
      </Button>
      <Button kind={isOwn ? 'primary' : 'quiet'} onPress={() => setOwn(true)}>
        {texts.sourceOwn}
      </Button>
    </fieldset>
  );
  return (
    <div className="stack">
      {choice}
      <Forgery key={String(isOwn)} chain={useMemo(() => new LessonChain(source.blocks, source.consensus), [source])} />
    </div>
  );
}

function Forgery({ chain }: { readonly chain: LessonChain }): ReactNode {
  const [version, redraw] = useReducer((count: number) => count + 1, 0);
  const [selected, setSelected] = useState(0);
  // The chain is a machine, and the version stands for its changes.
  const pages = useMemo(() => chain.pages, [chain, version]);
  const act = (height: number, change: () => void, task?: 'change' | 'digest' | 'mend'): void => {
    change();
    setSelected(height);
    redraw();
    if (task !== undefined) markDone('links', task);
  };
  useEffect(() => {
    const last = pages.length - 1;
    const isMended = pages.every(({ faults }) => faults.contents === null && faults.link === null);
    if (isMended && pages[last]!.isChanged) markDone('links', 'tip');
  }, [pages]);
  return (
    <>
      <ChainPicture
        pages={pages}
        selected={selected}
        onSelect={setSelected}
        onNote={(height, text) => act(height, () => chain.setNote(height, text), 'change')}
        onReward={(height, sat) => act(height, () => chain.setReward(height, sat), 'change')}
        actionsOf={(one) => (
          <Mend
            page={one}
            onDigest={() => act(one.height, () => chain.mendContents(one.height), 'digest')}
            onLink={() => act(one.height, () => chain.mendLink(one.height), 'mend')}
          />
        )}
      />
      <KernelSays page={pages[selected]!} onStartOver={() => act(0, () => chain.reset())} />
    </>
  );
}

interface MendProps {
  readonly page: LessonPage;
  readonly onDigest: () => void;
  readonly onLink: () => void;
}

function Mend({ page: { faults }, onDigest, onLink }: MendProps): ReactNode {
  const { links: texts } = useLearnTexts();
  if (faults.contents !== null) return <Button onPress={onDigest}>{texts.writeDigest}</Button>;
  if (faults.link !== null) return <Button onPress={onLink}>{texts.mendLink}</Button>;
  return null;
}
