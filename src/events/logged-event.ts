// The fields of an event in the log, as the API and the files of `presend events` have them. Pure.

import type { StoredEvent } from './event-repository.ts';

/** Returns the fields of an event without its recipient. Times are RFC 3339. */
export const eventFields = (event: StoredEvent) => ({
  id: event.id,
  at: new Date(event.at).toISOString(),
  received_at: new Date(event.receivedAt).toISOString(),
  kind: event.kind,
  class: event.class,
  reason: event.reason,
  status: event.status,
  echo: event.echo,
  provider: event.mailboxProvider,
  mail_host: event.mailHost,
  gateway: event.gateway,
  campaign: event.campaign,
  list: event.list,
  source: event.source,
  reported_by: event.reportedBy,
  proof: event.proof,
});

/** Returns the fields of an event with its recipient as a hash. */
export const loggedEvent = (event: StoredEvent) => ({
  ...eventFields(event),
  address_hash: event.addressHash,
  key_id: event.keyId,
});
