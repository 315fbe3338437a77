// The types of the widget for pages that use it, served as /presend.d.ts.

import type { Reason } from '../signals/catalogue.ts';

export type { Reason };

/**
 * What the widget does about an address. `allow`: nothing. `warn`: it shows a message. `block`: it shows a message, and the
 * form cannot be submitted.
 */
export type Decision = 'allow' | 'warn' | 'block';

type Undetermined = Extract<Reason, `${string}_undetermined`>;

/**
 * The page's decisions by reason. Reasons that end in `_undetermined` say nothing about the address, so they cannot block.
 */
export type Policy = { [reason in Exclude<Reason, Undetermined>]?: Decision } & {
  [reason in Undetermined]?: Exclude<Decision, 'block'>;
};

/** The main fields of a verdict. The service sends more fields than these. */
export interface PresendVerdict {
  readonly email: string;
  readonly normalized: string | null;
  readonly result: 'deliverable' | 'risky' | 'undeliverable' | 'unknown';
  readonly reason: Reason;
  readonly did_you_mean: string | null;
  /** The address to which mail is sent. Absent if it is `normalized`. */
  readonly send_to?: string;
  readonly action: 'accept' | 'confirm' | 'reject' | 'retry';
  /** One English sentence for a person. */
  readonly message: string;
  /** A token with which the site's server can confirm this verdict. Present only if a publishable key was used. */
  readonly token?: string;
}

/** The widget's texts in one language. In `suggestion`, `{}` is replaced by the suggested address. */
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
  /** The URL of POST /v1/validate. Default: `v1/validate` next to the script. */
  endpoint?: string;
  /** A publishable key, `pk_…`. */
  key?: string;
  /** Milliseconds after which the widget stops waiting for a verdict and lets the form through. Default: 2500. */
  timeout?: number;
  /** Milliseconds that the person must pause typing before the address is checked. Default: 700. */
  pause?: number;
  /** The name of the hidden input that sends the verdict's token with the form. Default: `presend_token`. */
  token?: string;
  /** Decisions that replace the widget's defaults. */
  policy?: Policy;
  /** Texts that replace the widget's own in every language. The key is a name such as `syntax`, or a reason. */
  texts?: { [name in keyof Texts | Reason]?: string };
}

/**
 * The `detail` of the event `presend:verdict`. If a listener calls the event's `preventDefault()`, the widget shows and blocks
 * nothing.
 */
export interface VerdictDetail {
  readonly verdict: PresendVerdict;
  readonly decision: Decision;
}

export interface Presend {
  /**
   * Checks every `input[type=email]` and `input[data-presend]` in `root` and in open shadow roots within it, including inputs
   * that are added later. Leaves out inputs with `data-presend="off"` or `multiple`, and inputs that cannot be edited. Returns
   * a function that detaches the widget.
   */
  attach(root?: Document | ShadowRoot, options?: PresendOptions): () => void;
  /** The texts by language, such as `en` or `de` (from the `lang` attribute). A page may change texts and add languages. */
  readonly texts: { [language: string]: Texts; en: Texts };
}

declare global {
  interface Window {
    /** Set by /presend.js. */
    presend?: Presend;
  }
  interface HTMLElementEventMap {
    /** Dispatched on the input when a verdict arrived. Bubbles, also out of shadow roots. */
    'presend:verdict': CustomEvent<VerdictDetail>;
    /** Dispatched on the input when no verdict arrived in time. The form then goes through. */
    'presend:unavailable': CustomEvent<null>;
  }
}
