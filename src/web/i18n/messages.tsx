// The texts and figures of the language that is spoken, for every part of the page: useMessages().ledger.title, useFigures().

import { createContext, type ReactNode, useContext, useEffect, useMemo, useState } from 'react';
import { Figures, type Language } from '../format/figures.ts';
import type { Messages } from './en.ts';
import { keepLanguage, loadMessages } from './language.ts';

interface Spoken {
  readonly language: Language;
  readonly messages: Messages;
  readonly figures: Figures;
  readonly setLanguage: (language: Language) => void;
}

const SpokenContext = createContext<Spoken | null>(null);

interface MessagesProviderProps {
  readonly language: Language;
  readonly messages: Messages;
  readonly children: ReactNode;
}

/** Gives a language to everything inside; it can be changed from there. */
export function MessagesProvider(props: MessagesProviderProps): ReactNode {
  const [{ language, messages }, setSpoken] = useState({ language: props.language, messages: props.messages });
  useEffect(() => {
    document.documentElement.lang = language;
  }, [language]);
  const spoken = useMemo<Spoken>(() => {
    const setLanguage = async (next: Language): Promise<void> => {
      keepLanguage(next);
      setSpoken({ language: next, messages: await loadMessages(next) });
    };
    return { language, messages, figures: new Figures(language), setLanguage: (next) => void setLanguage(next) };
  }, [language, messages]);
  return <SpokenContext value={spoken}>{props.children}</SpokenContext>;
}

function useSpoken(): Spoken {
  const spoken = useContext(SpokenContext);
  if (spoken === null) throw new Error('a text outside of MessagesProvider');
  return spoken;
}

/** The texts of the language that is spoken. */
export function useMessages(): Messages {
  return useSpoken().messages;
}

/** Numbers and times in the language that is spoken. */
export function useFigures(): Figures {
  return useSpoken().figures;
}

/** The language that is spoken, and how to change it. */
export function useLanguage(): readonly [language: Language, setLanguage: (language: Language) => void] {
  const { language, setLanguage } = useSpoken();
  return [language, setLanguage];
}
