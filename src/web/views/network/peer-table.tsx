// The peers as a table, with what can be done about each. Before an address is refused for a day it is asked.

import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { Button } from '../../components/button.tsx';
import { Dialog } from '../../components/dialog.tsx';
import { Time } from '../../components/figures.tsx';
import { Badge } from '../../components/layout.tsx';
import { Fault } from '../../components/notice.tsx';
import { useClient } from '../../data/app-context.tsx';
import { banPeer, disconnectPeer, hostOf, type Peer } from '../../data/network-queries.ts';
import { plainText } from '../../format/short-text.ts';
import { useFigures, useMessages } from '../../i18n/messages.tsx';

/** The table. */
export function PeerTable({ peers }: { readonly peers: readonly Peer[] }): ReactNode {
  const { network } = useMessages();
  const client = useClient();
  const queries = useQueryClient();
  const [toBan, setToBan] = useState<Peer | null>(null);
  const onSuccess = (): Promise<void> => queries.invalidateQueries({ queryKey: ['peers'] });
  const disconnect = useMutation({ mutationFn: (peer: Peer) => disconnectPeer(client, peer), onSuccess });
  const ban = useMutation({ mutationFn: (peer: Peer) => banPeer(client, peer), onSuccess });
  const names = [network.address, network.agent, network.direction, network.ping, network.height, network.traffic];
  return (
    <>
      <div className="table-frame">
        <table className="table table-stack">
          <thead>
            <tr>
              {[...names, network.since, network.actions].map((name) => (
                <th key={name} scope="col">
                  {name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {peers.map((peer) => (
              <PeerRow key={peer.id} peer={peer} onBan={setToBan} onDisconnect={(one) => disconnect.mutate(one)} />
            ))}
          </tbody>
        </table>
      </div>
      {disconnect.error !== null && <Fault error={disconnect.error} />}
      {ban.error !== null && <Fault error={ban.error} />}
      <BanDialog peer={toBan} onBan={(peer) => ban.mutate(peer)} onClose={() => setToBan(null)} />
    </>
  );
}

interface BanDialogProps {
  /** Null: nobody is asked about. */
  readonly peer: Peer | null;
  readonly onBan: (peer: Peer) => void;
  readonly onClose: () => void;
}

function BanDialog({ peer, onBan, onClose }: BanDialogProps): ReactNode {
  const { network, common } = useMessages();
  const ban = (): void => {
    if (peer !== null) onBan(peer);
    onClose();
  };
  const actions = (
    <>
      <Button onPress={onClose}>{common.cancel}</Button>
      <Button kind="danger" onPress={ban}>
        {network.ban}
      </Button>
    </>
  );
  return (
    <Dialog title={network.banTitle} isOpen={peer !== null} onClose={onClose} actions={actions}>
      <p>{peer !== null && network.banHelp(hostOf(peer.address))}</p>
    </Dialog>
  );
}

interface PeerRowProps {
  readonly peer: Peer;
  readonly onBan: (peer: Peer) => void;
  readonly onDisconnect: (peer: Peer) => void;
}

function PeerRow({ peer, onBan, onDisconnect }: PeerRowProps): ReactNode {
  const { network } = useMessages();
  const figures = useFigures();
  const address = plainText(peer.address, 60);
  return (
    <tr>
      <td data-name={network.address}>
        <span className="mono">{address}</span>
      </td>
      <td data-name={network.agent}>{peer.agent === '' ? '–' : plainText(peer.agent, 60)}</td>
      <td data-name={network.direction}>
        <Badge {...(peer.isInbound ? {} : { kind: 'good' as const })}>
          {peer.isInbound ? network.inbound : network.outbound}
        </Badge>{' '}
        {peer.isEncrypted && <Badge kind="good">{network.encrypted}</Badge>}
      </td>
      <td data-name={network.ping}>{peer.pingSec === null ? '–' : figures.span(peer.pingSec)}</td>
      <td data-name={network.height}>{peer.height === null ? '–' : figures.integer(peer.height)}</td>
      <td data-name={network.traffic}>
        {figures.bytes(peer.sentBytes)} / {figures.bytes(peer.receivedBytes)}
      </td>
      <td data-name={network.since}>
        <Time timeSec={peer.connectedSec} />
      </td>
      <td data-name={network.actions}>
        <span className="peer-actions">
          <Button label={network.disconnectWhat(address)} onPress={() => onDisconnect(peer)}>
            {network.disconnect}
          </Button>
          <Button kind="danger" label={network.banWhat(hostOf(address))} onPress={() => onBan(peer)}>
            {network.ban}
          </Button>
        </span>
      </td>
    </tr>
  );
}
