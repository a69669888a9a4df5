// How another machine joins: whether this node lets others in, and the one command to type there.

import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { Answer } from '../../components/answer.tsx';
import { Switch } from '../../components/button.tsx';
import { CopyButton } from '../../components/copy-button.tsx';
import { Section } from '../../components/layout.tsx';
import { Fault } from '../../components/notice.tsx';
import { useClient } from '../../data/app-context.tsx';
import { joinQuery, setOpen } from '../../data/network-queries.ts';
import { useMessages } from '../../i18n/messages.tsx';

/** The section. */
export function JoinSection(): ReactNode {
  const { network } = useMessages();
  const client = useClient();
  const queries = useQueryClient();
  const advice = useQuery(joinQuery(client));
  const change = useMutation({
    mutationFn: (isOpen: boolean) => setOpen(client, isOpen),
    onSuccess: (answer) => queries.setQueryData(joinQuery(client).queryKey, answer),
  });
  return (
    <Section title={network.join} help={network.joinHelp}>
      <Answer of={advice}>
        {({ open, command, chainparams, places }) => (
          <div className="card stack">
            <Switch isOn={open} isDisabled={change.isPending} onChange={(isOpen) => change.mutate(isOpen)}>
              {network.joinOpen}
            </Switch>
            <p className="faint small">{open ? network.joinIsOpen(places.join(', ')) : network.joinIsClosed}</p>
            {command !== undefined && (
              <div className="join-command">
                <pre className="code-block">{command}</pre>
                <CopyButton text={command} what={network.joinCommand} />
              </div>
            )}
            {chainparams !== undefined && <p className="small">{network.joinFile(chainparams)}</p>}
          </div>
        )}
      </Answer>
      {change.error !== null && <Fault error={change.error} />}
    </Section>
  );
}
