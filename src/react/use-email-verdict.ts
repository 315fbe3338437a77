// A hook for forms with their own fields: the verdict on the value of a field.

import { useCallback, useEffect, useRef } from 'react';
import type { Decision, PresendVerdict } from '../widget/types.ts';
import { type EmailCheckOptions, useChecker } from './use-checker.ts';

export interface EmailVerdictOptions extends EmailCheckOptions {
  /** False checks nothing until it is true, such as until the person has touched the field. Default: true. */
  enabled?: boolean | undefined;
}

export interface EmailVerdict {
  /**
   * `idle`: the value is empty, half typed, or about to be checked. `checking`: a verdict is awaited. `answered`: `verdict` is
   * about the value as it is. `unavailable`: no verdict arrived in time, so let the form through.
   */
  readonly status: 'idle' | 'checking' | 'answered' | 'unavailable';
  readonly verdict: PresendVerdict | null;
  /** What the form should do: `allow`, `warn` or `block`. `allow` until there is a verdict. */
  readonly decision: Decision;
  /** What to tell the person, in the language of the page; empty if there is nothing to say. */
  readonly message: string;
  /** The address that was probably meant; null without one. Offer it; never apply it on your own. */
  readonly suggestion: string | null;
  /** "Did you mean jane@gmail.com?", in the language of the page; empty without a suggestion. */
  readonly suggestionText: string;
  /** Send it with the form as `presend_token`: your server confirms the verdict with it. Null without a publishable key. */
  readonly token: string | null;
  /**
   * Checks the value of the last render at once, without the pause, and resolves to the decision. For a form that is submitted:
   * `if ((await check()) === 'block') return;`.
   */
  readonly check: () => Promise<Decision>;
}

const documentElement = (): Element => document.documentElement;

/**
 * Returns the verdict on `value`. An address that looks complete is checked after a pause; another one when `check` is called. A
 * check that is no longer wanted is aborted, and no answer outlives the value that it is about.
 */
export function useEmailVerdict(
  value: string,
  { enabled = true, ...options }: EmailVerdictOptions,
): EmailVerdict {
  const address = value.trim();
  const latest = useRef(address);
  const [state, checker] = useChecker(options, { current: () => latest.current, element: documentElement });
  const { publishableKey, debounce, timeout } = options;
  const endpoint = String(options.endpoint);
  // Effects run in order, so the checker exists, and it is a new one after one of its options changed.
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new checker has to check the value too.
  useEffect(() => {
    latest.current = address;
    if (enabled) checker()?.changed();
  }, [address, enabled, checker, endpoint, publishableKey, debounce, timeout]);
  const check = useCallback(async () => {
    await checker()?.check();
    return checker()?.decision() ?? 'allow';
  }, [checker]);
  const nothing = { decision: 'allow', message: '', suggestion: null, suggestionText: '', check } as const;
  // The state is about an older value until the effect has run.
  if (state.phase !== 'answered' || state.answer.value !== address)
    return {
      status: state.phase === 'checking' ? 'checking' : 'idle',
      verdict: null,
      token: null,
      ...nothing,
    };
  const { verdict, decision } = state.answer;
  if (verdict === null) return { status: 'unavailable', verdict, token: null, ...nothing };
  const token = verdict.token ?? null;
  if (decision === 'allow') return { status: 'answered', verdict, token, ...nothing };
  const { why, suggestion } = state.wording;
  return {
    status: 'answered',
    verdict,
    decision,
    message: why,
    suggestion: verdict.did_you_mean,
    suggestionText: suggestion,
    token,
    check,
  };
}
