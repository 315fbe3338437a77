// A webhook request, and whether its signature holds.

/** The request as it came. Verification needs the very bytes that were sent. */
export interface WebhookRequest {
  /** Looks a header up without regard to case, as the Headers of fetch does. */
  readonly headers: { get(name: string): string | null };
  readonly body: Uint8Array<ArrayBuffer>;
  /** Epoch milliseconds. */
  readonly now: number;
}

/** What an adapter may ask of the outside world. */
export interface EspPorts {
  /**
   * The X.509 certificate at this https URL as PEM text, or null when it cannot be had at present. The adapter has
   * checked the host; the caller must not follow redirects.
   */
  fetchCertificate(url: string): Promise<string | null>;
}

export type Refusal =
  | 'not_configured'
  | 'malformed'
  | 'credentials_missing'
  | 'credentials_wrong'
  | 'signature_missing'
  | 'signature_wrong'
  | 'timestamp_outside_window'
  | 'topic_not_allowed'
  | 'certificate_not_trusted';

export type Verification =
  | { readonly kind: 'verified' }
  | { readonly kind: 'refused'; readonly why: Refusal }
  /** Neither right nor wrong: what is needed to tell cannot be reached. The provider should send it again. */
  | { readonly kind: 'unavailable' };
