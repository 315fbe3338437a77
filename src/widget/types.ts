// The widget's interface for pages, served as /presend.d.ts.

import type { Reason } from '../signals/catalogue.ts';

export type { Reason };

/** What happens to a form: nothing, a message, or the form is stopped. */
export type Decision = 'allow' | 'warn' | 'block';

type Undetermined = Extract<Reason, `${string}_undetermined`>;

/** A reason that says nothing about the person cannot block. */
export type Policy = { [reason in Exclude<Reason, Undetermined>]?: Decision } & {
  [reason in Undetermined]?: Exclude<Decision, 'block'>;
};

/** What the widget reads of a verdict. The service may answer more. */
export interface PresendVerdict {
  readonly email: string;
  readonly normalized: string | null;
  readonly result: 'deliverable' | 'risky' | 'undeliverable' | 'unknown';
  readonly reason: Reason;
  readonly did_you_mean: string | null;
  readonly action: 'accept' | 'confirm' | 'reject' | 'retry';
  /** One English sentence for a person. */
  readonly message: string;
  /** Proof of this verdict, which the site's server confirms. Comes with publishable keys. */
  readonly token?: string;
}

/** What the widget says. `{}` in `suggestion` is where the address stands. */
export interface Texts {
  suggestion: string;
  syntax: string;
  domain: string;
  temporary: string;
  denied: string;
  doubtful: string;
  checking: string;
}

export interface PresendOptions {
  /** The URL of POST /v1/validate. Default: beside the script. */
  endpoint?: string;
  /** A publishable key, `pk_…`. */
  key?: string;
  /** Milliseconds after which a check is given up and the person let through. Default: 2500. */
  timeout?: number;
  /** Milliseconds without a keystroke after which an address is checked. Default: 700. */
  pause?: number;
  /** The name of the hidden field that carries the token. Default: `presend_token`. */
  token?: string;
  policy?: Policy;
  /** In the place of the widget's own, whatever the language: by name, or by reason. */
  texts?: { [name in keyof Texts | Reason]?: string };
}

/** `detail` of the event `presend:verdict`. Its `preventDefault()` makes the widget say and block nothing. */
export interface VerdictDetail {
  readonly verdict: PresendVerdict;
  readonly decision: Decision;
}

export interface Presend {
  /**
   * Watches every `input[type=email]` and `input[data-presend]` within `root` and the open shadow roots below it, also
   * those that come later; not one with `data-presend="off"`. Gives a function that ends it.
   */
  attach(root?: Document | ShadowRoot, options?: PresendOptions): () => void;
  /** By language, as in `<html lang>`. A page may change them and add others. */
  readonly texts: { [language: string]: Texts; en: Texts };
}

declare global {
  interface Window {
    /** Of /presend.js. */
    presend?: Presend;
  }
  interface HTMLElementEventMap {
    /** A verdict came. Bubbles, also out of a shadow root. */
    'presend:verdict': CustomEvent<VerdictDetail>;
    /** No verdict came in time: the person is let through. */
    'presend:unavailable': CustomEvent<null>;
  }
}
