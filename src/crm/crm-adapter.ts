// The interface of a CRM vendor: verify a webhook request, read its records, and reply as the vendor expects.

import type { VendorReport } from '../events/vendor-event.ts';
import type { WebhookRequest } from '../webhooks/request.ts';
import type { Verification } from '../webhooks/verification.ts';
import type { Annotated } from './annotation.ts';
import type { ApiAnswer, VendorClient } from './vendor-client.ts';

export interface HookRequest extends WebhookRequest {
  /** The URL of the request. Some vendors sign it, and some can send a secret only in its query. It is never logged. */
  readonly url: string;
}

/** The settings of one vendor. Their names begin with `CRM_<VENDOR>_`. */
export interface CrmSettings {
  /** Keys with which the vendor signs requests; more than one during a key rotation. */
  readonly signingKeys: readonly string[];
  /** Secrets that the vendor sends with each request. */
  readonly sharedSecrets: readonly string[];
  /**
   * The hook's URL exactly as configured at the vendor. Needed for signatures that cover the URL, if a proxy changes it.
   */
  readonly webhookUrl: string | null;
  /** The vendor's accounts from which requests are accepted. If empty, every account that has the secret is accepted. */
  readonly organizations: readonly string[];
  /** The name of the record field that holds the address, if it is not the vendor's default. */
  readonly emailField: string | null;
  /** The token for the vendor's API, through which missing addresses are read and verdicts are written back. */
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
  /** The content of the address field, valid or not; null if it is empty. */
  readonly email: string | null;
  /** Set if the event does not contain the address. The address is then read through the vendor's API. */
  readonly toBeRead?: true;
  /** The vendor's id of the event, which stays the same if the event is sent again; null if the vendor has no such id. */
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

/** How an adapter uses the vendor's API: the host, the headers and the calls. */
export interface CrmApi {
  /** The only host that receives the token, over https. */
  readonly host: string;
  /** Request headers besides the media type, including the token. */
  readonly headers: (token: string) => Readonly<Record<string, string>>;
  /**
   * Reads the address of each record; the keys are record ids. Deleted records are absent. `client` enforces the time
   * limit.
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
  /** Checks that the vendor sent this request. Refuses it if no secret is configured. */
  verify(request: HookRequest, settings: CrmSettings): Promise<Verification>;
  /** Reads the records in the request. Never throws. Skips anything that is not a contact. */
  parse(request: HookRequest, settings: CrmSettings): ParsedHook;
  reply(outcome: HookOutcome): HookReply;
}
