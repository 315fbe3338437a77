// Turns a verdict into the JSON of the API. Field names are in snake_case and, where possible, the same as at Kickbox and
// similar services.

import type { KnownProof, MailboxProof, ProofBasis } from '../address/mailbox-proof.ts';
import type { MailHost } from '../domain/mail-host.ts';
import type { SuppressionNote } from '../signals/evidence.ts';
import type { Action, PredictedBounce, Reason, Result, Verdict } from './verdict.ts';

export interface VerdictResponse {
  email: string;
  normalized: string | null;
  user: string | null;
  domain: string | null;
  result: Result;
  reason: Reason;
  signals: readonly Reason[];
  message: string;
  syntax: { code: string; position: number; message: string } | null;
  did_you_mean: string | null;
  action: Action;
  bounce: PredictedBounce;
  mail_host: MailHost;
  provider: string | null;
  disposable: boolean;
  relay: boolean;
  role: boolean;
  free: boolean;
  plus_tag: string | null;
  smtputf8: boolean;
  /** When the verdict was made (RFC 3339, UTC). */
  checked_at: string;
  /** When the address should be verified again (RFC 3339, UTC). */
  expires_at: string;
  /** How long the caller waited, in whole milliseconds. */
  took_ms: number;
  /** The address to which mail is sent. Absent if it is `normalized`. */
  send_to?: string;
  /** The mail gateway in front of the mailboxes. Absent if the MX records name none. */
  gateway?: string;
  suppression?: SuppressionResponse;
  mailbox?: MailboxResponse;
}

/** What is known about whether the mailbox exists. */
export interface MailboxResponse {
  proof: MailboxProof['kind'];
  /** Why nothing is proven. Null for the other proofs. */
  cause: string | null;
  /** The operator's own mail (`delivered`, `engaged`, `bounced`), or the answer of a mail host (`smtp`). */
  basis: ProofBasis;
  /** When the mail arrived, was opened or came back, or when the host answered (RFC 3339, UTC). Null if no host was asked. */
  checked_at: string | null;
}

export const mailboxResponse = ({ proof, basis, checkedAt }: KnownProof): MailboxResponse => ({
  proof: proof.kind,
  cause: 'cause' in proof ? proof.cause : null,
  basis,
  checked_at: checkedAt === null ? null : new Date(checkedAt).toISOString(),
});

/** The suppression entry in a verdict: why the address is on the list, and what the entry does to the caller's mail. */
export interface SuppressionResponse {
  scope: string;
  reason: SuppressionNote['reason'];
  effect: SuppressionNote['effect'];
  status: string | null;
  /** The date of the entry (RFC 3339, UTC). */
  since: string;
}

export const suppressionResponse = ({ since, ...entry }: SuppressionNote): SuppressionResponse => ({
  scope: entry.scope,
  reason: entry.reason,
  effect: entry.effect,
  status: entry.status,
  since: new Date(since).toISOString(),
});

/** `tookMs` is how many milliseconds the caller waited for this verdict, or for the batch that contains it. */
export function toResponse(verdict: Verdict, tookMs: number): VerdictResponse {
  return {
    email: verdict.email,
    normalized: verdict.normalized,
    user: verdict.user,
    domain: verdict.domain,
    result: verdict.result,
    reason: verdict.reason,
    signals: verdict.signals,
    message: verdict.message,
    syntax: verdict.syntax,
    did_you_mean: verdict.didYouMean,
    action: verdict.action,
    bounce: verdict.bounce,
    mail_host: verdict.mailHost,
    provider: verdict.provider,
    disposable: verdict.disposable,
    relay: verdict.relay,
    role: verdict.role,
    free: verdict.free,
    plus_tag: verdict.plusTag,
    smtputf8: verdict.smtputf8,
    checked_at: new Date(verdict.checkedAt).toISOString(),
    expires_at: new Date(verdict.expiresAt).toISOString(),
    took_ms: Math.round(tookMs),
    ...(verdict.sendTo !== undefined && { send_to: verdict.sendTo }),
    ...(verdict.gateway !== undefined && { gateway: verdict.gateway }),
    ...(verdict.suppression && { suppression: suppressionResponse(verdict.suppression) }),
    ...(verdict.mailbox && { mailbox: mailboxResponse(verdict.mailbox) }),
  };
}
