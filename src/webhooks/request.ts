// A webhook request as it arrived.

export interface WebhookRequest {
  /** Looks up a header by its name in any case, as the Headers of fetch do. */
  readonly headers: { get(name: string): string | null };
  /** The bytes that were sent: signatures cover them as they are. */
  readonly body: Uint8Array<ArrayBuffer>;
  /** Epoch milliseconds. */
  readonly now: number;
}
