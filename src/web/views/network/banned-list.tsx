// The addresses that this node refuses, with a way back for each.

import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { Button } from '../../components/button.tsx';
import { Time } from '../../components/figures.tsx';
import { Fault } from '../../components/notice.tsx';
import { useClient } from '../../data/app-context.tsx';
import { bannedQuery, unbanAddress } from '../../data/network-queries.ts';
import { useMessages } from '../../i18n/messages.tsx';

/** The list; nothing where nobody is refused. */
export function BannedList(): ReactNode {
  const { network } = useMessages();
  const client = useClient();
  const queries = useQueryClient();
  const banned = useQuery(bannedQuery(client));
  const unban = useMutation({
    mutationFn: (address: string) => unbanAddress(client, address),
    onSuccess: () => queries.invalidateQueries({ queryKey: ['peers'] }),
  });
  if (banned.data === undefined || banned.data.length === 0) return null;
  return (
    <div className="stack">
      <h3>{network.banned}</h3>
      <ul>
        {banned.data.map(({ address, banned_until }) => (
          <li key={address} className="row row-banned">
            <span className="mono">{address}</span>
            <span className="faint">
              {network.bannedUntil} <Time timeSec={banned_until} />
            </span>
            <Button label={network.unbanWhat(address)} onPress={() => unban.mutate(address)}>
              {network.unban}
            </Button>
          </li>
        ))}
      </ul>
      {unban.error !== null && <Fault error={unban.error} />}
    </div>
  );
}
