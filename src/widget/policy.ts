// Verdict → what becomes of the form, and which text says why.

import type { Decision, Policy, PresendVerdict, Reason, Texts } from './types.ts';

/**
 * Blocked is only what the grammar, the domain's own DNS or the operator's list rules out. A domain whose mail servers are missing or out of
 * reach may be under repair, so that its people are told and let through; the rest is the site's business alone.
 */
const defaults: Policy = {
  syntax_error: 'block',
  special_use_domain: 'block',
  domain_nonexistent: 'block',
  null_mx: 'block',
  denied_domain: 'block',
  no_mail_host: 'warn',
  unroutable_mail_host: 'warn',
  domain_typo: 'warn',
  confusable_domain: 'warn',
  parked_domain: 'warn',
  disposable_domain: 'warn',
  disposable_mail_host: 'warn',
};

/** The site's word, else the default. A misspelt domain that takes no mail is as wrong as one that does not exist. */
export function decide({ reason, result }: PresendVerdict, policy: Policy): Decision {
  const surelyWrong = reason === 'domain_typo' && result === 'undeliverable';
  const decision = policy[reason] ?? (surelyWrong ? 'block' : (defaults[reason] ?? 'allow'));
  return decision === 'block' && result === 'unknown' ? 'warn' : decision;
}

/** The text that says why, or null where the suggestion says it all. */
export function textFor({ reason, result, did_you_mean }: PresendVerdict): keyof Texts | null {
  if (reason === 'syntax_error') return 'syntax';
  if (reason === 'denied_domain') return 'denied';
  if (reason.startsWith('disposable')) return 'temporary';
  if (result === 'undeliverable' && reason !== 'suppressed') return 'domain';
  return did_you_mean === null ? 'doubtful' : null;
}

/** `"role_account=warn disposable_domain=block"`, as an attribute has it. */
export const readPolicy = (text = ''): Policy =>
  Object.fromEntries(text.split(/[\s,;]+/).map((pair) => pair.split('=') as [Reason, Decision]));
