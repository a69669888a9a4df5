// All movements of a wallet: found by kind and text, exported as a table or as data. The latest are shown while the others are fetched.

import { type ReactNode, useDeferredValue, useMemo, useState } from 'react';
import { saveFile } from '../../../platform/browser/save-file.ts';
import { Answer } from '../../components/answer.tsx';
import { Button } from '../../components/button.tsx';
import { Field } from '../../components/field.tsx';
import { Empty, Section, Skeleton } from '../../components/layout.tsx';
import { useFigures, useMessages } from '../../i18n/messages.tsx';
import { Choice } from './choice.tsx';
import { formatHistoryJson, formatHistoryTable } from './history-export.ts';
import { MovementRows } from './movement-rows.tsx';
import { filterMovements, MOVEMENT_FILTERS, type Movement, type MovementFilter } from './movements.ts';
import { useMovements } from './use-movements.ts';
import { useWallet } from './wallet-context.tsx';
import { WalletFault } from './wallet-fault.tsx';

/** The page of the history. */
export function HistoryPage(): ReactNode {
  const { wallet } = useMessages();
  const { query, movements, isAll, error } = useMovements();
  return (
    <Answer of={query} waiting={<Skeleton lines={8} />}>
      {() =>
        movements.length === 0 ? (
          <Section title={wallet.history.title}>
            <Empty title={wallet.history.empty} help={wallet.history.emptyHelp} />
          </Section>
        ) : (
          <>
            {error !== null && <WalletFault error={error} />}
            <History movements={movements} isAll={isAll} />
          </>
        )
      }
    </Answer>
  );
}

interface HistoryProps {
  readonly movements: readonly Movement[];
  /** Whether there are no others. */
  readonly isAll: boolean;
}

function History({ movements, isAll }: HistoryProps): ReactNode {
  const { wallet } = useMessages();
  const texts = wallet.history;
  const figures = useFigures();
  const [filter, setFilter] = useState<MovementFilter>('all');
  const [search, setSearch] = useState('');
  const wanted = useDeferredValue(search);
  const found = useMemo(() => filterMovements(movements, filter, wanted), [movements, filter, wanted]);
  return (
    <Section title={texts.title} aside={<ExportButtons movements={found} isDisabled={!isAll} />}>
      <div className="history-tools">
        <Choice
          name={texts.filter}
          value={filter}
          options={MOVEMENT_FILTERS.map((one) => ({ value: one, text: texts[one] }))}
          onChange={setFilter}
        />
        <Field
          label={texts.search}
          value={search}
          input={{ type: 'search', placeholder: texts.searchHint, maxLength: 100 }}
          onChange={setSearch}
        />
      </div>
      <p className="small faint" role="status">
        {isAll
          ? found.length === 0
            ? texts.noMatch
            : texts.count(found.length, figures.integer(found.length))
          : texts.loadingRest(figures.integer(found.length))}
      </p>
      {found.length > 0 && <MovementRows key={filter} movements={found} />}
    </Section>
  );
}

interface ExportButtonsProps {
  readonly movements: readonly Movement[];
  readonly isDisabled: boolean;
}

/** What is shown is what is exported. */
function ExportButtons({ movements, isDisabled }: ExportButtonsProps): ReactNode {
  const { wallet } = useMessages();
  const { name } = useWallet();
  const file = `${name === '' ? 'wallet' : name}-history`.replace(/[^\p{L}\p{N}._-]+/gu, '-');
  return (
    <div className="cluster">
      <Button
        isDisabled={isDisabled}
        onPress={() => saveFile(`${file}.csv`, 'text/csv', `\ufeff${formatHistoryTable(movements)}`)}
      >
        {wallet.history.exportCsv}
      </Button>
      <Button
        isDisabled={isDisabled}
        onPress={() => saveFile(`${file}.json`, 'application/json', formatHistoryJson(movements))}
      >
        {wallet.history.exportJson}
      </Button>
    </div>
  );
}
