// Bar charts. The bars are inline SVG that stretches to fill its container. The labels are HTML, so they are not stretched.

import { html, raw } from 'hono/html';
import type { HtmlEscapedString } from 'hono/utils/html';

type Html = HtmlEscapedString | Promise<HtmlEscapedString>;

/** A part of a bar. `look` is its CSS class, which sets the color. */
export interface Part {
  readonly look: string;
  readonly value: number;
}

export interface Bar {
  /** The bar's tooltip. */
  readonly title: string;
  /** The parts from the bottom to the top. */
  readonly parts: readonly Part[];
}

export interface Chart {
  /** Text alternative of the chart. */
  readonly label: string;
  readonly bars: readonly Bar[];
  /** The labels under the chart, spread evenly from its left edge to its right edge. */
  readonly below: readonly string[];
  /** Writes a value of the scale as text, such as `5%`. */
  readonly valueText: (value: number) => string;
  /** The scale goes up to at least this value, and further if a bar is higher. */
  readonly leastTop: number;
  /** Values at which a line is drawn across the chart, such as thresholds. Values beyond the end of the scale get no line. */
  readonly marks?: readonly { readonly value: number; readonly look: string }[];
}

const height = 100;

export function barChart({ label, bars, below, valueText, leastTop, marks = [] }: Chart): Html {
  const top = roundUp(Math.max(leastTop, ...bars.map(total)));
  const y = (value: number) => number(height - (value / top) * height);
  const line = (value: number, look: string) =>
    `<line class="${look}" x1="0" x2="${bars.length}" y1="${y(value)}" y2="${y(value)}"/>`;
  const drawn = [
    ...[0.25, 0.5, 0.75, 1].map((part) => line(part * top, 'grid')),
    ...bars.map((bar, index) => drawBar(bar, index, y)),
    ...marks.filter(({ value }) => value <= top).map(({ value, look }) => line(value, `mark ${look}`)),
  ];
  return html`<div class="chart">
<div class="scale" aria-hidden="true"><span>${valueText(top)}</span><span>${valueText(top / 2)}</span><span>0</span></div>
<svg role="img" aria-label="${label}" viewBox="0 0 ${bars.length} ${height}" preserveAspectRatio="none">${raw(drawn.join(''))}</svg>
<div class="below" aria-hidden="true">${below.map((text) => html`<span>${text}</span>`)}</div>
</div>`;
}

/** Returns the SVG markup of a bar. Only the title is escaped: nothing else in it comes from outside this code. */
function drawBar({ title, parts }: Bar, index: number, y: (value: number) => string): string {
  let from = 0;
  const rectangles = parts.map(({ look, value }) => {
    const [bottom, top] = [y(from), y(from + value)];
    from += value;
    if (value === 0) return '';
    return `<rect class="${look}" x="${number(index + 0.12)}" width=".76" y="${top}" height="${number(Number(bottom) - Number(top))}"/>`;
  });
  // The first rectangle is transparent and covers the whole height, so the tooltip also appears above the bar.
  return `<g><title>${escaped(title)}</title><rect class="day" x="${index}" width="1" y="0" height="${height}"/>${rectangles.join('')}</g>`;
}

/**
 * Returns a horizontal bar of adjacent parts. The width of a part is its share of `whole`: the bar is full if the values add up
 * to `whole`. `label` is the text alternative.
 */
export function strip(parts: readonly Part[], whole: number, label: string): Html {
  let x = 0;
  const rectangles = parts.map(({ look, value }) => {
    const width = whole === 0 ? 0 : (value / whole) * 100;
    const rectangle = `<rect class="${look}" x="${number(x)}" width="${number(width)}" y="0" height="1"/>`;
    x += width;
    return width === 0 ? '' : rectangle;
  });
  return html`<svg class="strip" role="img" aria-label="${label}" viewBox="0 0 100 1" preserveAspectRatio="none">${raw(rectangles.join(''))}</svg>`;
}

const total = ({ parts }: Bar): number => parts.reduce((sum, { value }) => sum + value, 0);

const number = (value: number): string => String(Math.round(value * 1000) / 1000);

const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

/**
 * Rounds up to 1, 2, 4, 5 or 10 times a power of ten. Half of such a number is also a short number (0.5, 1, 2, 2.5 or 5 times
 * the power), which is the label in the middle of the scale.
 */
function roundUp(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value));
  const step = [1, 2, 4, 5, 10].find((one) => one * power >= value * (1 - 1e-9))!;
  return step * power;
}
