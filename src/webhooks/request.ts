// A webhook request as it arrived.

export interface WebhookRequest {
  /** Looks up a header by its name in any case, as the Headers of fetch do. */
  readonly headers: { get(name: string): string | null };
  /** The bytes as they were sent. Signatures cover these bytes. */
  readonly body: Uint8Array<ArrayBuffer>;
  /** Epoch milliseconds. */
  readonly now: number;
}
