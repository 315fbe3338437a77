// Notifications of Amazon SES that Amazon SNS sends by e-mail. The body is a JSON document.

import type { BounceFormat, FoundRecipient } from './format.ts';

interface Notification {
  readonly notificationType?: unknown;
  readonly eventType?: unknown;
  readonly bounce?: { readonly bouncedRecipients?: unknown };
  readonly delivery?: { readonly recipients?: unknown };
  readonly complaint?: { readonly complainedRecipients?: unknown };
}

export const amazonSesNotification: BounceFormat = {
  name: 'amazon ses',
  read({ text }) {
    const start = text.indexOf('{');
    if (start === -1 || !/"(?:notificationType|eventType)"/.test(text)) return [];
    const notification = json(text.slice(start));
    if (notification === null) return [];
    const type = notification.notificationType ?? notification.eventType;
    if (type === 'Complaint')
      return people(notification.complaint?.complainedRecipients).map(({ address }) => ({
        address,
        diagnostic: 'complaint',
        reason: 'feedback',
      }));
    if (type === 'Delivery')
      return addresses(notification.delivery?.recipients).map((address) => ({
        address,
        diagnostic: 'delivery',
        reason: 'delivered',
      }));
    return type === 'Bounce' ? people(notification.bounce?.bouncedRecipients) : [];
  },
};

/**
 * Parses the document. SNS wraps long lines and adds a footer, so line breaks and any text after the last brace are
 * removed first.
 */
function json(text: string): Notification | null {
  const footer = text.search(/\r?\n--\s*\r?\n/);
  const document = (footer === -1 ? text : text.slice(0, footer)).replace(/\r?\n ?/g, '');
  try {
    return JSON.parse(document.slice(0, document.lastIndexOf('}') + 1)) as Notification;
  } catch {
    return null;
  }
}

const addresses = (list: unknown): string[] =>
  Array.isArray(list) ? list.filter((one) => typeof one === 'string') : [];

function people(list: unknown): FoundRecipient[] {
  if (!Array.isArray(list)) return [];
  return list.flatMap(
    (one: { emailAddress?: unknown; diagnosticCode?: unknown; status?: unknown } | null) => {
      if (typeof one?.emailAddress !== 'string') return [];
      const diagnostic = [one.diagnosticCode, one.status]
        .filter((part) => typeof part === 'string')
        .join(' ');
      return [{ address: one.emailAddress, diagnostic }];
    },
  );
}
