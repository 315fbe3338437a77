// Sends alerts by e-mail over SMTP, on Node. The operator chooses the mail server, so its IP address may be private.

import type { AlertMail, SendAlertMail } from './alert-receivers.ts';

const timeouts = { connectionTimeout: 10_000, greetingTimeout: 10_000, socketTimeout: 30_000 };

/** Sends an e-mail by the mail server of ALERT_SMTP_URL. The cause of a failure contains no address and no text of a reply. */
export const sendAlertMail: SendAlertMail = async ({ smtpUrl, ...mail }) => {
  // Imported only here, because most processes never send mail.
  const { createTransport } = await import('nodemailer');
  const transport = createTransport({
    // The settings of Node always have it.
    url: smtpUrl!,
    ...timeouts,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  try {
    const info = await transport.sendMail(messageOf(mail));
    // If the mail server refused only some of the recipients, the others have got the message, so it is not sent again.
    return info.accepted.length > 0
      ? { kind: 'delivered' }
      : { kind: 'failed', cause: 'no recipient accepted', isFinal: false };
  } catch (error) {
    return { kind: 'failed', cause: causeOf(error), isFinal: false };
  } finally {
    transport.close();
  }
};

const messageOf = ({ id, from, to, subject, text, at }: Omit<AlertMail, 'smtpUrl'>) => ({
  ...{ from, to: [...to], subject, text, date: new Date(at) },
  // The id is the same at every attempt, so a mail server that already has the message can drop the repetition.
  messageId: `<${id}@${from.slice(from.lastIndexOf('@') + 1)}>`,
  // RFC 3834: no out-of-office replies.
  headers: { 'Auto-Submitted': 'auto-generated' },
});

/** Such as `SMTP 535` or `ETIMEDOUT`. */
function causeOf(error: unknown): string {
  const { code, responseCode } = error as { code?: unknown; responseCode?: unknown };
  if (typeof responseCode === 'number') return `SMTP ${responseCode}`;
  return typeof code === 'string' ? code : 'network';
}
