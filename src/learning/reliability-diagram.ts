// Draws the reliability diagram: the predicted probability of a bounce on the x axis, the observed bounce rate on the
// y axis. The dots of good predictions lie on the diagonal.

import type { Bin, Scored } from './calibration.ts';

const size = 300;
const margin = { left: 44, bottom: 40, top: 12, right: 12 };

/**
 * Returns an SVG element for a page, without scripts or references. Each dot is a bin, and its area grows with the
 * number of outcomes. Filled dots are the predictions, hollow dots those of the prior alone. Both axes show the
 * square root, because most probabilities are small.
 */
export function reliabilityDiagram({ outcomes, predicted, prior }: Scored): string {
  const width = margin.left + size + margin.right;
  const height = margin.top + size + margin.bottom;
  const dots = [
    ...(prior?.bins ?? []).map((bin) => dot(bin, outcomes, 'none')),
    ...(predicted?.bins ?? []).map((bin) => dot(bin, outcomes, '#3b82f6')),
  ];
  return [
    `<svg viewBox="0 0 ${width} ${height}" width="${width}" role="img" font-family="system-ui, sans-serif" font-size="11" fill="currentColor">`,
    '<title>Reliability: predicted chance of a bounce against the share that bounced</title>',
    ...ticks.map(
      (tick) =>
        `<path d="M${x(tick)} ${y(0)}V${y(1)}M${x(0)} ${y(tick)}H${x(1)}" stroke="currentColor" stroke-opacity="0.15"/>` +
        `<text x="${x(tick)}" y="${y(0) + 14}" text-anchor="middle">${tick * 100}%</text>` +
        `<text x="${x(0) - 5}" y="${y(tick) + 4}" text-anchor="end">${tick * 100}%</text>`,
    ),
    `<path d="M${x(0)} ${y(0)}L${x(1)} ${y(1)}" stroke="currentColor" stroke-opacity="0.5" stroke-dasharray="4 3"/>`,
    ...dots,
    `<text x="${x(0.25)}" y="${height - 6}" text-anchor="middle">predicted</text>`,
    `<text transform="translate(10 ${y(0.25)}) rotate(-90)" text-anchor="middle">bounced</text>`,
    '</svg>',
  ].join('');
}

const ticks = [0, 0.05, 0.25, 0.5, 1];

const place = (value: number): number => Math.round(size * Math.sqrt(Math.min(Math.max(value, 0), 1)));
const x = (value: number): number => margin.left + place(value);
const y = (value: number): number => margin.top + size - place(value);

function dot({ from, to, outcomes, predicted, observed }: Bin, all: number, fill: string): string {
  const radius = Math.max(2.5, 14 * Math.sqrt(outcomes / all)).toFixed(1);
  const words = `${share(from)} to ${share(to)}: ${share(predicted)} predicted, ${share(observed)} of ${outcomes} bounced`;
  return (
    `<circle cx="${x(predicted)}" cy="${y(observed)}" r="${radius}" fill="${fill}" fill-opacity="0.75" ` +
    `stroke="${fill === 'none' ? 'currentColor' : fill}"><title>${words}</title></circle>`
  );
}

const share = (value: number): string => `${(value * 100).toFixed(1)}%`;
