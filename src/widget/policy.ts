// Decides whether a verdict allows, warns or blocks, and which text explains it to the person.

import { formDefaults, formReasons } from '../signals/form-defaults.ts';
import type { Decision, Policy, PresendVerdict, Reason, Texts } from './types.ts';

/**
 * Returns the default decision and, as a second element, the name of the text to show. Without a second element, the text is
 * `doubtful`.
 */
const defaultsFor = ({ reason, result }: PresendVerdict): string[] =>
  (formDefaults[`${reason} ${result}`] ?? 'allow').split(' ');

/**
 * Returns the decision on a verdict: that of the page's policy for its reason, or the default if the policy has none. A
 * verdict with the result `unknown` never blocks a form; the person gets a warning instead.
 */
export function formDecision(verdict: PresendVerdict, policy: Policy): Decision {
  const decision = policy[verdict.reason] ?? (defaultsFor(verdict)[0] as Decision);
  return decision === 'block' && verdict.result === 'unknown' ? 'warn' : decision;
}

/** Returns the name of the text that explains a verdict; null if "Did you mean …?" alone is enough. */
export function textFor(verdict: PresendVerdict): keyof Texts | null {
  const text = defaultsFor(verdict)[1] as keyof Texts | undefined;
  return text ?? (verdict.did_you_mean === null ? 'doubtful' : null);
}

/** Parses a policy from an attribute, such as `"role_account=warn disposable_domain=block"`. */
export function readPolicy(text = ''): Policy {
  const pairs = text.split(/[\s,;]+/).filter(Boolean);
  const policy: Policy = Object.fromEntries(pairs.map((pair) => pair.split('=') as [Reason, Decision]));
  warnOfMistakes(policy);
  return policy;
}

const warned = new Set<string>();

/** Writes one warning into the console for each entry of a policy that has no effect. */
export function warnOfMistakes(policy: Policy = {}): void {
  for (const [reason, decision] of Object.entries(policy)) {
    const entry = `${reason}=${decision}`;
    if (warned.has(entry)) continue;
    warned.add(entry);
    if (!formReasons.includes(reason))
      console.warn(`presend: policy ${entry}: unknown reason. Reasons: ${formReasons}`);
    else if (!/^(allow|warn|block)$/.test(decision))
      console.warn(`presend: policy ${entry}: use allow, warn or block`);
  }
}
