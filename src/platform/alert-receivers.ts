// The receivers of alerts in the settings: webhooks and e-mail.

import { alertBodies, alertMailText, alertSubject } from '../alerts/alert-formats.ts';
import { type AlertUrl, alertUrlName } from '../alerts/alert-targets.ts';
import type { AlertTarget } from '../alerts/alerts.ts';
import { sha256Hex } from '../webhooks/crypto.ts';
import { type DeliveryAttempt, type DeliveryPorts, deliverWebhook, postJson } from '../webhooks/delivery.ts';
import type { AlertMailSettings, AlertSettings } from './alert-settings.ts';

export interface AlertMail extends AlertMailSettings {
  /** The same at every attempt. */
  readonly id: string;
  readonly subject: string;
  readonly text: string;
  /** Epoch milliseconds. */
  readonly at: number;
}

export type SendAlertMail = (mail: AlertMail) => Promise<DeliveryAttempt>;

export interface AlertReceiverPorts extends Omit<DeliveryPorts, 'secret'> {
  /** The secret that signs webhooks; null if no receiver needs it. */
  readonly secret: DeliveryPorts['secret'] | null;
  /** Absent if the runtime cannot send mail. */
  readonly sendMail?: SendAlertMail | undefined;
}

/** The id of a receiver in the database, from which its URL or address cannot be read. */
const idOf = (kind: string, setting: string): string => sha256Hex(`${kind} ${setting}`).slice(0, 24);

export function alertReceivers({ urls, mail }: AlertSettings, ports: AlertReceiverPorts): AlertTarget[] {
  const receivers = urls.map((url) => urlReceiver(url, ports));
  const { sendMail } = ports;
  return mail === null || sendMail === undefined ? receivers : [...receivers, mailReceiver(mail, sendMail)];
}

function urlReceiver(target: AlertUrl, { secret, ...ports }: AlertReceiverPorts): AlertTarget {
  const { url, format } = target;
  return {
    id: idOf(format, url),
    name: alertUrlName(target),
    send: (message) => {
      const body = JSON.stringify(alertBodies[format](message));
      return format === 'signed'
        ? deliverWebhook({ url, id: message.id, body }, { ...ports, secret: secret! })
        : postJson({ url, body }, ports);
    },
  };
}

function mailReceiver(mail: AlertMailSettings, sendMail: SendAlertMail): AlertTarget {
  return {
    id: idOf('email', mail.to.join(',')),
    name: `email ${mail.smtpUrl === null ? 'Cloudflare' : new URL(mail.smtpUrl).host}`,
    send: (message) =>
      sendMail({
        ...mail,
        id: message.id,
        subject: alertSubject(message),
        text: alertMailText(message),
        at: message.createdAt,
      }),
  };
}
