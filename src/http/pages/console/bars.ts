// Small bar charts of the console: one bar for each hour or day.

import { html } from 'hono/html';
import type { Html } from '../docs-fields.ts';

export interface SmallBar {
  /** The bar's tooltip. */
  readonly title: string;
  readonly value: number;
  /** A part of `value` that is drawn in the color of errors. */
  readonly bad?: number;
}

const chartHeight = 40;
const barWidth = 6;

/** `label` is the text alternative of the chart, and must say what its bars say. */
export function smallBars(label: string, bars: readonly SmallBar[]): Html {
  const top = Math.max(1, ...bars.map(({ value }) => value));
  // Something is never drawn as nothing.
  const high = (value: number): number =>
    value === 0 ? 0 : Math.max(2, Math.round((value / top) * chartHeight));
  return html`<svg class="bars" role="img" aria-label="${label}" viewBox="0 0 ${bars.length * barWidth} ${chartHeight}" preserveAspectRatio="none">${bars.map(
    ({ title, value, bad = 0 }, index) => {
      const [whole, wrong] = [high(value), high(bad)];
      const rect = (look: string, tall: number): Html | string =>
        tall === 0
          ? ''
          : html`<rect class="${look}" x="${index * barWidth}" y="${chartHeight - tall}" width="${barWidth - 1}" height="${tall}"/>`;
      return html`<g><title>${title}</title>${rect('rest', whole)}${rect('wrong', wrong)}</g>`;
    },
  )}</svg>`;
}
