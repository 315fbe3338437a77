// Fetches an MTA-STS policy by HTTPS on Node, and only from IP addresses that the caller has checked.

import { maxPolicyBytes, type PolicyTransport, statusClause } from '../preflight/mta-sts.ts';
import { connectingTo } from './vetted-connection.ts';

const timeoutMs = 5000;

/** Connects only to `addresses`. Redirects are not followed (RFC 8461 section 3.3). */
export const nodePolicyTransport: PolicyTransport = async ({ url, addresses, signal }) => {
  const { get } = url.protocol === 'https:' ? await import('node:https') : await import('node:http');
  return new Promise((resolve) => {
    const fail = (why: string) => resolve({ kind: 'failed', why });
    const request = get(
      url,
      {
        ...connectingTo(addresses),
        signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
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
