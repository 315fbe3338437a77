// Verifies a whole list, slice by slice (a slice is a few thousand rows), and yields the slices in order. During a DNS
// outage it waits and yields nothing. If the outage lasts too long, it stops.

import type { EngagementLookup } from '../events/engagement-lookup.ts';
import type { MailQuestion } from '../suppression/scope.ts';
import { createKnownDomains } from '../validator/known-domains.ts';
import type { Validator } from '../validator/validate.ts';
import type { Action } from '../verdict/verdict.ts';
import {
  addressesOf,
  type CleanedSlice,
  type CleanOptions,
  type ContactVerdict,
  cleanSlice,
} from './clean-slice.ts';
import type { SeenAddresses } from './duplicates.ts';
import type { ListError } from './list-error.ts';
import { createRowMemory } from './row-memory.ts';
import type { ListPart, ListPosition, ListRow, ListShape, SetAside } from './shape.ts';
import { countSetAside, type ListTally } from './tally.ts';

export interface CleanListOptions {
  readonly validator: Validator;
  /** The time as of which all rows are judged, in epoch milliseconds. */
  readonly asOf: number;
  readonly maxAgeDays: number;
  readonly only?: readonly Action[];
  /** The mail that the list is for. If absent, marketing mail. */
  readonly question?: MailQuestion | undefined;
  /** Looks up when people last opened, clicked or replied. */
  readonly engagement?: EngagementLookup | undefined;
  /** Options that are passed on to `cleanSlice`. */
  readonly writing?: Pick<
    CleanOptions,
    'repair' | 'dropDuplicates' | 'language' | 'profile' | 'verdictsOnly'
  >;
  /** Says which contacts are duplicates. It is asked for all contacts of the list, in order. */
  readonly seen: SeenAddresses;
  /**
   * The byte of the file up to which an earlier, interrupted run wrote the result. Rows before it are read only to
   * find duplicates.
   */
  readonly fromByte: number;
  /** Milliseconds of a DNS outage after which the run stops. */
  readonly patienceMs: number;
  readonly wait: (ms: number) => Promise<void>;
  /** Called with true when a DNS outage starts, and with false when it ends. */
  readonly onOutage?: (out: boolean) => void;
  /** Called with the records that cannot be read, including those in slices that an earlier run wrote. */
  readonly onSetAside?: (setAside: readonly SetAside[]) => void;
}

export type CleanedPart =
  | {
      readonly kind: 'rows';
      readonly text: string;
      readonly verdicts: readonly ContactVerdict[];
      readonly tally: ListTally;
      readonly next: ListPosition;
    }
  /** Comes last: the rest of the file cannot be read. */
  | { readonly kind: 'error'; readonly error: ListError }
  /** Comes last: no resolver answered for `patienceMs`. The parts before it are valid. */
  | { readonly kind: 'outage' };

/**
 * Maximum number of slices in progress at once. With several, the resolvers stay busy while one slice waits for a
 * slow domain.
 */
const slicesAhead = 4;

const backOffMs: readonly [number, number] = [1000, 60_000];

/** Maximum number of retries of a slice in which many domains get no answer although resolvers work. */
const retries = 2;

/**
 * Verifies the parts of a list that `openList` opened. The text depends only on the list, `asOf` and the DNS answers, not on
 * where an earlier run was interrupted.
 */
