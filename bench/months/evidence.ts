// When the reported counts suffice to see an incident.
//
// The rule does not know how a detector works. It says what a careful person would need: within a window of time,
// enough failures of the incident itself (`failures`), that are a large enough share of the mail that it affects
// (`rate`). For an incident that shows at certain hours of the day, it is a number of `days` with enough failures.

import { dayMs, hourMs } from '../../src/durations.ts';

export interface Need {
  readonly failures: number;
  readonly rate: number;
  readonly windowHours: number;
  /** Number of days that each need `failures`; 1 if days do not matter. */
  readonly days?: number;
}

/** Counts the attempts and the failures of each incident by the hour in which they were reported. */
export class Evidence {
  private readonly hours: Map<number, { tried: number; failed: number }>[] = [];

  tried(incident: number | null, hour: number, messages: number): void {
    if (incident !== null) this.cell(incident, hour).tried += messages;
  }

  failed(incident: number | null, hour: number, messages: number): void {
    if (incident !== null && messages > 0) this.cell(incident, hour).failed += messages;
  }

  private cell(incident: number, hour: number): { tried: number; failed: number } {
    this.hours[incident] ??= new Map();
    let cell = this.hours[incident].get(hour);
    if (cell === undefined) {
      cell = { tried: 0, failed: 0 };
      this.hours[incident].set(hour, cell);
    }
    return cell;
  }

  /** Returns the failures of an incident and the mail that it affected, in total. */
  totals(incident: number): { tried: number; failed: number } {
    const total = { tried: 0, failed: 0 };
    for (const { tried, failed } of this.hours[incident]?.values() ?? []) {
      total.tried += tried;
      total.failed += failed;
    }
    return total;
  }

  /** Returns the end of the first hour at which the evidence suffices; null if it never does. */
  sufficesAt(incident: number, need: Need): number | null {
    const cells = [...(this.hours[incident] ?? [])].sort(([one], [other]) => one - other);
    if (need.days !== undefined) return this.daysSufficeAt(cells, need.failures, need.days);
    let first = 0;
    let tried = 0;
    let failed = 0;
    for (const [hour, cell] of cells) {
      tried += cell.tried;
      failed += cell.failed;
      for (; cells[first]![0] <= hour - need.windowHours * hourMs; first++) {
        tried -= cells[first]![1].tried;
        failed -= cells[first]![1].failed;
      }
      if (failed >= need.failures && failed >= need.rate * tried) return hour + hourMs;
    }
    return null;
  }

  private daysSufficeAt(
    cells: readonly (readonly [number, { readonly failed: number }])[],
    failures: number,
    days: number,
  ): number | null {
    const byDay = new Map<number, number>();
    let enough = 0;
    for (const [hour, { failed }] of cells) {
      const day = Math.floor(hour / dayMs);
      const before = byDay.get(day) ?? 0;
      byDay.set(day, before + failed);
      if (before < failures && before + failed >= failures && ++enough === days) return hour + hourMs;
    }
    return null;
  }
}
