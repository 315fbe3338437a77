// The interface for sending DNS-over-HTTPS (DoH) requests, and its implementation with `fetch`, which every runtime has.

export interface DohRequest {
  readonly url: string;
  readonly method: 'POST' | 'GET';
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array | null;
}

export interface DohReply {
  readonly status: number;
  readonly contentType: string | null;
  /** Seconds that the reply has spent in HTTP caches (its Age header); 0 if there is no such header. */
  readonly age: number;
  /** The body. Null if it exceeds the limit. May also be null if the status is not 200. */
  readonly body: Uint8Array | null;
}

/**
 * Sends one request. Does not follow redirects, and accepts a body of at most `limit` octets. Rejects on any network failure
 * and when `signal` aborts.
 */
export type DohTransport = (request: DohRequest, limit: number, signal: AbortSignal) => Promise<DohReply>;

export const fetchTransport =
  (fetch: typeof globalThis.fetch): DohTransport =>
  async (request, limit, signal) => {
    const response = await fetch(request.url, {
      method: request.method,
      headers: request.headers,
      body: request.body as Uint8Array<ArrayBuffer> | null,
      redirect: 'manual',
      signal,
    });
    const reply = {
      status: response.status,
      contentType: response.headers.get('content-type'),
      age: Number(response.headers.get('age')) || 0,
    };
    if (reply.status === 200) return { ...reply, body: await readUpTo(response.body, limit) };
    // Cancel the body. An unread body would keep its connection occupied.
    await response.body?.cancel();
    return { ...reply, body: null };
  };

async function readUpTo(
  stream: ReadableStream<Uint8Array> | null,
  limit: number,
): Promise<Uint8Array | null> {
  if (!stream) return new Uint8Array(0);
  const reader = stream.getReader();
  const chunks: Uint8Array[] = [];
  let length = 0;
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    length += part.value.length;
    if (length > limit) {
      await reader.cancel();
      return null;
    }
    chunks.push(part.value);
  }
  return chunks.length === 1 ? chunks[0]! : concatenate(chunks, length);
}

function concatenate(chunks: readonly Uint8Array[], length: number): Uint8Array {
  const whole = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    whole.set(chunk, at);
    at += chunk.length;
  }
  return whole;
}
