// Further nodes on this machine: start one with a press, open its page, stop it.

import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { Answer } from '../../components/answer.tsx';
import { Button } from '../../components/button.tsx';
import { CopyButton } from '../../components/copy-button.tsx';
import { Badge, Section } from '../../components/layout.tsx';
import { Fault, Notice } from '../../components/notice.tsx';
import { useClient } from '../../data/app-context.tsx';
import { createNodeLink, type LedgerNode, nodesQuery, startNode, stopNode } from '../../data/network-queries.ts';
import { plainText } from '../../format/short-text.ts';
import { useFigures, useMessages } from '../../i18n/messages.tsx';

/** The section. */
export function NodesSection(): ReactNode {
  const { network } = useMessages();
  const client = useClient();
  const queries = useQueryClient();
  const nodes = useQuery(nodesQuery(client));
  const onSettled = (): Promise<void> => queries.invalidateQueries({ queryKey: ['nodes'] });
  const start = useMutation({ mutationFn: (id: number | null) => startNode(client, id), onSettled });
  const stop = useMutation({ mutationFn: (id: number) => stopNode(client, id), onSettled });
  const link = useMutation({ mutationFn: (id: number) => createNodeLink(client, id) });
  const fault = start.error ?? stop.error ?? link.error;
  const add = (
    <Button icon="plus" kind="primary" isDisabled={start.isPending} onPress={() => start.mutate(null)}>
      {start.isPending ? network.adding : network.addNode}
    </Button>
  );
  return (
    <Section title={network.nodes} help={network.nodesHelp} aside={nodes.error === null && add}>
      <Answer of={nodes}>
        {(rows) =>
          rows.length === 0 ? (
            <p className="faint">{network.nodesEmpty}</p>
          ) : (
            <ul>
              {rows.map((node) => (
                <NodeRow
                  key={node.id}
                  node={node}
                  onStart={() => start.mutate(node.id)}
                  onStop={() => stop.mutate(node.id)}
                  onOpen={() => link.mutate(node.id)}
                />
              ))}
            </ul>
          )
        }
      </Answer>
      {link.data !== undefined && <NodeLink address={link.data} />}
      {fault !== null && <Fault error={fault} />}
    </Section>
  );
}

function NodeLink({ address }: { readonly address: string }): ReactNode {
  const { network } = useMessages();
  return (
    <Notice title={network.nodeLink}>
      <a href={address} target="_blank" rel="noopener noreferrer" className="hash hash-full">
        {address}
      </a>{' '}
      <CopyButton text={address} what={network.nodeLink} />
    </Notice>
  );
}

interface NodeRowProps {
  readonly node: LedgerNode;
  readonly onStart: () => void;
  readonly onStop: () => void;
  readonly onOpen: () => void;
}

const KINDS = { running: 'good', starting: 'warn', stopping: 'warn', failed: 'bad' } as const;

function NodeRow({ node, onStart, onStop, onOpen }: NodeRowProps): ReactNode {
  const { network } = useMessages();
  const figures = useFigures();
  const { id, state, port, height, fault } = node;
  const isUp = state === 'running' || state === 'starting';
  const states: Readonly<Record<LedgerNode['state'], string>> = {
    starting: network.starting,
    running: network.running,
    stopping: network.stopping,
    stopped: network.stopped,
    failed: network.failed,
  };
  return (
    <li className="row row-node">
      <span className="cluster">
        <strong>{network.nodeName(id)}</strong>
        <Badge {...(state === 'stopped' ? {} : { kind: KINDS[state] })}>{states[state]}</Badge>
      </span>
      <span className="faint small">
        {port !== undefined && `${network.nodePort} ${port}`}
        {height !== undefined && ` · ${network.height} ${figures.integer(height)}`}
        {fault !== undefined && plainText(fault)}
      </span>
      <span className="cluster">
        {state === 'running' && <Button onPress={onOpen}>{network.nodeOpen}</Button>}
        {isUp ? (
          <Button label={network.stopNodeWhat(id)} onPress={onStop}>
            {network.stopNode}
          </Button>
        ) : (
          <Button isDisabled={state === 'stopping'} onPress={onStart}>
            {network.startNode}
          </Button>
        )}
      </span>
    </li>
  );
}
