// The response of POST /v1/validate: the fields that the try page reads.

import type { PresendVerdict } from '../types.ts';

interface Exchange {
  readonly host: string;
}

export type ShownMailHost =
  | { readonly kind: 'mx' | 'unroutable'; readonly exchanges: readonly Exchange[] }
  | { readonly kind: 'implicit_mx'; readonly via: 'A' | 'AAAA' }
  | { readonly kind: 'null_mx' | 'no_mail_host' | 'nxdomain' }
  | {
      readonly kind: 'undetermined';
      readonly cause: 'timeout' | 'servfail' | 'refused' | 'network' | 'unconfirmed' | 'not_checked';
    };

export interface ShownVerdict extends PresendVerdict {
  readonly user: string | null;
  readonly domain: string | null;
  readonly signals: readonly PresendVerdict['reason'][];
  readonly syntax: { readonly position: number; readonly message: string } | null;
  readonly bounce: {
    readonly class: 'hard' | 'soft' | null;
    readonly status: string | null;
    readonly probability: number;
    readonly low: number;
    readonly high: number;
  };
  readonly mail_host: ShownMailHost;
  readonly provider: string | null;
  readonly disposable: boolean;
  readonly relay: boolean;
  readonly role: boolean;
  readonly free: boolean;
  readonly plus_tag: string | null;
  readonly smtputf8: boolean;
  readonly expires_at: string;
  readonly took_ms: number;
}
