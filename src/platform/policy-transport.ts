// Fetches an MTA-STS policy by HTTPS on Node, and only from IP addresses that the caller has checked.

import {
  maxPolicyBytes,
  type PolicyFetch,
  type PolicyTransport,
  policyOfStatus,
} from '../preflight/mta-sts.ts';
import { connectingTo } from './vetted-connection.ts';

const timeoutMs = 5000;

/** Connects only to `addresses`. Redirects are not followed (RFC 8461 section 3.3). */
export const nodePolicyTransport: PolicyTransport = async ({ url, addresses, signal }) => {
  const { get } = url.protocol === 'https:' ? await import('node:https') : await import('node:http');
  return new Promise((resolve) => {
    const request = get(
      url,
      {
        ...connectingTo(addresses),
        signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
      },
      (response) => {
        if (response.statusCode !== 200) {
          resolve(policyOfStatus(response.statusCode!));
          response.destroy();
          return;
        }
        let text = '';
        response.setEncoding('utf8');
        response.on('data', (part: string) => {
          text += part;
          if (text.length <= maxPolicyBytes) return;
          resolve({ kind: 'failed', why: 'the policy is longer than 64 KiB' });
          response.destroy();
        });
        response.on('end', () => resolve({ kind: 'text', text }));
        response.on('error', (error) => resolve(policyOfError(error)));
      },
    );
    request.on('error', (error) => resolve(policyOfError(error)));
  });
};

/**
 * Faults of a certificate that every receiver rejects, by the codes of OpenSSL. Other faults may come from this computer, such as
 * an unknown authority: a proxy may have replaced the certificate, or this computer may not know the authority.
 */
const wrongCertificates: Readonly<Record<string, string>> = {
  ERR_TLS_CERT_ALTNAME_INVALID: 'is for another host name',
  CERT_HAS_EXPIRED: 'has expired',
  CERT_REVOKED: 'is revoked',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'is self-signed',
};

function policyOfError({ name, code = '' }: NodeJS.ErrnoException): PolicyFetch {
  const fault = wrongCertificates[code];
  if (fault !== undefined) return { kind: 'failed', why: `the certificate of the server ${fault}` };
  if (name === 'AbortError' || name === 'TimeoutError' || code === 'ETIMEDOUT')
    return { kind: 'no_answer', cause: 'timeout' };
  return {
    kind: 'no_answer',
    cause: /CERT|SSL|TLS|SIGN|VERIFY|EPROTO|HPE_/.test(code) ? 'bad_response' : 'network',
  };
}
