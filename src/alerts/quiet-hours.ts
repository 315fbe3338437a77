// Quiet hours: the time of the day in which only critical alerts are sent.

import { localClock } from '../reports/time-zone.ts';

/** From a time of the day (included) to another (excluded), in minutes after midnight. May span midnight. */
export interface QuietHours {
  readonly from: number;
  readonly to: number;
}

/** Reads a text such as `22:00-07:00` or `22-7`. Null if it is not such a text, or if it has no length. */
export function parseQuietHours(text: string): QuietHours | null {
  const parts = /^(\d{1,2})(?::(\d{2}))?\s*[-–]\s*(\d{1,2})(?::(\d{2}))?$/.exec(text.trim());
  if (parts === null) return null;
  const [, fromHour, fromMinute = '0', toHour, toMinute = '0'] = parts;
  const from = minuteOf(fromHour!, fromMinute);
  const to = minuteOf(toHour!, toMinute);
  if (from === null || to === null || from % minutesOfDay === to % minutesOfDay) return null;
  return { from: from % minutesOfDay, to: to % minutesOfDay };
}

const minutesOfDay = 24 * 60;

/** The end of the day may be written as 24:00. */
function minuteOf(hour: string, minute: string): number | null {
  const minutes = Number(hour) * 60 + Number(minute);
  return Number(minute) < 60 && minutes <= minutesOfDay ? minutes : null;
}

/** Returns whether a moment (epoch milliseconds) is in the quiet hours of a time zone of the IANA database. */
export function quietHoursIn(timeZone: string, hours: QuietHours | null): (at: number) => boolean {
  if (hours === null) return () => false;
  const localTime = localClock(timeZone);
  const { from, to } = hours;
  return (at) => {
    const local = new Date(localTime(at));
    const minute = local.getUTCHours() * 60 + local.getUTCMinutes();
    return from < to ? from <= minute && minute < to : minute >= from || minute < to;
  };
}
