// UniSender Go's call-back.

import { expect, test } from 'vitest';
import { unisenderGo } from '../../src/esp/unisender-go.ts';
import { eventIn, eventsIn, inShort } from './reading.ts';
import { json } from './signing.ts';

const callback = (...events: unknown[]) => ({ auth: 'x', events_by_user: [{ user_id: 1, events }] });

const status = (name: string, delivery_status?: string, destination_response?: string) => ({
  event_name: 'transactional_email_status',
  event_data: {
    job_id: 'message-1',
    email: 'jane@example.net',
    status: name,
    event_time: '2026-11-20 12:00:00',
    metadata: { campaign: 'autumn', source: 'fair' },
    delivery_info: { delivery_status, destination_response },
  },
});

test.each([
  [status('sent'), 'sent none unknown'],
  [status('delivered', 'ok_delivered'), 'delivered none delivered'],
  [status('hard_bounced'), 'bounce hard unknown, suppressed'],
  [status('hard_bounced', 'err_user_unknown'), 'bounce hard mailbox_unknown, suppressed'],
  [status('hard_bounced', 'err_user_unknown', '550 5.7.1 refused as spam'), 'bounce policy spam_content'],
  [status('hard_bounced', 'err_spam_rejected'), 'bounce policy spam_content'],
  [status('hard_bounced', 'err_unsubscribed'), 'rejected none suppressed_by_provider, echo'],
  [status('hard_bounced', 'err_blacklisted'), 'rejected none suppressed_by_provider, echo'],
  [status('soft_bounced', 'err_mailbox_full'), 'bounce soft mailbox_full'],
  [status('soft_bounced', 'err_user_unknown'), 'bounce soft mailbox_unknown'],
  [status('soft_bounced', 'err_will_retry'), 'deferred soft unknown'],
  [status('spam'), 'complaint complaint feedback, suppressed'],
  [status('unsubscribed'), 'unsubscribed none unknown, suppressed'],
  [status('a word of tomorrow'), 'unknown none unknown'],
])('%j', async (event, expected) => {
  const read = await eventIn(unisenderGo, callback(event));
  expect(inShort(read)).toBe(expected);
  expect(read).toMatchObject({
    at: Date.UTC(2026, 10, 20, 12),
    messageId: 'message-1',
    campaign: 'autumn',
    source: 'fair',
  });
});

test('events of several users are read; a block of a domain is none', async () => {
  const block = { event_name: 'transactional_spam_block', event_data: { domain: 'example.net' } };
  const body = callback(block, status('sent'));
  body.events_by_user.push({ user_id: 2, events: [status('opened')] });
  const events = await eventsIn(unisenderGo, json(body));
  expect(events.map(({ kind }) => kind)).toEqual(['sent', 'opened']);
});
