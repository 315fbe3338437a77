// Verifies requests of vendors that do not sign them and let the operator configure only a URL, but no headers.

import { isOneOf } from '../webhooks/crypto.ts';
import {
  type Refusal,
  refuse,
  type Verification,
  verified,
  verifySharedSecret,
} from '../webhooks/verification.ts';
import type { HookRequest } from './crm-adapter.ts';

/**
 * Accepts the shared secret in a header, which a proxy in front of presend can add: as an HTTP Basic password, as a Bearer
 * token or in X-Webhook-Token. If the request has none of these headers, accepts the secret in the query parameter
 * `secret`. presend never logs the query.
 */
export async function verifyUrlSecret(
  request: HookRequest,
  secrets: readonly string[],
): Promise<Verification> {
  const byHeader = await verifySharedSecret(request, secrets);
  const missing: Refusal = 'credentials_missing';
  if (byHeader.kind !== 'refused' || byHeader.why !== missing) return byHeader;
  const offered = new URL(request.url).searchParams.get('secret');
  if (offered === null) return refuse(missing);
  return (await isOneOf(secrets, offered)) ? verified : refuse('credentials_wrong');
}
