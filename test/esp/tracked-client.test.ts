// What each provider tells about who opened a message or clicked a link: a person, or a machine that opens everything.

import { expect, test } from 'vitest';
import type { CrmSettings } from '../../src/crm/crm-adapter.ts';
import { klaviyo } from '../../src/crm/klaviyo.ts';
import { amazonSes } from '../../src/esp/amazon-ses.ts';
import { brevo } from '../../src/esp/brevo.ts';
import type { EspAdapter } from '../../src/esp/esp-adapter.ts';
import { mailersend } from '../../src/esp/mailersend.ts';
import { mailgun } from '../../src/esp/mailgun.ts';
import { mailjet } from '../../src/esp/mailjet.ts';
import { mailtrap } from '../../src/esp/mailtrap.ts';
import { mandrill } from '../../src/esp/mandrill.ts';
import { postal } from '../../src/esp/postal.ts';
import { postmark } from '../../src/esp/postmark.ts';
import { resend } from '../../src/esp/resend.ts';
import { sendgrid } from '../../src/esp/sendgrid.ts';
import { smtp2go } from '../../src/esp/smtp2go.ts';
import { sparkpost } from '../../src/esp/sparkpost.ts';
import { standardWebhooks } from '../../src/esp/standard-webhooks.ts';
import { sweego } from '../../src/esp/sweego.ts';
import { unisenderGo } from '../../src/esp/unisender-go.ts';
import { isByPerson } from '../../src/events/by-person.ts';
import { eventIn, eventsIn } from './reading.ts';
import { json, request } from './signing.ts';

const recipient = 'jane@example.net';
const browser = 'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko)';
const apple = 'Mozilla/5.0';

const form = (fields: Record<string, string>) =>
  request(new URLSearchParams(fields).toString(), { 'content-type': 'application/x-www-form-urlencoded' });

const sendgridOf = (event: object) => [{ email: recipient, timestamp: 1, ...event }];
const mailgunOf = (event: string, client: object) => ({
  'event-data': { event, recipient, id: '1', timestamp: 1, 'client-info': client },
});
const sparkpostOf = (event: object) => [
  { msys: { track_event: { rcpt_to: recipient, event_id: '1', ...event } } },
];
const sesOf = (eventType: string, field: string, details: object) => ({
  Type: 'Notification',
  MessageId: '1',
  Message: JSON.stringify({ eventType, [field]: details, mail: { destination: [recipient] } }),
});
const postalOf = (event: string, userAgent: string) => ({
  event,
  uuid: '1',
  payload: { user_agent: userAgent, message: { to: recipient, direction: 'outgoing' } },
});
const unisenderOf = (status: string, userAgent: string) => ({
  events_by_user: [
    {
      events: [
        {
          event_name: 'transactional_email_status',
          event_data: { email: recipient, status, delivery_info: { user_agent: userAgent } },
        },
      ],
    },
  ],
});

