// What is shown without a session: where the link is found, and a field for it. A link of this server that is pasted whole is cut
// down to its token; nothing of it is kept.

import { type FormEvent, type ReactNode, useState } from 'react';
import { login } from '../../platform/browser/session.ts';
import { Button } from '../components/button.tsx';
import { Field } from '../components/field.tsx';
import { BrandMark } from '../components/icon.tsx';
import { describeFault } from '../components/notice.tsx';
import type { Messages } from '../i18n/en.ts';
import { useMessages } from '../i18n/messages.tsx';
import { readToken } from './login-token.ts';
import { Preferences } from './preferences.tsx';

interface LoginProps {
  /** The link that led here was used before, or is too old. */
  readonly isRefused: boolean;
  /** Is told when a session has begun. */
  readonly onSignedIn: () => void;
}

/** The screen for signing in. */
export function LoginPage({ isRefused, onSignedIn }: LoginProps): ReactNode {
  const { common } = useMessages();
  return (
    <div className="login">
      <div className="login-tools">
        <Preferences />
      </div>
      <main className="login-sheet">
        <div className="shell-brand">
          <BrandMark />
          {common.appName}
        </div>
        <div className="stack">
          <h1>{common.loginTitle}</h1>
          <p>{common.loginLead}</p>
        </div>
        <LoginForm isRefused={isRefused} onSignedIn={onSignedIn} />
        <p className="faint small">
          {common.loginHint} <code>tally up --link</code>
        </p>
      </main>
    </div>
  );
}

function LoginForm({ isRefused, onSignedIn }: LoginProps): ReactNode {
  const messages = useMessages();
  const { common } = messages;
  const [text, setText] = useState('');
  const [fault, setFault] = useState<string | null>(isRefused ? common.loginRefused : null);
  const [isWorking, setWorking] = useState(false);
  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    setWorking(true);
    const refusal = await tryLogin(text, messages);
    setWorking(false);
    setFault(refusal);
    if (refusal === null) onSignedIn();
  };
  const change = (value: string): void => {
    setText(value);
    setFault(null);
  };
  return (
    <form className="stack" onSubmit={(event) => void submit(event)}>
      <Field
        label={common.loginField}
        hint={common.loginHow}
        fault={fault}
        value={text}
        isMono
        input={{ name: 'token', autoCapitalize: 'off' }}
        onChange={change}
      />
      <Button type="submit" kind="primary" isDisabled={isWorking}>
        {isWorking ? common.loginWorking : common.loginButton}
      </Button>
    </form>
  );
}

/** Signs in with what was typed: null where a session has begun, else why not, in words. */
async function tryLogin(text: string, messages: Messages): Promise<string | null> {
  const token = readToken(text);
  if (token === null) return messages.common.loginEmpty;
  try {
    return (await login(token)) === null ? messages.common.loginRefused : null;
  } catch (error) {
    const { title, help } = describeFault(error, messages);
    return `${title}. ${help}`;
  }
}
