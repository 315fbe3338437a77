// What the calibration report and its page say about proofs of the mailbox and the answers of mail hosts.

import { expect, test } from 'vitest';
import { calibrationText } from '../../src/cli/calibration.ts';
import { predictions } from '../../src/http/pages/report-predictions.ts';
import { calibrationAnswer } from '../../src/http/routes/calibration.ts';
import { readCalibration } from '../../src/learning/calibration.ts';

const day = 20_000;
const period = { from: day * 86_400_000, to: day * 86_400_000 };

const sums = (proof: string, outcomes: number, bounces: number, p: number) => ({
  ...{ provider: 'other', source: '', proof, p_bin: 0, q_bin: 0, outcomes, bounces },
  ...{ p: p * outcomes, q: p * outcomes, p_square: p * p * outcomes, q_square: p * p * outcomes },
  ...{ p_bounced: p * bounces, q_bounced: p * bounces, p_log_loss: 1, q_log_loss: 1 },
});
const calibration = (rows: ReturnType<typeof sums>[]) =>
  readCalibration(
    {
      calibration: async () => rows,
      proofOutcomes: async (from, to) =>
        from === day && to === day
          ? [
              { told: 'exists', mailed: 1500, bounced: 12 },
              { told: 'catch_all', mailed: 0, bounced: 0 },
            ]
          : [],
    },
    period,
  );
const some = [
  sums('none', 900, 9, 0.008),
  sums('smtp_exists', 600, 3, 0.004),
  sums('engaged', 500, 0, 0.002),
];

test('the report has a group for each proof, and what became of each answer of a mail host', async () => {
  const answer = calibrationAnswer(period, await calibration(some));
  expect(answer.proofs.map(({ name, outcomes, bounces }) => [name, outcomes, bounces])).toEqual([
    [null, 900, 9],
    ['smtp_exists', 600, 3],
    ['engaged', 500, 0],
  ]);
  expect(answer.answers).toEqual([
    { proof: 'exists', mailed: 1500, bounced: 12, rate: 0.008 },
    { proof: 'catch_all', mailed: 0, bounced: 0, rate: 0 },
  ]);
});

test('the page shows both, and the answers even if no verdict was predicted', async () => {
  const page = String(await predictions(await calibration(some)));
  expect(page).toContain('<tr><th>The host says it exists</th><td>600</td><td>0.40%</td><td>0.50%</td></tr>');
  expect(page).toContain('<tr><th>It exists</th><td>1,500</td><td>12 (0.80%)</td></tr>');
  const withoutPredictions = String(await predictions(await calibration([])));
  expect(withoutPredictions).toContain('12 (0.80%)');
  expect(withoutPredictions).not.toContain('Brier');
});

test('without any proof the page says nothing of proofs', async () => {
  const page = String(await predictions({ ...(await calibration([some[0]!])), answers: [] }));
  expect(page).not.toContain('known about the mailbox');
  expect(page).not.toContain('mail hosts');
});

test('the command prints one line for each', async () => {
  expect(calibrationText(await calibration(some)).split('\n')).toEqual([
    'All: 2,000 messages, 0.53% predicted, 0.60% bounced',
    'Nothing: 900 messages, 0.80% predicted, 1.00% bounced',
    'The host says it exists: 600 messages, 0.40% predicted, 0.50% bounced',
    'The person opened, clicked or replied: 500 messages, 0.20% predicted, 0.00% bounced',
    'Mail hosts answered “It exists”: 1,500 mailed, 12 bounced (0.80%)',
    'Mail hosts answered “Any name is accepted”: 0 mailed, 0 bounced (0.00%)',
    '',
  ]);
});
