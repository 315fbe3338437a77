// What a form does with an address by default, and which text explains it. The form widget (src/widget) uses these values;
// src/http/pages/widget-assets.ts inserts them into its script.

import { catalogue, reasons } from './catalogue.ts';
import type { SignalOutcome } from './signal.ts';

/** Returns what the form does, and the name of the widget's text unless that is `doubtful`. */
const defaultOf = ({ form, topic, result }: SignalOutcome): string => {
  if (topic === 'syntax' || topic === 'denied' || topic === 'temporary') return `${form} ${topic}`;
  const isListed = topic === 'bounced' || topic === 'unsubscribed';
  return result === 'undeliverable' && !isListed ? `${form} domain` : form;
};

/** All reasons that a policy of a form can name. */
export const formReasons: readonly string[] = reasons;

/**
 * What the form does, and the name of its text, by reason and result of the verdict: `block domain` for the key
 * `domain_typo undeliverable`. Without a name, the text is `doubtful`. A key that is missing means `allow`.
 */
export const formDefaults: Readonly<Record<string, string>> = Object.fromEntries(
  catalogue
    .flatMap(({ reason, outcomes }) =>
      outcomes.map((outcome) => [`${reason} ${outcome.result}`, defaultOf(outcome)]),
    )
    .filter(([, form]) => form !== 'allow'),
);
