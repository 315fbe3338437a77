// `presend calibration`: how accurate the predicted bounce probabilities were, from the database of the service.

import type { ProvenAs } from '../address/mailbox-proof.ts';
import { dayMs } from '../durations.ts';
import { calibrationAnswer } from '../http/routes/calibration.ts';
import { type Calibration, readCalibration, type Scored } from '../learning/calibration.ts';
import { answerLabels, provenLabels } from '../learning/proven-labels.ts';
import { counted, groupedCount, percentText } from '../number-text.ts';
import { UsageError } from '../platform/usage-error.ts';
import { createLearningRepository } from '../storage/sqlite/learning-repository.ts';
import { settingsOfEnvironment } from './arguments.ts';
import { defineCommand } from './command.ts';
import { openServiceDatabase } from './service-database.ts';
import { printable } from './terminal.ts';

const defaultDays = 30;
const mostDays = 400;

export const command = defineCommand({
  name: 'calibration',
  summary: 'compare the predicted bounces with what happened',
  about:
    'Compares the predicted bounce probabilities with the deliveries and bounces that followed: overall, and by what was known about the mailboxes. Also says how often mail bounced although the mail host had said that the mailbox exists.',
  options: {
    days: {
      type: 'string',
      value: 'N',
      default: String(defaultDays),
      help: 'outcomes of the last N days (1 to 400)',
    },
    json: { type: 'boolean', help: 'print the answer of GET /v1/reports/calibration' },
  },
  examples: ['presend calibration', 'presend calibration --days 90 --json'],
  async run({ values }) {
    const days = Number(values.days);
    if (!Number.isInteger(days) || days < 1 || days > mostDays)
      throw new UsageError(`--days must be from 1 to ${mostDays}`);
    const { settings } = await settingsOfEnvironment();
    const { sqlite, database } = await openServiceDatabase(settings.databasePath);
    try {
      const today = Math.floor(Date.now() / dayMs) * dayMs;
      const period = { from: today - (days - 1) * dayMs, to: today };
      const calibration = await readCalibration(createLearningRepository(database), period);
      if (values.json) process.stdout.write(`${JSON.stringify(calibrationAnswer(period, calibration))}\n`);
      else process.stdout.write(calibrationText(calibration));
    } finally {
      sqlite.close();
    }
  },
});

export function calibrationText({ total, proofs, answers, drifts }: Calibration): string {
  const lines = [
    total.predicted === null
      ? 'No address with a verdict was mailed in these days, or no provider reported what happened.'
      : `All: ${scoredText(total)}`,
  ];
  for (const { name, ...group } of proofs)
    lines.push(`${provenLabels[(name as ProvenAs | null) ?? 'none'] ?? name}: ${scoredText(group)}`);
  for (const { told, mailed, bounced } of answers)
    lines.push(
      `Mail hosts answered “${answerLabels[told] ?? told}”: ${groupedCount(mailed)} mailed, ${groupedCount(bounced)} bounced (${percentText(bounced / Math.max(1, mailed))})`,
    );
  lines.push(...drifts.map(({ message }) => message));
  return lines.map((line) => `${printable(line)}\n`).join('');
}

const scoredText = ({ outcomes, observed, predicted }: Scored): string =>
  `${counted(outcomes, 'message')}, ${percentText(predicted?.mean ?? 0)} predicted, ${percentText(observed)} bounced`;
