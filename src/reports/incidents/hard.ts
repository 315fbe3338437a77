// Finds out why hard bounces rose: a provider's fault, a bad import, or a list that is out of date.

import { dayMs } from '../../durations.ts';
import { type IncidentFinding, isRecent, largest } from './finding.ts';
import type { IncidentKind, IncidentScope } from './incident.ts';
import { hasOpen } from './known.ts';
import { isOld, mainOrigin, type Origin, origins } from './origin.ts';
import { elsewhereOf, type FoundRise, partOf, riseOf } from './rises.ts';
import { type Series, seriesDimensions, sumBetween, totalsBetween } from './series.ts';
import { trendOf } from './trend.ts';
import { exposureSince, type Look, newMs, sentOf, usualRate } from './usual.ts';

// Limits that hard bounces must exceed before an incident opens (see `RiseLimits`).
/** One provider, compared with the others. */
const faultLimits = { rate: 0.05, ratio: 4, share: 0.15 };
/** A new source, list or campaign. */
const importLimits = { rate: 0.05, ratio: 3, share: 0.2 };
/** An old source, list or campaign. */
const decayLimits = { rate: 0.022, ratio: 2.2, share: 0.5 };
/** All mail, within hours and over days. */
const suddenLimits = { rate: 0.035, ratio: 3, share: 2 };
const slowLimits = { rate: 0.02, ratio: 2.2, share: 2 };

export function findHardBounces(look: Look): IncidentFinding[] {
  const groups = origins.flatMap((origin) => standingOut(look, origin));
  const fresh = groups.filter(({ series }) => !isOldList(look, series));
  const faults = providerFaults(look).filter((fault) => !isFaultOfList(look, fault, fresh));
  const unexplained = groups.filter(
    (rise) =>
      !faults.some((fault) => explains(fault, rise)) &&
      !(isOldList(look, rise.series) && isOfKnown(look, rise)),
  );
  const found = [...faults.map(faultOf), ...listsOf(look, unexplained)];
  if (found.length > 0) return found;
  const general = generalRise(look);
  return general === null ? [] : [general];
}

function providerFaults(look: Look): FoundRise[] {
  return look.series.groups.provider
    .filter((series) => series.name !== null && isRecent(look, series))
    .map((series) => {
      const rise = riseOf(look, series, 'hard', faultLimits, {
        elsewhere: elsewhereOf(look, series, 'hard'),
      });
      return rise !== null && hasRest(look, rise) ? rise : null;
    })
    .filter((rise) => rise !== null);
}

/** Whether enough mail goes to other providers for a comparison with this one. */
function hasRest(look: Look, { series, from, exposure }: FoundRise): boolean {
  if (!look.isVolumeKnown) return true;
  const whole = exposureSince(look, look.series.all, 'hard', from) ?? 0;
  return whole - exposure >= Math.max(20, 0.05 * exposure) && series.name !== null;
}

/** Sources, lists or campaigns whose hard bounces stand out from the usual ones and from the rest of the mail. */
function standingOut(look: Look, origin: Origin): FoundRise[] {
  return look.series.groups[origin]
    .filter((series) => isRecent(look, series))
    .map((series) => {
      const elsewhere = elsewhereOf(look, series, 'hard');
      return isOldList(look, series)
        ? riseOf(look, series, 'hard', decayLimits, { hours: [72, 168], gapMs: 3 * dayMs, elsewhere })
        : riseOf(look, series, 'hard', importLimits, { elsewhere });
    })
    .filter((rise) => rise !== null)
    .filter((rise) => isOldList(look, rise.series) || isMuch(look, rise));
}

/**
 * For an unknown volume: a new group is a bad import only if it has more hard bounces than all mail has on a busy day, and hardly
 * any other bounces. A first mailing to good addresses has the usual mix of bounces.
 */
function isMuch(look: Look, { series, messages, from }: FoundRise): boolean {
  if (look.isVolumeKnown) return true;
  const { busyDay } = usualRate(look, look.series.all, 'hard', from);
  return messages >= 1.5 * busyDay && messages >= 0.88 * sumBetween(series, 'bounces', from, look.until);
}

/**
 * Whether mail of a source, list or campaign was sent before the last days. An import that was new when its incident opened stays one
 * while it drips into the mail, however long it takes.
 */
const isOldList = (look: Look, series: Series): boolean =>
  isOld(look, series) &&
  !look.known.some(
    ({ kind, scope, openedAt, closedAt }) =>
      kind === 'bad_import' &&
      closedAt === null &&
      scope[series.dimension as Origin] === series.name &&
      series.starts[0]! >= openedAt - newMs,
  );

