// Writes a verdict into a CRM some time after the request of the vendor, when the mailbox has been asked about.

import type { DeliveryAttempt } from '../webhooks/delivery.ts';
import type { Annotation } from './annotation.ts';
import type { CrmAdapter, CrmSettings } from './crm-adapter.ts';
import { type Fetch, type Rest, vendorClient } from './vendor-client.ts';

export interface LaterVerdict {
  readonly record: string;
  /** The address that the verdict is about, as the record had it. */
  readonly email: string;
  readonly annotation: Annotation;
}

export interface WriteLaterPorts {
  readonly fetch: Fetch;
  /** Epoch milliseconds. */
  readonly now: () => number;
  readonly rest: Rest;
}

/** Milliseconds that reading and writing one record may take. */
const writeMs = 20_000;

/**
 * Writes the verdict into the record, unless the record has another address by now or was deleted. Never rejects. A vendor without
 * write-back needs no attempt.
 */
export async function writeLater(
  { api }: CrmAdapter,
  { apiToken, writeBack }: CrmSettings,
  { record, email, annotation }: LaterVerdict,
  { fetch, now, rest }: WriteLaterPorts,
): Promise<DeliveryAttempt> {
  if (api?.write === undefined || apiToken === null || !writeBack) return { kind: 'delivered' };
  const client = vendorClient({
    ...{ host: api.host, headers: api.headers(apiToken), fetch, now, rest },
    deadline: now() + writeMs,
  });
  const read = await api.read(client, [record]);
  if (read.kind === 'failed') return failure(read.status);
  if (read.value.get(record) !== email) return { kind: 'delivered' };
  const written = await api.write(client, [{ id: record, annotation }]);
  return written.kind === 'failed' ? failure(written.status) : { kind: 'delivered' };
}

const failure = (status: number | null): DeliveryAttempt => ({
  kind: 'failed',
  cause: status === null ? 'no answer' : `status ${status}`,
  isFinal: false,
});
