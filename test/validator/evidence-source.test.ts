// Sources of evidence → what is known about a batch. A further source needs no change in the validator.

import { describe, expect, test } from 'vitest';
import type { MailHost } from '../../src/domain/mail-host.ts';
import { readBatch } from '../../src/validator/batch.ts';
import {
  type BatchFinding,
  type EvidenceSource,
  type Gathered,
  gatherEvidence,
} from '../../src/validator/evidence-source.ts';
import { foundDomain } from '../../src/validator/found-domain.ts';
import { validatorOver } from '../../src/validator/validate.ts';
import type { Learned } from '../../src/verdict/probability.ts';
import { evidence } from '../verdict/evidence.ts';

const batch = readBatch([{ email: 'jane@brisk-otter.com' }], () => [undefined]);

const source = (
  found: BatchFinding | Promise<BatchFinding>,
  scope: EvidenceSource['scope'] = 'address',
): EvidenceSource => ({ name: 'test', scope, gather: () => found });

const gathered = (...findings: BatchFinding[]): Gathered =>
  gatherEvidence(
    findings.map((found) => source(found)),
    batch,
    0,
    () => 0,
  ) as Gathered;

const someDomain = foundDomain('brisk-otter.com', 0, evidence({}));
const model: Learned = { isEmpty: true, estimate: () => null };

describe('the findings of several sources', () => {
  test('without a finding nothing is known about an address, and a domain stays as it is', () => {
    const all = gathered({}, {});
    expect(all.ofAddress('jane@brisk-otter.com')).toBeNull();
    expect(all.toDomain(someDomain)).toBe(someDomain);
    expect(all.learned).toBeNull();
  });

  test('each source adds to a domain in turn', () => {
    const renamed = (end: string): BatchFinding => ({
      toDomain: (found) => ({ ...found, name: found.name + end }),
    });
    expect(gathered(renamed('.a'), {}, renamed('.b')).toDomain(someDomain).name).toBe('brisk-otter.com.a.b');
  });

  test('what one source finds about an address stays if another finds nothing', () => {
    const suppression = { kind: 'undetermined' } as const;
    const one: BatchFinding = {
      ofAddress: (address) => (address.startsWith('jane') ? { suppression } : null),
    };
    const none: BatchFinding = { ofAddress: () => null };
    for (const all of [gathered(one, none), gathered(none, one)]) {
      expect(all.ofAddress('jane@brisk-otter.com')).toEqual({ suppression });
      expect(all.ofAddress('bob@brisk-otter.com')).toBeNull();
    }
  });

  test('the later of two sources counts', () => {
    const says = (kind: 'clear' | 'undetermined'): BatchFinding => ({
      ofAddress: () => ({ suppression: { kind } }),
    });
    expect(gathered(says('clear'), says('undetermined')).ofAddress('')).toEqual({
      suppression: { kind: 'undetermined' },
    });
    expect(gathered({ learned: model }, { learned: null }).learned).toBe(model);
  });
});

describe('waiting', () => {
  test('nothing is waited for if every source knows at once', () => {
    expect(gathered({}).waited).toEqual({ domain: 0, address: 0 });
  });

  test('each scope counts the time until its last source answers', async () => {
    let time = 100;
    const at = (moment: number, name: PromiseWithResolvers<BatchFinding>) => () => {
      time = moment;
      name.resolve({});
    };
    const [first, second, third] = [1, 2, 3].map(() => Promise.withResolvers<BatchFinding>()) as [
      PromiseWithResolvers<BatchFinding>,
      PromiseWithResolvers<BatchFinding>,
      PromiseWithResolvers<BatchFinding>,
    ];
    const sources = [
      source(first.promise, 'domain'),
      source(second.promise, 'address'),
      source(third.promise, 'domain'),
      source({ learned: model }, 'address'),
    ];
    const all = gatherEvidence(sources, batch, 0, () => time);
    const settle = async (answer: () => void): Promise<void> => {
      answer();
      await new Promise(setImmediate);
    };
    await settle(at(110, first));
    await settle(at(125, second));
    await settle(at(140, third));
    expect(await all).toMatchObject({ waited: { domain: 40, address: 25 }, learned: model });
  });
});

describe('a further source of the validator', () => {
  const mailHost: MailHost = { kind: 'mx', exchanges: [{ preference: 10, host: 'mx.brisk-otter.com' }] };
  const validatorWith = (...sources: EvidenceSource[]) =>
    validatorOver({
      mailHosts: { lookup: () => ({ mailHost, expires: 0 }) },
      suppressions: null,
      sources,
      now: () => 0,
      timeoutMs: 1000,
      batchTimeoutMs: 2000,
    });
  const reasonWith = async (found: BatchFinding | Promise<BatchFinding>) =>
    (await validatorWith(source(found)).validate({ email: 'jane@brisk-otter.com' })).reason;

  test('about addresses decides the verdict, at once or later', async () => {
    const found: BatchFinding = {
      ofAddress: (address) =>
        address === 'jane@brisk-otter.com' ? { suppression: { kind: 'undetermined' } } : null,
    };
    expect(await reasonWith(found)).toBe('suppression_undetermined');
    expect(await reasonWith(Promise.resolve(found))).toBe('suppression_undetermined');
  });

  test('about domains decides the verdict', async () => {
    const toDomain: BatchFinding['toDomain'] = (domain) =>
      foundDomain(domain.name, domain.expires, { ...domain, denied: true });
    expect(await reasonWith({ toDomain })).toBe('denied_domain');
  });

  test('is told the batch and when its answer is due', async () => {
    const asked: [string[], number][] = [];
    const validator = validatorWith({
      name: 'test',
      scope: 'domain',
      gather({ pending }, deadline) {
        asked.push([[...pending.keys()], deadline]);
        return {};
      },
    });
    await validator.validate({ email: 'jane@brisk-otter.com' });
    await validator.validate({ email: 'jane@brisk-otter.com' }, { timeoutMs: 300 });
    await validator.validateBatch(['a@calm-heron.com', 'b@calm-heron.com'].map((email) => ({ email })));
    expect(asked).toEqual([
      [['brisk-otter.com'], 1000],
      [['brisk-otter.com'], 300],
      [['calm-heron.com'], 2000],
    ]);
  });
});
