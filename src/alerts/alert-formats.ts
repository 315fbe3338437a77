// The bodies of messages with alerts: the signed webhook, chat tools, and e-mail.

import { minuteName } from '../calendar.ts';
import { type Alert, type AlertSeverity, textBeforeRecord, whereRecordsAre } from './alert.ts';
import type { AlertMessage } from './alert-outbox.ts';

export type AlertFormat = 'signed' | 'slack' | 'teams';

/** Maximum number of alerts that a message for people shows. The message only gives the number of the others. */
const mostShown = 20;
/**
 * Maximum characters of a title or an advice in a message to a chat tool. Slack accepts 3,000 in a block, Teams about 28 KB in
 * all.
 */
const longestText = 500;

/**
 * Cuts a long text. A DNS record to publish is never cut, because a part of it is useless: the text then says where to find the
 * record.
 */
function cut(text: string): string {
  if (text.length <= longestText) return text;
  const before = textBeforeRecord(text);
  const where = before === text ? '' : ` ${whereRecordsAre}`;
  const room = longestText - where.length;
  return `${before.length <= room ? before : `${before.slice(0, room - 1)}…`}${where}`.trim();
}

/** Such as `Mail to gmail is refused. (1 of 3 alerts)`, in one line. */
export function alertSubject({ alerts }: AlertMessage): string {
  const first = alerts.find(({ severity }) => severity === worstOf(alerts))!;
  const title = cut(first.title.replaceAll(/\s+/g, ' '));
  return alerts.length === 1 ? title : `${title} (1 of ${alerts.length} alerts)`;
}

const ranks: Readonly<Record<AlertSeverity, number>> = { info: 0, warning: 1, critical: 2 };

const worstOf = (alerts: readonly Alert[]): AlertSeverity =>
  alerts.reduce<AlertSeverity>(
    (worst, { severity }) => (ranks[severity] > ranks[worst] ? severity : worst),
    'info',
  );

const moreText = (alerts: readonly Alert[]): string | null =>
  alerts.length > mostShown
    ? `And ${alerts.length - mostShown} more: see GET /v1/alerts or "presend alerts list".`
    : null;

/** The body of the webhook `alert.raised`. */
export const signedAlertBody = ({ createdAt, alerts }: AlertMessage): object => ({
  type: 'alert.raised',
  timestamp: new Date(createdAt).toISOString(),
  data: { alerts: alerts.map(alertJson) },
});

/** An alert as the API and the webhook write it. */
export const alertJson = ({ kind, severity, title, advice, details, at, key }: Alert) => ({
  ...{ id: key, kind, severity, title, advice },
  at: new Date(at).toISOString(),
  details,
});

const marks: Readonly<Record<AlertSeverity, string>> = { info: '🟢', warning: '🟠', critical: '🔴' };

/** Slack reads these three characters as markup (https://docs.slack.dev/messaging/formatting-message-text). */
const escapedForSlack = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

/**
 * The body for an incoming webhook of Slack, which Mattermost, Rocket.Chat and Discord (at /slack) also take: `text` is what
 * notifications show, `blocks` the message (https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks).
 */
export function slackAlertBody(message: AlertMessage): object {
  const plain = (text: string) => ({ type: 'section', text: { type: 'plain_text', text, emoji: true } });
  const more = moreText(message.alerts);
  return {
    text: escapedForSlack(alertSubject(message)),
    blocks: [
      ...message.alerts
        .slice(0, mostShown)
        .map(({ severity, title, advice }) =>
          plain([`${marks[severity]} ${cut(title)}`, ...(advice === null ? [] : [cut(advice)])].join('\n')),
        ),
      ...(more === null ? [] : [plain(more)]),
    ],
  };
}

/** Text of a card that is not read as Markdown (https://adaptivecards.io/explorer/TextRun.html). */
const cardText = (text: string, look: object = {}): object => ({
  type: 'RichTextBlock',
  inlines: [{ type: 'TextRun', text, ...look }],
});

const cardColors: Readonly<Record<AlertSeverity, string>> = {
  info: 'good',
  warning: 'warning',
  critical: 'attention',
};

/**
 * The body for a webhook of Teams, made by a workflow: a message with one Adaptive Card
 * (https://learn.microsoft.com/en-us/microsoftteams/platform/webhooks-and-connectors/how-to/connectors-using).
 */
export function teamsAlertBody({ alerts }: AlertMessage): object {
  const more = moreText(alerts);
  const content = {
    $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
    type: 'AdaptiveCard',
    version: '1.4',
    body: [
      ...alerts
        .slice(0, mostShown)
        .flatMap(({ severity, title, advice }) => [
          cardText(cut(title), { weight: 'bolder', color: cardColors[severity] }),
          ...(advice === null ? [] : [cardText(cut(advice))]),
        ]),
      ...(more === null ? [] : [cardText(more)]),
    ],
  };
  return {
    type: 'message',
    attachments: [{ contentType: 'application/vnd.microsoft.card.adaptive', contentUrl: null, content }],
  };
}

export const alertBodies: Readonly<Record<AlertFormat, (message: AlertMessage) => object>> = {
  signed: signedAlertBody,
  slack: slackAlertBody,
  teams: teamsAlertBody,
};

/** The text of an e-mail. */
export function alertMailText({ alerts }: AlertMessage): string {
  const paragraphs = alerts
    .slice(0, mostShown)
    .map(({ at, severity, title, advice }) =>
      [`${minuteName(at)} UTC, ${severity}`, title, ...(advice === null ? [] : [advice])].join('\n'),
    );
  const more = moreText(alerts);
  return `${[...paragraphs, ...(more === null ? [] : [more])].join('\n\n')}\n\n-- \nSent by presend.\n`;
}
