// The widget as an ES module, served as /presend.mjs and published as `presend/widget`. The page must call `attach` itself.

import { attachWidget } from './attach.ts';
import type { Presend } from './types.ts';

export { texts } from './texts.ts';
export type * from './types.ts';

/**
 * The URL of POST /v1/validate next to this script. Undefined in a bundle, which does not come from the service. Bundlers take
 * `new URL('…', import.meta.url)` for a file to bundle, so the URL of the script has its own variable.
 */
function ownEndpoint(): string | undefined {
  const { url } = import.meta;
  return /^https?:.*\/presend\.mjs($|\?)/.test(url) ? new URL('v1/validate', url).href : undefined;
}

export const attach: Presend['attach'] = (root = document, options = {}) => {
  const endpoint = options.endpoint ?? ownEndpoint();
  if (!endpoint) throw new TypeError('presend: set `endpoint` to the URL of POST /v1/validate');
  return attachWidget(root, { ...options, endpoint });
};
