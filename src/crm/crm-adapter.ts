// The port of a CRM: verify a hook's request, read its records, and answer as the vendor expects.

import type { VendorReport } from '../events/vendor-event.ts';
import type { WebhookRequest } from '../webhooks/request.ts';
import type { Verification } from '../webhooks/verification.ts';
import type { Annotated } from './annotation.ts';
import type { ApiAnswer, VendorClient } from './vendor-client.ts';

export interface HookRequest extends WebhookRequest {
  /** The URL of the request. Some vendors sign the URL, and some can send a secret only in its query. Never logged. */
  readonly url: string;
}

/** The settings `CRM_<VENDOR>_…` of one vendor. */
export interface CrmSettings {
  /** Keys for checking signatures; more than one during a key rotation. */
  readonly signingKeys: readonly string[];
  /** Secrets that the vendor sends with each request. */
  readonly sharedSecrets: readonly string[];
  /** The hook's URL exactly as configured at the vendor, if a proxy changes it. */
  readonly webhookUrl: string | null;
  /** The vendor's allowed accounts; empty allows every account that has the secret. */
  readonly organizations: readonly string[];
  /** The record field that holds the address, if it is not the vendor's default. */
  readonly emailField: string | null;
  /** Token for the vendor's API: reads addresses that an event lacks, and writes verdicts back. */
  readonly apiToken: string | null;
  readonly writeBack: boolean;
}

export type SettingName =
  | 'SIGNING_KEYS'
  | 'SHARED_SECRETS'
  | 'WEBHOOK_URL'
  | 'ORGANIZATIONS'
  | 'EMAIL_FIELD'
  | 'API_TOKEN'
  | 'WRITE_BACK';

export interface CrmRecord {
  /** The vendor's id of the record. */
  readonly id: string;
  /** The content of the address field, whatever it is; null if it is empty. */
  readonly email: string | null;
  /** Set if the event does not contain the address. The address is then read through the vendor's API. */
  readonly toBeRead?: true;
  /** The vendor's id of the event, the same whenever the event is sent; null if the vendor has no such id. */
  readonly event: string | null;
  /** What the event reports about mail to the address, if anything. */
  readonly signal?: MailSignal;
}

/** A bounce, a complaint, an unsubscribe or a delivery that the vendor reports. */
export type MailSignal = Pick<
  VendorReport,
  'label' | 'meaning' | 'at' | 'reply' | 'messageId' | 'list' | 'campaign'
>;

export type ParsedHook =
  | { readonly kind: 'records'; readonly records: readonly CrmRecord[] }
  | { readonly kind: 'malformed' };

export type HookOutcome =
  | { readonly kind: 'annotated'; readonly records: readonly Annotated[] }
  /** The request cannot be handled now. The vendor should retry after at least this many milliseconds. */
  | { readonly kind: 'later'; readonly afterMs: number };

export interface HookReply {
  readonly status: 200 | 429 | 503;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** The part of a vendor's API that an adapter uses, with the vendor's limits per call. */
export interface CrmApi {
  /** The only host that receives the token, over https. */
  readonly host: string;
  /** Request headers besides the media type, including the token. */
  readonly headers: (token: string) => Readonly<Record<string, string>>;
  /** Addresses by record id; deleted records are absent. `client` enforces the time limit. */
  readonly read: (
    client: VendorClient,
    ids: readonly string[],
  ) => Promise<ApiAnswer<ReadonlyMap<string, string | null>>>;
  /** Writes the verdicts into the records. Idempotent. */
  readonly write?: (client: VendorClient, records: readonly Annotated[]) => Promise<ApiAnswer<null>>;
}

export interface CrmAdapter {
  /** The slug in the route and, in capitals, in the settings: lower case, digits and underscores. */
  readonly name: string;
  /** The settings it reads. The first is its secret: without it the hook is off. */
  readonly settings: readonly [SettingName, ...SettingName[]];
  /** Milliseconds within which to answer, somewhat less than the vendor waits. */
  readonly answerWithinMs: number;
  /** The largest accepted body, in bytes. */
  readonly maxBytes: number;
  /** Whether the vendor checks the URL by GET and expects 200. */
  readonly probed?: true;
  readonly api?: CrmApi;
  /** Whether the vendor sent this request. Without configured secrets it is refused. */
  verify(request: HookRequest, settings: CrmSettings): Promise<Verification>;
  /** Reads the request. Never throws; skips whatever is not a contact. */
  parse(request: HookRequest, settings: CrmSettings): ParsedHook;
  reply(outcome: HookOutcome): HookReply;
}
