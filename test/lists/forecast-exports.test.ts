// The same people, exported by two vendors with different date columns: the forecasts agree within their intervals.

import { expect, test } from 'vitest';
import { randomFrom } from '../../bench/simulate/random.ts';
import { summaryOf } from '../../src/lists/summary.ts';
import { cleaned, today } from './lists.ts';

const dayMs = 86_400_000;

/** The day that was `days` days ago. */
const day = (days: number): string => new Date(today - days * dayMs).toISOString().slice(0, 10);

/** Four thousand people as Mailchimp exports them (opt-in dates and ratings) and as HubSpot does (last activity). */
function exportsOf(shareOfCompanies: number): { readonly mailchimp: string; readonly hubspot: string } {
  const random = randomFrom(31);
  let mailchimp = 'Email Address,MEMBER_RATING,OPTIN_TIME,CONFIRM_TIME,LAST_CHANGED\n';
  let hubspot = '"Record ID","Email","Last Activity Date","Create Date"\n';
  for (let index = 0; index < 4000; index++) {
    const domain = random.unit() < shareOfCompanies ? `brisk-otter-${random.below(900)}.com` : 'gmail.com';
    const email = `some.person${index}@${domain}`;
    const joined = 200 + random.below(1200);
    mailchimp += `${email},${1 + random.below(5)},${day(joined)},${day(joined)},${day(random.below(300))}\n`;
    hubspot += `"${index}","${email}","${day(random.below(500))}","${day(900)}"\n`;
  }
  return { mailchimp, hubspot };
}

const forecastOf = async (list: string) => summaryOf((await cleaned(list)).tally).forecast;

test.each([0, 0.4, 1])('with %d of the people at companies', async (shareOfCompanies) => {
  const { mailchimp, hubspot } = exportsOf(shareOfCompanies);
  const [one, other] = [await forecastOf(mailchimp), await forecastOf(hubspot)];
  expect(one.undated_share).toBe(1);
  expect(other.undated_share).toBe(0);
  for (const [inner, outer] of [
    [one, other],
    [other, one],
  ] as const) {
    expect(inner.rate).toBeGreaterThanOrEqual(outer.low);
    expect(inner.rate).toBeLessThanOrEqual(outer.high);
    expect(inner.rate).toBeGreaterThanOrEqual(inner.low);
    expect(inner.rate).toBeLessThanOrEqual(inner.high);
  }
});