/** Turns rises into incidents: new sources, lists and campaigns are bad imports, old ones decay. */
function listsOf(look: Look, rises: readonly FoundRise[]): IncidentFinding[] {
  const isAged = rises.some(({ series }) => series.dimension !== 'campaign' && isOldList(look, series));
  const fresh = rises.filter(({ series }) => !isOldList(look, series));
  // A new campaign alone is no import, because an old list has a new campaign with each mailing.
  if (fresh.some(({ series }) => series.dimension !== 'campaign') || (fresh.length > 0 && !isAged))
    return importsOf(look, fresh);
  const old = rises.filter(({ series }) => isOldList(look, series));
  if (old.length === 0) return [];
  const rise = partOf(look, largest(old), look.series.all);
  const scope = mainOrigin(look, rise, (series) => isOld(look, series));
  const main = old.find(
    ({ series }) => series.name !== null && scope[series.dimension as Origin] === series.name,
  );
  return [{ kind: 'list_decay', scope, rise: main ?? rise, measures: ['hard'], providers: [] }];
}

/**
 * Whether a source, list or campaign is to blame for the bounces at one provider. If the provider were to blame, the rest of the
 * mail to it would bounce too. Counts do not say which mail of a source went to the provider, so the shares of the whole mail are
 * used.
 */
function isFaultOfList(look: Look, fault: FoundRise, groups: readonly FoundRise[]): boolean {
  const { all } = look.series;
  const { from } = fault;
  const whole = exposureSince(look, all, 'hard', from) ?? 0;
  const bounced = sumBetween(all, 'hard', from, look.until);
  return groups.some(({ series }) => {
    const own = exposureSince(look, series, 'hard', from) ?? 0;
    const ownBounced = sumBetween(series, 'hard', from, look.until);
    if (ownBounced < 0.6 * fault.messages) return false;
    // The group bounces at other providers too, so no single provider is the cause.
    if (ownBounced >= 1.5 * fault.messages) return true;
    const expected = Math.max(0, whole - own) * Math.min(1, fault.exposure / whole) * fault.rate;
    return expected >= 5 && bounced - ownBounced < 0.3 * expected;
  });
}

/** Whether a provider's fault is enough to explain the bounces of a source, list or campaign. */
const explains = (fault: FoundRise, rise: FoundRise): boolean =>
  rise.rate <= 1.3 * fault.rate && rise.messages <= 1.3 * fault.messages;

const faultOf = (rise: FoundRise): IncidentFinding => ({
  kind: 'provider_fault',
  scope: { provider: rise.series.name! },
  rise,
  measures: ['hard'],
  providers: [rise.series],
});

/**
 * Merges rises that are views of the same bounces: a source that was mailed as one list in one campaign. Each source gets an
 * incident. Without rises of sources, each list gets one. Without these, the largest campaign gets one.
 */
function importsOf(look: Look, rises: readonly FoundRise[]): IncidentFinding[] {
  const of = (origin: Origin) => rises.filter(({ series }) => series.dimension === origin);
  const [sources, lists, campaigns] = [of('source'), of('list'), of('campaign')];
  if (sources.length === 0 && lists.length === 0 && campaigns.length === 0) return [];
  const main = sources.length > 0 ? sources : lists.length > 0 ? lists : [largest(campaigns)];
  const named = main.filter(({ series }) => series.name !== null);
  const chosen = named.length > 0 ? named : [largest(main)];
  return chosen.map((rise) => {
    const scope: { -readonly [property in keyof IncidentScope]: IncidentScope[property] } = {};
    const others = rises.filter(
      ({ series }) => series.dimension !== rise.series.dimension && series.name !== null,
    );
    for (const { series } of [...others.filter((other) => isSameAs(look, rise, other)), rise])
      if (series.name !== null) scope[series.dimension as Origin] = series.name;
    return { kind: 'bad_import', scope, rise, measures: ['hard'], providers: [] };
  });
}

/** Whether two rises are about the same bounces since the start of the first. */
function isSameAs(look: Look, rise: FoundRise, { series }: FoundRise): boolean {
  const own = sumBetween(rise.series, 'hard', rise.from, look.until);
  const others = sumBetween(series, 'hard', rise.from, look.until);
  return Math.min(own, others) >= 0.6 * Math.max(own, others);
}

