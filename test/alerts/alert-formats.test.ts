// What the receivers of alerts are sent, by their kind.

import { expect, test } from 'vitest';
import type { Alert } from '../../src/alerts/alert.ts';
import {
  alertMailText,
  alertSubject,
  signedAlertBody,
  slackAlertBody,
  teamsAlertBody,
} from '../../src/alerts/alert-formats.ts';
import { alertUrlName, parseAlertUrl, splitAlertUrls } from '../../src/alerts/alert-targets.ts';
import { parseQuietHours, quietHoursIn } from '../../src/alerts/quiet-hours.ts';

const alert: Alert = {
  key: 'incident:inc_1:open:1',
  thread: 'incident:inc_1',
  kind: 'incident_opened',
  severity: 'warning',
  title: 'gmail <refuses> 3 & more.\nReally.',
  advice: 'Send less.',
  details: { messages: 3 },
  at: Date.UTC(2026, 10, 20, 12),
};
const worse: Alert = { ...alert, key: 'b', severity: 'critical', title: 'Many refuse.', advice: null };
const message = { id: 'alert_1', createdAt: Date.UTC(2026, 10, 20, 12, 2), alerts: [alert, worse] };

test('the subject is the worst alert, in one line', () => {
  expect(alertSubject(message)).toBe('Many refuse. (1 of 2 alerts)');
  expect(alertSubject({ ...message, alerts: [alert] })).toBe('gmail <refuses> 3 & more. Really.');
});

test('signed: each alert with its id and figures', () => {
  expect(signedAlertBody(message)).toMatchObject({
    type: 'alert.raised',
    timestamp: '2026-11-20T12:02:00.000Z',
    data: {
      alerts: [{ id: 'incident:inc_1:open:1', severity: 'warning', details: { messages: 3 } }, { id: 'b' }],
    },
  });
});

test('Slack: a text for notifications, and plain text that is no markup', () => {
  expect(slackAlertBody({ ...message, alerts: [alert] })).toEqual({
    text: 'gmail &lt;refuses&gt; 3 &amp; more. Really.',
    blocks: [
      {
        type: 'section',
        text: { type: 'plain_text', text: '🟠 gmail <refuses> 3 & more.\nReally.\nSend less.', emoji: true },
      },
    ],
  });
});

test('Teams: one Adaptive Card whose text is no Markdown', () => {
  expect(teamsAlertBody({ ...message, alerts: [worse] })).toEqual({
    type: 'message',
    attachments: [
      {
        contentType: 'application/vnd.microsoft.card.adaptive',
        contentUrl: null,
        content: {
          $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
          type: 'AdaptiveCard',
          version: '1.4',
          body: [
            {
              type: 'RichTextBlock',
              inlines: [{ type: 'TextRun', text: 'Many refuse.', weight: 'bolder', color: 'attention' }],
            },
          ],
        },
      },
    ],
  });
});

test('a flood of long alerts stays within the limits of chat tools', () => {
  const long = { ...alert, title: 't'.repeat(5000), advice: 'a'.repeat(5000) };
  const flood = { ...message, alerts: Array.from({ length: 100 }, () => long) };
  const slack = slackAlertBody(flood) as { blocks: { text: { text: string } }[] };
  expect(slack.blocks.length).toBeLessThanOrEqual(50);
  expect(Math.max(...slack.blocks.map(({ text }) => text.text.length))).toBeLessThanOrEqual(3000);
  expect(slack.blocks.at(-1)!.text.text).toContain('And 80 more');
  expect(Buffer.byteLength(JSON.stringify(teamsAlertBody(flood)))).toBeLessThan(28_000);
  expect(alertMailText(flood)).toContain('And 80 more');
});

test.each([
  ['https://hooks.slack.com/services/T0/B0/x', 'slack'],
  ['https://example.webhook.office.com/webhookb2/x', 'teams'],
  ['https://prod-1.westeurope.logic.azure.com:443/workflows/x', 'teams'],
  ['https://env.x.environment.api.powerplatform.com:443/powerautomate/x', 'teams'],
  ['https://hooks.slack.com.evil.example/x', 'signed'],
  ['https://alerts.example.com/x', 'signed'],
  ['slack+https://chat.example.com/hooks/x', 'slack'],
  ['signed+https://hooks.slack.com/x', 'signed'],
])('%s is %s', (text, format) => {
  expect(parseAlertUrl(text)?.format).toBe(format);
});

test('what is no URL is refused, and a name shows no secret', () => {
  expect(['ftp://example.com', 'discord+https://example.com', 'example.com'].map(parseAlertUrl)).toEqual([
    null,
    null,
    null,
  ]);
  expect(alertUrlName(parseAlertUrl('https://hooks.slack.com/services/secret')!)).toBe(
    'slack hooks.slack.com',
  );
  expect(splitAlertUrls('https://a.example/x?b=1,2, slack+https://c.example/y\nhttps://d.example')).toEqual([
    'https://a.example/x?b=1,2',
    'slack+https://c.example/y',
    'https://d.example',
  ]);
});

test('quiet hours are those of the time zone, also where the clocks change', () => {
  const at = (text: string) => Date.parse(text);
  const night = quietHoursIn('Europe/Berlin', parseQuietHours('22-7:30'));
  expect(night(at('2026-07-01T20:00:00Z'))).toBe(true);
  expect(night(at('2026-07-01T05:29:00Z'))).toBe(true);
  expect(night(at('2026-07-01T05:30:00Z'))).toBe(false);
  // Winter time since 25 October 2026.
  expect(night(at('2026-11-01T06:29:00Z'))).toBe(true);
  expect(night(at('2026-11-01T20:59:00Z'))).toBe(false);
  const noon = quietHoursIn('UTC', parseQuietHours('12:00-13:00'));
  expect(
    [at('2026-11-01T11:59:00Z'), at('2026-11-01T12:00:00Z'), at('2026-11-01T13:00:00Z')].map(noon),
  ).toEqual([false, true, false]);
  expect(['22:00', '25-7', '22:61-7', '7-7', '00:00-24:00', 'night'].map(parseQuietHours)).toEqual(
    Array(6).fill(null),
  );
});
