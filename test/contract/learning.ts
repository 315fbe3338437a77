// What learning from outcomes promises, on whatever database.

import { beforeEach, describe, expect, test } from 'vitest';
import type { KnownProof } from '../../src/address/mailbox-proof.ts';
import { createFeedback, type Feedback } from '../../src/events/record.ts';
import type { Drift } from '../../src/learning/drift.ts';
import { createLearning, type Learning } from '../../src/learning/learning.ts';
import type { StoredProof } from '../../src/mailbox/probe-repository.ts';
import type { Database } from '../../src/storage/database.ts';
import { createEventRepository } from '../../src/storage/sqlite/event-repository.ts';
import { createLearningRepository } from '../../src/storage/sqlite/learning-repository.ts';
import { createProbeRepository } from '../../src/storage/sqlite/probe-repository.ts';
import { createSuppressionRepository } from '../../src/storage/sqlite/suppression-repository.ts';
import type { AddressHasher } from '../../src/suppression/address-hash.ts';
import { createSuppressionList } from '../../src/suppression/list.ts';
import { judge } from '../../src/verdict/judge.ts';
import { judgementOf, type Prediction, predictedBounce, profileOf } from '../../src/verdict/judgement.ts';
import type { Learned } from '../../src/verdict/probability.ts';
import type { Verdict } from '../../src/verdict/verdict.ts';
import { evidence } from '../verdict/evidence.ts';
import { event } from './feedback.ts';

const noon = Date.UTC(2026, 10, 20, 12);
const minute = 60_000;
const day = 86_400_000;

