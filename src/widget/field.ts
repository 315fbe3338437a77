// One input: checks its value and shows the result.

import { ask } from './ask.ts';
import { formDecision, readPolicy, textFor } from './policy.ts';
import { adoptStyle } from './style.ts';
import { texts } from './texts.ts';
import type { Decision, PresendOptions, PresendVerdict, Texts } from './types.ts';

export interface Field {
  readonly input: HTMLInputElement;
  /** The person changed the value. */
  changed(): void;
  /**
   * Checks the value, unless it was checked already. Returns a promise while the answer is pending. The promise resolves to
   * false if the value changed in the meantime. It never rejects.
   */
  check(): Promise<boolean> | undefined;
  /** The decision on the current value. */
  decision(): Decision;
  /** Shows that the form is waiting for the check. */
  wait(): void;
  /** Resets the field as if nothing had been typed. */
  forget(): void;
  /** Removes everything that the widget added. */
  remove(): void;
}

interface Answer {
  readonly value: string;
  readonly verdict: PresendVerdict | null;
  readonly decision: Decision;
}

const describedBy = 'aria-describedby';
const invalid = 'aria-invalid';

const create = <Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  properties: Partial<HTMLElementTagNameMap[Tag]>,
): HTMLElementTagNameMap[Tag] => Object.assign(document.createElement(tag), properties);

export function createField(input: HTMLInputElement, options: PresendOptions & { endpoint: string }): Field {
  const { dataset } = input;
  // Random, because a page may contain two copies of the widget.
  const id = `presend-${Math.random().toString(36).slice(2)}`;
  const status = create('div', { className: 'presend', id, role: 'status' });

  let answer: Answer | undefined;
  let asked: string | undefined;
  let pending: Promise<boolean> | undefined;
  let controller: AbortController | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let ownValidity = '';
  let invalidBefore: string | null | undefined;
  let token: HTMLInputElement | undefined;

  /** Null or undefined removes the attribute. */
  const set = (name: string, value: string | null): void =>
    value?.trim() ? input.setAttribute(name, value.trim()) : input.removeAttribute(name);

  /** False if a listener called `preventDefault()`. */
  const dispatch = (type: string, detail?: unknown): boolean =>
    input.dispatchEvent(new CustomEvent(type, { bubbles: true, composed: true, cancelable: true, detail }));

  const current = (): string => input.value.trim();

  /** A live region is announced only if it exists before its text. */
  const place = (): void => {
    const described = input.getAttribute(describedBy) ?? '';
    if (!described.includes(id)) set(describedBy, `${described} ${id}`);
    if (status.isConnected) return;
    const root = input.getRootNode() as Document | ShadowRoot;
    const own = dataset['presendStatus'] && root.getElementById(dataset['presendStatus']);
    // Inside the label it would become part of the input's accessible name.
    if (own) own.append(status);
    else (input.closest('label') ?? input).after(status);
    adoptStyle(root);
  };

  const say = (...content: (Node | string)[]): void => status.replaceChildren(...content);

  const text = (name: keyof Texts): string => {
    const { lang } = input.closest<HTMLElement>('[lang]') ?? document.documentElement;
    const language = lang.toLowerCase().split('-')[0]!;
    status.lang = texts[language] ? language : 'en';
    return options.texts?.[name] ?? texts[status.lang]![name];
  };

  const clear = (): void => {
    say();
    token?.remove();
    // Keep a validity message that the page itself set.
    if ((input.validationMessage || ownValidity) === ownValidity) input.setCustomValidity('');
    ownValidity = '';
    if (invalidBefore !== undefined) set(invalid, invalidBefore);
    invalidBefore = undefined;
  };

  /** Uses the setter of the prototype: React overrides the setter of the input, and would not see the change. */
  const apply = (suggestion: string): void => {
    input.focus();
    Reflect.set(Object.getPrototypeOf(input), 'value', suggestion, input);
    dispatch('input');
    dispatch('change');
    check();
  };

  const suggestionButton = (suggestion: string): HTMLElement =>
    create('button', {
      type: 'button',
      textContent: text('suggestion').replace('{}', () => suggestion),
      onclick: () => apply(suggestion),
    });

  const show = (): void => {
    clear();
    if (!answer?.verdict) return;
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
    const name = textFor(verdict);
    const why = options.texts?.[verdict.reason] ?? (name ? text(name) : '');
    const button = verdict.did_you_mean ? suggestionButton(verdict.did_you_mean) : '';
    say(why, why && button && ' ', button);
    if (decision === 'warn') return;
    ownValidity = status.textContent!;
    input.setCustomValidity(ownValidity);
    invalidBefore = input.getAttribute(invalid);
    set(invalid, 'true');
  };

  const cancel = (): void => {
    clearTimeout(timer);
    controller?.abort();
    asked = pending = controller = undefined;
  };

  const check = (): Promise<boolean> | undefined => {
    const value = current();
    if (value === asked) return pending;
    cancel();
    if (!value) return undefined;
    if (value === answer?.value) {
      if (!status.hasChildNodes()) show();
      return undefined;
    }
    asked = value;
    const mine = new AbortController();
    controller = mine;
    const { endpoint, key, timeout = 2500 } = options;
    pending = ask(value, { endpoint, key, timeout }, mine).then((verdict) => {
      if (controller !== mine) return false;
      cancel();
      const policy = { ...options.policy, ...readPolicy(dataset['presendPolicy']) };
      let decision: Decision = verdict ? formDecision(verdict, policy) : 'allow';
      const taken = verdict
        ? dispatch('presend:verdict', { verdict, decision })
        : dispatch('presend:unavailable');
      if (!taken) decision = 'allow';
      answer = { value, verdict, decision };
      show();
      return true;
    });
    return pending;
  };

  place();
  return {
    input,
    check,
    changed() {
      const value = current();
      if (value === asked) return;
      cancel();
      clear();
      // Half an address is not worth a request or a message.
      if (/.@.+\../.test(value)) timer = setTimeout(check, options.pause ?? 700);
    },
    decision: () => (answer?.value === current() ? answer.decision : 'allow'),
    wait() {
      place();
      say(text('checking'));
    },
    forget() {
      cancel();
      clear();
      answer = undefined;
    },
    remove() {
      cancel();
      clear();
      status.remove();
      set(describedBy, (input.getAttribute(describedBy) ?? '').replace(id, ''));
    },
  };
}
