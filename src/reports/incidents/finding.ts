// Builds an incident from the rises that show it: evidence, severity and sentences.

import { dayMs, hourMs } from '../../durations.ts';
import { commonCause } from '../advice.ts';
import type { Cause } from '../count.ts';
import type { Failure } from '../tally.ts';
import type {
  FoundIncident,
  IncidentEvidence,
  IncidentKind,
  IncidentScope,
  ProviderEvidence,
} from './incident.ts';
import { type FoundRise, partOf } from './rises.ts';
import { causesBetween, countsCause, type Measure, type Series, sumBetween } from './series.ts';
import { exposureSince, type Look, sentSince, usualRate } from './usual.ts';
import { adviceFor, explanationOf } from './words.ts';

/** An incident before its sentences are written. It has the number of failures beyond the usual ones, to compare findings. */
export interface IncidentFinding {
  readonly kind: IncidentKind;
  readonly scope: IncidentScope;
  readonly rise: FoundRise;
  /** The measures that the incident is about. The first is that of `rise`. */
  readonly measures: readonly Measure[];
  /** The affected providers. Empty if the incident is not about providers. */
  readonly providers: readonly Series[];
}

const mostListed = 5;

/** Minimum rate of a critical incident. */
const criticalRate = 0.1;
/** A critical incident must also affect at least this share of all mail, or this many messages. */
const criticalShare = 0.01;
const criticalMessages = 100;

export function describeFinding(look: Look, finding: IncidentFinding): FoundIncident {
  const { kind, scope, rise, measures } = finding;
  const { from } = rise;
  // Other providers may defer mail for reasons of their own.
  const failing = kind === 'sender_block' && finding.providers.length > 0 ? finding.providers : [rise.series];
  const causes = failing
    .flatMap((series) => causesBetween(series, from, look.until))
    .filter((cause) => measures.some((measure) => countsCause(measure, cause)));
  const evidence: IncidentEvidence = {
    from,
    to: look.until,
    messages: rise.messages,
    sent: sentSince(look, rise.series, from),
    rate: look.isVolumeKnown ? rise.rate : null,
    rateBefore: look.isVolumeKnown ? rise.rateBefore : null,
    chance: rise.chance,
    providers: providerEvidence(look, finding),
    statuses: summed(causes, ({ status }) => status).map(([status, messages]) => ({ status, messages })),
    reasons: summed(causes, ({ reason }) => reason).map(([reason, messages]) => ({ reason, messages })),
  };
  const failure = failureOf(causes, rise.measure);
  const common = failure === null ? null : commonCause(causes, failure);
  const text = {
    ...{ kind, scope, evidence, common, areDeferred: rise.measure === 'delay' },
    hours: Math.round((look.until - from) / hourMs),
  };
  return {
    kind,
    scope,
    severity: severityOf(look, finding),
    evidence,
    explanation: explanationOf(text),
    advice: adviceFor(text),
  };
}

function severityOf(look: Look, finding: IncidentFinding): FoundIncident['severity'] {
  const { kind, rise } = finding;
  const sent = sentSince(look, look.series.all, rise.from);
  if (kind === 'complaints') return rise.rate >= 0.005 ? 'critical' : 'warning';
  if (sent === null) return rise.messages >= criticalMessages ? 'critical' : 'warning';
  if (kind === 'sender_block' && !isFelt(look, finding)) return 'warning';
  const matters = rise.messages >= criticalMessages || rise.messages >= criticalShare * sent;
  return rise.rate >= criticalRate && matters && kind !== 'sending_bursts' ? 'critical' : 'warning';
}

/**
 * Whether a block at several providers is felt in most of the mail. A critical one stops all mail, which would be too much for two
 * small providers. A message can be deferred several times, so the rate of deferrals says less than the share of the mail.
 */
function isFelt(look: Look, { rise, providers }: IncidentFinding): boolean {
  if (rise.measure === 'policy' && providers.length >= 3) return true;
  const mailTo = (series: Series) => exposureSince(look, series, rise.measure, rise.from) ?? 0;
  const affected = providers.reduce((sum, series) => sum + mailTo(series), 0);
  return affected >= mailTo(look.series.all) / 2;
}

function providerEvidence(look: Look, { providers, rise, measures }: IncidentFinding): ProviderEvidence[] {
  const shown =
    providers.length > 0
      ? providers
      : look.series.groups.provider.filter(
          (series) => messagesOf(look, series, measures, rise.from) >= 0.1 * rise.messages,
        );
  return shown
    .map((series): ProviderEvidence => {
      const messages = messagesOf(look, series, measures, rise.from);
      const exposure = exposureSince(look, series, rise.measure, rise.from);
      const isKnown = look.isVolumeKnown && exposure !== null && exposure > 0;
      return {
        name: series.name,
        messages,
        sent: sentSince(look, series, rise.from),
        rate: isKnown ? messages / exposure : null,
        rateBefore: isKnown
          ? measures.reduce((sum, one) => sum + usualRate(look, series, one, rise.from).rate, 0)
          : null,
      };
    })
    .sort((a, b) => b.messages - a.messages)
    .slice(0, 4 * mostListed);
}

const messagesOf = (look: Look, series: Series, measures: readonly Measure[], from: number): number =>
  measures.reduce((sum, measure) => sum + sumBetween(series, measure, from, look.until), 0);

/** The class of the failures for which advice is looked up. Deferrals have the same reasons as soft bounces. */
function failureOf(causes: readonly Cause[], measure: Measure): Failure | null {
  if (measure === 'complaint') return null;
  if (measure === 'hard' || measure === 'policy') return measure;
  return causes.some(({ failure }) => failure === 'soft') ? 'soft' : 'deferred';
}

function summed(causes: readonly Cause[], keyOf: (cause: Cause) => string | null): [string, number][] {
  const messages = new Map<string, number>();
  for (const cause of causes) {
    const key = keyOf(cause);
    if (key !== null) messages.set(key, (messages.get(key) ?? 0) + cause.messages);
  }
  return [...messages].sort((a, b) => b[1] - a[1]).slice(0, mostListed);
}

/** The share of the failures since `from` whose cause matches; 0 if there are none with a cause. */
export function shareOfCauses(
  look: Look,
  series: Series,
  { from, measure }: Pick<FoundRise, 'from' | 'measure'>,
  matches: (cause: Cause) => boolean,
): number {
  const causes = causesBetween(series, from, look.until).filter((cause) => countsCause(measure, cause));
  const all = causes.reduce((sum, { messages }) => sum + messages, 0);
  const matching = causes.filter(matches).reduce((sum, { messages }) => sum + messages, 0);
  return all === 0 ? 0 : matching / all;
}

/** The rise with the most failures beyond the usual ones. */
export const largest = (rises: readonly FoundRise[]): FoundRise =>
  rises.reduce((best, rise) => (rise.excess > best.excess ? rise : best));

/** Sums the rises of one measure at several providers since the latest of their starts, as a rise of all mail. */
export function riseOfAll(look: Look, rises: readonly FoundRise[]): FoundRise {
  const { measure, from } = largest(rises);
  const whole = partOf(look, { ...rises[0]!, measure, from }, look.series.all);
  return { ...whole, chance: Math.min(...rises.map(({ chance }) => chance)) };
}

export const isRecent = (look: Look, { starts }: Series): boolean =>
  (starts.at(-1) ?? 0) >= look.until - 7 * dayMs;
