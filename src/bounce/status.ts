// The registry of enhanced mail system status codes (RFC 3463, RFC 5248) with what each says about a bounce.

import { enhancedStatuses } from '../../data/packed/enhanced-status.ts';
import type { BounceClass, BounceReason } from './bounce.ts';
import { reasons } from './reasons.ts';

export interface EnhancedStatus {
  readonly status: string;
  /** It says enough to decide before vague words do. */
  readonly definite: boolean;
  readonly class: BounceClass;
  readonly reason: BounceReason;
  /** The name that the registry gives it. */
  readonly meaning: string;
  /** One English sentence for the person who has to act. */
  readonly advice: string;
}

let registry: ReadonlyMap<string, EnhancedStatus> | null = null;

/** The registry's entry for a status such as `5.7.26`, or null if it is not registered. */
export function enhancedStatus(status: string): EnhancedStatus | null {
  registry ??= new Map(
    enhancedStatuses.map(([status, definite, name, meaning, advice]) => {
      const reason = name as BounceReason;
      const facts = reasons[reason];
      return [
        status,
        { status, definite, class: facts.class, reason, meaning, advice: advice ?? facts.advice },
      ];
    }),
  );
  return registry.get(status) ?? null;
}
