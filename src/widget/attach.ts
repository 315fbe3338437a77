// Attaches the widget to a document or shadow root: one listener for all inputs in it, including later ones.

import { createField, type Field } from './field.ts';
import type { PresendOptions } from './types.ts';

type Root = Document | ShadowRoot;

const watched = 'input:is([type=email],[data-presend]):read-write:not([data-presend=off],[multiple])';

/** Roots with a listener. A root gets only one, so a shadow root can have its own options. */
const known = new WeakSet<Node>();

/** See `Presend.attach`. */
export function attachWidget(root: Root, options: PresendOptions & { endpoint: string }): () => void {
  const fields = new Map<EventTarget, Field>();
  const ending = new AbortController();
  const held = new Set<HTMLFormElement>();
  let passing: HTMLFormElement | undefined;

  const fieldOf = (input: EventTarget): Field | undefined => {
    const field = fields.get(input);
    if (field || !(input as Element).matches?.(watched)) return field;
    for (const [other] of fields) if (!(other as Node).isConnected) fields.delete(other);
    const made = createField(input as HTMLInputElement, options);
    fields.set(input, made);
    return made;
  };

  const fieldsOf = (form: EventTarget | null): Field[] =>
    [...fields.values()].filter(({ input }) => input.form === form && !input.disabled);

  /** Runs in the capture phase, before the listeners of the page: they must not handle a form that is still waiting. */
  const onSubmit = (event: SubmitEvent): void => {
    const form = event.target as HTMLFormElement;
    const { submitter } = event as { submitter: HTMLButtonElement | null };
    if (event.defaultPrevented || submitter?.formNoValidate) return;
    const within = fieldsOf(form);
    const stop = (): void => {
      event.preventDefault();
      event.stopImmediatePropagation();
    };
    // The browser stops such a form unless it has `novalidate`.
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
      // The person is still typing: do not submit half an address.
      if (answered.includes(false)) return;
      // A warning that arrived while the form waited has not been seen: the next submit goes through.
      const warned = waiting.find((field) => field.decision() === 'warn');
      if (warned) return warned.input.focus();
      if (!form.isConnected) return;
      passing = form;
      form.requestSubmit(submitter?.form === form ? submitter : null);
      passing = undefined;
    });
  };

  const listen = (at: Root): void => {
    known.add(at);
    const on = (type: string, act?: (field: Field) => unknown): void =>
      at.addEventListener(
        type,
        (event) => {
          const input = event.composedPath()[0]!;
          const home = (input as Node).getRootNode?.() as Root;
          if (home !== at) {
            // Focus changes within a shadow root are invisible outside it.
            if (!home || known.has(home)) return;
            listen(home);
          }
          const field = fieldOf(input);
          if (field) act?.(field);
        },
        { signal: ending.signal },
      );
    on('focusin');
    on('input', (field) => field.changed());
    on('change', (field) => field.check());
    on('focusout', (field) => field.check());
    at.addEventListener('submit', onSubmit as EventListener, { capture: true, signal: ending.signal });
    at.addEventListener(
      'reset',
      ({ target }) => {
        for (const field of fieldsOf(target)) field.forget();
      },
      { signal: ending.signal },
    );
    ending.signal.addEventListener('abort', () => known.delete(at));
  };

  listen(root);
  if (root.activeElement) fieldOf(root.activeElement);
  return () => {
    ending.abort();
    for (const field of fields.values()) field.remove();
  };
}
