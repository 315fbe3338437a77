// Runs the connected detector over months, years and diagnoses, and sums up how it did.

import { connected, connectedDiagnosis, type Detector, type Diagnose } from './detector.ts';
import { type Diagnosis, diagnosisBlame, generateDiagnosis, isDevelopmentDiagnosis } from './diagnosis.ts';
import { createHourlyCounts } from './hourly-counts.ts';
import { developmentSeeds, generateMonth, generateYear } from './month.ts';
import { type MonthScore, scoreMonth, summarize } from './score.ts';
import type { Found, Incident, Month } from './types.ts';

type Tell = (line: string) => void;

/** Details of single months may be told only for the seeds of development (see month.ts). */
const tellsDetails = (seed: number): boolean => seed <= developmentSeeds.last;

const timeText = (time: number): string => new Date(time).toISOString().slice(0, 13);

const scopeText = ({ provider, source, campaign, list }: Found | Incident): string =>
  [provider, source, campaign, list].filter((name) => name !== undefined).join(' ') || 'all mail';

function tellMonth(
  tell: Tell,
  { seed, description }: Month,
  { wrong, duplicates, missed, blamed }: MonthScore,
): void {
  const about = (what: string, one: Found) =>
    tell(
      `${seed}: ${what} ${one.kind} of ${scopeText(one)}, opened ${timeText(one.opened)} (${description})`,
    );
  for (const one of missed)
    tell(
      `${seed}: missed ${one.kind} of ${scopeText(one)} from ${timeText(one.from)} to ${timeText(one.to)}, evident ${timeText(one.evident)}, severity ${one.severity.toFixed(2)} (${description})`,
    );
  for (const one of wrong) about('wrong', one);
  for (const one of duplicates) about('duplicate', one);
  for (const one of blamed) about('blames the list wrongly:', one);
}

/** Counts the rows of months and the processor time of the slowest one, for a run without a detector. */
function describeMonths(first: number, last: number, generate: (seed: number) => Month) {
  const kinds: Record<string, number> = {};
  let rows = 0;
  let most = 0;
  let slowestMs = 0;
  for (let seed = first; seed <= last; seed++) {
    const started = process.cpuUsage();
    const { kind, counts } = generate(seed);
    const { user, system } = process.cpuUsage(started);
    slowestMs = Math.max(slowestMs, (user + system) / 1000);
    kinds[kind] = (kinds[kind] ?? 0) + 1;
    rows += counts.length;
    most = Math.max(most, counts.length);
  }
  return { detector: null, kinds, rows, most, slowest_cpu_ms: Math.round(slowestMs) };
}

export async function simulateMonths(
  first: number,
  last: number,
  tell: Tell,
  detector: Detector | null = connected,
): Promise<object> {
  if (detector === null) return describeMonths(first, last, generateMonth);
  const scores = [];
  for (let seed = first; seed <= last; seed++) {
    const month = generateMonth(seed);
    const score = scoreMonth(month, await detector(createHourlyCounts(month)));
    if (tellsDetails(seed)) tellMonth(tell, month, score);
    scores.push({ month: { kind: month.kind }, score });
  }
  return summarize(scores);
}

/** Counts the incidents that the detector finds in quiet years. */
export async function simulateYears(
  first: number,
  last: number,
  tell: Tell,
  detector: Detector | null = connected,
): Promise<object> {
  if (detector === null) return describeMonths(first, last, generateYear);
  const found: number[] = [];
  for (let seed = first; seed <= last; seed++) {
    const year = generateYear(seed);
    const incidents = await detector(createHourlyCounts(year));
    found.push(incidents.length);
    if (tellsDetails(seed))
      for (const one of incidents)
        tell(
          `${seed}: ${one.kind} of ${scopeText(one)}, opened ${timeText(one.opened)} (${year.description})`,
        );
  }
  const total = found.reduce((sum, one) => sum + one, 0);
  return { years: found.length, found: total, mean: total / found.length, most: Math.max(...found) };
}

/** Counts how many diagnoses are right, and how often one blames the list for a fault of the sender. */
export async function simulateDiagnoses(
  first: number,
  last: number,
  tell: Tell,
  diagnose: Diagnose | null = connectedDiagnosis,
  generate: (seed: number) => Diagnosis = generateDiagnosis,
): Promise<object> {
  const happened: Record<string, number> = {};
  const right: Record<string, number> = {};
  let all = 0;
  let blamed = 0;
  for (let seed = first; seed <= last; seed++) {
    const { cause, description, hours, dns } = generate(seed);
    happened[cause] = (happened[cause] ?? 0) + 1;
    if (diagnose === null) continue;
    const named = await diagnose(hours, dns);
    if (named === cause) {
      right[cause] = (right[cause] ?? 0) + 1;
      all++;
    } else if (isDevelopmentDiagnosis(seed)) tell(`${seed}: ${named} in place of ${cause} (${description})`);
    if (named !== null && diagnosisBlame[cause] === 'sender' && diagnosisBlame[named] === 'list') blamed++;
  }
  const diagnoses = last - first + 1;
  return diagnose === null
    ? { diagnosis: null, happened }
    : { diagnoses, right: all / diagnoses, blamed, happened, right_by_cause: right };
}
