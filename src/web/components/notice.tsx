// What happened and what to do about it: notices, and the words for every way in which a call can fail.

import type { ReactNode } from 'react';
import { ConnectionError, type ConnectionFault, RpcCallError } from '../../api/client.ts';
import { RPC_CODE } from '../../api/errors.ts';
import { plainText } from '../format/short-text.ts';
import type { Messages } from '../i18n/en.ts';
import { useMessages } from '../i18n/messages.tsx';
import { Button } from './button.tsx';

/** What the node says to a refusal ends with what to do about it: its longest sentences are shown whole. */
export const REFUSAL_LETTERS_MAX = 600;

interface NoticeProps {
  readonly kind?: 'info' | 'warn' | 'bad';
  readonly title?: string;
  readonly children?: ReactNode;
  readonly actions?: ReactNode;
}

/** Something that a person should know now. What is bad is read out at once. */
export function Notice({ kind = 'info', title, children, actions }: NoticeProps): ReactNode {
  return (
    <div className="notice" data-kind={kind} role={kind === 'bad' ? 'alert' : 'status'}>
      {title !== undefined && <p className="notice-title">{title}</p>}
      {children !== undefined && <div>{children}</div>}
      {actions !== undefined && <div className="notice-actions">{actions}</div>}
    </div>
  );
}

/** A fault in words. */
export interface FaultWords {
  readonly title: string;
  readonly help: string;
}

/** What happened and what to do, for whatever a call was refused or lost with. */
export function describeFault(error: unknown, { common }: Messages): FaultWords {
  if (error instanceof ConnectionError) return describeConnectionFault(error.fault, common);
  if (!(error instanceof RpcCallError))
    return { title: common.faultPage, help: `${common.faultPageHelp} ${String(error)}` };
  if (error.code === RPC_CODE.METHOD_NOT_FOUND) {
    return { title: common.faultMethod, help: common.faultMethodHelp(error.method) };
  }
  if (error.code === RPC_CODE.IN_WARMUP) return { title: common.faultWarmup, help: common.faultWarmupHelp };
  return { title: common.faultRefused, help: plainText(error.message, REFUSAL_LETTERS_MAX) };
}

function describeConnectionFault(fault: ConnectionFault, common: Messages['common']): FaultWords {
  switch (fault) {
    case 'unreachable':
      return { title: common.faultUnreachable, help: common.faultUnreachableHelp };
    case 'signed-out':
      return { title: common.faultSignedOut, help: common.faultSignedOutHelp };
    case 'too-many':
      return { title: common.faultTooMany, help: common.faultTooManyHelp };
    case 'bad-answer':
      return { title: common.faultBadAnswer, help: common.faultBadAnswerHelp };
  }
}

interface FaultProps {
  readonly error: unknown;
  /** Tries again. */
  readonly onRetry?: () => void;
}

/** A fault, told. */
export function Fault({ error, onRetry }: FaultProps): ReactNode {
  const messages = useMessages();
  const { title, help } = describeFault(error, messages);
  const retry = onRetry && <Button onPress={onRetry}>{messages.common.tryAgain}</Button>;
  return (
    <Notice kind="bad" title={title} actions={retry}>
      <p>{help}</p>
    </Notice>
  );
}
