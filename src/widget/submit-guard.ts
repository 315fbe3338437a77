// Holds back the submit of a form while one of its fields is blocked or still being checked.

import type { Checker } from './checker.ts';

export interface GuardedField extends Pick<Checker, 'check' | 'decision'> {
  readonly input: HTMLInputElement;
  /** Shows a message such as "Checking…", because the submitted form waits for the check. */
  wait(): void;
}

/**
 * Returns a listener for `submit` events in the capture phase. It runs before the page's own listeners, so they do not handle a
 * form that is not ready. `fieldsIn` returns the fields of the form that is being submitted.
 */
export function submitGuard(
  fieldsIn: (form: HTMLFormElement) => readonly GuardedField[],
): (event: Event) => void {
  /** Forms that were submitted and wait for checks. */
  const held = new Set<HTMLFormElement>();
  /** The form that this guard itself is submitting, because its checks are done. */
  let passing: HTMLFormElement | undefined;

  return (event) => {
    const form = event.target as HTMLFormElement;
    const { submitter } = event as { submitter?: HTMLButtonElement | null };
    if (event.defaultPrevented || submitter?.formNoValidate) return;
    const within = fieldsIn(form);
    const stop = (): void => {
      event.preventDefault();
      event.stopImmediatePropagation();
    };
    // A blocked field is invalid, so the browser itself stops the submit of most forms. This code stops it for forms
    // with `novalidate`.
    const blocked = within.find((field) => field.decision() === 'block');
    if (blocked) {
      stop();
      blocked.input.focus();
      return;
    }
    if (passing === form) return;
    const waiting = within.filter((field) => field.check());
    if (!waiting.length) return;
    stop();
    if (held.has(form)) return;
    held.add(form);
    for (const field of waiting) field.wait();
    Promise.all(waiting.map((field) => field.check())).then((answered) => {
      held.delete(form);
      // False means that the value changed during the check. The person is still typing, so do not submit.
      if (answered.includes(false)) return;
      // The person has not seen a warning that arrived just now, so show it and stop. The next submit goes through.
      const warned = waiting.find((field) => field.decision() === 'warn');
      if (warned) return warned.input.focus();
      if (!form.isConnected) return;
      passing = form;
      form.requestSubmit(submitter?.form === form ? submitter : null);
      passing = undefined;
    });
  };
}
