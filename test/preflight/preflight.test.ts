// The preflight of each case, against BIND.

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { systemTimers } from '../../src/clock.ts';
import { createHedgedResolver } from '../../src/dns/hedged.ts';
import type { Resolver } from '../../src/dns/resolver.ts';
import { createPlainResolver } from '../../src/dns/transport/plain.ts';
import { createPlainTransport } from '../../src/dns/transport/plain-node.ts';
import { parseBlocklistZone } from '../../src/preflight/blocklists.ts';
import { findingCatalogue } from '../../src/preflight/catalogue.ts';
import type { PreflightRequest } from '../../src/preflight/finding.ts';
import { mailauthLibrary } from '../../src/preflight/mailauth.ts';
import { createPreflight, type PreflightAnswer } from '../../src/preflight/preflight.ts';
import { type PreflightCase, preflightCases, sharedZone } from './cases.ts';
import { type Named, skipWithoutNamed, startNamed } from './named.ts';
import { rootHead, senderZone } from './zone-text.ts';

/** A value with `{d}` in its texts replaced by the domain of the case. */
const at = <Value>(value: Value, domain: string): Value =>
  JSON.parse(JSON.stringify(value).replaceAll('{d}', domain)) as Value;

const domainOf = (index: number): string => `case-${index}.net`;

const zoneOf = ({ spf, dmarc, dkim, mail, more }: PreflightCase, index: number): string =>
  senderZone(domainOf(index), at({ spf, dmarc, dkim, mail, more }, domainOf(index)));

const requestOf = ({ ask = {} }: PreflightCase, domain: string): PreflightRequest => ({
  domain,
  selectors: ['s1'],
  ips: [],
  bounceDomain: null,
  helo: null,
  tracking: [],
  ...at(ask, domain),
});

const skipped = skipWithoutNamed('the preflight against BIND');

describe.skipIf(skipped)('the preflight finds', () => {
  let named: Named;
  let resolver: Resolver;
  beforeAll(async () => {
    const zones = preflightCases.map(zoneOf);
    named = await startNamed([rootHead, sharedZone, ...zones, '$ORIGIN .'].join('\n'), 'broken.net');
    const one = () => createPlainResolver(named.at, createPlainTransport());
    resolver = createHedgedResolver([one(), one()], { timers: systemTimers });
  });
  afterAll(() => named.close());

  const check = (one: PreflightCase, index: number): Promise<PreflightAnswer> => {
    const domain = domainOf(index);
    const { policy } = one;
    return createPreflight({
      resolver,
      timers: systemTimers,
      zones: (one.zones ?? []).map((text) => parseBlocklistZone(text)!),
      policyTransport: async ({ url }) => {
        expect(url.href).toBe(`https://mta-sts.${domain}/.well-known/mta-sts.txt`);
        if (typeof policy === 'string') return { kind: 'text', text: at(policy, domain) };
        return 'why' in policy! ? { kind: 'failed', ...policy } : { kind: 'no_answer', ...policy! };
      },
      loadLibrary: async () => mailauthLibrary,
    }).check(requestOf(one, domain));
  };

  const found = new Set<string>();

  test.each(preflightCases.map((one, index) => [one.what, one, index] as const))(
    '%s',
    async (_, one, index) => {
      const domain = domainOf(index);
      const { findings, facts } = await check(one, index);
      for (const { code } of findings) found.add(code);
      expect(findings.map(({ code }) => code).sort()).toEqual([...(one.finds ?? [])].sort());
      expect(facts).toMatchObject(at(one.facts ?? {}, domain));
      const said = findings.map(({ seen }) => seen).join('\n');
      for (const words of one.says ?? []) expect(said).toContain(at(words, domain));
      if (one.publish)
        expect(findings.map(({ publish }) => publish?.value ?? null)).toEqual(at(one.publish, domain));
    },
  );

  test('every kind of finding', () => {
    expect(Object.keys(findingCatalogue).filter((code) => !found.has(code))).toEqual(['dkim_syntax']);
  });
});
