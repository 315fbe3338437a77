// The life of an incident: it opens once, changes, closes, and may come back.

import { describe, expect, test } from 'vitest';
import type { FoundIncident, StoredIncident } from '../../../src/reports/incidents/incident.ts';
import { type IncidentStep, reconcile } from '../../../src/reports/incidents/reconcile.ts';
import { storedIncident } from '../../contract/incidents.ts';

const hour = 3_600_000;
const day = 24 * hour;
const noon = storedIncident().openedAt;

const found = (differences: Partial<FoundIncident> = {}, rate = 0.4): FoundIncident => {
  const { kind, scope, severity, evidence, explanation, advice } = storedIncident();
  return { kind, scope, severity, explanation, advice, evidence: { ...evidence, rate }, ...differences };
};

const at = (
  now: number,
  now_found: readonly FoundIncident[],
  stored: readonly StoredIncident[],
  hasMail = true,
): IncidentStep[] =>
  reconcile({ found: now_found, stored, now, newId: () => 'inc_new', hasMail: () => hasMail });

const summary = (steps: readonly IncidentStep[]) =>
  steps.map(({ kind, incident }) => `${kind} ${incident.id} ${incident.kind}`);

test('what is found for the first time opens', () => {
  const [step] = at(noon, [found()], []);
  expect(step).toMatchObject({
    kind: 'opened',
    incident: {
      id: 'inc_new',
      openedAt: noon,
      changedAt: noon,
      seenAt: noon,
      changedSize: 0.4,
      closedAt: null,
    },
  });
});

test('what lasts keeps its id and is stored as seen once an hour', () => {
  expect(at(noon + hour - 1, [found()], [storedIncident()])).toEqual([]);
  const [step] = at(noon + hour, [found()], [storedIncident()]);
  expect(step).toMatchObject({
    kind: 'seen',
    incident: { id: 'inc_1', openedAt: noon, changedAt: noon, seenAt: noon + hour },
  });
});

describe('a change is told', () => {
  test.each([
    ['twice the rate', found({}, 0.8), 1],
    ['less than twice the rate', found({}, 0.79), 0],
    ['half the rate', found({}, 0.2), 1],
    ['more than half the rate', found({}, 0.21), 0],
    ['another severity', found({ severity: 'critical' }), 1],
  ])('%s', (_, incident, changes) => {
    const steps = at(noon + 6 * hour, [incident], [storedIncident()]);
    expect(steps.filter(({ kind }) => kind === 'changed')).toHaveLength(changes);
    if (changes === 1)
      expect(steps[0]!.incident).toMatchObject({
        changedAt: noon + 6 * hour,
        changedSize: incident.evidence.rate,
      });
    expect(at(noon + hour - 1, [incident], [storedIncident()])).toEqual([]);
  });

  test('a rate within six hours of the last change is not, another severity is', () => {
    expect(summary(at(noon + 6 * hour - 1, [found({}, 0.9)], [storedIncident()]))).toEqual([
      'seen inc_1 provider_block',
    ]);
    expect(summary(at(noon + hour, [found({ severity: 'critical' })], [storedIncident()]))).toEqual([
      'changed inc_1 provider_block',
    ]);
  });

  test('more providers', () => {
    const ofMany = (names: readonly string[], messages: number): FoundIncident =>
      found({
        kind: 'sender_block',
        scope: {},
        evidence: {
          ...storedIncident().evidence,
          providers: names.map((name) => ({ name, messages, sent: 100, rate: 0.4, rateBefore: 0 })),
        },
      });
    const [{ incident: before }] = at(noon, [ofMany(['gmail', 'yahoo'], 20)], []) as [IncidentStep];
    const more = ofMany(['gmail', 'yahoo', 'outlook'], 13);
    expect(summary(at(noon + hour, [more], [before]))).toEqual(['changed inc_new sender_block']);
    const hardlyMore = ofMany(['gmail', 'yahoo', 'outlook'], 3);
    expect(summary(at(noon + hour, [hardlyMore], [before]))).toEqual(['seen inc_new sender_block']);
  });
});

