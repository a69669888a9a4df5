// The two switches that every screen has: language and colours.

import type { ReactNode } from 'react';
import { Button } from '../components/button.tsx';
import { useLanguage, useMessages } from '../i18n/messages.tsx';
import { useColourScheme } from './colour-scheme.ts';

/** Language and colours. */
export function Preferences(): ReactNode {
  const { common } = useMessages();
  const [language, setLanguage] = useLanguage();
  const [scheme, toggleScheme] = useColourScheme();
  const other = language === 'en' ? 'zh-CN' : 'en';
  return (
    <>
      <button type="button" className="button" data-kind="quiet" lang={other} onClick={() => setLanguage(other)}>
        {common.otherLanguage}
      </button>
      <Button
        kind="quiet"
        icon={scheme === 'dark' ? 'sun' : 'moon'}
        label={scheme === 'dark' ? common.switchToLight : common.switchToDark}
        onPress={toggleScheme}
      />
    </>
  );
}
