// The words that the person sees, in the language of the page.

import { textFor } from './policy.ts';
import { texts } from './texts.ts';
import type { PresendOptions, PresendVerdict, Texts } from './types.ts';

export interface Wording {
  /** The language of the words. */
  readonly lang: string;
  readonly checking: string;
  /** What is wrong; empty if the suggestion says it all, or without a verdict. */
  readonly why: string;
  /** "Did you mean jane@gmail.com?"; empty without a suggestion. */
  readonly suggestion: string;
}

/**
 * Returns the words for a verdict, in the language of the nearest `lang` attribute, or in English if the widget does not know
 * that language. `own` are texts of the page that replace the widget's.
 */
export function wordingFor(
  verdict: PresendVerdict | null | undefined,
  element: Element,
  own: PresendOptions['texts'] = {},
): Wording {
  const { lang } = element.closest<HTMLElement>('[lang]') ?? document.documentElement;
  const language = lang.toLowerCase().split('-')[0]!;
  const known = texts[language] ? language : 'en';
  const text = (name: keyof Texts): string => own[name] ?? texts[known]![name];
  const name = verdict && textFor(verdict);
  const suggested = verdict?.did_you_mean;
  return {
    lang: known,
    checking: text('checking'),
    why: (verdict && own[verdict.reason]) ?? (name ? text(name) : ''),
    suggestion: suggested ? text('suggestion').replace('{}', () => suggested) : '',
  };
}
