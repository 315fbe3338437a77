// What a form does with an address by default. The form widget (src/widget) uses these values;
// src/http/pages/widget-assets.ts inserts them into its script.

import { catalogue } from './catalogue.ts';
import type { FormDefault } from './signal.ts';

/**
 * What the form does, by reason and result of the verdict: the key is a text such as `domain_typo undeliverable`. A key
 * that is missing means `allow`.
 */
export const formDefaults: Readonly<Record<string, FormDefault>> = Object.fromEntries(
  catalogue.flatMap(({ reason, outcomes }) =>
    outcomes.filter(({ form }) => form !== 'allow').map(({ result, form }) => [`${reason} ${result}`, form]),
  ),
);
