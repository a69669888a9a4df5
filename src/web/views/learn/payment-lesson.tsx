// The lesson of payments: pay, pay too much, take what belongs to another, on a ledger that the kernel keeps in the page.

import { type FormEvent, type ReactNode, useMemo, useState } from 'react';
import type { LessonLedger, PageVerdict } from '../../../platform/browser/lesson-ledger.ts';
import { Button } from '../../components/button.tsx';
import { Field } from '../../components/field.tsx';
import { Section } from '../../components/layout.tsx';
import { parseAmount } from '../../format/amount.ts';
import { useFigures } from '../../i18n/messages.tsx';
import { PeoplePicture, shortAmount } from './people-picture.tsx';
import { Preparing } from './preparing.tsx';
import { markDone } from './progress.ts';
import { type LedgerPlay, useLedger } from './use-ledger.ts';
import { useLearnTexts } from './use-texts.ts';
import { VerdictBox } from './verdict-box.tsx';

/** The playground. */
export function PaymentLesson(): ReactNode {
  const play = useLedger();
  return play.ledger === null ? <Preparing /> : <Play play={play} ledger={play.ledger} />;
}

function Play({ play, ledger }: { readonly play: LedgerPlay; readonly ledger: LessonLedger }): ReactNode {
  const all = useLearnTexts();
  const figures = useFigures();
  const { payment: texts } = all;
  const [verdict, setVerdict] = useState<PageVerdict | null>(null);
  const [isTheft, setTheft] = useState(false);
  // The ledger is a machine, and the version stands for its changes.
  const coins = useMemo(() => ledger.coins, [ledger, play.version]);
  const write = async (payment: ReturnType<LessonLedger['pay']>, task: 'pay' | 'steal'): Promise<void> => {
    const told = await ledger.write({ payments: [payment] });
    setVerdict(told);
    setTheft(task === 'steal');
    play.changed();
    if (told.refusal === null) markDone('payment', 'pay');
    else markDone('payment', task === 'steal' ? 'steal' : 'overdraw');
  };
  const pay = (to: 'baker' | 'miller', sat: number): void => void write(ledger.pay('you', to, sat), 'pay');
  const bakerSat = ledger.balanceOf('baker');
  const steal = (): void => void write(ledger.pay('baker', 'you', bakerSat, 'you'), 'steal');
  const page = figures.integer(ledger.pages.at(-1)?.height ?? 0);
  return (
    <>
      <PeoplePicture coins={coins} />
      <div className="columns">
        <Section title={texts.pay} isCard>
          <PayForm onPay={pay} />
          <Button kind="danger" isDisabled={bakerSat === 0} onPress={steal}>
            {texts.steal}
          </Button>
          {bakerSat === 0 && <p className="faint small">{texts.stealNone}</p>}
        </Section>
        <Section title={texts.history} isCard>
          <VerdictBox
            refusal={verdict?.refusal ?? null}
            accepted={verdict === null ? texts.begin : texts.written(page)}
            title={isTheft ? texts.refusedSteal : texts.refusedOverdraw}
          />
          <History ledger={ledger} />
        </Section>
      </div>
    </>
  );
}

function PayForm({ onPay }: { readonly onPay: (to: 'baker' | 'miller', sat: number) => void }): ReactNode {
  const all = useLearnTexts();
  const { payment: texts } = all;
  const [to, setTo] = useState<'baker' | 'miller'>('baker');
  const [text, setText] = useState('60');
  const sat = parseAmount(text);
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (sat !== null && sat > 0) onPay(to, sat);
  };
  return (
    <form className="stack" onSubmit={submit}>
      <fieldset className="lesson-choice">
        <legend className="field-label">{texts.to}</legend>
        {(['baker', 'miller'] as const).map((name) => (
          <label key={name} className="lesson-choice-option">
            <input type="radio" name="payee" checked={to === name} onChange={() => setTo(name)} />
            {all.people[name]}
          </label>
        ))}
      </fieldset>
      <Field
        label={texts.amount}
        value={text}
        fault={sat === null || sat === 0 ? all.links.notANumber : null}
        onChange={setText}
        input={{ inputMode: 'decimal' }}
      />
      <Button kind="primary" type="submit">
        {texts.pay}
      </Button>
    </form>
  );
}

function History({ ledger }: { readonly ledger: LessonLedger }): ReactNode {
  const all = useLearnTexts();
  const figures = useFigures();
  const { payment: texts } = all;
  const rows = ledger.pages.flatMap(({ hash, height, payments }) =>
    payments.map((payment) => ({ key: hash, height, payment })),
  );
  if (rows.length === 0) return <p className="faint">{texts.nothing}</p>;
  return (
    <ol className="written">
      {rows.reverse().map(({ key, height, payment: { from, to, valueSat } }) => (
        <li key={key}>
          <span className="faint">{all.page(figures.integer(height))}</span>{' '}
          {texts.historyRow(all.people[from], all.people[to], shortAmount(valueSat))}
        </li>
      ))}
    </ol>
  );
}