export async function* cleanList(
  parts: AsyncGenerator<ListPart>,
  shape: ListShape,
  options: CleanListOptions,
): AsyncGenerator<CleanedPart> {
  const { validator, asOf, maxAgeDays, only, question, engagement, seen, writing } = options;
  const domains = createKnownDomains();
  const memory = createRowMemory({ ...writing, asOf });
  const reach = createReach(options);

  const clean = (rows: readonly ListRow[]): CleanedSlice | Promise<CleanedSlice | null> => {
    const duplicates = seen.seen(addressesOf(rows));
    const how = {
      ...writing,
      asOf,
      maxAgeDays,
      question,
      engagement,
      duplicates,
      domains,
      memory,
      ...(only && { only }),
    };
    return reach(() => cleanSlice(rows, shape, validator, how));
  };

  const ahead: { cleaned: CleanedSlice | Promise<CleanedSlice | null>; part: ListPart & { kind: 'rows' } }[] =
    [];
  let broken: ListError | null = null;
  let ended = false;
  for (;;) {
    // A slice that needs no DNS lookup is already finished here: it is not a promise. Yield it before reading more of the
    // list, so its memory can be reused.
    while (
      !ended &&
      ahead.length < slicesAhead &&
      (ahead.length === 0 || ahead[0]!.cleaned instanceof Promise)
    ) {
      const { value: part, done } = await parts.next();
      if (done) ended = true;
      else if (part.kind === 'error') {
        broken = part.error;
        ended = true;
      } else if (part.next.byte <= options.fromByte) {
        options.onSetAside?.(part.setAside);
        seen.seen(addressesOf(part.rows));
      } else {
        options.onSetAside?.(part.setAside);
        ahead.push({ cleaned: clean(part.rows), part });
      }
    }
    const first = ahead.shift();
    if (first === undefined) break;
    const cleaned = first.cleaned instanceof Promise ? await first.cleaned : first.cleaned;
    if (cleaned === null) {
      yield { kind: 'outage' };
      return;
    }
    const { next, setAside } = first.part;
    countSetAside(cleaned.tally, setAside);
    const { text, verdicts, tally } = cleaned;
    yield { kind: 'rows', text, verdicts, tally, next };
  }
  if (broken !== null) yield { kind: 'error', error: broken };
}

/**
 * Returns a function that cleans a slice. If lookups fail because of a DNS outage, it waits for the end of the outage
 * and tries again. It returns null if the outage lasts longer than `patienceMs`. If many lookups fail although there is
 * no outage, it tries again at most twice (`retries`).
 */
function createReach({ validator, patienceMs, wait, onOutage }: CleanListOptions) {
  let probes = 0;
  let outage: Promise<boolean> | null = null;

  /**
   * Whether resolvers fail to answer a question that no cache can answer: a new random name. NXDOMAIN counts as an
   * answer.
   */
  const isOut = async (): Promise<boolean> => {
    const { mailHost } = await validator.validate(
      { email: `probe@p${++probes}-${Math.random().toString(36).slice(2)}.example.com` },
      { askSuppressions: false },
    );
    return mailHost.kind === 'undetermined';
  };

  /** Waits for the end of a DNS outage. Resolves to false after `patienceMs`. All slices share one wait. */
  const waitForDns = async (): Promise<boolean> => {
    onOutage?.(true);
    let pause = backOffMs[0];
    for (let waited = 0; waited < patienceMs; pause = Math.min(pause * 2, backOffMs[1])) {
      const ms = Math.min(pause, patienceMs - waited);
      await wait(ms);
      waited += ms;
      if (await isOut()) continue;
      onOutage?.(false);
      return true;
    }
    return false;
  };

  type Clean = () => CleanedSlice | Promise<CleanedSlice>;

  const again = async (clean: Clean, first: Promise<CleanedSlice>): Promise<CleanedSlice | null> => {
    let cleaned = await first;
    for (let tried = 0; ; cleaned = await clean()) {
      const { asked, unreached } = cleaned.domains;
      if (unreached === 0) return cleaned;
      if (outage !== null || (await isOut())) {
        outage ??= waitForDns().finally(() => {
          outage = null;
        });
        if (!(await outage)) return null;
        continue;
      }
      if (tried++ === retries || unreached <= Math.max(10, asked / 4)) return cleaned;
      await wait(backOffMs[0] * tried);
    }
  };

  return (clean: Clean): CleanedSlice | Promise<CleanedSlice | null> => {
    const cleaned = clean();
    // `cleanSlice` returns a promise only if it had to look something up. Without one, no lookup can have failed.
    return cleaned instanceof Promise ? again(clean, cleaned) : cleaned;
  };
}
