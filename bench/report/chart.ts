// Draws the results as one picture: how far each target is from its limit, on a logarithmic scale.

import { holds, limitText, margin, numberText, type Target } from '../figures.ts';
import type { Result } from '../results.ts';

const width = 1100;
const rowHeight = 22;
const groupGap = 14;
const top = 78;
const bottom = 34;
/** The horizontal range of the bars. The names of the targets are to their left, and the figures to their right. */
const plot = { from: 590, to: 880 };
/** The range of the scale. A bar that would go beyond it ends in a point. */
const scale = { least: 1 / 8, most: 8 };
const ticks = [1 / 8, 1 / 4, 1 / 2, 1, 2, 4, 8];

const style = `
  text { font: 12px system-ui, sans-serif; fill: var(--ink); }
  .title { font-size: 16px; font-weight: 600; }
  .pale { fill: var(--pale); }
  .bench { font-weight: 600; }
  .end { text-anchor: end; }
  .middle { text-anchor: middle; }
  .paper { fill: var(--paper); }
  .grid { stroke: var(--grid); }
  .limit { stroke: var(--ink); stroke-width: 1.5; }
  .met { fill: var(--met); }
  .missed { fill: var(--missed); }
  svg { --paper: #fff; --ink: #1f2328; --pale: #59636e; --grid: #e4e7eb; --met: #1a7f5a; --missed: #c4432b; }
  @media (prefers-color-scheme: dark) {
    svg { --paper: #12161c; --ink: #e6edf3; --pale: #9aa4af; --grid: #2b323b; --met: #3fb884; --missed: #f0785f; }
  }`;

const x = (value: number): number => {
  const part = Math.log(value / scale.least) / Math.log(scale.most / scale.least);
  return plot.from + Math.min(1, Math.max(0, part)) * (plot.to - plot.from);
};

/** Returns a self-contained SVG that is legible in light and dark mode. */
export function chart(results: readonly Result[]): string {
  const shown = results.filter(({ targets }) => targets.length > 0);
  const rows = shown.reduce((sum, { targets }) => sum + targets.length, 0);
  const height = top + rows * rowHeight + shown.length * groupGap + bottom;
  const lines: string[] = [];
  let y = top;
  for (const { bench, targets } of shown) {
    lines.push(text(20, y + 15, bench, 'bench'));
    for (const target of targets) {
      lines.push(row(target, y));
      y += rowHeight;
    }
    y += groupGap;
  }
  const targets = shown.flatMap((result) => result.targets);
  const met = targets.filter(holds).length;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="${met} of ${targets.length} targets are met. The table beside this picture has the same figures.">
<style>${style}
</style>
<rect class="paper" width="${width}" height="${height}" rx="8"/>
${text(20, 32, 'How far from the target', 'title')}
${text(20, 52, `${met} of ${targets.length} are met. 1 is the target, 2 is twice as good, ½ half as good; a bar with a point goes on.`, 'pale')}
${ticks.map((value) => tick(value, y)).join('\n')}
${lines.join('\n')}
<path class="limit" d="M${point(x(1))} ${top - 8}V${y - groupGap + 6}"/>
</svg>
`;
}

function row(target: Target, y: number): string {
  const met = holds(target);
  const value = margin(target);
  const figures = `${met ? '✓' : '✗'} ${numberText(target.measured.median)}  (${limitText(target)})`;
  return [
    text(plot.from - 16, y + 15, shortened(target.name), 'end'),
    Number.isFinite(value) && value > 0 ? bar(value, y + 4, met ? 'met' : 'missed') : '',
    text(plot.to + 16, y + 15, figures, met ? '' : 'missed'),
  ].join('');
}

/** A bar from the line of the target to the value. */
function bar(value: number, y: number, look: string): string {
  const [zero, end] = [x(1), x(value)];
  const height = rowHeight - 8;
  if (value > scale.most || value < scale.least) {
    const back = value > 1 ? -6 : 6;
    const outline = `M${point(zero)} ${y}H${point(end + back)}L${point(end)} ${y + height / 2}L${point(end + back)} ${y + height}H${point(zero)}Z`;
    return `<path class="${look}" d="${outline}"/>`;
  }
  const from = Math.min(zero, end);
  return `<rect class="${look}" x="${point(from)}" y="${y}" width="${point(Math.max(1, Math.abs(end - zero)))}" height="${height}"/>`;
}

const fractions: Readonly<Record<number, string>> = { 0.125: '⅛', 0.25: '¼', 0.5: '½' };

const tick = (value: number, y: number): string =>
  `<path class="grid" d="M${point(x(value))} ${top - 8}V${y - groupGap + 6}"/>${text(x(value), y + 10, `${fractions[value] ?? value}`, 'pale middle')}`;

const point = (value: number): string => String(Math.round(value * 10) / 10);

const longest = 82;
const shortened = (name: string): string =>
  name.length > longest ? `${name.slice(0, longest - 1).trimEnd()}…` : name;

const text = (at: number, y: number, words: string, look: string): string =>
  `<text x="${point(at)}" y="${y}"${look && ` class="${look}"`}>${escaped(words)}</text>`;

const escaped = (words: string): string =>
  words.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
