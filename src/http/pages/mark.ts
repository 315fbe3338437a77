// The mark of presend: in the head of its pages, and as the icon of the tab.

import { html } from 'hono/html';

export const mark = html`<svg viewBox="0 0 32 32" width="28" height="28" aria-hidden="true"><rect class="paper" x="2" y="6" width="28" height="20" rx="4"/><path class="flap" d="m4 10 12 8 12-8"/></svg>`;

export const favicon =
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect x="2" y="6" width="28" height="20" rx="4" fill="#1f6f6b"/>' +
  '<path d="m4 10 12 8 12-8" fill="none" stroke="#fff" stroke-width="2.5" stroke-linecap="round" stroke-linejoin="round"/></svg>';
