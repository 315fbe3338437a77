// Versions of presend's data: a day, such as 2026-11-27, and a number for the second and later versions of the day.

import { isCalendarDay } from '../calendar.ts';

const form = /^(\d{4}-\d\d-\d\d)(?:\.([1-9]\d{0,3}))?$/;

/** Whether `text` is a version, such as `2026-11-27` or `2026-11-27.2`. */
export function isDataVersion(text: string): boolean {
  const day = form.exec(text)?.[1];
  return day !== undefined && isCalendarDay(day);
}

/** Compares two versions: negative if `a` is older than `b`, 0 if both are the same, positive if `a` is newer. */
export function compareDataVersions(a: string, b: string): number {
  const [, dayA, numberA = '0'] = form.exec(a)!;
  const [, dayB, numberB = '0'] = form.exec(b)!;
  return dayA === dayB ? Number(numberA) - Number(numberB) : dayA! < dayB! ? -1 : 1;
}