describe('an incident becomes another', () => {
  const atMany = found({ kind: 'sender_block', scope: {} });

  test('a block spreads, and keeps its id', () => {
    const [step] = at(noon + 2 * day, [atMany], [storedIncident({ seenAt: noon + 2 * day - hour })]);
    expect(step).toMatchObject({
      kind: 'changed',
      incident: { id: 'inc_1', kind: 'sender_block', scope: {} },
    });
  });

  test('a block of many that narrows stays what it is after a day', () => {
    const before = storedIncident({ kind: 'sender_block', scope: {}, explanation: 'Many providers refuse.' });
    expect(summary(at(noon + day, [found()], [before]))).toEqual(['changed inc_1 provider_block']);
    const [step] = at(noon + day + 1, [found()], [{ ...before, seenAt: noon + day - hour }]);
    expect(step).toMatchObject({
      kind: 'seen',
      incident: { kind: 'sender_block', scope: {}, explanation: 'Many providers refuse.' },
    });
  });

  test('a block at another provider is another incident', () => {
    const steps = at(noon + hour, [found({ scope: { provider: 'yahoo' } })], [storedIncident()]);
    expect(summary(steps)).toEqual(['opened inc_new provider_block']);
  });

  test.each(['authentication', 'complaints', 'list_decay', 'mailboxes_full'] as const)(
    '%s that another name shows better keeps its name',
    (kind) => {
      const before = storedIncident({ kind, scope: { campaign: 'offers' } });
      const steps = at(noon + hour, [found({ kind, scope: { source: 'form' } })], [before]);
      expect(steps).toMatchObject([
        { kind: 'seen', incident: { id: 'inc_1', kind, scope: { campaign: 'offers' } } },
      ]);
    },
  );

  test('complaints that come back about another name are the same incident', () => {
    const before = storedIncident({
      ...{ kind: 'complaints', scope: { campaign: 'offers' }, closedAt: noon + hour },
    });
    const steps = at(noon + day, [found({ kind: 'complaints', scope: { source: 'form' } })], [before]);
    expect(summary(steps)).toEqual(['changed inc_1 complaints']);
  });

  test('an outage is not a view of a block', () => {
    const steps = at(noon + hour, [found({ kind: 'provider_outage' })], [storedIncident()]);
    expect(summary(steps)).toEqual(['opened inc_new provider_outage']);
  });

  test("a provider's fault may turn out to be a bad import", () => {
    const fault = storedIncident({ kind: 'provider_fault' });
    const bad = found({ kind: 'bad_import', scope: { source: 'fair' } });
    expect(summary(at(noon + hour, [bad], [fault]))).toEqual(['changed inc_1 bad_import']);
  });

  test('two sources are two incidents', () => {
    const fair = storedIncident({ kind: 'bad_import', scope: { source: 'fair' } });
    const form = found({ kind: 'bad_import', scope: { source: 'form' } });
    expect(summary(at(noon + hour, [form], [fair]))).toEqual(['opened inc_new bad_import']);
  });

  test('each finding has one incident', () => {
    const other = storedIncident({ id: 'inc_2', scope: { provider: 'yahoo' } });
    const steps = at(
      noon + 2 * hour,
      [found({ scope: { provider: 'yahoo' } }), found()],
      [storedIncident(), other],
    );
    expect(summary(steps)).toEqual(['seen inc_2 provider_block', 'seen inc_1 provider_block']);
  });
});

describe('an incident closes', () => {
  test('after twelve hours without it, if mail was sent', () => {
    expect(at(noon + 12 * hour - 1, [], [storedIncident()])).toEqual([]);
    expect(at(noon + 12 * hour, [], [storedIncident()])).toEqual([
      {
        kind: 'closed',
        before: storedIncident(),
        incident: storedIncident({ closedAt: noon + 12 * hour }),
      },
    ]);
  });

  test('after three days without it and without mail', () => {
    expect(at(noon + 3 * day - 1, [], [storedIncident()], false)).toEqual([]);
    expect(summary(at(noon + 3 * day, [], [storedIncident()], false))).toEqual([
      'closed inc_1 provider_block',
    ]);
  });

  test('and a closed one does not close again', () => {
    expect(at(noon + 9 * day, [], [storedIncident({ closedAt: noon + day })])).toEqual([]);
  });

  test('and opens again under its id if it comes back within seven days', () => {
    const closed = storedIncident({ closedAt: noon + day });
    const [step] = at(noon + 8 * day, [found()], [closed]);
    expect(step).toMatchObject({
      kind: 'changed',
      incident: { id: 'inc_1', openedAt: noon, closedAt: null },
    });
    expect(summary(at(noon + 8 * day + 1, [found()], [closed]))).toEqual(['opened inc_new provider_block']);
  });
});
