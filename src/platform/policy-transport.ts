// Fetches an MTA-STS policy by HTTPS on Node, and only from IP addresses that the caller has checked.

import { isIPv6 } from 'node:net';
import { maxPolicyBytes, type PolicyTransport, statusClause } from '../preflight/mta-sts.ts';

const timeoutMs = 5000;

/**
 * Connects only to `addresses`. Looking up the name again could return another address, such as a private one. Redirects are not
 * followed (RFC 8461 section 3.3).
 */
export const nodePolicyTransport: PolicyTransport = async ({ url, addresses, signal }) => {
  const { get } = url.protocol === 'https:' ? await import('node:https') : await import('node:http');
  return new Promise((resolve) => {
    const vetted = addresses.map((address) => ({ address, family: isIPv6(address) ? 6 : 4 }));
    const fail = (why: string) => resolve({ kind: 'failed', why });
    const request = get(
      url,
      {
        agent: false,
        signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
        lookup: (_host, options, done) => {
          if (options.all) done(null, vetted);
          else done(null, vetted[0]!.address, vetted[0]!.family);
        },
      },
      (response) => {
        if (response.statusCode !== 200) {
          fail(statusClause(response.statusCode!));
          response.destroy();
          return;
        }
        let text = '';
        response.setEncoding('utf8');
        response.on('data', (part: string) => {
          text += part;
          if (text.length <= maxPolicyBytes) return;
          fail('it is too long');
          response.destroy();
        });
        response.on('end', () => resolve({ kind: 'text', text }));
        response.on('error', () => fail('the connection broke off'));
      },
    );
    request.on('error', (error: NodeJS.ErrnoException) => fail(errorClause(error)));
  });
};

function errorClause({ name, code = '' }: NodeJS.ErrnoException): string {
  if (name === 'AbortError' || name === 'TimeoutError') return 'the server does not answer in time';
  if (/CERT|SSL|TLS|SELF_SIGNED|ALTNAME/.test(code)) return `the certificate is not valid (${code})`;
  return `the server cannot be reached (${code || 'no connection'})`;
}
