// Explains returned mail for `presend bounce FILE.eml` and `presend reply "550 5.1.1 …"`.

import type { BounceClass, Classification } from '../bounce/bounce.ts';
import { classifyReply } from '../bounce/classify.ts';
import { type BounceReport, readReport } from '../bounce/report.ts';
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
        ...wireOf(recipient),
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
      write(explanation(recipient));
    }
  }
  return exitStatus(recipients.map((recipient) => recipient.class));
}

/** Explains one SMTP reply, and returns the exit status. */
export function explainReply(text: string, { json, write }: ReturnedOutput): number {
  const classification = classifyReply(text);
  write(json ? `${JSON.stringify(wireOf(classification))}\n` : explanation(classification));
  return exitStatus([classification.class]);
}

const titles: Readonly<Record<BounceReport['kind'], string>> = {
  dsn: 'A delivery status notification (RFC 3464)',
  arf: 'A complaint or another feedback report (RFC 5965)',
  autoreply: 'An automatic reply (RFC 3834)',
  nonstandard: 'A bounce in a nonstandard format',
  not_a_bounce: 'Not a bounce, complaint or automatic reply',
};

const wireOf = ({ class: bounceClass, reason, status, replyCode, action, advice, rule }: Classification) => ({
  class: bounceClass,
  reason,
  status,
  reply_code: replyCode,
  action,
  advice,
  rule,
});

const explanation = ({
  class: bounceClass,
  reason,
  status,
  replyCode,
  action,
  advice,
  rule,
}: Classification): string =>
  [
    `  ${bounceClass.padEnd(10)} ${reason}`,
    `  code       ${[replyCode, status].filter((code) => code !== null).join(' ') || 'none'}`,
    `  action     ${action}: ${advice}`,
    `  decided by ${rule}`,
    '',
  ].join('\n');

/** 1 if an address should not be mailed again, else 0. */
const exitStatus = (classes: readonly BounceClass[]): number =>
  classes.some((one) => one === 'hard' || one === 'complaint') ? 1 : 0;
