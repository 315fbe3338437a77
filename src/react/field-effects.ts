// What the field does to its input outside of rendering.

import { type RefObject, useEffect, useRef } from 'react';
import { flushSync } from 'react-dom';
import type { Checker } from '../widget/checker.ts';
import { adoptStyle } from '../widget/style.ts';
import { submitGuard } from '../widget/submit-guard.ts';

type Input = RefObject<HTMLInputElement | null>;
type CheckerNow = () => Checker | undefined;

/**
 * Holds back the submit of the form while the address is blocked or being checked, and forgets the answer when the form is reset.
 * `wait` is called when a submitted form waits for the check.
 */
export function useSubmitGuard(input: Input, checker: CheckerNow, wait: () => void): void {
  // The guard remembers the form that waits, so it must outlive a new `wait`.
  const latestWait = useRef(wait);
  useEffect(() => {
    latestWait.current = wait;
  });
  useEffect(() => {
    const element = input.current!;
    const root = element.getRootNode() as Document | ShadowRoot;
    adoptStyle(root);
    const ending = new AbortController();
    const guard = submitGuard((form) =>
      element.form === form && !element.disabled
        ? [
            {
              input: element,
              // An answer that is shown again has its token in the page before the form is sent.
              check: () => synchronously(() => checker()?.check()),
              decision: () => checker()?.decision() ?? 'allow',
              wait: () => synchronously(latestWait.current),
            },
          ]
        : [],
    );
    root.addEventListener('submit', guard, { capture: true, signal: ending.signal });
    root.addEventListener('reset', ({ target }) => target === element.form && checker()?.forget(), {
      signal: ending.signal,
    });
    return () => ending.abort();
  }, [input, checker]);
}

/** Runs `act`, and renders what it changed before it returns. */
function synchronously<Result>(act: () => Result): Result {
  let result: Result;
  flushSync(() => {
    result = act();
  });
  return result!;
}

/**
 * Makes the input invalid with a message, so that the browser stops the form; empty: it is valid as far as presend is concerned.
 */
export function useOwnValidity(input: Input, message: string): void {
  useEffect(() => {
    const element = input.current;
    if (!message || element === null) return;
    element.setCustomValidity(message);
    return () => {
      // Keep a message that the page has set meanwhile.
      if ((element.validationMessage || message) === message) element.setCustomValidity('');
    };
  }, [input, message]);
}

/** Tells the checker that the page itself changed the property `value`. The first value is checked when the form is submitted. */
export function useChangedProp(value: unknown, checker: CheckerNow): void {
  const before = useRef(value);
  useEffect(() => {
    if (before.current === value) return;
    before.current = value;
    checker()?.changed();
  }, [value, checker]);
}