/** A rise of all hard bounces that no provider, source, list or campaign explains. */
function generalRise(look: Look): IncidentFinding | null {
  const { all } = look.series;
  const trend = trendOf(look, all, 'hard', slowLimits);
  const slow = trend ?? riseOf(look, all, 'hard', slowLimits, { hours: [168], gapMs: 7 * dayMs });
  const sudden = riseOf(look, all, 'hard', suddenLimits) ?? suddenWithoutVolume(look);
  const rise = sudden ?? slow;
  if (rise === null) return null;
  const aged = slow ?? rise;
  const isOpen = hasOpen(look, all, 'hard');
  if (!isOpen && isOfKnown(look, aged)) return null;
  const origin = originOf(look, rise);
  if (trend === null && sudden !== null && origin !== null && !roseBefore(look, sudden))
    return { kind: 'bad_import', scope: origin, rise, measures: ['hard'], providers: [] };
  // A list does not age within a day. The next looks find the origin of a sudden rise, or that it lasts.
  const lately = partOf(look, { ...aged, from: look.until - dayMs }, all);
  if (!isOpen && trend === null && lately.excess >= 0.8 * aged.excess) return null;
  const scope = mainOrigin(look, aged, (series) => isOld(look, series));
  return { kind: 'list_decay', scope, rise: aged, measures: ['hard'], providers: [] };
}

/**
 * Whether the rate was already raised on the last days with mail before a sudden rise. That of a list that ages was, and that of a bad
 * import was not.
 */
function roseBefore(look: Look, { series, from, rate }: FoundRise): boolean {
  if (!look.isVolumeKnown) return false;
  const days = series.days
    .filter((day) => day.start >= from - 5 * dayMs && day.start + dayMs <= from && (sentOf(day) ?? 0) >= 30)
    .slice(-2);
  const hard = days.reduce((sum, day) => sum + day.hard, 0);
  const earlier = hard / days.reduce((sum, day) => sum + sentOf(day)!, 0);
  const usual = usualRate(look, series, 'hard', from - 5 * dayMs).rate;
  return hard >= 12 && earlier >= rate / 3 && earlier >= 2 * usual;
}

/**
 * A sudden rise of hard bounces if the volume is unknown: their share of all bounces must rise, and their number must rise much
 * more.
 */
function suddenWithoutVolume(look: Look): FoundRise | null {
  if (look.isVolumeKnown) return null;
  const { all } = look.series;
  const rise = riseOf(look, all, 'hard', { rate: 1, ratio: 1.2, share: 0.85 }, { hours: [24] });
  return rise;
}

/**
 * The origin of most hard bounces since the start of a rise: the source, list and campaign that have at least four of five of
 * them. `{}` if the bounces have no such names. Null if they come from several sources.
 */
function originOf(look: Look, rise: FoundRise): IncidentScope | null {
  const scope: { -readonly [property in keyof IncidentScope]: IncidentScope[property] } = {};
  let areNamesKnown = false;
  for (const origin of origins) {
    const main = look.series.groups[origin].find((series) => hasMost(look, series, rise));
    if (main === undefined) areNamesKnown ||= origin === 'source' && isNamed(look.series.groups.source);
    else if (main.name !== null) scope[origin] = main.name;
  }
  return areNamesKnown && Object.keys(scope).length === 0 ? null : scope;
}

const isNamed = (groups: readonly Series[]): boolean => groups.some(({ name }) => name !== null);

const hasMost = (look: Look, series: Series, { from, messages }: FoundRise): boolean =>
  sumBetween(series, 'hard', from, look.until) >= 0.8 * messages;

/** Incidents whose hard bounces say nothing about the age of a list. */
const notOfAge: ReadonlySet<IncidentKind> = new Set(['provider_fault', 'bad_import']);

/** Whether most failures of a rise beyond the usual ones are those of the provider, source, campaign or list of such an incident. */
function isOfKnown(look: Look, { measure, from, rateBefore, excess }: FoundRise): boolean {
  const excessOf = (series: Series): number =>
    sumBetween(series, measure, from, look.until) -
    rateBefore * (sentOf(totalsBetween(series, from, look.until)) ?? 0);
  return look.known.some(
    ({ kind, scope, seenAt }) =>
      notOfAge.has(kind) &&
      seenAt > from &&
      seriesDimensions.some((dimension) =>
        look.series.groups[dimension].some(
          (series) =>
            series.name !== null && scope[dimension] === series.name && excessOf(series) >= 0.5 * excess,
        ),
      ),
  );
}
