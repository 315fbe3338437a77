// Measures how long an unsigned webhook of the largest size blocks the event loop, for every provider and every hostile
// body.

import { crmAdapters } from '../src/crm/crm-registry.ts';
import { readCrmSettings } from '../src/crm/crm-settings.ts';
import { espAdapters } from '../src/esp/esp-registry.ts';
import { samples as crmSamples, sampleSettings } from '../test/crm/samples.ts';
import { samples as espSamples } from '../test/esp/samples.ts';
import { noCertificates } from '../test/esp/signing.ts';

const mib = 1024 * 1024;

/** Bodies that are slow to parse. Each function returns one of about `size` bytes. */
const hostileBodies: Readonly<Record<string, (size: number) => string>> = {
  'form of empty pairs': (size) => 'a&'.repeat(size / 2),
  'form of escapes': (size) => 'a='.padEnd(size, '%41'),
  'form of broken escapes': (size) => 'a='.padEnd(size, '%4'),
  'form of pluses': (size) => 'a='.padEnd(size, '+'),
  'form of 1,000 long names': (size) => `${'a'.repeat(size / 1000 - 9)}=1&`.repeat(999),
  'form of 1,000 escaped names': (size) => `${'%61'.repeat(size / 3000 - 9)}=%61&`.repeat(999),
  'JSON of brackets': (size) => '['.repeat(size),
  'JSON of nested objects': (size) => '{"a":'.repeat(size / 5),
  'JSON of pairs of brackets': (size) => `[${'[],'.repeat(size / 3 - 2)}[]]`,
  'JSON of numbers': (size) => `[${'1e-9,'.repeat(size / 5 - 2)}1]`,
  'JSON of keys': (size) =>
    `{${Array.from({ length: size / 12 }, (_, index) => `"${index.toString(36)}":1`).join()}}`.slice(0, size),
  'JSON of escapes': (size) => `"${'\\u0041'.repeat(size / 6 - 2)}"`,
  'JSON of quotes': (size) => `[${'"",'.repeat(size / 3 - 2)}""]`,
  'JSON of "auth" fields': (size) => `"auth" : ${' '.repeat(50)}`.repeat(size / 59),
  'XML of nested elements': (size) => '<a>'.repeat(size / 3),
  'XML of attributes': (size) => `<a ${'b="c" '.repeat(size / 6 - 2)}/>`,
};

interface Hook {
  readonly name: string;
  readonly maxBytes: number;
  /** Verifies a body. The headers pass every check except those of the secret and the signature. */
  verify(body: Uint8Array<ArrayBuffer>, type: string): Promise<unknown>;
}

const types = ['application/json', 'application/x-www-form-urlencoded'];

function withType(headers: Headers, type: string): Headers {
  const changed = new Headers(headers);
  changed.set('content-type', type);
  if (changed.has('authorization')) changed.set('authorization', `Basic ${btoa('any:wrong')}`);
  return changed;
}

async function espHooks(): Promise<Hook[]> {
  return Promise.all(
    espAdapters.map(async (adapter) => {
      const { request, secrets, certificates = noCertificates } = await espSamples[adapter.name]!.sign();
      const { name, maxBytes = 4 * mib } = adapter;
      return {
        name,
        maxBytes,
        verify: (body, type) =>
          adapter.verify(
            { ...request, headers: withType(request.headers as Headers, type), body },
            secrets,
            certificates,
          ),
      };
    }),
  );
}

async function crmHooks(now: number): Promise<Hook[]> {
  const settings = readCrmSettings((name) => sampleSettings[name] ?? null);
  if (!settings.ok) throw new Error(settings.mistakes.join());
  return Promise.all(
    crmAdapters.map(async (adapter) => {
      const sample = crmSamples.find(({ name }) => name === adapter.name)!;
      const { headers } = await sample.make([{ id: '1', email: 'jane@example.net' }], now);
      const url = `https://hooks.example.net/v1/hooks/crm/${adapter.name}?secret=wrong`;
      return {
        name: adapter.name,
        maxBytes: adapter.maxBytes,
        verify: (body, type) =>
          adapter.verify(
            { url, headers: withType(new Headers({ ...headers }), type), body, now },
            settings.settings.get(adapter.name)!,
          ),
      };
    }),
  );
}

export interface Hold {
  readonly ms: number;
  readonly provider: string;
  readonly body: string;
}

/**
 * Returns the longest time that the event loop was blocked. For each case (a provider, a body and a content type), the
 * shortest of three attempts counts. `cases` is the number of cases.
 */
export async function longestHold(): Promise<{ longest: Hold; cases: number }> {
  let longest: Hold = { ms: 0, provider: '', body: '' };
  let cases = 0;
  for (const { name: provider, maxBytes, verify } of [...(await espHooks()), ...(await crmHooks(Date.now()))])
    for (const [body, make] of Object.entries(hostileBodies)) {
      const bytes = new TextEncoder().encode(make(maxBytes));
      for (const type of types) {
        cases += 1;
        let ms = Number.POSITIVE_INFINITY;
        for (let attempt = 0; attempt < 3; attempt++)
          ms = Math.min(ms, await longestTurnMs(() => verify(bytes, type)));
        if (ms > longest.ms) longest = { ms, provider, body };
      }
    }
  return { longest, cases };
}

/** Returns the longest turn of the event loop while `work` runs, in milliseconds of processor time. */
async function longestTurnMs(work: () => Promise<unknown>): Promise<number> {
  let longest = 0;
  let last = process.threadCpuUsage();
  let isRunning = true;
  const measure = (): void => {
    const now = process.threadCpuUsage();
    longest = Math.max(longest, (now.user + now.system - last.user - last.system) / 1000);
    last = now;
    if (isRunning) setImmediate(measure);
  };
  await new Promise(setImmediate);
  last = process.threadCpuUsage();
  setImmediate(measure);
  await work();
  await new Promise(setImmediate);
  isRunning = false;
  return longest;
}
