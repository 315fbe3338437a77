// Checks the value of one field: when the person pauses, leaves the field or submits the form. Keeps the last answer. The code
// does not touch the page itself, so the widget and the React component share it.

import { ask } from './ask.ts';
import type { Decision, PresendOptions, PresendVerdict } from './types.ts';

/** The result of the last finished check, and the value that was checked. The verdict is null if none arrived. */
export interface Answer {
  readonly value: string;
  readonly verdict: PresendVerdict | null;
  readonly decision: Decision;
}

/** What the checker needs from the field. */
export interface CheckedField {
  /** Returns the value as it is now, without white space around it. */
  current(): string;
  /** Decides what to do about a verdict that just arrived, or about null if no verdict arrived. */
  decide(verdict: PresendVerdict | null): Decision;
  /** Shows the answer on the current value. `isNew` is false if the value was checked before. */
  show(answer: Answer, isNew: boolean): void;
  /** Hides the answer, because the value changed. */
  hide(): void;
  /** A check begins. */
  asking?(): void;
}

export interface Checker {
  /** Call this after the person changed the value. It hides the answer and starts a check after a pause. */
  changed(): void;
  /**
   * Checks the value, unless it was checked already. Returns undefined if there is nothing to wait for, else a promise that
   * settles when the answer arrives: true, or false if the value changed in the meantime. The promise never rejects.
   */
  check(): Promise<boolean> | undefined;
  /** The decision on the current value: `allow` until it has been checked. */
  decision(): Decision;
  /** Ends the check that runs, and forgets and hides the answer. */
  forget(): void;
}

export function createChecker(
  { endpoint, key, timeout = 2500, pause = 700 }: PresendOptions & { endpoint: string },
  field: CheckedField,
): Checker {
  let answer: Answer | undefined;
  let isShown = false;
  /** The value that is being checked now. `pending` is the promise of this check, and `controller` aborts it. */
  let asked: string | undefined;
  let pending: Promise<boolean> | undefined;
  let controller: AbortController | undefined;
  /** Starts a check when the person stops typing. */
  let timer: ReturnType<typeof setTimeout> | undefined;

  const show = (shown: Answer, isNew: boolean): void => {
    answer = shown;
    isShown = true;
    field.show(shown, isNew);
  };

  const hide = (): void => {
    isShown = false;
    field.hide();
  };

  const cancel = (): void => {
    clearTimeout(timer);
    controller?.abort();
    asked = pending = controller = undefined;
  };

  const check = (): Promise<boolean> | undefined => {
    const value = field.current();
    if (value === asked) return pending;
    cancel();
    if (value === answer?.value) {
      if (!isShown) show(answer, false);
      return undefined;
    }
    // A script may have changed the value without an event.
    if (isShown) hide();
    if (!value) return undefined;
    asked = value;
    const mine = new AbortController();
    controller = mine;
    field.asking?.();
    pending = ask(value, { endpoint, key, timeout }, mine).then((verdict) => {
      if (controller !== mine) return false;
      cancel();
      show({ value, verdict, decision: field.decide(verdict) }, true);
      return true;
    });
    return pending;
  };

  return {
    check,
    changed() {
      const value = field.current();
      if (value === asked) return;
      cancel();
      hide();
      // Check only a value that looks complete, such as a@b.c. An address that is half typed would only get a false warning.
      if (/.@.+\../.test(value)) timer = setTimeout(check, pause);
    },
    decision: () => (answer?.value === field.current() ? answer.decision : 'allow'),
    forget() {
      cancel();
      hide();
      answer = undefined;
    },
  };
}
