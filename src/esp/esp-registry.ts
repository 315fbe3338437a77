// The adapters of all supported email service providers (ESPs).

import { amazonSes } from './amazon-ses.ts';
import { azureCommunication } from './azure-communication.ts';
import { brevo } from './brevo.ts';
import { elasticEmail } from './elastic-email.ts';
import type { EspAdapter } from './esp-adapter.ts';
import { mailersend } from './mailersend.ts';
import { mailgun } from './mailgun.ts';
import { mailjet } from './mailjet.ts';
import { mailpace } from './mailpace.ts';
import { mailtrap } from './mailtrap.ts';
import { mandrill } from './mandrill.ts';
import { postal } from './postal.ts';
import { postmark } from './postmark.ts';
import { resend } from './resend.ts';
import { sendgrid } from './sendgrid.ts';
import { smtp2go } from './smtp2go.ts';
import { socketlabs } from './socketlabs.ts';
import { sparkpost } from './sparkpost.ts';
import { standardWebhooks } from './standard-webhooks.ts';
import { sweego } from './sweego.ts';
import { unisenderGo } from './unisender-go.ts';
import { zeptomail } from './zeptomail.ts';

export const espAdapters: readonly EspAdapter[] = [
  amazonSes,
  azureCommunication,
  brevo,
  elasticEmail,
  mailersend,
  mailgun,
  mailjet,
  mailpace,
  mailtrap,
  mandrill,
  postal,
  postmark,
  resend,
  sendgrid,
  smtp2go,
  socketlabs,
  sparkpost,
  standardWebhooks,
  sweego,
  unisenderGo,
  zeptomail,
];

const byName = new Map(espAdapters.map((adapter) => [adapter.name, adapter]));

/** Returns the adapter with this `name`; undefined if there is none. */
export const espAdapterNamed = (name: string): EspAdapter | undefined => byName.get(name);
