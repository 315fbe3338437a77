// `presend gate`: whether a campaign may be sent now, from the database of the service.

import { gateJson } from '../http/routes/gate.ts';
import { UsageError } from '../platform/usage-error.ts';
import { createGate } from '../reports/gate/gate.ts';
import { espPreset } from '../reports/gate/presets.ts';
import type { GateAnswer, GatePurpose } from '../reports/gate/question.ts';
import { createEventCounter } from '../storage/sqlite/event-counter.ts';
import { createGateRepository } from '../storage/sqlite/gate-repository.ts';
import { createIncidentRepository } from '../storage/sqlite/incident-repository.ts';
import { createReplyLimitRepository } from '../storage/sqlite/reply-limit-repository.ts';
import { settingsOfEnvironment } from './arguments.ts';
import { defineCommand, jsonOption } from './command.ts';
import { openServiceDatabase } from './service-database.ts';
import { printable } from './terminal.ts';

export const command = defineCommand({
  name: 'gate',
  operands: 'CAMPAIGN',
  summary: 'ask whether a campaign may be sent now, and how fast',
  about:
    'Answers go, slow or stop from the delivery events of the service. Ask before a campaign is sent, and again before each part of it. The DNS records of the sender are not checked here: see presend preflight.',
  options: {
    purpose: {
      type: 'string',
      choices: ['marketing', 'transactional'],
      value: 'PURPOSE',
      default: 'marketing',
      help: 'the kind of mail; where marketing mail must stop, transactional mail may only have to be sent more slowly',
    },
    list: { type: 'string', value: 'NAME', help: 'the mailing list, as the events name it' },
    forecast: {
      type: 'string',
      value: 'SHARE',
      help: 'the expected share of hard bounces, such as 0.02 (presend clean prints it)',
    },
    planned: {
      type: 'integer',
      value: 'MESSAGES',
      range: [1, 1_000_000_000],
      help: 'how many messages are still to be sent',
    },
    ...jsonOption,
  },
  exit: '0 for go, 3 for slow, 1 for stop.',
  examples: ['presend gate spring', 'presend gate spring --list newsletter --json'],
  async run({ operands: [campaign, ...others], values }) {
    if (campaign === undefined || others.length > 0)
      throw new UsageError('gate needs one campaign, such as spring');
    const { settings } = await settingsOfEnvironment();
    const { sqlite, database } = await openServiceDatabase(settings.databasePath);
    try {
      const answer = await createGate({
        repository: createGateRepository(database),
        replyLimits: createReplyLimitRepository(database),
        counter: createEventCounter(database),
        incidents: createIncidentRepository(database),
        senderFaults: async () => null,
        profile: settings.listProfile,
        account: espPreset(settings.espPreset)?.limits ?? null,
        now: Date.now,
        newId: () => `gate_${crypto.randomUUID()}`,
        bodyOf: null,
        tell: () => {},
      }).peek({
        campaign,
        purpose: values.purpose as GatePurpose,
        fromDomain: null,
        list: values.list ?? null,
        forecast: forecastOption(values.forecast),
        planned: values.planned ?? null,
        firstSentAt: null,
      });
      process.stdout.write(values.json ? `${JSON.stringify(gateJson(answer))}\n` : answerText(answer));
      process.exitCode = { go: 0, slow: 3, stop: 1 }[answer.decision];
    } finally {
      sqlite.close();
    }
  },
});

function forecastOption(text: string | undefined) {
  if (text === undefined) return null;
  const hard = Number(text);
  if (text.trim() === '' || !(hard >= 0 && hard <= 1))
    throw new UsageError('--forecast must be a share such as 0.02');
  return { hard, catchAll: null };
}

function answerText({ decision, reasons, limits, until }: GateAnswer): string {
  const lines = [
    `${decision}, until ${new Date(until).toISOString().slice(0, 16)}Z`,
    ...reasons.map(({ decision: asks, code, message }) => `  ${asks.padEnd(4)}  ${code}: ${message}`),
    ...limits.map(
      ({ provider, perHour }) => `  at most ${perHour} messages an hour to ${provider ?? 'other mail hosts'}`,
    ),
  ];
  return lines.map((line) => `${printable(line)}\n`).join('');
}
