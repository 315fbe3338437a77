// Times on the pages of the console.

import { html } from 'hono/html';
import { minuteName } from '../../../calendar.ts';
import { dayMs, hourMs } from '../../../durations.ts';
import type { Html } from '../docs-fields.ts';

const minuteMs = 60_000;

/** How long ago `at` is, in words such as `5 minutes ago`. Both are epoch milliseconds. */
function agoText(at: number, now: number): string {
  const ms = Math.max(0, now - at);
  const [amount, unit] =
    ms < minuteMs
      ? [0, '']
      : ms < hourMs
        ? [Math.floor(ms / minuteMs), 'minute']
        : ms < 2 * dayMs
          ? [Math.floor(ms / hourMs), 'hour']
          : [Math.floor(ms / dayMs), 'day'];
  return amount === 0 ? 'Just now' : `${amount} ${unit}${amount === 1 ? '' : 's'} ago`;
}

/** A time in words, with the minute (UTC) as its tooltip. */
export const ago = (at: number, now: number): Html =>
  html`<time datetime="${new Date(at).toISOString()}" title="${minuteName(at)} UTC">${agoText(at, now)}</time>`;
