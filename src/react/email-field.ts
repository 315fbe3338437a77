// An e-mail field of a form: label, input, message, suggestion, and the token for the server.

import {
  type ChangeEvent,
  createElement,
  type FocusEvent,
  Fragment,
  forwardRef,
  type InputHTMLAttributes,
  type ReactElement,
  type ReactNode,
  useCallback,
  useEffect,
  useId,
  useRef,
  useState,
} from 'react';
import { replaceValue } from '../widget/replace-value.ts';
import { wordingFor } from '../widget/wording.ts';
import { useChangedProp, useOwnValidity, useSubmitGuard } from './field-effects.ts';
import { type EmailCheckOptions, useChecker } from './use-checker.ts';

type InputProps = Omit<InputHTMLAttributes<HTMLInputElement>, 'type' | 'multiple'>;

/** The options of the check, a label, and the properties of an input: `value` with `onChange`, or `defaultValue`. */
export interface EmailFieldProps extends EmailCheckOptions, InputProps {
  /** The label of the input. Without it, the page has its own, with `htmlFor`. */
  label?: ReactNode;
  /** The name of the hidden input that sends the verdict's token with the form. Default: `presend_token`. */
  tokenName?: string | undefined;
  /** The class of the label. */
  labelClassName?: string | undefined;
  /** The class of the message, in addition to `presend`. */
  messageClassName?: string | undefined;
}

/** Tells a widget that is attached to the document to ignore this input. */
const unwatched: { readonly [name: `data-${string}`]: string } = { 'data-presend': 'off' };

/**
 * Checks the address when the person pauses, leaves the field or submits the form. A blocked address is invalid; a form that is
 * submitted during a check waits for the answer; without an answer in time, it is sent. `ref` is the input.
 */
export const EmailField = forwardRef<HTMLInputElement, EmailFieldProps>(function EmailField(props, ref) {
  const { label, tokenName, labelClassName, messageClassName, ...others } = props;
  const { endpoint, publishableKey, debounce, timeout, policy, texts, onVerdict, ...inputProps } = others;
  const { 'aria-describedby': describedBy, 'aria-invalid': ownInvalid, onChange, onBlur, value } = inputProps;
  const input = useRef<HTMLInputElement>(null);
  const [state, checker] = useChecker(others, {
    current: () => input.current?.value.trim() ?? '',
    element: () => input.current ?? document.documentElement,
  });
  /** "Checking…" while a submitted form waits. */
  const [waiting, setWaiting] = useState('');
  const newId = useId();
  const id = inputProps.id ?? newId;
  const messageId = `${id}-presend`;

  const answer = state.phase === 'answered' ? state.answer : null;
  const wording = state.phase === 'answered' && answer?.decision !== 'allow' ? state.wording : null;
  const isBlocked = answer?.decision === 'block';
  const message = wording === null ? '' : [wording.why, wording.suggestion].filter(Boolean).join(' ');

  useSubmitGuard(input, checker, () => setWaiting(wordingFor(null, input.current!, texts).checking));
  useOwnValidity(input, isBlocked ? message : '');
  useChangedProp(value, checker);
  useEffect(() => {
    if (state.phase !== 'checking') setWaiting('');
  }, [state.phase]);

  const setInput = useCallback(
    (element: HTMLInputElement | null) => {
      input.current = element;
      if (typeof ref === 'function') ref(element);
      else if (ref !== null) ref.current = element;
    },
    [ref],
  );
  return createElement(
    Fragment,
    null,
    label !== undefined && createElement('label', { htmlFor: id, className: labelClassName }, label),
    label !== undefined && ' ',
    createElement('input', {
      name: 'email',
      autoComplete: 'email',
      ...inputProps,
      id,
      type: 'email',
      ref: setInput,
      ...unwatched,
      'aria-describedby': [describedBy, messageId].filter(Boolean).join(' '),
      'aria-invalid': isBlocked || ownInvalid,
      onChange(event: ChangeEvent<HTMLInputElement>) {
        onChange?.(event);
        checker()?.changed();
      },
      onBlur(event: FocusEvent<HTMLInputElement>) {
        onBlur?.(event);
        checker()?.check();
      },
    }),
    createElement(
      'div',
      {
        id: messageId,
        className: ['presend', messageClassName].filter(Boolean).join(' '),
        role: isBlocked ? 'alert' : 'status',
        lang: wording?.lang,
      },
      wording?.why,
      wording?.why && wording.suggestion && ' ',
      wording?.suggestion &&
        createElement(
          'button',
          {
            type: 'button',
            onClick() {
              replaceValue(input.current!, answer!.verdict!.did_you_mean!);
              checker()?.check();
            },
          },
          wording.suggestion,
        ),
      state.phase === 'checking' && waiting,
    ),
    answer?.verdict?.token &&
      createElement('input', {
        type: 'hidden',
        name: tokenName ?? 'presend_token',
        value: answer.verdict.token,
        form: inputProps.form,
      }),
  ) as ReactElement;
});
