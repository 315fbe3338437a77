// A webhook request as it arrived, before anything was checked.

export interface WebhookRequest {
  /** Returns a header by its name. Upper and lower case do not matter, as in the `Headers` of fetch. */
  readonly headers: { get(name: string): string | null };
  /** The bytes of the body as they were sent. Signatures cover exactly these bytes. */
  readonly body: Uint8Array<ArrayBuffer>;
  /** When the request arrived, in epoch milliseconds. */
  readonly now: number;
}
