// One input of a form: checks its value, shows messages next to it, and blocks the form if necessary.

import { ask } from './ask.ts';
import { formDecision, readPolicy, textFor } from './policy.ts';
import { adoptStyle } from './style.ts';
import { texts } from './texts.ts';
import type { Decision, PresendOptions, PresendVerdict, Texts } from './types.ts';

export interface Field {
  readonly input: HTMLInputElement;
  /** Call this after the person changed the value. It hides messages and starts a check after a pause. */
  changed(): void;
  /**
   * Checks the value, unless it was checked already. Returns undefined if there is nothing to wait for, else a promise that
   * settles when the answer arrives: true, or false if the value changed in the meantime. The promise never rejects.
   */
  check(): Promise<boolean> | undefined;
  /** The decision on the current value: `allow` until it has been checked. */
  decision(): Decision;
  /** Shows a message such as "Checking…", because the submitted form waits for the check. */
  wait(): void;
  /** Forgets the answer and hides messages, after the form was reset. */
  forget(): void;
  /** Removes everything that the widget added to the page for this input. */
  remove(): void;
}

/** The result of the last finished check, and the value that was checked. The verdict is null if none arrived. */
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
  // Random, so ids differ even if the page loads two copies of the widget.
  const id = `presend-${Math.random().toString(36).slice(2)}`;
  const status = create('div', { className: 'presend', id, role: 'status' });

  let answer: Answer | undefined;
  /** The value that is being checked now. `pending` is the promise of this check, and `controller` aborts it. */
  let asked: string | undefined;
  let pending: Promise<boolean> | undefined;
  let controller: AbortController | undefined;
  /** Starts a check when the person stops typing. */
  let timer: ReturnType<typeof setTimeout> | undefined;
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

  const current = (): string => input.value.trim();

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

  const text = (name: keyof Texts): string => {
    const { lang } = input.closest<HTMLElement>('[lang]') ?? document.documentElement;
    const language = lang.toLowerCase().split('-')[0]!;
    status.lang = texts[language] ? language : 'en';
    return options.texts?.[name] ?? texts[status.lang]![name];
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

  /**
   * Replaces the value by the suggestion and checks it. Uses the setter of the prototype, because React overrides the
   * setter of the element itself. React would take a change through that setter for its own change and ignore the
   * event.
   */
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
      // Check only a value that looks complete, such as a@b.c. An address that is half typed would only get a false warning.
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
