// Which columns of an export tell how old an address is.

import { describe, expect, test } from 'vitest';
import { lifeColumnsIn, lifeDatesOf, lifeKindOf } from '../../src/lists/life-columns.ts';

describe('a column that says when a mailbox last gave a sign of life', () => {
  test.each([
    // HubSpot
    'Last Activity Date',
    'Last Contacted',
    'Last marketing email open date',
    'Last marketing email click date',
    'Last Engagement Date',
    // Klaviyo, Omnisend, Brevo, ActiveCampaign, Salesforce, Intercom, Shopify
    'Last Open',
    'Last Click',
    'Last Active',
    'Last Opened',
    'LAST_CLICKED',
    'LastActivityDate',
    'Last Email Sent',
    'last_seen_at',
    'lastLoginAt',
    'Date Last Opened',
    'Last order date',
    'Most recent open',
    // Languages
    'Zuletzt geöffnet',
    'Letzte Aktivität',
    'Dernière ouverture',
    'Última apertura',
    'Ultimo clic',
    'Última abertura',
    'Laatst geopend',
    'Ostatnie otwarcie',
    'Последнее открытие',
    'Poslední otevření',
    '最終開封日',
    '最后打开时间',
    '마지막 로그인',
  ])('%s', (name) => {
    expect(lifeKindOf(name)).toBe('alive');
  });
});

describe('a column that says since when an address is known', () => {
  test.each([
    'OPTIN_TIME',
    'CONFIRM_TIME',
    'Create Date',
    'Created At',
    'Date Added',
    'ADDED_TIME',
    'Email Marketing Consent Timestamp',
    'Subscribed',
    'Anmeldedatum',
    'Hinzugefügt am',
    "Date d'inscription",
    'Fecha de alta',
    'Data di iscrizione',
    'Data de inscrição',
    'Inschrijfdatum',
    'Data zapisu',
    'Дата подписки',
    '登録日',
  ])('%s', (name) => {
    expect(lifeKindOf(name)).toBe('since');
  });
});

test('the rating of Mailchimp says who engages', () => {
  expect(lifeKindOf('MEMBER_RATING')).toBe('rating');
});

describe('what says neither', () => {
  test.each([
    'LAST_CHANGED',
    'Last Modified Date',
    'Last updated',
    'Last Name',
    'Last email name',
    'Last bounce date',
    'Last unsubscribed',
    'Last order amount',
    'Next Activity Date',
    'Open date',
    'Birthday',
    'Last Contact Owner',
    'Zuletzt geändert',
    'ps_checked_at',
    'Notes',
  ])('%s', (name) => {
    expect(lifeKindOf(name)).toBeNull();
  });
});

const columnsOf = (header: readonly string[], ...rows: (readonly string[])[]) =>
  lifeColumnsIn(
    header,
    header.map((_, column) => column),
    (column) => rows.map((row) => row[column]!),
  );

describe('the cells must be dates', () => {
  test('a name alone is not enough, and empty cells prove nothing', () => {
    expect(columnsOf(['Last Open', 'Last Click'], ['yes', ''], ['no', ''])).toBeNull();
    expect(columnsOf(['Last Open'], ['never'], ['2026-01-02'])).toBeNull();
    expect(columnsOf(['Last Open'], ['never'], ['2026-01-02'], ['2026-01-03'])).toEqual({
      alive: [0],
      since: [],
      rating: null,
      order: null,
    });
  });

  test('a rating is a digit', () => {
    expect(columnsOf(['MEMBER_RATING'], ['5'], ['2'])).toMatchObject({ rating: 0, alive: [] });
    expect(columnsOf(['MEMBER_RATING'], ['5'], ['good'])).toBeNull();
  });

  test('the whole list shows which number of 3/4/2026 is the month', () => {
    const header = ['Last Open', 'Created At'];
    expect(columnsOf(header, ['3/4/2026', '1/31/2025'])?.order).toBe('month');
    expect(columnsOf(header, ['3/4/2026', '31/1/2025'])?.order).toBe('day');
    expect(columnsOf(header, ['3/4/2026', '1/2/2025'])?.order).toBeNull();
    expect(columnsOf(header, ['13/4/2026', '1/13/2025'])?.order).toBeNull();
  });
});

test('the dates of a row, whatever their column', () => {
  const life = { alive: [0, 1], since: [2], rating: 3, order: 'month' } as const;
  const dates = (...cells: string[]) => lifeDatesOf(life, (column) => cells[column] ?? '');
  const day = (iso: string) => Date.parse(`${iso}T00:00Z`);
  expect(dates(' 3/4/2026 ', '2026-01-02', '2020-01-01', '3')).toEqual({
    alive: [day('2026-03-04'), day('2026-01-02')],
    since: [day('2020-01-01')],
    engaged: false,
  });
  expect(dates('', 'never', '', '4')).toEqual({ alive: [], since: [], engaged: true });
  expect(dates('', '', '', '3')).toBeNull();
});
