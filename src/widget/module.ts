// The widget as an ES module, served as /presend.mjs. The page must call `attach` itself.

import { attachWidget } from './attach.ts';
import type { Presend } from './types.ts';

export { texts } from './texts.ts';
export type * from './types.ts';

const endpoint = new URL('v1/validate', import.meta.url).href;

export const attach: Presend['attach'] = (root = document, options = {}) =>
  attachWidget(root, { endpoint, ...options });