/** `start` gives a database with the schema and nothing in it. */
export function learningBattery(
  name: string,
  start: () => Promise<{ database: Database; hasher: AddressHasher }>,
): void {
  describe(`Learning on ${name}`, () => {
    let now: number;
    let database: Database;
    let hasher: AddressHasher;
    let learning: Learning;
    let feedback: Feedback;
    let toldDrifts: Drift[];
    let driftArrives: boolean;

    beforeEach(async () => {
      now = noon;
      toldDrifts = [];
      driftArrives = true;
      const parts = await start();
      ({ database, hasher } = parts);
      const clock = () => now;
      learning = createLearning({
        repository: createLearningRepository(parts.database),
        ...parts,
        now: clock,
        retentionDays: 90,
        tellDrift: async (drift) => {
          toldDrifts.push(drift);
          return driftArrives;
        },
        onFailure: (error) => {
          throw error;
        },
      });
      feedback = createFeedback({
        ...parts,
        repository: createEventRepository(parts.database),
        suppressionList: createSuppressionList({
          ...parts,
          repository: createSuppressionRepository(parts.database),
          now: clock,
        }),
        now: clock,
        together: true,
        outcomesOf: learning.outcomesOf,
      });
    });

    const addressed = (localPart: string) => ({
      localPart,
      domain: 'example.com',
      address: `${localPart}@example.com`,
      smtputf8: false,
      quoted: false,
    });

    const given = (localPart: string, source: string | null, learned: Learned | null = null): Prediction => {
      const mailbox = addressed(localPart);
      const judgement = judgementOf(profileOf(evidence({})), false, null, null);
      const bounce = predictedBounce(judgement, mailbox.domain, null, source, now, learned);
      return { mailbox, judgement, bounce, judgedAt: now, source, lastVerifiedAt: null };
    };

    /** Gives a verdict on each name at example.com as the service does, and has it kept. */
    async function verify(names: readonly string[], source: string | null = null): Promise<Verdict[]> {
      const learned = await learning.learned();
      learning.keep(names.map((localPart) => given(localPart, source, learned)));
      await learning.tend();
      return names.map((localPart) =>
        judge(evidence({ mailbox: addressed(localPart), source }), now, learned),
      );
    }

    const recipient = (localPart: string) => `${localPart}@example.com`;
    const delivered = (localPart: string, differences: Parameters<typeof event>[0] = {}) =>
      event({
        kind: 'delivered',
        class: 'none',
        reason: 'delivered',
        status: null,
        recipient: recipient(localPart),
        at: now + minute,
        ...differences,
      });
    const bounced = (localPart: string, differences: Parameters<typeof event>[0] = {}) =>
      event({ recipient: recipient(localPart), at: now + minute, ...differences });

    const strata = () =>
      database.all<{ source: string; outcomes: number; bounces: number; expected: number }>(
        'SELECT source, outcomes, bounces, expected FROM strata ORDER BY source',
      );
    /** Outcomes and bounces of all strata, each counted as one. */
    async function counted(): Promise<{ outcomes: number; bounces: number }> {
      const { total } = await learning.calibration({ from: noon - day, to: noon + 400 * day });
      return { outcomes: total.outcomes, bounces: total.bounces };
    }

    const many = (count: number, prefix: string) =>
      Array.from({ length: count }, (_, index) => `${prefix}${index}`);

    test('before any outcome the prior applies', async () => {
      const [verdict] = await verify(['jane']);
      expect(verdict!.bounce).toMatchObject({ probability: 0.008, basis: 'prior', sample: 0 });
    });

    test('deliveries and bounces change the next prediction, which states its number of outcomes', async () => {
      const names = many(200, 'a');
      await verify(names, 'fair');
      await feedback.record(names.map((one, index) => (index % 5 === 0 ? bounced(one) : delivered(one))));
      await learning.refresh();
      const [sameSource] = await verify(['jane'], 'fair');
      const [otherSource] = await verify(['jane'], 'shop');
      expect(sameSource!.bounce).toMatchObject({ basis: 'observed', sample: 200 });
      expect(sameSource!.bounce.probability).toBeGreaterThan(0.12);
      expect(sameSource!.bounce.low).toBeLessThan(0.2);
      expect(sameSource!.bounce.high).toBeGreaterThan(0.2);
      expect(otherSource!.bounce.probability).toBeLessThan(sameSource!.bounce.probability / 2);
    });

    test('nothing but the bounce differs from a verdict without learning', async () => {
      await verify(['jane']);
      await feedback.record([bounced('jane'), delivered('john')]);
      await learning.refresh();
      const [learned] = await verify(['jane']);
      const { bounce: _, ...rest } = learned!;
      const { bounce, ...plain } = judge(evidence({ mailbox: addressed('jane') }), now);
      expect(rest).toEqual(plain);
      expect(bounce.basis).toBe('prior');
    });

    test('a verdict gets only one outcome', async () => {
      await verify(['jane']);
      const once = delivered('jane');
      await feedback.record([once]);
      await feedback.record([once, delivered('jane', { at: now + 2 * minute })]);
      expect(await counted()).toEqual({ outcomes: 1, bounces: 0 });
      await verify(['jane']);
      await feedback.record([delivered('jane', { at: now + 3 * minute })]);
      expect(await counted()).toEqual({ outcomes: 2, bounces: 0 });
    });

    test('a bounce within a week corrects a delivery, a later one does not', async () => {
      await verify(['jane', 'john']);
      await feedback.record([delivered('jane'), delivered('john')]);
      const [before] = await strata();
      now += 9 * day;
      const late = [bounced('jane', { at: noon + 3 * day }), bounced('john', { at: noon + 8 * day })];
      await feedback.record(late);
      expect(await counted()).toEqual({ outcomes: 2, bounces: 1 });
      const [after] = await strata();
      expect(after!.outcomes).toBeCloseTo(before!.outcomes);
      expect(after!.expected).toBeCloseTo(before!.expected);
      expect(after!.bounces).toBeCloseTo(after!.outcomes / 2);
    });

    test.each([
      ['a policy bounce', { class: 'policy', reason: 'blocked_reputation' }],
      ['a soft bounce', { class: 'soft', reason: 'mailbox_full' }],
      ['an echo of the provider’s own list', { echo: true }],
      ['a complaint', { kind: 'complaint', class: 'complaint' }],
      ['an opening', { kind: 'opened', class: 'none' }],
      ['what happened before the verdict', { at: noon - minute }],
      ['what happened long after it', { at: noon + 91 * day }],
    ] as const)('%s is no outcome', async (_, differences) => {
      await verify(['jane', 'john']);
      await feedback.record([delivered('john')]);
      now += 100 * day;
      await feedback.record([bounced('jane', differences)]);
      expect(await counted()).toEqual({ outcomes: 1, bounces: 0 });
    });

    test('a source that reports only bounces is not learned from, because all its mail would seem to bounce', async () => {
      await verify(['jane', 'john', 'joan']);
      await feedback.record([bounced('jane', { provider: 'report' })]);
      expect(await counted()).toEqual({ outcomes: 0, bounces: 0 });
      await feedback.record([delivered('john')]);
      await feedback.record([bounced('joan', { provider: 'report' })]);
      expect(await counted()).toEqual({ outcomes: 1, bounces: 0 });
      await feedback.record([bounced('joan')]);
      expect(await counted()).toEqual({ outcomes: 2, bounces: 1 });
    });

    test('an outcome without a prediction changes nothing', async () => {
      await verify(['jane']);
      await feedback.record([delivered('jim'), bounced('joan'), bounced('joe', { recipient: null })]);
      expect(await strata()).toEqual([]);
    });

    test('an event from the future weighs no more than one of today', async () => {
      await verify(['jane', 'john']);
      await feedback.record([
        delivered('jane', { at: noon }),
        delivered('john', { at: noon + 3650 * day, provider: 'other' }),
      ]);
      const [stratum] = await strata();
      const { weightAt } = await import('../../src/verdict/probability-model.ts');
      expect(stratum!.outcomes).toBeCloseTo(2 * weightAt(noon));
    });

    test('an outcome counts half after half a year', async () => {
      const names = many(100, 'a');
      await verify(names);
      await feedback.record([delivered('nobody'), ...names.map((one) => bounced(one))]);
      await learning.refresh();
      const [fresh] = await verify(['jane']);
      now += 180 * day;
      await verify(['jim']);
      await feedback.record([delivered('jim')]);
      await learning.refresh();
      const [old] = await verify(['jane']);
      expect(fresh!.bounce.sample).toBe(100);
      expect(old!.bounce.sample).toBe(51);
      expect(old!.bounce.probability).toBeLessThan(fresh!.bounce.probability);
    });

    test('neither the address nor a source that holds one comes into the database', async () => {
      await verify(['jane'], 'jane@example.com');
      await feedback.record([delivered('jane')]);
      const rows = [
        ...(await database.all('SELECT * FROM predictions')),
        ...(await database.all('SELECT * FROM strata')),
        ...(await database.all('SELECT * FROM calibration')),
      ];
      expect(rows).toHaveLength(3);
      expect(JSON.stringify(rows)).not.toMatch(/jane|@|example/);
    });

    test('features wait for their outcome for PREDICTION_DAYS only', async () => {
      await verify(['jane']);
      now += 89 * day;
      await verify(['john']);
      now += 2 * day;
      await learning.tend();
      const rows = await database.all('SELECT at FROM predictions');
      expect(rows).toEqual([{ at: noon + 89 * day }]);
    });

    const mailboxOf = (proof: KnownProof | undefined) =>
      judgementOf(
        profileOf(evidence({})),
        false,
        null,
        proof === undefined
          ? null
          : { suppression: { kind: 'clear' }, proof: proof.proof, proofOrigin: proof },
      );
    /** Keeps a prediction about each name, as made when `proof` was known. */
    async function predict(names: readonly string[], proof?: KnownProof): Promise<number[]> {
      const learned = await learning.learned();
      const judgement = mailboxOf(proof);
      const bounce = predictedBounce(judgement, 'example.com', null, null, now, learned);
      const all = names.map((localPart) => ({ ...given(localPart, null), judgement, bounce }));
      learning.keep(all);
      await learning.tend();
      return all.map(({ bounce: { probability } }) => probability);
    }
    const exists: KnownProof = { proof: { kind: 'exists' }, basis: 'smtp', checkedAt: noon };
    const opened: KnownProof = { ...exists, basis: 'engaged' };
    const catchAllOf = (domainHash: string): KnownProof => ({
      ...{ proof: { kind: 'catch_all' }, basis: 'delivered', checkedAt: noon },
      domainHash,
    });

    test('what is known about a mailbox changes the prior, and then the outcomes do', async () => {
      const [none] = await predict(['jane']);
      const [byHost] = await predict(['john'], exists);
      const [byPerson] = await predict(['joan'], opened);
      expect([none, byHost, byPerson]).toEqual([0.008, 0.004, 0.002]);
      const names = many(200, 'a');
      await predict(names, exists);
      await predict(many(200, 'b'));
      await feedback.record([
        ...names.map((one, index) => (index % 10 === 0 ? bounced(one) : delivered(one))),
        ...many(200, 'b').map((one, index) => (index === 0 ? bounced(one) : delivered(one))),
      ]);
      await learning.refresh();
      const [lying] = await predict(['jim'], exists);
      const [unknown] = await predict(['joe']);
      expect(lying).toBeGreaterThan(0.05);
      expect(unknown).toBeLessThan(0.02);
    });

    test('the probability at a catch-all is learned for each domain', async () => {
      const good = many(60, 'a');
      const bad = many(60, 'b');
      await predict(good, catchAllOf('good'));
      await predict(bad, catchAllOf('bad'));
      await feedback.record([
        ...good.map((one) => delivered(one)),
        ...bad.map((one, index) => (index % 2 === 0 ? bounced(one) : delivered(one))),
      ]);
      await learning.refresh();
      const of = async (domain: string) => (await predict(['jane'], catchAllOf(domain)))[0]!;
      expect(await of('good')).toBeLessThan(0.06);
      expect(await of('bad')).toBeGreaterThan(0.35);
      expect(await of('another')).toBeGreaterThan(await of('good'));
      expect(await of('another')).toBeLessThan(await of('bad'));
    });

    test('calibration by what was known about the mailbox', async () => {
      await predict(['a1', 'a2'], exists);
      await predict(['b1'], opened);
      await predict(['c1', 'c2', 'c3']);
      await feedback.record(
        ['a1', 'b1', 'c1', 'c2', 'c3'].map((one) => delivered(one)).concat(bounced('a2')),
      );
      const { proofs, total } = await learning.calibration({ from: noon, to: noon });
      expect(proofs.map(({ name: proof, outcomes, bounces }) => [proof, outcomes, bounces])).toEqual([
        [null, 3, 0],
        ['smtp_exists', 2, 1],
        ['engaged', 1, 0],
      ]);
      expect(proofs.reduce((sum, { outcomes }) => sum + outcomes, 0)).toBe(total.outcomes);
    });

    describe('how often mail bounces after a mail host was asked', () => {
      type Finding = StoredProof['finding'];
      async function keep(
        names: Readonly<Record<string, Finding>>,
        domain: 'selective' | 'catch_all' | 'waiting' | null,
        checkedAt = noon,
      ) {
        const [domainHash] = await hasher.hashAll(['example.com']);
        const hashes = await hasher.hashAll(Object.keys(names).map(recipient));
        const times = { checkedAt, retryAt: null, expiresAt: checkedAt + 30 * day };
        await createProbeRepository(database).keep(hasher.keyId, {
          proofs: Object.values(names).map((finding, index) => ({
            ...{ addressHash: hashes[index]!, domainHash: domainHash!, finding },
            ...{ cause: null, position: null, attempts: 0 },
            ...times,
          })),
          domains:
            domain === null ? [] : [{ domainHash: domainHash!, finding: domain, madeUpName: null, ...times }],
        });
      }
      const answers = async () =>
        Object.fromEntries(
          (await learning.calibration({ from: noon - day, to: noon + 100 * day })).answers.map(
            ({ told, mailed, bounced: of }) => [told, `${of} of ${mailed}`],
          ),
        );

      test('is counted for each answer, once for each mailbox', async () => {
        await keep({ a: 'accepted', b: 'accepted', c: 'accepted', d: 'unknown_user' }, 'selective');
        const events = [delivered('a'), bounced('b'), delivered('d'), delivered('stranger')];
        await feedback.record(events);
        await feedback.record([...events, delivered('a', { at: now + 2 * minute })]);
        expect(await answers()).toEqual({ exists: '1 of 2', unknown_user: '0 of 1' });
      });

      test('a bounce within a week corrects a delivery, a later one and an echo do not', async () => {
        await keep({ a: 'accepted', b: 'accepted', c: 'accepted' }, 'selective');
        await feedback.record([delivered('a'), delivered('b'), delivered('c')]);
        now += 20 * day;
        await feedback.record([
          bounced('a', { at: noon + 3 * day }),
          bounced('b', { at: noon + 9 * day }),
          bounced('c', { at: noon + 2 * day, echo: true }),
        ]);
        expect(await answers()).toEqual({ exists: '1 of 3' });
      });

      test('mail before the answer, after its lifetime, and to mailboxes that are not proven does not count', async () => {
        await keep({ a: 'accepted', b: 'accepted' }, 'selective');
        now += 40 * day;
        await feedback.record([
          delivered('a', { at: noon - minute }),
          bounced('b', { at: noon + 31 * day }),
          delivered('c'),
        ]);
        await keep({ c: 'undetermined' }, null);
        expect(await answers()).toEqual({});
      });

      test('an accepted address counts as what its domain shows by then', async () => {
        await keep({ a: 'accepted', b: 'accepted', c: 'accepted' }, 'waiting');
        await feedback.record([delivered('a')]);
        expect(await answers()).toEqual({});
        await keep({}, 'catch_all');
        await feedback.record([delivered('b'), bounced('c')]);
        expect(await answers()).toEqual({ catch_all: '1 of 2' });
      });

      test('a new answer waits for its own outcome', async () => {
        await keep({ a: 'accepted' }, 'selective');
        await feedback.record([delivered('a')]);
        now += 8 * day;
        await keep({ a: 'accepted' }, 'selective', now);
        await feedback.record([bounced('a')]);
        expect(await answers()).toEqual({ exists: '1 of 2' });
      });

      test('bounces of a provider that reports no deliveries do not count', async () => {
        await keep({ a: 'accepted', b: 'accepted' }, 'selective');
        await feedback.record([bounced('a', { provider: 'report' }), delivered('b')]);
        expect(await answers()).toEqual({ exists: '0 of 1' });
      });
    });

    test('the scores follow their definition, for predictions and for priors alone', async () => {
      const names = many(4, 'a');
      await verify(names, 'fair');
      await feedback.record([delivered('a1'), delivered('a2'), delivered('a3'), bounced('a0')]);
      const { total, sources, providers } = await learning.calibration({ from: noon, to: noon });
      const brier = (0.992 ** 2 + 3 * 0.008 ** 2) / 4;
      const logLoss = -(Math.log(0.008) + 3 * Math.log(0.992)) / 4;
      expect(total).toMatchObject({ outcomes: 4, bounces: 1, observed: 0.25 });
      for (const score of [total.predicted!, total.prior!]) {
        expect(score.brier).toBeCloseTo(brier, 12);
        expect(score.logLoss).toBeCloseTo(logLoss, 12);
        expect(score.ece).toBeCloseTo(0.242, 12);
        expect(score.bins).toEqual([{ from: 0, to: 0.05, outcomes: 4, predicted: 0.008, observed: 0.25 }]);
      }
      expect(sources.map(({ name: source }) => source)).toEqual(['fair']);
      expect(providers.map(({ name: provider }) => provider)).toEqual([null]);
    });

    test('a corrected delivery gives the same scores as an immediate bounce', async () => {
      await verify(['jane']);
      await feedback.record([delivered('jane')]);
      now += day;
      await feedback.record([bounced('jane')]);
      const { total } = await learning.calibration({ from: noon, to: noon + day });
      expect(total.predicted!.brier).toBeCloseTo(0.992 ** 2, 12);
      expect(total.predicted!.logLoss).toBeCloseTo(-Math.log(0.008), 12);
    });

    test('reports drift for a source that bounces more than predicted, and for no other', async () => {
      const fair = many(200, 'a');
      const shop = many(200, 'b');
      await verify(fair, 'fair');
      await verify(shop, 'shop');
      await feedback.record([
        ...fair.map((one, index) => (index < 14 ? bounced(one) : delivered(one))),
        ...shop.map((one, index) => (index < 2 ? bounced(one) : delivered(one))),
      ]);
      const { drifts } = await learning.calibration({ from: noon, to: noon });
      expect(drifts.map(({ of, name: whose }) => [of, whose])).toEqual([
        ['source', 'fair'],
        ['provider', null],
      ]);
      expect(drifts[0]!.message).toBe(
        'Source fair: 7% of the addresses bounced, but presend predicted 0.8%.',
      );
    });

    test('keeps the latest verdict on an address, and drops predictions beyond the limit', async () => {
      const names = many(25_000, 'a');
      learning.keep(names.map((localPart) => given(localPart, 'fair')));
      learning.keep([given(names[0]!, 'shop')]);
      await learning.storeAll();
      const rows = await database.all<{ source: string; count: number }>(
        'SELECT source, count(*) AS count FROM predictions GROUP BY source ORDER BY source',
      );
      expect(rows).toEqual([
        { source: 'fair', count: 19_999 },
        { source: 'shop', count: 1 },
      ]);
    });

    test('stores many predictions in several steps', async () => {
      learning.keep(many(3000, 'a').map((localPart) => given(localPart, 'fair')));
      const stored = async () => {
        await learning.tend();
        return (await database.all('SELECT 1 FROM predictions')).length;
      };
      expect([await stored(), await stored()]).toEqual([2500, 3000]);
    });

    test('a drift is reported once, again after a week, or after an hour if the report failed', async () => {
      const names = many(200, 'a');
      await verify(names, 'fair');
      await feedback.record([delivered('nobody'), ...names.map((one) => bounced(one))]);
      const whom = () => toldDrifts.splice(0).map(({ of, name: whose }) => [of, whose]);
      driftArrives = false;
      await learning.maintain();
      expect(whom()).toEqual([
        ['source', 'fair'],
        ['provider', null],
      ]);
      driftArrives = true;
      now += 3_600_000;
      await learning.tend();
      expect(whom()).toHaveLength(2);
      await learning.maintain();
      expect(whom()).toEqual([]);
      now += 7 * day - 3_600_000;
      await learning.maintain();
      expect(whom()).toEqual([]);
      now += 3_600_000;
      const more = many(100, 'b');
      await verify(more, 'fair');
      await feedback.record(more.map((one, index) => (index % 2 ? delivered(one) : bounced(one))));
      await learning.maintain();
      expect(whom()).toContainEqual(['source', 'fair']);
    });
  });
}
