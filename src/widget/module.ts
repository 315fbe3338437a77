// The widget as an ES module, /presend.mjs. The page attaches it.

import { attachWidget } from './attach.ts';
import type { Presend } from './types.ts';

export { texts } from './texts.ts';
export type * from './types.ts';

const endpoint = new URL('v1/validate', import.meta.url).href;

export const attach: Presend['attach'] = (root = document, options = {}) =>
  attachWidget(root, { endpoint, ...options });
