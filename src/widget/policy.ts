// Decides what a verdict does to the form, and which text explains it.

import { formDefaults } from '../signals/form-defaults.ts';
import type { Decision, Policy, PresendVerdict, Reason, Texts } from './types.ts';

/** The decision of the page's policy, else the signal's default. A verdict of `unknown` never blocks. */
export function formDecision({ reason, result }: PresendVerdict, policy: Policy): Decision {
  const decision = policy[reason] ?? formDefaults[`${reason} ${result}`] ?? 'allow';
  return decision === 'block' && result === 'unknown' ? 'warn' : decision;
}

/** The text that explains a verdict, or null if the suggestion is enough. */
export function textFor({ reason, result, did_you_mean }: PresendVerdict): keyof Texts | null {
  if (reason === 'syntax_error') return 'syntax';
  if (reason === 'denied_domain') return 'denied';
  if (reason.startsWith('disposable')) return 'temporary';
  if (result === 'undeliverable' && reason !== 'suppressed') return 'domain';
  return did_you_mean === null ? 'doubtful' : null;
}

/** Parses a policy from an attribute, such as `"role_account=warn disposable_domain=block"`. */
export const readPolicy = (text = ''): Policy =>
  Object.fromEntries(text.split(/[\s,;]+/).map((pair) => pair.split('=') as [Reason, Decision]));
