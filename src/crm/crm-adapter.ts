// The port of a CRM: verify a hook's request, read the records in it, and answer as the vendor expects.

import type { WebhookRequest } from '../webhooks/request.ts';
import type { Verification } from '../webhooks/verification.ts';
import type { Annotated } from './annotation.ts';
import type { ApiAnswer, VendorClient } from './vendor-client.ts';

export interface HookRequest extends WebhookRequest {
  /** As it arrived here; some vendors sign it, and one can put its secret nowhere else. Never logged. */
  readonly url: string;
}

/** What one operator agreed on with one vendor: the settings `CRM_<VENDOR>_…`. */
export interface CrmSettings {
  /** Keys that signatures are checked with; several while one is being replaced. */
  readonly signingKeys: readonly string[];
  /** Secrets that the vendor sends along. */
  readonly sharedSecrets: readonly string[];
  /** The address of the hook exactly as it was given to the vendor, where a proxy shows us another. */
  readonly webhookUrl: string | null;
  /** The vendor's accounts that may speak; none named: whoever has the secret. */
  readonly organizations: readonly string[];
  /** The field of a record that holds the address, where it is not the vendor's own. */
  readonly emailField: string | null;
  /** For the vendor's API: to read addresses that an event does not carry, and to write verdicts back. */
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
  /** What stands in the field for the address, whatever it is; null where nothing does. */
  readonly email: string | null;
  /** The event did not carry the address: it has to be read through the vendor's API. */
  readonly toBeRead?: true;
  /** What is the same when the event is sent again; null where the vendor gives no such thing. */
  readonly event: string | null;
}

export type ParsedHook =
  | { readonly kind: 'records'; readonly records: readonly CrmRecord[] }
  | { readonly kind: 'malformed' };

export type HookOutcome =
  | { readonly kind: 'annotated'; readonly records: readonly Annotated[] }
  /** Not at present: the vendor should send it again, after so many milliseconds at the earliest. */
  | { readonly kind: 'later'; readonly afterMs: number };

export interface HookReply {
  readonly status: 200 | 429 | 503;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** The part of a vendor's API that an adapter uses, with the vendor's own limits on how much goes in one call. */
export interface CrmApi {
  /** The one host that the token is sent to, over https. */
  readonly host: string;
  /** What the vendor wants beside the media type, the token among it. */
  readonly headers: (token: string) => Readonly<Record<string, string>>;
  /** Addresses by record id; a record that is gone is absent. `client` ends every call in time. */
  readonly read: (
    client: VendorClient,
    ids: readonly string[],
  ) => Promise<ApiAnswer<ReadonlyMap<string, string | null>>>;
  /** Writes the verdicts into the records. Writing the same again changes nothing. */
  readonly write?: (client: VendorClient, records: readonly Annotated[]) => Promise<ApiAnswer<null>>;
}

export interface CrmAdapter {
  /** The slug in the route and, in capitals, in the settings: lower case, digits and underscores. */
  readonly name: string;
  /** Which of the settings it reads. The first is its secret: without it the hook does not answer. */
  readonly settings: readonly [SettingName, ...SettingName[]];
  /** Milliseconds within which the answer must be on its way, a margin below what the vendor waits. */
  readonly answerWithinMs: number;
  /** The largest body that is read. */
  readonly maxBytes: number;
  /** The vendor asks by GET whether somebody is there, and wants a 200. */
  readonly probed?: true;
  readonly api?: CrmApi;
  /** Did the vendor send this? Missing secrets refuse. */
  verify(request: HookRequest, settings: CrmSettings): Promise<Verification>;
  /** Reads the request. Never throws, whatever the body; what is no contact is left out. */
  parse(request: HookRequest, settings: CrmSettings): ParsedHook;
  reply(outcome: HookOutcome): HookReply;
}
