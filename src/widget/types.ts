// The widget's interface for pages, served as /presend.d.ts.

import type { Reason } from '../signals/catalogue.ts';

export type { Reason };

/** What happens to a form. `allow`: nothing. `warn`: a message. `block`: a message, and the form is not submitted. */
export type Decision = 'allow' | 'warn' | 'block';

type Undetermined = Extract<Reason, `${string}_undetermined`>;

/** Decisions by reason. A reason that says nothing about the address cannot block. */
export type Policy = { [reason in Exclude<Reason, Undetermined>]?: Decision } & {
  [reason in Undetermined]?: Exclude<Decision, 'block'>;
};

/** The fields of a verdict that the widget reads. The service may send more. */
export interface PresendVerdict {
  readonly email: string;
  readonly normalized: string | null;
  readonly result: 'deliverable' | 'risky' | 'undeliverable' | 'unknown';
  readonly reason: Reason;
  readonly did_you_mean: string | null;
  readonly action: 'accept' | 'confirm' | 'reject' | 'retry';
  /** One English sentence for a person. */
  readonly message: string;
  /** Proof of this verdict for the site's server to confirm. Comes with publishable keys. */
  readonly token?: string;
}

/** The widget's texts. `{}` in `suggestion` is replaced by the address. */
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
  /** The URL of POST /v1/validate. Default: on the host of the script. */
  endpoint?: string;
  /** A publishable key, `pk_…`. */
  key?: string;
  /** Milliseconds after which a check is abandoned and the form goes through. Default: 2500. */
  timeout?: number;
  /** Milliseconds without a keystroke before an address is checked. Default: 700. */
  pause?: number;
  /** The name of the hidden field that carries the token. Default: `presend_token`. */
  token?: string;
  policy?: Policy;
  /** Replaces the widget's texts in every language: by name, or by reason. */
  texts?: { [name in keyof Texts | Reason]?: string };
}

/**
 * `detail` of the event `presend:verdict`. Its `preventDefault()` keeps the widget from showing or blocking anything.
 */
export interface VerdictDetail {
  readonly verdict: PresendVerdict;
  readonly decision: Decision;
}

export interface Presend {
  /**
   * Watches every `input[type=email]` and `input[data-presend]` within `root` and its open shadow roots, including
   * later ones, except those with `data-presend="off"`. Returns a function that stops it.
   */
  attach(root?: Document | ShadowRoot, options?: PresendOptions): () => void;
  /** By language, as in `<html lang>`. A page may change texts and add languages. */
  readonly texts: { [language: string]: Texts; en: Texts };
}

declare global {
  interface Window {
    /** Set by /presend.js. */
    presend?: Presend;
  }
  interface HTMLElementEventMap {
    /** A verdict arrived. Bubbles, also out of shadow roots. */
    'presend:verdict': CustomEvent<VerdictDetail>;
    /** No verdict arrived in time: the form goes through. */
    'presend:unavailable': CustomEvent<null>;
  }
}
