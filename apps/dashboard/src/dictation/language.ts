import { text } from '../text/index.ts';

const KEY = 'dictation.language';
/** B-206; `auto`: the service finds out. */
export const LANGUAGES = Object.keys(text.dictation.languages);

export const readLanguage = (): string => {
  const kept = localStorage.getItem(KEY);
  return LANGUAGES.find((one) => one === kept) ?? 'auto';
};

export const keepLanguage = (language: string): void => localStorage.setItem(KEY, language);

/** As a service knows it, which tells no Portuguese from another. */
export const languageCode = (language: string): string | undefined =>
  language === 'auto' ? undefined : language.split('-')[0];
