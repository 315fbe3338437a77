// The interface of the adapters for CRM vendors. An adapter verifies the vendor's webhook requests, reads the records in
// them, and creates the reply that the vendor expects.

import type { VendorReport } from '../events/vendor-event.ts';
import type { WebhookRequest } from '../webhooks/request.ts';
import type { SampleRequest } from '../webhooks/sample-request.ts';
import type { Verification } from '../webhooks/verification.ts';
import type { Annotated } from './annotation.ts';
import type { ApiAnswer, VendorClient } from './vendor-client.ts';

export interface HookRequest extends WebhookRequest {
  /** The URL of the request, which some vendors sign. Its query may contain the secret, so presend never logs the URL. */
  readonly url: string;
}

/** The settings of one vendor. Their names begin with `CRM_<VENDOR>_`. */
export interface CrmSettings {
  /** Keys with which the vendor signs requests; more than one during a key rotation. */
  readonly signingKeys: readonly string[];
  /** The vendor sends one of these secrets with each request. There are several while a secret is being replaced. */
  readonly sharedSecrets: readonly string[];
  /**
   * The hook's URL exactly as configured at the vendor. Needed if the vendor's signature covers the URL and a proxy changes
   * the URL of the request. If null, the URL of the request is used.
   */
  readonly webhookUrl: string | null;
  /** The vendor's accounts from which requests are accepted. If empty, every account that has the secret is accepted. */
  readonly organizations: readonly string[];
  /** The name of the record field that holds the address; null for the vendor's default, such as `Email`. */
  readonly emailField: string | null;
  /** The token for the vendor's API. Without it (null), addresses cannot be read and verdicts cannot be written back. */
  readonly apiToken: string | null;
  readonly writeBack: boolean;
  /** Whether mail hosts are asked about the mailboxes, and the new verdicts written back too. */
  readonly proof?: boolean;
}

export type SettingName =
  | 'SIGNING_KEYS'
  | 'SHARED_SECRETS'
  | 'WEBHOOK_URL'
  | 'ORGANIZATIONS'
  | 'EMAIL_FIELD'
  | 'API_TOKEN'
  | 'WRITE_BACK'
  | 'PROOF';

export interface CrmRecord {
  /** The vendor's id of the record; an empty text if the request does not contain the id. */
  readonly id: string;
  /** The address that the event contains, valid or not; null if it contains none. */
  readonly email: string | null;
  /** True if the vendor's event leaves out the address. The address is then read through the vendor's API. */
  readonly toBeRead?: true;
  /** Identifies the event: the same if the vendor sends it again. Null if the request contains no id of the event. */
  readonly event: string | null;
  /** What the event reports about mail to the address, if anything. */
  readonly signal?: MailSignal;
}

/** What the vendor reports about mail to a contact, such as a delivery, a bounce, a complaint or an unsubscribe. */
export type MailSignal = Pick<
  VendorReport,
  'label' | 'meaning' | 'at' | 'reply' | 'messageId' | 'list' | 'campaign' | 'client'
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

/** How to read from and write to the vendor's API: its host, the request headers, and functions that make the calls. */
export interface CrmApi {
  /** The only host that receives the token, over https. */
  readonly host: string;
  /** The request headers that contain the token, and any others that this API needs. `vendorClient` adds the media types. */
  readonly headers: (token: string) => Readonly<Record<string, string>>;
  /**
   * Returns a map from the id of each record to its address; null if its address field is empty. Deleted records are absent
   * from the map. `client` enforces the time limit.
   */
  readonly read: (
    client: VendorClient,
    ids: readonly string[],
  ) => Promise<ApiAnswer<ReadonlyMap<string, string | null>>>;
  /** Writes the verdicts into the records. Repeating a write has no further effect. */
  readonly write?: (client: VendorClient, records: readonly Annotated[]) => Promise<ApiAnswer<null>>;
}

export interface CrmAdapter {
  /**
   * The vendor's name in the route and, in capitals, in the settings. It has lower-case letters, digits and underscores.
   */
  readonly name: string;
  /** The names of the settings that the adapter reads. The first is the secret: without it, the hook is off. */
  readonly settings: readonly [SettingName, ...SettingName[]];
  /** Milliseconds within which a request must be answered, a little less than the vendor waits. */
  readonly answerWithinMs: number;
  /** The largest accepted body, in bytes. */
  readonly maxBytes: number;
  /** True if the vendor checks the URL with a GET request and expects status 200. */
  readonly probed?: true;
  readonly api?: CrmApi;
  /**
   * Creates a request as the vendor sends it about one contact with the address `sampleRecipient`, signed with the settings.
   * `url` is the URL of the hook, and `now` is epoch milliseconds.
   */
  sample(
    settings: CrmSettings,
    to: { readonly url: string; readonly now: number },
  ): SampleRequest | Promise<SampleRequest>;
  /** Checks that the vendor sent this request. Refuses it if no secret is configured. */
  verify(request: HookRequest, settings: CrmSettings): Promise<Verification>;
  /** Reads the records in the request. Never throws or rejects. Skips anything that is not a contact. */
  parse(request: HookRequest, settings: CrmSettings): ParsedHook | Promise<ParsedHook>;
  reply(outcome: HookOutcome): HookReply;
}
