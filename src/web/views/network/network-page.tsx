// The network as this node sees it: its peers as a picture and as a table, whom it refuses, and how to make it larger.

import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { Answer } from '../../components/answer.tsx';
import { Empty, Page, Section } from '../../components/layout.tsx';
import { useClient } from '../../data/app-context.tsx';
import { peersQuery } from '../../data/network-queries.ts';
import { useMessages } from '../../i18n/messages.tsx';
import { AddPeer } from './add-peer.tsx';
import { BannedList } from './banned-list.tsx';
import { JoinSection } from './join-section.tsx';
import './network.css';
import { NodesSection } from './nodes-section.tsx';
import { PeerGraph } from './peer-graph.tsx';
import { PeerTable } from './peer-table.tsx';

/** The view of the network. */
export function NetworkPage(): ReactNode {
  const { network, common } = useMessages();
  const peers = useQuery(peersQuery(useClient()));
  return (
    <Page title={network.title} lead={network.lead}>
      <Answer of={peers}>
        {(data) =>
          data.length === 0 ? (
            <Empty title={network.empty} help={network.emptyHelp} />
          ) : (
            <Section title={network.graph} isCard>
              <PeerGraph peers={data} />
              <p className="graph-key small">
                <span data-inbound="true">{common.nameAndWhat(network.inbound, network.inboundHelp)}</span>
                <span data-inbound="false">{common.nameAndWhat(network.outbound, network.outboundHelp)}</span>
              </p>
            </Section>
          )
        }
      </Answer>
      <Section title={network.peers}>
        {peers.data !== undefined && peers.data.length > 0 && <PeerTable peers={peers.data} />}
        <AddPeer />
        <BannedList />
      </Section>
      <NodesSection />
      <JoinSection />
    </Page>
  );
}
