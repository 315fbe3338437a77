// The registry of enhanced status codes (RFC 3463, RFC 5248), with the bounce reason that each code means.

import { enhancedStatuses } from '../../data/packed/enhanced-status.ts';
import type { BounceClass, BounceReason } from './bounce.ts';
import { bounceReasons } from './reasons.ts';

export type StatusWeight = 'decisive' | 'definite' | 'vague';

export interface EnhancedStatus {
  readonly status: string;
  /**
   * How strong the status is as evidence, compared with the rules of data/bounce-rules.txt. `decisive`: outranks all
   * rules except those before `@decisive`. `definite`: outranks only stock phrases (the rules after `@status`), because
   * hosts often misuse the status. `vague`: decides only if no rule matches.
   */
  readonly weight: StatusWeight;
  readonly class: BounceClass;
  readonly reason: BounceReason;
  /** The name of the status in the registry. */
  readonly meaning: string;
  /** One English sentence for the person who has to act. */
  readonly advice: string;
}

let registry: ReadonlyMap<string, EnhancedStatus> | null = null;

/** The registry's entry for a status such as `5.7.26`, or null for an unregistered one. */
export function enhancedStatus(status: string): EnhancedStatus | null {
  registry ??= new Map(
    enhancedStatuses.map(([status, weight, name, meaning, advice]) => {
      const reason = name as BounceReason;
      const facts = bounceReasons[reason];
      return [
        status,
        {
          status,
          weight: weight as StatusWeight,
          class: facts.class,
          reason,
          meaning,
          advice: advice ?? facts.advice,
        },
      ];
    }),
  );
  return registry.get(status) ?? null;
}
