// The registry of enhanced mail system status codes (RFC 3463, RFC 5248) with what each says about a bounce.

import { enhancedStatuses } from '../../data/packed/enhanced-status.ts';
import type { BounceReason } from './bounce.ts';

export interface EnhancedStatus {
  readonly status: string;
  /** It says enough to decide before vague words do. */
  readonly definite: boolean;
  readonly reason: BounceReason;
  /** The name that the registry gives it. */
  readonly meaning: string;
  /** One English sentence, where the status says more than its reason does. */
  readonly advice: string | null;
}

/** One row as it is packed. */
export type PackedStatus = readonly [string, boolean, string, string, string | null];

let registry: ReadonlyMap<string, EnhancedStatus> | null = null;

/** The registry's entry for a status such as `5.7.26`, or null for one that nobody registered. */
export function enhancedStatus(status: string): EnhancedStatus | null {
  registry ??= new Map(
    enhancedStatuses.map(([code, definite, reason, meaning, advice]) => [
      code,
      { status: code, definite, reason: reason as BounceReason, meaning, advice },
    ]),
  );
  return registry.get(status) ?? null;
}
