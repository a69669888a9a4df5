// Where the page begins: colours and language first, so that nothing changes before the reader's eyes, then everything else.

import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { Tallystick } from './app.tsx';
import { loadMessages, readLanguage } from './i18n/language.ts';
import { MessagesProvider } from './i18n/messages.tsx';
import { loadAhead } from './load-ahead.ts';
import { registerShellCache } from './register-shell-cache.ts';
import { applyStoredScheme } from './shell/colour-scheme.ts';

applyStoredScheme();
const language = readLanguage();
const messages = await loadMessages(language);
createRoot(document.getElementById('root')!).render(
  <StrictMode>
    <MessagesProvider language={language} messages={messages}>
      <Tallystick />
    </MessagesProvider>
  </StrictMode>,
);
registerShellCache();
loadAhead();
