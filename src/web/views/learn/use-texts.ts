// The texts of the lessons in the language that is spoken.

import { useLanguage } from '../../i18n/messages.tsx';
import { type LearnTexts, learnEn } from './texts-en.ts';
import { learnZh } from './texts-zh.ts';

/** The texts of the lessons. */
export function useLearnTexts(): LearnTexts {
  return useLanguage()[0] === 'zh-CN' ? learnZh : learnEn;
}
