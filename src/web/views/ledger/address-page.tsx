// One address: what it has, and every payment to and from it. It needs the index of addresses, and says so where there is none.

import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { RpcCallError } from '../../../api/client.ts';
import { RPC_CODE } from '../../../api/errors.ts';
import { Answer } from '../../components/answer.tsx';
import { Button } from '../../components/button.tsx';
import { Amount, Hash, Time } from '../../components/figures.tsx';
import { Badge, Empty, Page, Section, Skeleton, Stat, Stats } from '../../components/layout.tsx';
import { BlockLink, TransactionLink } from '../../components/links.tsx';
import { Fault } from '../../components/notice.tsx';
import { VirtualRows } from '../../components/virtual-rows.tsx';
import { type AddressPayment, addressBalanceQuery, addressHistoryQuery } from '../../data/address-queries.ts';
import { useClient } from '../../data/app-context.tsx';
import type { Messages } from '../../i18n/en.ts';
import { useFigures, useMessages } from '../../i18n/messages.tsx';
import './ledger.css';

/** Height of a row before it is measured. */
const ROW_PX = 72;

/** The view of one address. */
export function AddressPage(): ReactNode {
  const { address } = useParams({ from: '/address/$address' });
  const { ledger } = useMessages();
  const balance = useQuery(addressBalanceQuery(useClient(), address));
  return (
    <Page
      title={ledger.addressTitle}
      lead={
        <>
          <Hash text={address} what={ledger.addressTitle} isWhole />
          <br />
          {ledger.addressLead}
        </>
      }
    >
      <Answer of={balance} waiting={<Skeleton />} onFault={(error) => describeAddressFault(error, ledger)}>
        {(data) => (
          <>
            <Stats>
              <Stat name={ledger.balance} note={ledger.balanceHelp}>
                <span className="total">
                  <Amount sat={data.confirmedSat} />
                </span>
              </Stat>
              {data.pendingSat !== 0 && (
                <Stat name={ledger.pending}>
                  <Amount sat={data.pendingSat} isSigned />
                </Stat>
              )}
              <CountStat name={ledger.coinsUnspent} count={data.unspentCount} />
              <CountStat name={ledger.history} count={data.historyCount} />
            </Stats>
            <History address={address} />
          </>
        )}
      </Answer>
    </Page>
  );
}

function CountStat({ name, count }: { readonly name: string; readonly count: number }): ReactNode {
  return <Stat name={name}>{useFigures().integer(count)}</Stat>;
}

/** What the node says of an address that it can tell nothing of; null: something else went wrong. */
function describeAddressFault(error: unknown, ledger: Messages['ledger']): ReactNode {
  if (!(error instanceof RpcCallError)) return null;
  if (error.code === RPC_CODE.INVALID_ADDRESS_OR_KEY) {
    return <Empty title={ledger.addressInvalid} help={ledger.addressInvalidHelp} />;
  }
  const isOff = error.code === RPC_CODE.MISC_ERROR || error.code === RPC_CODE.METHOD_NOT_FOUND;
  return isOff ? <Empty title={ledger.addressOff} help={ledger.addressOffHelp} /> : null;
}

function History({ address }: { readonly address: string }): ReactNode {
  const { ledger, common } = useMessages();
  const history = useInfiniteQuery(addressHistoryQuery(useClient(), address));
  const pages = history.data?.pages ?? [];
  const rows = pages.flatMap(({ pending, confirmed }) => [...pending, ...confirmed]);
  return (
    <Section title={ledger.history}>
      {history.isPending && <Skeleton />}
      {history.data === undefined && history.error !== null && (
        <Fault error={history.error} onRetry={() => void history.refetch()} />
      )}
      {history.isSuccess && rows.length === 0 && <p className="faint">{ledger.historyEmpty}</p>}
      <VirtualRows
        items={rows}
        keyOf={({ txid, height }) => `${txid}${height ?? ''}`}
        rowPx={ROW_PX}
        label={ledger.history}
      >
        {(payment) => <PaymentRow payment={payment} />}
      </VirtualRows>
      {history.hasNextPage && (
        <Button isDisabled={history.isFetchingNextPage} onPress={() => void history.fetchNextPage()}>
          {common.showMore}
        </Button>
      )}
    </Section>
  );
}

function PaymentRow({ payment }: { readonly payment: AddressPayment }): ReactNode {
  const { ledger } = useMessages();
  const { txid, height, blockHash, time, changeSat, balanceAfterSat } = payment;
  return (
    <div className="row row-payment">
      <span>
        <TransactionLink txid={txid} {...(blockHash === undefined ? {} : { blockHash })} />
      </span>
      <span className="row-side">
        {blockHash === undefined ? (
          <Badge kind="warn">{ledger.unconfirmed}</Badge>
        ) : (
          <BlockLink hash={blockHash} {...(height === undefined ? {} : { height })} />
        )}
        {time !== undefined && (
          <>
            {' · '}
            <Time timeSec={time} />
          </>
        )}
      </span>
      <span className="number row-change" data-sign={Math.sign(changeSat)}>
        <Amount sat={changeSat} isSigned />
      </span>
      {balanceAfterSat !== undefined && (
        <span className="number row-side row-balance" title={ledger.balanceAfter}>
          <Amount sat={balanceAfterSat} hasUnit={false} />
        </span>
      )}
    </div>
  );
}
