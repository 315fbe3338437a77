// The widget's checker as a hook: it asks for verdicts, and renders again when an answer arrives or is hidden.

import { useEffect, useRef, useState } from 'react';
import { flushSync } from 'react-dom';
import { serviceUrl } from '../service-url.ts';
import { type Answer, type Checker, createChecker } from '../widget/checker.ts';
import { formDecision, warnOfMistakes } from '../widget/policy.ts';
import type { Decision, Policy, PresendOptions, PresendVerdict } from '../widget/types.ts';
import { type Wording, wordingFor } from '../widget/wording.ts';

export interface EmailCheckOptions {
  /** The URL of the service, such as `https://presend.example.com`. */
  endpoint: string | URL;
  /** A publishable key, `pk_…`, for the origin of the page. */
  publishableKey?: string | undefined;
  /** Milliseconds that the person must pause typing before the address is checked. Default: 700. */
  debounce?: number | undefined;
  /** Milliseconds after which no verdict is awaited any more. Default: 2500. */
  timeout?: number | undefined;
  /** Decisions that replace the defaults, by reason. */
  policy?: Policy | undefined;
  /** Texts that replace the built-in ones. The key is a name such as `syntax`, or a reason. */
  texts?: PresendOptions['texts'] | undefined;
  /** Called when a check ends. The verdict is null if none arrived in time. */
  onVerdict?: ((verdict: PresendVerdict | null, decision: Decision) => void) | undefined;
}

export type CheckState =
  | { readonly phase: 'idle' | 'checking' }
  | { readonly phase: 'answered'; readonly answer: Answer; readonly wording: Wording };

const idle: CheckState = { phase: 'idle' };

/** The source of the value and of the language. Both functions are called when a check begins or ends, never while rendering. */
export interface CheckedSource {
  readonly current: () => string;
  /** The element whose `lang` decides the language of the words. */
  readonly element: () => Element;
}

/**
 * Returns the state of the check, and a stable function that returns the checker. Before the first effect, that function returns
 * undefined.
 */
export function useChecker(
  options: EmailCheckOptions,
  source: CheckedSource,
): readonly [CheckState, () => Checker | undefined] {
  const { endpoint, publishableKey: key, debounce: pause, timeout } = options;
  const [state, setState] = useState<CheckState>(idle);
  const checker = useRef<Checker | undefined>(undefined);
  const [checkerNow] = useState(() => () => checker.current);
  /** The options of the last render, so a changed policy or callback does not begin a new check. */
  const latest = useRef({ ...options, ...source });
  useEffect(() => {
    latest.current = { ...options, ...source };
  });
  const url = `${serviceUrl(endpoint)}/v1/validate`;
  useEffect(() => {
    const made = createChecker(
      {
        endpoint: url,
        ...(key !== undefined && { key }),
        ...(timeout !== undefined && { timeout }),
        ...(pause !== undefined && { pause }),
      },
      {
        current: () => latest.current.current(),
        decide(verdict) {
          const { policy = {}, onVerdict } = latest.current;
          warnOfMistakes(policy);
          const decision = verdict === null ? 'allow' : formDecision(verdict, policy);
          onVerdict?.(verdict, decision);
          return decision;
        },
        show(answer, isNew) {
          const { element, texts } = latest.current;
          const wording = wordingFor(answer.verdict, element(), texts);
          const render = () => setState({ phase: 'answered', answer, wording });
          // A form that waits for the answer is sent right after this, and its token must be in the page by then.
          if (isNew) flushSync(render);
          else render();
        },
        hide: () => setState(idle),
        asking: () => setState({ phase: 'checking' }),
      },
    );
    checker.current = made;
    return () => {
      made.forget();
      checker.current = undefined;
    };
  }, [url, key, timeout, pause]);
  return [state, checkerNow];
}
