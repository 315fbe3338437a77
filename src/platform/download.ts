// Downloads a data pack on Node. By default only public hosts are allowed, as for callbacks.

import { lookup } from 'node:dns/promises';
import { request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { isLoopback } from '../domain/ip-address.ts';
import {
  type CallbackNames,
  callbackTarget,
  refusalSentences,
  type TargetRefusal,
} from '../webhooks/callback-target.ts';
import { connectingTo } from './vetted-connection.ts';

export type Download =
  | { readonly ok: true; readonly bytes: Uint8Array<ArrayBuffer> }
  /** `why` is a sentence. */
  | { readonly ok: false; readonly why: string };

export interface DownloadOptions {
  /** See `DataSettings`. */
  readonly targets: 'public' | 'private';
  /** The DNS lookup of public hosts. */
  readonly names: CallbackNames;
  /** Maximum number of bytes, and of milliseconds until the last of them. */
  readonly maxBytes: number;
  readonly timeoutMs: number;
}

/** Downloads the file at a URL. Follows no redirect. Never rejects. */
export async function download(url: string, options: DownloadOptions): Promise<Download> {
  const target = await (options.targets === 'private' ? anyTarget(url) : publicTarget(url, options.names));
  return 'why' in target ? { ok: false, why: target.why } : get(target, options);
}

interface Target {
  readonly url: URL;
  readonly addresses: readonly string[];
}

type TargetOutcome = Target | { readonly why: string };

const hostNotFound = 'The host of the URL has no IP address, or DNS did not answer.';

const privateAllows = ' DATA_TARGETS=private allows it.';

/** For each rule that can refuse a URL, whether DATA_TARGETS=private would allow the URL. */
const hints: Readonly<Record<TargetRefusal, string>> = {
  not_a_url: '',
  not_https: ' With DATA_TARGETS=private, http is allowed on this computer.',
  has_credentials: privateAllows,
  other_port: privateAllows,
  bare_address: privateAllows,
  not_public: privateAllows,
};

async function publicTarget(text: string, names: CallbackNames): Promise<TargetOutcome> {
  const target = await callbackTarget(text, 'public', names);
  if (target.kind === 'allowed') return target;
  if (target.kind === 'no_answer') return { why: hostNotFound };
  return { why: `The URL of the data pack ${refusalSentences[target.why]}.${hints[target.why]}` };
}

async function anyTarget(text: string): Promise<TargetOutcome> {
  if (!URL.canParse(text)) return { why: 'The URL of the data pack must be a valid URL.' };
  const url = new URL(text);
  const host = url.hostname.replace(/^\[|\]$/g, '');
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && isLoopback(host)))
    return {
      why: 'The URL of the data pack must begin with https://. Only a URL with this computer as its host may begin with http://.',
    };
  // The operating system also knows names that public DNS does not have.
  const found = await lookup(host, { all: true }).catch(() => []);
  if (found.length === 0) return { why: hostNotFound };
  return { url, addresses: found.map(({ address }) => address) };
}

/** The statuses of a redirect to another URL (RFC 9110 section 15.4). */
const redirects: readonly number[] = [301, 302, 303, 307, 308];

/** Connects only to the checked addresses. */
function get({ url, addresses }: Target, { maxBytes, timeoutMs }: DownloadOptions): Promise<Download> {
  const request = url.protocol === 'https:' ? requestHttps : requestHttp;
  return new Promise((resolve) => {
    const failed = (why: string): void => resolve({ ok: false, why });
    const asked = request(
      url,
      {
        headers: { 'user-agent': 'presend', 'accept-encoding': 'identity' },
        ...connectingTo(addresses),
        signal: AbortSignal.timeout(timeoutMs),
      },
      (response) => {
        if (response.statusCode !== 200) {
          const status = response.statusCode ?? 0;
          const hint = redirects.includes(status) ? ' Redirects are not followed: use the final URL.' : '';
          failed(`The server answered with status ${status}.${hint}`);
          asked.destroy();
          return;
        }
        const chunks: Buffer[] = [];
        let size = 0;
        response.on('data', (chunk: Buffer) => {
          size += chunk.length;
          chunks.push(chunk);
          if (size <= maxBytes) return;
          failed(`The file has more than ${Math.floor(maxBytes / 1024 / 1024)} MiB.`);
          asked.destroy();
        });
        response.on('end', () => resolve({ ok: true, bytes: new Uint8Array(Buffer.concat(chunks)) }));
        response.on('error', (error) => failed(sentenceFor(error)));
        response.on('close', () => failed('The server closed the connection before the end of the file.'));
      },
    );
    asked.on('error', (error) => failed(sentenceFor(error)));
    asked.end();
  });
}

const sentenceFor = (error: NodeJS.ErrnoException): string =>
  error.name === 'AbortError' || error.name === 'TimeoutError'
    ? 'The download took too long.'
    : `The download failed: ${error.code ?? error.message}.`;
