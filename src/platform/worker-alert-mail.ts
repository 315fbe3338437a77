// Sends alerts by e-mail on Workers, by the `send_email` binding of Cloudflare Email Service
// (https://developers.cloudflare.com/email-service/api/send-emails/workers-api/).

import type { SendAlertMail } from './alert-receivers.ts';

/** The part of the binding that this code uses. */
export interface MailBinding {
  send(message: {
    readonly from: string;
    readonly to: string[];
    readonly subject: string;
    readonly text: string;
    readonly headers: Readonly<Record<string, string>>;
  }): Promise<unknown>;
}

/** The cause of a failure contains no address: the messages of errors do, their codes do not. */
export const workerAlertMail =
  (binding: MailBinding): SendAlertMail =>
  async ({ id, from, to, subject, text }) => {
    try {
      await binding.send({
        ...{ from, to: [...to], subject, text },
        // The platform makes the Message-ID itself, so only this header shows that a message came before. RFC 3834: no
        // out-of-office replies.
        headers: { 'Auto-Submitted': 'auto-generated', 'X-Presend-Message': id },
      });
      return { kind: 'delivered' };
    } catch (error) {
      const { code } = error as { code?: unknown };
      const cause = typeof code === 'string' && /^\w+$/.test(code) ? code : 'refused by the binding EMAIL';
      return { kind: 'failed', cause, isFinal: false };
    }
  };
