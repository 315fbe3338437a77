// Compresses responses on Node (RFC 9110 section 8.4). On Workers the platform does it.
//
// BREACH: if an attacker can make a browser send requests with its own credentials, and puts text into them, then the length of a
// compressed response reveals secrets next to that text. So two kinds of responses are compressed: those that are the same for
// everyone, and those to requests with a bearer token, which a browser never adds by itself. Responses to cookies and passwords,
// and those that contain keys or tokens, are not.

import { pipeline, Readable } from 'node:stream';
import { constants, createBrotliCompress, createGzip } from 'node:zlib';
import { parseAccept } from 'hono/utils/accept';

type Fetch<Environment> = (request: Request, environment: Environment) => Response | Promise<Response>;

/** Paths whose responses are the same for everyone. */
const publicPaths = new Set([
  '/',
  '/docs',
  '/docs.js',
  '/docs.css',
  '/openapi.json',
  '/preflight',
  '/preflight.js',
  '/preflight.css',
  '/favicon.svg',
  '/presend.js',
  '/presend.mjs',
  '/presend.d.ts',
  '/try.js',
  '/try.css',
]);

/** Paths whose responses contain a key or a token, or are too short to compress, such as a single verdict. */
const neverCompressed = /^\/v1\/(?:validate|keys|tokens|bounces\/tokens)(?:$|\/(?!batch$))/;

/** Media types of texts, except event streams and NDJSON: a compressor would hold back their lines. */
const compressible =
  /^(?:text\/(?:html|css|javascript|csv|plain)|application\/(?:problem\+)?json|image\/svg\+xml)\s*(?:;|$)/i;

/** Minimum bytes of a body. For a shorter one, compression does not even save a packet. */
const leastBytes = 1024;

/** Faster levels than the defaults. They compress texts nearly as well. */
const gzipLevel = 5;
const brotliQuality = 4;

type Encoding = 'br' | 'gzip';

/** Wraps `fetch`, so it compresses responses if the client accepts that. */
export const compressing =
  <Environment>(fetch: Fetch<Environment>): Fetch<Environment> =>
  (request, environment) =>
    mayCompress(request) ? compressedAnswer(fetch, request, environment) : fetch(request, environment);

function mayCompress({ url, method, headers }: Request): boolean {
  // This check comes first, so single verdicts lose no time.
  if (url.endsWith('/v1/validate')) return false;
  const start = url.indexOf('/', url.indexOf('//') + 2);
  const end = url.indexOf('?', start);
  const path = url.slice(start, end < 0 ? undefined : end);
  if (neverCompressed.test(path) || method === 'HEAD') return false;
  return publicPaths.has(path) || /^Bearer /i.test(headers.get('authorization') ?? '');
}

async function compressedAnswer<Environment>(
  fetch: Fetch<Environment>,
  request: Request,
  environment: Environment,
): Promise<Response> {
  const response = await fetch(request, environment);
  const { headers, status } = response;
  // 304 has no media type, but needs the same Vary as the response that it stands for.
  if (status !== 304 && !compressible.test(headers.get('content-type') ?? '')) return response;
  if (headers.has('content-encoding') || /\bno-transform\b/i.test(headers.get('cache-control') ?? ''))
    return response;
  headers.append('vary', 'Accept-Encoding');
  const encoding = acceptedEncoding(request.headers.get('accept-encoding'));
  if (encoding === null) return response;
  const etag = headers.get('etag');
  // The compressed response is another representation, so it must not have the same strong entity tag (RFC 9110 section
  // 8.8.3.3): make the tag weak. A 304 gets the same weak tag as the 200 that it stands for.
  if (etag?.startsWith('"')) headers.set('etag', `W/${etag}`);
  if (response.body === null) return response;
  const reader = (response.body as ReadableStream<Uint8Array>).getReader();
  const first: Uint8Array[] = [];
  let length = 0;
  while (length < leastBytes) {
    const { done, value } = await reader.read();
    if (done) return new Response(Buffer.concat(first), { status, headers });
    first.push(value);
    length += value.length;
  }
  headers.delete('content-length');
  headers.set('content-encoding', encoding);
  return new Response(encoded(rest(first, reader), encoding), { status, headers });
}

/** The encoding that the client prefers; brotli if it accepts both equally. Null if it accepts neither. */
export function acceptedEncoding(header: string | null): Encoding | null {
  if (header === null) return null;
  const accepted = new Map(parseAccept(header).map(({ type, q }) => [type.toLowerCase(), q]));
  const weight = (encoding: Encoding): number => accepted.get(encoding) ?? accepted.get('*') ?? 0;
  const best: Encoding = weight('br') >= weight('gzip') ? 'br' : 'gzip';
  return weight(best) > 0 ? best : null;
}

async function* rest(
  first: readonly Uint8Array[],
  reader: ReadableStreamDefaultReader<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  let isRead = false;
  try {
    yield* first;
    while (!isRead) {
      const { done, value } = await reader.read();
      isRead = done;
      if (value !== undefined) yield value;
    }
  } finally {
    // The client closed the connection.
    if (!isRead) await reader.cancel();
  }
}

/** Compresses as fast as the result is read. If `pieces` fails, so does the result. */
function encoded(pieces: AsyncGenerator<Uint8Array>, encoding: Encoding): ReadableStream<Uint8Array> {
  const compressor =
    encoding === 'br'
      ? createBrotliCompress({ params: { [constants.BROTLI_PARAM_QUALITY]: brotliQuality } })
      : createGzip({ level: gzipLevel });
  // An error destroys `compressor` too, which passes it on to the reader.
  pipeline(Readable.from(pieces, { objectMode: false }), compressor, () => {});
  return Readable.toWeb(compressor) as ReadableStream<Uint8Array>;
}
