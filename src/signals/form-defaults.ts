// What a form does by default. The widget is served with these values filled in, see src/http/routes/pages.ts.

import { catalogue } from './catalogue.ts';
import type { FormDefault } from './signal.ts';

/** Decisions by reason and result, such as `domain_typo undeliverable`. The default is `allow`. */
export const formDefaults: Readonly<Record<string, FormDefault>> = Object.fromEntries(
  catalogue.flatMap(({ reason, outcomes }) =>
    outcomes.filter(({ form }) => form !== 'allow').map(({ result, form }) => [`${reason} ${result}`, form]),
  ),
);
