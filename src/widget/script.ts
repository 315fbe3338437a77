// The widget as a classic script, served as /presend.js. It attaches itself to the document, with the `data-` attributes of its
// script tag as options. With `data-manual`, the page must call `presend.attach` itself.

import { attachWidget } from './attach.ts';
import { readPolicy } from './policy.ts';
import { texts } from './texts.ts';
import type { Presend } from './types.ts';

// Do nothing if the page loaded the script already. Test for `attach`, because an element with the id `presend` is also
// `window.presend`.
if (!window.presend?.attach) {
  const { src, dataset = {} } = (document.currentScript ?? {}) as Partial<HTMLScriptElement>;
  // `data-timeout` and `data-pause` stay strings. That is fine, because setTimeout accepts strings.
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
