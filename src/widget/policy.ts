// Decides whether a verdict allows, warns or blocks, and which text explains it to the person.

import { formDefaults } from '../signals/form-defaults.ts';
import type { Decision, Policy, PresendVerdict, Reason, Texts } from './types.ts';

/**
 * Returns the decision on a verdict: that of the page's policy for its reason, or the default if the policy has none. A
 * verdict with the result `unknown` never blocks a form; the person gets a warning instead.
 */
export function formDecision({ reason, result }: PresendVerdict, policy: Policy): Decision {
  const decision = policy[reason] ?? formDefaults[`${reason} ${result}`] ?? 'allow';
  return decision === 'block' && result === 'unknown' ? 'warn' : decision;
}

/** Returns the name of the text that explains a verdict; null if "Did you mean …?" alone is enough. */
export function textFor({ reason, result, did_you_mean }: PresendVerdict): keyof Texts | null {
  if (reason === 'syntax_error') return 'syntax';
  if (reason === 'denied_domain') return 'denied';
  if (reason.startsWith('disposable')) return 'temporary';
  if (result === 'undeliverable' && reason !== 'suppressed')
    return reason === 'impossible_mailbox' ? 'syntax' : 'domain';
  return did_you_mean === null ? 'doubtful' : null;
}

/** Parses a policy from an attribute, such as `"role_account=warn disposable_domain=block"`. */
export const readPolicy = (text = ''): Policy =>
  Object.fromEntries(text.split(/[\s,;]+/).map((pair) => pair.split('=') as [Reason, Decision]));
