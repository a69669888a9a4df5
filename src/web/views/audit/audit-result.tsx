// What a good audit has to show: the equation of the books, hashes to compare with other nodes, the file, the marks.

import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { Answer } from '../../components/answer.tsx';
import { Button } from '../../components/button.tsx';
import { CopyButton } from '../../components/copy-button.tsx';
import { Amount, Hash } from '../../components/figures.tsx';
import { Fact, Facts, Section } from '../../components/layout.tsx';
import { BlockLink } from '../../components/links.tsx';
import { VirtualRows } from '../../components/virtual-rows.tsx';
import { useClient } from '../../data/app-context.tsx';
import {
  type AuditAnswer,
  type AuditCoins,
  type AuditFigures,
  type AuditMark,
  auditResultQuery,
} from '../../data/audit-queries.ts';
import { useFigures, useMessages } from '../../i18n/messages.tsx';
import { BooksPicture } from './books-picture.tsx';
import { saveFile } from './save-file.ts';

/** Everything about the audit with this number. */
export function AuditResult({ id }: { readonly id: number }): ReactNode {
  const result = useQuery(auditResultQuery(useClient(), id));
  return (
    <Answer of={result}>
      {(audit) => {
        const { figures, coins } = audit ?? {};
        if (audit === null || figures === undefined || coins === undefined) return null;
        return (
          <>
            <BooksPicture figures={figures} coins={coins} />
            <Comparison figures={figures} coins={coins} />
            <ResultFile audit={audit} />
            <Marks marks={audit.marks} />
          </>
        );
      }}
    </Answer>
  );
}

interface ComparisonProps {
  readonly figures: AuditFigures;
  readonly coins: AuditCoins;
}

function Comparison({ figures: counted, coins }: ComparisonProps): ReactNode {
  const { audit: texts } = useMessages();
  const figures = useFigures();
  const command = `bitcoin-cli gettxoutsetinfo hash_serialized_3\nbitcoin-cli gettxoutsetinfo muhash`;
  return (
    <Section title={texts.compare} help={texts.compareHelp}>
      <Facts>
        <Fact name={texts.lastPage} note={<Hash text={counted.hash} what={texts.lastPage} isWhole />}>
          <BlockLink hash={counted.hash} height={counted.height} />
        </Fact>
        <Fact name={texts.coinsHash} note={texts.coinsHashHelp}>
          <Hash text={coins.hash_serialized_3} what={texts.coinsHash} isWhole />
        </Fact>
        <Fact name={texts.muhash} note={texts.muhashHelp}>
          <Hash text={coins.muhash} what={texts.muhash} isWhole />
        </Fact>
        <Fact name={texts.coinCount}>{figures.integer(coins.coinCount)}</Fact>
        <Fact name={texts.work} note={texts.workHelp}>
          {figures.compact(Number(`0x${counted.work}`))}
        </Fact>
        <Fact name={texts.fees}>
          <Amount sat={counted.feesSat} />
        </Fact>
        <Fact name={texts.askAnother}>
          <pre className="code-block">{command}</pre>
        </Fact>
      </Facts>
    </Section>
  );
}

function ResultFile({ audit }: { readonly audit: AuditAnswer }): ReactNode {
  const { audit: texts } = useMessages();
  const save = (): void =>
    saveFile(`audit-${audit.ledger}-${audit.figures?.height ?? 0}.json`, `${JSON.stringify(audit, null, 2)}\n`);
  const command = 'tally audit';
  return (
    <Section title={texts.file} help={texts.fileHelp}>
      <div className="cluster">
        <Button icon="download" onPress={save}>
          {texts.download}
        </Button>
      </div>
      <p className="cluster faint small">
        <span>{texts.fromTerminal}</span>
        <span className="cluster">
          <code>{command}</code>
          <CopyButton text={command} what={command} />
        </span>
      </p>
    </Section>
  );
}

/** Height of a mark before it is measured. */
const ROW_PX = 52;

function Marks({ marks }: { readonly marks: readonly AuditMark[] }): ReactNode {
  const { audit: texts } = useMessages();
  const figures = useFigures();
  return (
    <details className="fold">
      <summary>
        {texts.marks} <span className="faint">{figures.integer(marks.length)}</span>
      </summary>
      <div className="stack">
        <p className="faint small">{texts.marksHelp}</p>
        <VirtualRows items={marks} keyOf={({ hash }) => hash} rowPx={ROW_PX} label={texts.marks}>
          {({ height, hash, transactionCount, issuedSat }) => (
            <div className="row row-mark">
              <BlockLink hash={hash} height={height} />
              <Hash text={hash} />
              <span className="number" title={texts.markPayments}>
                {figures.integer(transactionCount)}
              </span>
              <span className="number" title={texts.markIssued}>
                <Amount sat={issuedSat} />
              </span>
            </div>
          )}
        </VirtualRows>
      </div>
    </details>
  );
}
