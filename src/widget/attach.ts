// Attaches the widget to a document or shadow root. It listens to the events of the whole root, not of each input, so inputs
// that the page adds later are watched too.

import { createField, type Field } from './field.ts';
import { warnOfMistakes } from './policy.ts';
import { submitGuard } from './submit-guard.ts';
import type { PresendOptions } from './types.ts';

type Root = Document | ShadowRoot;

/**
 * Selects the inputs that the widget checks: those of type `email` or with `data-presend`. Leaves out inputs that
 * cannot be edited, that take several addresses, or that have `data-presend="off"`.
 */
const watched = 'input:is([type=email],[data-presend]):read-write:not([data-presend=off],[multiple])';

/**
 * Documents and shadow roots that already have listeners of the widget. If the page attaches the widget to a shadow
 * root with other options, the widget of the document adds no listeners there.
 */
const known = new WeakSet<Node>();

/** Attaches the widget; `Presend.attach` describes it. */
export function attachWidget(root: Root, options: PresendOptions & { endpoint: string }): () => void {
  warnOfMistakes(options.policy);
  /** The checked inputs. */
  const fields = new Map<EventTarget, Field>();
  /** Aborting it removes all listeners. */
  const ending = new AbortController();

  /** Returns the field of an input, creating it for a watched input that has none. */
  const fieldOf = (input: EventTarget): Field | undefined => {
    const field = fields.get(input);
    if (field || !(input as Element).matches?.(watched)) return field;
    const made = createField(input as HTMLInputElement, options);
    fields.set(input, made);
    return made;
  };

  /**
   * Forgets the inputs that the page removed. A page that removes only the input, as React does, leaves the token and the message
   * behind, and the form would send the token of an address that is no longer in it.
   */
  const observer = new MutationObserver(() => {
    for (const [input, field] of fields) {
      if ((input as Node).isConnected) continue;
      field.remove();
      fields.delete(input);
    }
  });

  const fieldsOf = (form: EventTarget | null): Field[] =>
    [...fields.values()].filter(({ input }) => input.form === form && !input.disabled);

  const guard = submitGuard((form) => {
    // An input that a person never touched, such as a prefilled one, has no field yet.
    for (const input of (form.getRootNode() as Root).querySelectorAll<HTMLInputElement>(watched))
      if (input.form === form) fieldOf(input);
    return fieldsOf(form);
  });

  /** Adds the widget's listeners to a document or shadow root. */
  const listen = (at: Root): void => {
    known.add(at);
    observer.observe(at, { childList: true, subtree: true });
    const on = (type: string, act?: (field: Field) => unknown): void =>
      at.addEventListener(
        type,
        (event) => {
          const input = event.composedPath()[0]!;
          const home = (input as Node).getRootNode?.() as Root;
          if (home !== at) {
            // The event came from a shadow root inside `at`. Listen to that root too, because focus events that stay within a
            // shadow root do not reach the outside.
            if (!home || known.has(home)) return;
            listen(home);
          }
          const field = fieldOf(input);
          if (field) act?.(field);
        },
        { signal: ending.signal },
      );
    on('focusin');
    // In Safari a click on a button gives it no focus. Without this event, a shadow root in which nothing else happened would
    // have no submit listener.
    on('pointerdown');
    on('input', (field) => field.changed());
    on('change', (field) => field.check());
    on('focusout', (field) => field.check());
    at.addEventListener('submit', guard, { capture: true, signal: ending.signal });
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
    observer.disconnect();
    for (const field of fields.values()) field.remove();
  };
}
