// The widget as a classic script, /presend.js. It attaches itself to the document with the options of its tag.

import { attachWidget } from './attach.ts';
import { readPolicy } from './policy.ts';
import { texts } from './texts.ts';
import type { Presend } from './types.ts';

// Test for `attach`, because an element with the id `presend` is also `window.presend`.
if (!window.presend?.attach) {
  const { src, dataset = {} } = (document.currentScript ?? {}) as Partial<HTMLScriptElement>;
  // Numbers stay strings, which timers accept.
  const options = {
    endpoint: new URL('v1/validate', src || location.href).href,
    ...dataset,
    policy: readPolicy(dataset['policy']),
  };
  const attach: Presend['attach'] = (root = document, more = {}) =>
    attachWidget(root, { ...options, ...more });
  window.presend = { attach, texts };
  if (!('manual' in dataset)) attach();
}
