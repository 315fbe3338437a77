// One input of a form: checks its value, shows messages next to it, and blocks the form if necessary.

import { type Answer, type Checker, createChecker } from './checker.ts';
import { formDecision, readPolicy } from './policy.ts';
import { replaceValue } from './replace-value.ts';
import { adoptStyle } from './style.ts';
import type { GuardedField } from './submit-guard.ts';
import type { Decision, PresendOptions } from './types.ts';
import { wordingFor } from './wording.ts';

export interface Field extends GuardedField, Checker {
  /** Removes everything that the widget added to the page for this input. */
  remove(): void;
}

const describedBy = 'aria-describedby';
const invalid = 'aria-invalid';

const create = <Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  properties: Partial<HTMLElementTagNameMap[Tag]>,
): HTMLElementTagNameMap[Tag] => Object.assign(document.createElement(tag), properties);

export function createField(input: HTMLInputElement, options: PresendOptions & { endpoint: string }): Field {
  const { dataset } = input;
  // Random, so ids differ even if the page loads two copies of the widget.
  const id = `presend-${Math.random().toString(36).slice(2)}`;
  const status = create('div', { className: 'presend', id, role: 'status' });

  /** The validity message that the widget set on the input; empty if none. */
  let ownValidity = '';
  /** `aria-invalid` as it was before the widget set it; undefined if the widget did not set it. */
  let invalidBefore: string | null | undefined;
  /** The hidden input that carries the verdict's token. */
  let token: HTMLInputElement | undefined;

  /** Sets an attribute of the input. Null or a blank value removes it. */
  const set = (name: string, value: string | null): void =>
    value?.trim() ? input.setAttribute(name, value.trim()) : input.removeAttribute(name);

  /** Dispatches an event on the input. Returns false if a listener called `preventDefault()`. */
  const dispatch = (type: string, detail?: unknown): boolean =>
    input.dispatchEvent(new CustomEvent(type, { bubbles: true, composed: true, cancelable: true, detail }));

  /**
   * Puts the empty status element next to the input. This must happen before there is a message: screen readers announce only
   * text that is added to an element that already exists.
   */
  const place = (): void => {
    const described = input.getAttribute(describedBy) ?? '';
    if (!described.includes(id)) set(describedBy, `${described} ${id}`);
    if (status.isConnected) return;
    const root = input.getRootNode() as Document | ShadowRoot;
    const own = dataset['presendStatus'] && root.getElementById(dataset['presendStatus']);
    // Put it after a label that contains the input: inside, its text would become part of the input's accessible name.
    if (own) own.append(status);
    else (input.closest('label') ?? input).after(status);
    adoptStyle(root);
  };

  const say = (...content: (Node | string)[]): void => status.replaceChildren(...content);

  /** Returns the words for the answer, and sets the language of the status. Without an answer, only `checking` has a text. */
  const words = (answer?: Answer) => {
    const wording = wordingFor(answer?.verdict, input, options.texts);
    status.lang = wording.lang;
    return wording;
  };

  const clear = (): void => {
    say();
    token?.remove();
    // Clear the validity message only if the widget set it. Keep one that the page set.
    if ((input.validationMessage || ownValidity) === ownValidity) input.setCustomValidity('');
    ownValidity = '';
    if (invalidBefore !== undefined) set(invalid, invalidBefore);
    invalidBefore = undefined;
  };

  const suggestionButton = (textContent: string, suggestion: string): HTMLElement =>
    create('button', {
      type: 'button',
      textContent,
      onclick() {
        replaceValue(input, suggestion);
        checker.check();
      },
    });

  const show = (answer: Answer): void => {
    clear();
    if (!answer.verdict) return;
    const { verdict, decision } = answer;
    if (verdict.token) {
      token = create('input', {
        type: 'hidden',
        name: options.token ?? 'presend_token',
        value: verdict.token,
      });
      const form = input.getAttribute('form');
      if (form) token.setAttribute('form', form);
      input.after(token);
    }
    if (decision === 'allow') return;
    place();
    const { why, suggestion } = words(answer);
    const button = suggestion && suggestionButton(suggestion, verdict.did_you_mean!);
    say(why, why && button && ' ', button);
    if (decision === 'warn') return;
    ownValidity = status.textContent!;
    input.setCustomValidity(ownValidity);
    invalidBefore = input.getAttribute(invalid);
    set(invalid, 'true');
  };

  const checker = createChecker(options, {
    current: () => input.value.trim(),
    decide(verdict) {
      const policy = { ...options.policy, ...readPolicy(dataset['presendPolicy']) };
      const decision: Decision = verdict ? formDecision(verdict, policy) : 'allow';
      const isTaken = verdict
        ? dispatch('presend:verdict', { verdict, decision })
        : dispatch('presend:unavailable');
      return isTaken ? decision : 'allow';
    },
    show,
    hide: clear,
  });

  place();
  return {
    input,
    ...checker,
    wait() {
      place();
      say(words().checking);
    },
    remove() {
      checker.forget();
      status.remove();
      set(describedBy, (input.getAttribute(describedBy) ?? '').replace(id, ''));
    },
  };
}
