// Tells whether a message was opened, or a link clicked, by a person or by a machine that opens everything. If it is uncertain,
// it does not count as a person. Pure.

import type { DeliveryEventKind } from './delivery-event.ts';

/** What a vendor says about the client that opened a message or clicked a link. */
export interface TrackedClient {
  /** Whether the vendor says that a machine did it; null or absent if it does not say. */
  readonly machine?: boolean | null;
  /** The User-Agent of the request; null or absent if the vendor does not pass it on. */
  readonly userAgent?: string | null;
}

/**
 * Whether an event is a sign of life: a person opened a message, clicked a link or replied.
 *
 * A click counts unless something shows that a machine followed the link. An open counts only if the vendor says that it was not
 * a machine, or if its User-Agent is that of a mail client or a browser. Without either, it may be the prefetch of a proxy.
 */
export function isByPerson(
  kind: DeliveryEventKind,
  { machine = null, userAgent = null }: TrackedClient = {},
): boolean {
  if (kind === 'replied') return true;
  if (kind !== 'opened' && kind !== 'clicked') return false;
  if (machine === true || (userAgent !== null && isMachineAgent(userAgent))) return false;
  return kind === 'clicked' || machine === false || userAgent !== null;
}

/**
 * The end of the User-Agent of requests that are made before anyone opens the message. Apple's Mail Privacy Protection sends only
 * `Mozilla/5.0`, and Gmail's prefetch appends it to the agent of a browser. The proxy with which Gmail shows images to a reader
 * (`GoogleImageProxy`) requests them only when the message is opened, so it is a person.
 * https://help.socketlabs.com/docs/identifying-apple-mpp-opens-in-notification-api-events
 * https://bird.com/en-us/blog/gmail-prefetching-images
 */
const prefetch = /(?:^|\s)mozilla\/5\.0$/i;

/**
 * Words in the User-Agents of crawlers, link scanners and HTTP libraries. The phones named Cubot are not bots. Yahoo's proxy
 * counts as a machine, because Yahoo does not say whether the proxy waits until the message is opened.
 */
const machine =
  /(?<!cu)bot\b|crawl|spider|scan|preview|prefetch|monitor|headless|phantomjs|yahoomailproxy|barracuda|mimecast|proofpoint|\b(?:curl|wget|java|python|ruby|perl|libwww|php|go-http|okhttp|axios|node-fetch|undici|guzzle|apache-http)[\w-]*\//i;

const isMachineAgent = (userAgent: string): boolean => {
  const agent = userAgent.trim();
  return prefetch.test(agent) || machine.test(agent) || machine.test(`${agent}/`);
};
