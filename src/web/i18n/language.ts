// Which language the page speaks: the choice of the person, else the first language of the browser that there is. The texts of a
// language are loaded only when it is spoken.

import { readChoice, writeChoice } from '../../platform/browser/stored-choice.ts';
import type { Language } from '../format/figures.ts';
import type { Messages } from './en.ts';

const LANGUAGES: readonly Language[] = Object.freeze(['en', 'zh-CN']);

/** The language for a reader with these preferences, best first; English where none fits. */
export function chooseLanguage(preferences: readonly string[]): Language {
  for (const tag of preferences) {
    const primary = tag.toLowerCase().split('-')[0];
    if (primary === 'zh') return 'zh-CN';
    if (primary === 'en') return 'en';
  }
  return 'en';
}

/** The language to begin with. */
export function readLanguage(): Language {
  return readChoice('language', LANGUAGES) ?? chooseLanguage(navigator.languages);
}

/** Keeps the choice of a person. */
export function keepLanguage(language: Language): void {
  writeChoice('language', language);
}

/** The texts of a language. */
export async function loadMessages(language: Language): Promise<Messages> {
  if (language === 'zh-CN') return (await import('./zh-cn.ts')).zhCn;
  return (await import('./en.ts')).en;
}
