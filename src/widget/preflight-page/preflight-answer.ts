// The responses of POST /v1/preflight and /v1/preflight/message: the fields that the page reads.

export type ShownSeverity = 'error' | 'warning' | 'info';

export interface ShownFinding {
  readonly code: string;
  readonly severity: ShownSeverity;
  readonly seen: string;
  readonly meaning: string;
  readonly causes: readonly string[];
  readonly publish: { readonly name: string; readonly type: string; readonly value: string } | null;
}

interface ShownNotSeen {
  readonly not_answered: readonly { readonly question: string; readonly cause: string }[];
  readonly not_checked: readonly { readonly check: string; readonly why: string }[];
}

export interface ShownDomainFacts extends ShownNotSeen {
  readonly spf: readonly {
    readonly domain: string;
    readonly lookups: number | null;
    readonly ips: readonly { readonly ip: string; readonly result: string }[];
  }[];
  readonly dkim: readonly {
    readonly name: string;
    readonly state: string;
    readonly key_type: string | null;
    readonly bits: number | null;
  }[];
  readonly dmarc: { readonly policy: string | null; readonly found_at: string | null };
  readonly ips: readonly {
    readonly ip: string;
    readonly ptr: readonly string[] | null;
    readonly confirmed: boolean | null;
  }[];
}

export interface ShownMessageFacts extends ShownNotSeen {
  readonly from: string | null;
  readonly spf_aligned: boolean | null;
  readonly dkim_aligned: boolean | null;
  readonly signatures: readonly { readonly domain: string; readonly state: string }[];
  readonly unsubscribe: { readonly one_click: boolean | null };
  readonly bytes: { readonly message: number };
  readonly links: { readonly count: number };
}

export interface ShownReport {
  readonly domain: string | null;
  readonly checked_at: string;
  readonly findings: readonly ShownFinding[];
  readonly facts: ShownDomainFacts | ShownMessageFacts;
}
