// The reliability diagram: where its dots stand, and that it needs nothing from elsewhere.

import { expect, test } from 'vitest';
import type { Score } from '../../src/learning/calibration.ts';
import { reliabilityDiagram } from '../../src/learning/reliability-diagram.ts';

const score = (predicted: number, observed: number): Score => ({
  brier: 0,
  logLoss: 0,
  ece: 0,
  mean: predicted,
  bins: [{ from: 0.2, to: 0.3, outcomes: 100, predicted, observed }],
});

const diagram = reliabilityDiagram({
  outcomes: 100,
  bounces: 25,
  observed: 0.25,
  predicted: score(0.25, 0.25),
  prior: score(0.25, 1),
});

test('a prediction that is right stands on the diagonal, one that is too low above it', () => {
  const [, prior, told] = /(<circle[^>]*>).*(<circle[^>]*>)/.exec(diagram)!;
  // Half of 300 pixels, since both axes grow with the square root; 44 on the left and 12 at the top stand free.
  expect(told).toContain('cx="194" cy="162"');
  expect(prior).toContain('cx="194" cy="12"');
});

test('it is words for who cannot see it, and neither script nor reference', () => {
  expect(diagram).toContain('role="img"');
  expect(diagram).toContain('25.0% predicted, 25.0% of 100 bounced');
  expect(diagram).not.toMatch(/script|href|url\(|style=/);
});

test('without outcomes it is empty axes', () => {
  const empty = { outcomes: 0, bounces: 0, observed: 0, predicted: null, prior: null };
  expect(reliabilityDiagram(empty)).not.toContain('circle');
});