/** The adapter, a body, and whether a person opened or clicked. */
test.each<[EspAdapter, unknown, boolean]>([
  [sendgrid, sendgridOf({ event: 'open', useragent: browser, sg_machine_open: false }), true],
  [sendgrid, sendgridOf({ event: 'open', sg_machine_open: false }), true],
  [sendgrid, sendgridOf({ event: 'open', useragent: browser, sg_machine_open: true }), false],
  [sendgrid, sendgridOf({ event: 'open', useragent: browser, sg_machine_open: 'true' }), false],
  [sendgrid, sendgridOf({ event: 'open', useragent: apple }), false],
  [sendgrid, sendgridOf({ event: 'open' }), false],
  [sendgrid, sendgridOf({ event: 'click', useragent: browser }), true],
  [sendgrid, sendgridOf({ event: 'delivered', useragent: browser }), false],
  [mailgun, mailgunOf('opened', { bot: '', 'client-type': 'browser', 'user-agent': browser }), true],
  [mailgun, mailgunOf('opened', { bot: 'apple', 'client-type': 'browser', 'user-agent': browser }), false],
  [mailgun, mailgunOf('clicked', { bot: 'generic', 'client-type': 'browser', 'user-agent': browser }), false],
  [mailgun, mailgunOf('clicked', { 'client-type': 'robot', 'user-agent': browser }), false],
  [mailgun, mailgunOf('clicked', { 'client-type': 'browser' }), true],
  [postmark, { RecordType: 'Open', Recipient: recipient, FirstOpen: true, UserAgent: browser }, true],
  [postmark, { RecordType: 'Open', Recipient: recipient, FirstOpen: true, UserAgent: apple }, false],
  [postmark, { RecordType: 'Click', Recipient: recipient, UserAgent: browser }, true],
  [
    sparkpost,
    sparkpostOf({ type: 'open', user_agent: browser, user_agent_parsed: { is_prefetched: false } }),
    true,
  ],
  [
    sparkpost,
    sparkpostOf({ type: 'open', user_agent: browser, user_agent_parsed: { is_prefetched: true } }),
    false,
  ],
  [sparkpost, sparkpostOf({ type: 'click', user_agent: browser, is_prefetched: true }), false],
  [
    sparkpost,
    sparkpostOf({ type: 'initial_open', user_agent: browser, user_agent_parsed: { is_proxy: true } }),
    true,
  ],
  [sparkpost, sparkpostOf({ type: 'initial_open' }), false],
  [mailjet, { event: 'open', email: recipient, time: 1, agent: browser }, true],
  [mailjet, { event: 'open', email: recipient, time: 1, agent: apple }, false],
  [mailjet, { event: 'click', email: recipient, time: 1, agent: 'python-requests/2.31' }, false],
  [brevo, { event: 'opened', email: recipient, ts_epoch: 1 }, true],
  [brevo, { event: 'unique_opened', email: recipient, ts_epoch: 1 }, true],
  [brevo, { event: 'opened', email: recipient, ts_epoch: 1, user_agent: apple }, false],
  [brevo, { event: 'proxy_open', email: recipient, ts_epoch: 1, user_agent: browser }, false],
  [brevo, { event: 'unique_proxy_open', email: recipient, ts_epoch: 1 }, false],
  [brevo, { event: 'click', email: recipient, ts_epoch: 1 }, true],
  [smtp2go, { event: 'open', rcpt: recipient, time: '1', 'user-agent': browser }, true],
  [smtp2go, { event: 'open', rcpt: recipient, time: '1' }, false],
  [resend, { type: 'email.opened', data: { to: [recipient] } }, false],
  [resend, { type: 'email.clicked', data: { to: [recipient], click: { userAgent: browser } } }, true],
  [resend, { type: 'email.clicked', data: { to: [recipient], click: { userAgent: 'curl/8.4.0' } } }, false],
  [mailtrap, { events: [{ event: 'open', email: recipient, user_agent: browser }] }, true],
  [mailtrap, { events: [{ event: 'open', email: recipient, user_agent: apple }] }, false],
  [sweego, { event_type: 'email_opened', recipient, user_agent: browser }, true],
  [sweego, { event_type: 'email_opened', recipient }, false],
  [sweego, { event_type: 'email_opened', recipient, open: { user_agent: browser, proxy: true } }, true],
  [sweego, { event_type: 'email_opened', recipient, open: { user_agent: apple } }, false],
  [sweego, { event_type: 'email_clicked', recipient, click: { user_agent: 'curl/8.4.0' } }, false],
  [postal, postalOf('MessageLoaded', browser), true],
  [postal, postalOf('MessageLoaded', apple), false],
  [postal, postalOf('MessageLinkClicked', browser), true],
  [unisenderGo, unisenderOf('opened', browser), true],
  [unisenderGo, unisenderOf('opened', apple), false],
  [mailersend, { type: 'activity.opened', data: { id: '1', type: 'opened', recipient } }, false],
  [
    mailersend,
    { type: 'activity.opened', data: { id: '1', type: 'opened', recipient, meta: { user_agent: browser } } },
    true,
  ],
  [mailersend, { type: 'activity.clicked', data: { id: '1', type: 'clicked', recipient } }, true],
  [amazonSes, sesOf('Open', 'open', { userAgent: browser }), true],
  [amazonSes, sesOf('Open', 'open', { userAgent: apple }), false],
  [amazonSes, sesOf('Click', 'click', { userAgent: browser, link: 'https://shop.example' }), true],
  [standardWebhooks, { type: 'email.opened', data: { recipient, user_agent: browser } }, true],
  [
    standardWebhooks,
    { type: 'email.opened', data: { recipient, user_agent: browser, machine: true } },
    false,
  ],
  [standardWebhooks, { type: 'email.opened', data: { recipient } }, false],
  [standardWebhooks, { type: 'email.replied', data: { recipient } }, true],
  [standardWebhooks, { type: 'email.autoreplied', data: { recipient } }, false],
])('$name: %j', async (adapter, body, byPerson) => {
  expect((await eventIn(adapter, body)).byPerson ?? false).toBe(byPerson);
});

test('Mailgun in a form, and Mandrill', async () => {
  const opened = (clientType: string) =>
    eventsIn(
      mailgun,
      form({ event: 'opened', recipient, token: '1', 'client-type': clientType, 'user-agent': browser }),
    );
  expect(await opened('browser')).toMatchObject([{ byPerson: true }]);
  expect((await opened('robot'))[0]).not.toHaveProperty('byPerson');
  const mandrillOpen = (userAgent: string) =>
    eventsIn(
      mandrill,
      form({
        mandrill_events: JSON.stringify([
          { event: 'open', _id: '1', ts: 1, msg: { email: recipient }, user_agent: userAgent },
        ]),
      }),
    );
  expect(await mandrillOpen(browser)).toMatchObject([{ byPerson: true }]);
  expect((await mandrillOpen(apple))[0]).not.toHaveProperty('byPerson');
});

test.each([
  ['opened_email', {}, false],
  ['opened_email', { 'Machine Open': true }, false],
  ['opened_email', { 'Machine Open': false }, true],
  ['opened_email', { machine_open: false }, true],
  ['clicked_email', {}, true],
  ['clicked_email', { 'Bot Click': true }, false],
  ['clicked_email', { bot_click: 'true' }, false],
])('Klaviyo: %s with %j', async (topic, properties, byPerson) => {
  const payload = {
    data: { id: '1', attributes: { event_properties: { email: recipient, ...properties } } },
  };
  const body = { data: [{ topic: `event:klaviyo.${topic}`, external_id: '1', payload }] };
  const parsed = await klaviyo.parse({ ...json(body), url: 'https://presend.example' }, {} as CrmSettings);
  const signal = parsed.kind === 'records' ? parsed.records[0]!.signal! : null;
  expect(isByPerson(signal!.meaning.kind, signal!.client)).toBe(byPerson);
});
