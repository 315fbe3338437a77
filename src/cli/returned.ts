// Explains returned mail for `presend bounce FILE.eml` and `presend reply "550 5.1.1 …"`.

import type { BounceClass, Classification } from '../bounce/bounce.ts';
import { classifyReply } from '../bounce/classify.ts';
import { type BounceReport, readReport } from '../bounce/report.ts';
import { type RetryAdvice, retryAdvice } from '../bounce/retry-advice.ts';
import { retryJson } from '../http/retry-fields.ts';
import { printable } from './terminal.ts';

export interface ReturnedOutput {
  readonly json: boolean;
  readonly write: (text: string) => void;
}

/** Explains a whole message, and returns the exit status. */
export async function explainReport(raw: Uint8Array, { json, write }: ReturnedOutput): Promise<number> {
  const report = await readReport(raw);
  const { kind, format, recipients, originalMessageId, feedbackType } = report;
  if (json) {
    const wire = {
      kind,
      format,
      original_message_id: originalMessageId,
      feedback_type: feedbackType,
      recipients: recipients.map((recipient) => ({
        email: recipient.originalAddress ?? recipient.address,
        ...wireOf(recipient, recipient.diagnostic),
        diagnostic: recipient.diagnostic,
      })),
    };
    write(`${JSON.stringify(wire)}\n`);
  } else {
    write(`${titles[kind]}${format === null ? '' : ` (${format})`}\n`);
    for (const recipient of recipients) {
      write(
        `\n${printable(recipient.originalAddress ?? recipient.address ?? 'unknown recipient: the message does not name one')}\n`,
      );
      write(explanation(recipient, recipient.diagnostic));
    }
  }
  return exitStatus(recipients.map((recipient) => recipient.class));
}

/** Explains one SMTP reply, and returns the exit status. */
export function explainReply(text: string, { json, write }: ReturnedOutput): number {
  const classification = classifyReply(text);
  write(json ? `${JSON.stringify(wireOf(classification, text))}\n` : explanation(classification, text));
  return exitStatus([classification.class]);
}

const titles: Readonly<Record<BounceReport['kind'], string>> = {
  dsn: 'A delivery status notification (RFC 3464)',
  arf: 'A complaint or another feedback report (RFC 5965)',
  autoreply: 'An automatic reply (RFC 3834)',
  nonstandard: 'A bounce in a nonstandard format',
  not_a_bounce: 'Not a bounce, complaint or automatic reply',
};

const retryOf = (classification: Classification, reply: string | null): RetryAdvice | null =>
  retryAdvice({ ...classification, reply, provider: null }, null);

const wireOf = (classification: Classification, reply: string | null) => {
  const { class: bounceClass, reason, status, replyCode, action, advice, rule } = classification;
  return {
    class: bounceClass,
    reason,
    status,
    reply_code: replyCode,
    action,
    advice,
    ...retryJson(retryOf(classification, reply)),
    rule,
  };
};

function explanation(classification: Classification, reply: string | null): string {
  const { class: bounceClass, reason, status, replyCode, action, advice, rule } = classification;
  const retry = retryOf(classification, reply);
  return [
    `  ${bounceClass.padEnd(10)} ${reason}`,
    `  code       ${[replyCode, status].filter((code) => code !== null).join(' ') || 'none'}`,
    `  action     ${action}: ${advice}`,
    ...(retry === null || retry.after === null
      ? []
      : [
          `  retry      after ${duration(retry.after)}, up to ${retry.retries} times within ${duration(retry.within!)}`,
        ]),
    `  decided by ${rule}`,
    '',
  ].join('\n');
}

const duration = (seconds: number): string =>
  seconds >= 7200
    ? `${Number((seconds / 3600).toFixed(1))} hours`
    : seconds >= 120
      ? `${Number((seconds / 60).toFixed(1))} minutes`
      : `${seconds} seconds`;

/** 1 if an address should not be mailed again, else 0. */
const exitStatus = (classes: readonly BounceClass[]): number =>
  classes.some((one) => one === 'hard' || one === 'complaint') ? 1 : 0;
