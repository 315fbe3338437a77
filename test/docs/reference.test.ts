// The documentation says what is so: its examples are run and its tables compared.

import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { classifyReply } from '../../src/bounce/classify.ts';
import { crmSettingNames } from '../../src/crm/crm-settings.ts';
import { defaultDohUrls } from '../../src/dns/defaults.ts';
import { espAdapters } from '../../src/esp/esp-registry.ts';
import { espSettingNames } from '../../src/esp/esp-settings.ts';
import { createFeedback } from '../../src/events/record.ts';
import { defaultLimits, type LimitName } from '../../src/http/middleware/limits.ts';
import { resources } from '../../src/http/resources.ts';
import { JobAnswer } from '../../src/http/routes/job-answer.ts';
import { JobFields } from '../../src/http/routes/job-fields.ts';
import { BounceReportAnswer } from '../../src/http/routes/reports.ts';
import { scopes } from '../../src/keys/key.ts';
import { diagnosedCauses } from '../../src/reports/incidents/diagnosis-record.ts';
import { incidentKinds } from '../../src/reports/incidents/incident.ts';
import {
  type BandedRate,
  type BandProfile,
  bandProfiles,
  type GradedRate,
  rateBandsOf,
  thresholds,
} from '../../src/reports/thresholds.ts';
import { createEventRepository } from '../../src/storage/sqlite/event-repository.ts';
import { createSuppressionRepository } from '../../src/storage/sqlite/suppression-repository.ts';
import { addressHashKey } from '../../src/suppression/address-hash.ts';
import { createSuppressionList } from '../../src/suppression/list.ts';
import { nodeHasher } from '../../src/suppression/node-hasher.ts';
import { effectOf, parseScope, type SuppressionReason } from '../../src/suppression/scope.ts';
import { policyRows } from '../../src/verdict/policy.ts';
import { levels, pseudoCounts } from '../../src/verdict/probability.ts';
import { webhookHeaders, webhookSecret } from '../../src/webhooks/sign.ts';
import { wordsOnly } from '../bounce/message.ts';
import { emptyFolder, presend, program } from '../cli/program.ts';
import { event } from '../contract/feedback.ts';
import { type NodeService, startNodeService } from '../http/node-service.ts';

const root = new URL('../..', import.meta.url).pathname;
const read = (file: string) => readFileSync(join(root, file), 'utf8');

/** The code blocks of a page, each with its language. */
const blocks = (file: string) =>
  [...read(file).matchAll(/^```(\w+)\n(.*?)^```/gms)].map(([, language, code]) => ({
    language,
    code: code!,
  }));

/** The rows of all tables of a page as cells, without head and backticks. */
const tableRows = (file: string) =>
  [...read(file).matchAll(/^\| (`.*) \|$/gm)].map(([, row]) =>
    row!.split('|').map((cell) => cell.replaceAll('`', '').trim()),
  );

/** A service that has heard of nothing yet. */
async function freshService(): Promise<NodeService> {
  const fresh = await startNodeService({ zone: {} });
  onTestFinished(() => fresh.stop());
  return fresh;
}

let service: NodeService;
beforeAll(async () => {
  service = await startNodeService({ zone: {} });
});
afterAll(() => service.stop());

// biome-ignore lint/suspicious/noExplicitAny: the assertions say what it should be.
const validate = async (body: string): Promise<any> =>
  (
    await fetch(`${service.url}/v1/validate`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
    })
  ).json();

test('README: the request is answered as printed, but for the time', async () => {
  const request = blocks('README.md').find(({ code }) => code.startsWith('curl'))!.code;
  const printed = JSON.parse(blocks('README.md').find(({ language }) => language === 'json')!.code);
  expect(request).toContain('http://127.0.0.1:8787/v1/validate');
  const answer = await validate(/-d '(.*)'/.exec(request)![1]!);
  const times = {
    checked_at: expect.any(String),
    expires_at: expect.any(String),
    took_ms: expect.any(Number),
  };
  expect(answer).toEqual({ ...printed, ...times });
  expect(Object.keys(answer)).toEqual(Object.keys(printed));
  const holds = ({ checked_at, expires_at }: Record<string, string>) =>
    Date.parse(expires_at!) - Date.parse(checked_at!);
  expect(holds(printed)).toBe(holds(answer));
});

test('README: the command prints what is shown', async () => {
  const command = blocks('README.md').find(({ code }) => code.startsWith('npx presend'))!.code;
  const shown = blocks('README.md').find(({ language }) => language === 'text')!.code;
  const args = command.trim().split(' ').slice(2);
  expect((await presend(args, { environment: { DOH_URLS: service.doh.url } })).stdout).toBe(shown);
});

test('README: the library example prints its comment', async () => {
  const example = blocks('README.md').find(({ language }) => language === 'ts')!.code;
  const file = join(emptyFolder(), 'example.ts');
  writeFileSync(file, example.replace("'presend'", `'${join(root, 'src/index.ts')}'`));
  const { stdout } = await program(file);
  expect(`// ${stdout.trim()}`).toBe(/\/\/.*$/m.exec(example)![0]);
});

test('verdicts: each sandbox address answers what its row says', async () => {
  const rows = tableRows('docs/verdicts.md').filter((row) => row.length === 5);
  expect(new Set(rows.map(([reason]) => reason))).toEqual(
    new Set(['syntax_error', ...policyRows.map(({ reason }) => reason)]),
  );
  for (const [reason, result, status, email] of rows) {
    const verdict = await validate(JSON.stringify({ email }));
    const expected = status === 'as stored' ? '5.1.1' : status || null;
    expect(verdict, email).toMatchObject({ reason, result, bounce: { status: expected } });
  }
});

test('settings: the page names exactly the settings that are read', () => {
  const names = tableRows('docs/settings.md').map(([name]) => name);
  const files = [
    'settings.ts',
    'soft-bounce-settings.ts',
    'alert-settings.ts',
    'proof-settings.ts',
    'trace-settings.ts',
    'worker.ts',
  ];
  const sources = files.map((file) => read(`src/platform/${file}`)).join('\n');
  const used = [
    ...sources.matchAll(/(?:text|wholeNumber|several)\('([A-Z_\d]+)'|environment\['([A-Z_\d]+)'\]/g),
  ];
  expect(new Set(names)).toEqual(new Set([...used.map(([, a, b]) => a ?? b), ...crmSettingNames]));
  expect(names.length).toBe(new Set(names).size);
});

test('settings: the default resolvers are those named', () => {
  const row = tableRows('docs/settings.md').find(([name]) => name === 'DOH_URLS')!;
  expect(row[1]).toBe('Cloudflare, Google, Quad9 (unfiltered)');
  expect(defaultDohUrls.map((url) => new URL(url).host)).toEqual([
    'cloudflare-dns.com',
    'dns.google',
    'dns10.quad9.net',
  ]);
});

test('settings: the default limits are those printed', () => {
  const [, printed] = tableRows('docs/settings.md').find(([name]) => name === 'LIMITS')!;
  const defaults = Object.entries(defaultLimits).map(
    ([name, { quota, windowMs }]) => `${name}=${quota}/${windowMs / 1000}`,
  );
  expect(printed!.split(',')).toEqual(defaults);
});

test('wrangler.toml: the platform counts what the default limits say', () => {
  const bindings = [
    ...read('wrangler.toml').matchAll(/name = "LIMIT_(\w+)"[^[]*limit = (\d+), period = (\d+)/g),
  ].map(([, name, limit, period]) => [name!.toLowerCase(), Number(limit), Number(period)]);
  expect(bindings).toHaveLength(3);
  for (const [name, limit, period] of bindings)
    expect(defaultLimits[name as LimitName]).toEqual({ quota: limit, windowMs: Number(period) * 1000 });
});

describe('keys: the examples', () => {
  /** What the shell of the page has in its variables. */
  const shell: Record<string, string> = { ADMIN_KEY: 'an-admin-key-for-tests' };
  const page = blocks('docs/keys.md');
  const json = page.filter(({ language }) => language === 'json').map(({ code }) => JSON.parse(code));
  let keyed: NodeService;
  beforeAll(async () => {
    keyed = await startNodeService({ zone: {}, settings: { ADMIN_KEY: shell['ADMIN_KEY']! } });
  });
  afterAll(() => keyed.stop());

  /** Runs a curl command against the service, with the shell's variables in it. */
  // biome-ignore lint/suspicious/noExplicitAny: the assertions say what it should be.
  const curl = async (command: string): Promise<any> => {
    const filled = command.replaceAll(/\$[A-Z_]+/g, (variable) => shell[variable.slice(1)]!);
    const headers = [...filled.matchAll(/-H ['"](.*?): (.*?)['"]/g)].map(([, name, value]) => [
      name!,
      value!,
    ]);
    const path = /http:\/\/127\.0\.0\.1:8787(\S+)/.exec(filled)![1]!;
    const body = /-d '(.*)'/.exec(filled)![1]!.replaceAll("'", '');
    return (
      await fetch(keyed.url + path, { method: 'POST', headers: headers as [string, string][], body })
    ).json();
  };

  const random = {
    key: expect.stringMatching(/^[ps]k_/),
    id: expect.any(String),
    prefix: expect.any(String),
  };

  test('the commands print a key, and nothing else, and list it', async () => {
    const cwd = emptyFolder();
    const commands = page
      .filter(({ code }) => code.includes('npx presend keys'))
      .flatMap(({ code }) => code.trim().split('\n'));
    expect(commands).toHaveLength(3);
    for (const line of commands) {
      const [, variable, command] = /^(?:([A-Z]+)=\$\()?npx presend ([^)]*)\)?$/.exec(line)!;
      const args = [...command!.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain!);
      const { status, stdout } = await presend(args, { cwd });
      expect(status, line).toBe(0);
      if (variable === undefined) expect(stdout).toMatch(/shop form\n.*crm import\n/s);
      else expect(stdout).toMatch(/^[ps]k_[0-9A-Za-z]{38}\n$/);
    }
  });

  test('a key over the API, a page that uses it, and the server that confirms', async () => {
    const [make, confirm] = page.filter(({ code }) => code.startsWith('curl')).map(({ code }) => code);
    const made = await curl(make!);
    expect(Object.keys(made)).toEqual(Object.keys(json[0]));
    expect(made).toEqual({ ...json[0], ...random, created_at: expect.any(String) });

    const script = page.find(({ language }) => language === 'js')!.code;
    const asPage: typeof fetch = (url, init) =>
      fetch(String(url).replace('http://127.0.0.1:8787', keyed.url), {
        ...init,
        headers: { ...(init!.headers as Record<string, string>), origin: 'https://shop.example' },
      });
    const run = new Function(
      'fetch',
      'publishableKey',
      `return (async () => { ${script}; return { action, did_you_mean, token }; })()`,
    );
    const { action, token } = await run(asPage, made.key);
    expect(action).toBe('accept');

    const secret = await curl(make!.replace(/-d '.*'/, `-d '{"kind": "secret", "name": "x"}'`));
    Object.assign(shell, { SECRET: secret.key, TOKEN: token });
    const confirmed = await curl(confirm!);
    expect(confirmed).toMatchObject({
      ...json[1],
      form: { ...json[1].form, key_id: made.id, checked_at: expect.any(String) },
    });
    expect(Object.keys(confirmed)).toEqual(Object.keys(json[1]));
  });
});

test('keys: the page names exactly the calls, scopes and limits that there are', () => {
  const rows = tableRows('docs/keys.md').map(([cell]) => cell!);
  const served = resources
    .flatMap(({ operations }) => Object.keys(operations))
    .filter((route) => route.includes('/v1/keys'));
  expect(
    rows.filter((cell) => cell.includes('/v1/keys')).map((cell) => /^\w+ [\w/{}]+/.exec(cell)![0]),
  ).toEqual(served);
  for (const name of [...scopes, ...Object.keys(defaultLimits)]) expect(rows).toContain(name);
});

test('suppressions: the page names exactly the calls that there are', () => {
  const named = tableRows('docs/suppressions.md').flatMap(
    ([call]) => /^(?:GET|POST) [\w/]+/.exec(call!) ?? [],
  );
  const served = resources
    .flatMap(({ operations }) => Object.keys(operations))
    .filter((route) => route.includes('/suppressions'));
  expect(named.toSorted()).toEqual(served.toSorted());
});

test('suppressions: the table of effects is what the code decides', () => {
  const rows = tableRows('docs/suppressions.md').filter(([entry]) => /^(all|marketing)/.test(entry!));
  const reasons = { bounce: true, complaint: true, unsubscribe: true, manual: true };
  const decided = new Set<string>();
  for (const [entry, ...effects] of rows) {
    const [scopeCell, reasonCell] = entry!.replace('list:NAME', 'list=NAME').split(': ');
    const written = Object.keys(reasons).filter((reason) => reasonCell!.includes(reason));
    const named = reasonCell === 'other reasons' ? ['bounce', 'manual', 'unsubscribe'] : written;
    for (const scope of scopeCell!.replace('list=NAME', 'list:NAME').split(', '))
      for (const reason of named as SuppressionReason[]) {
        decided.add(`${scope} ${reason}`);
        for (const [index, purpose] of (['marketing', 'transactional', 'signup'] as const).entries())
          expect(effectOf({ scope: parseScope(scope)!, reason }, { purpose, list: 'NAME' })).toBe(
            effects[index],
          );
      }
  }
  expect(decided.size).toBe(12);
});

test('lists: the command prints what is shown, and the page names each column and each refusal', async () => {
  const [list, , shown] = blocks('docs/lists.md').map(({ code }) => code);
  const cwd = emptyFolder();
  writeFileSync(join(cwd, 'contacts.csv'), list!);
  const command = blocks('docs/lists.md').find(({ language }) => language === 'sh')!.code;
  const { stdout } = await presend(command.trim().split(' ').slice(2), { cwd });
  expect(stdout).toBe(shown);
  const head = readFileSync(join(cwd, 'clean.csv'), 'utf8').split('\n')[0]!;
  const named = tableRows('docs/lists.md').map(([name]) => name!);
  expect(named.filter((name) => name.startsWith('ps_'))).toEqual(head.split(',').slice(3));
  const codes = [...read('src/lists/list-error.ts').matchAll(/^ {2}\| '(\w+)'/gm)].map(([, code]) => code!);
  expect(named.filter((name) => codes.includes(name))).toEqual(codes);
});

test('backtests: the command prints what is shown', async () => {
  const [list, bounces, command, shown] = blocks('docs/backtests.md').map(({ code }) => code);
  const cwd = emptyFolder();
  writeFileSync(join(cwd, 'contacts.csv'), list!);
  writeFileSync(join(cwd, 'bounces.csv'), bounces!);
  const { stdout } = await presend(command!.trim().split(' ').slice(2), { cwd });
  expect(stdout).toBe(shown);
  expect(readFileSync(join(cwd, 'backtest.html'), 'utf8')).toMatch(/^<!doctype html>/i);
});

test('suppressions: the files are imported, and the export follows', async () => {
  const service = await freshService();
  const [request, exportRequest] = blocks('docs/suppressions.md')
    .find(({ code }) => code.includes('/import'))!
    .code.split(/^(?=curl)/m);
  const path = /127\.0\.0\.1:8787(\S+)'/.exec(request!)![1]!;
  const importFile = async (body: string) =>
    (
      await fetch(service.url + path, {
        method: 'POST',
        headers: { 'content-type': /content-type: ([^']+)/.exec(request!)![1]! },
        body,
      })
    ).json();
  const [ses, mailgun] = blocks('docs/suppressions.md').filter(({ language }) => language === 'csv');
  const printed = JSON.parse(
    blocks('docs/suppressions.md').find(({ language }) => language === 'json')!.code,
  );
  expect(await importFile(`${ses!.code}nobody@example.com,SOFT\n`)).toEqual(printed);
  expect(await importFile(mailgun!.code)).toMatchObject({ added: 1, rejected: 0 });
  const exported = await fetch(service.url + /127\.0\.0\.1:8787(\S+)'/.exec(exportRequest!)![1]!);
  const [columns, ...rows] = (await exported.text()).trim().split('\n');
  expect(rows).toHaveLength(3);
  for (const column of columns!.split(',')) expect(read('docs/suppressions.md')).toContain(`\`${column}\``);
});

test('reports: the request is answered, with groups of the shape that is printed', async () => {
  const service = await freshService();
  const happened = [
    ...Array.from({ length: 922 }, () => ({ kind: 'delivered', class: 'none' }) as const),
    ...Array.from({ length: 70 }, () => ({ class: 'hard' }) as const),
    ...Array.from({ length: 6 }, () => ({ class: 'soft' }) as const),
    ...Array.from({ length: 2 }, () => ({ class: 'policy' }) as const),
    { kind: 'complaint', class: 'complaint' } as const,
    ...Array.from({ length: 4 }, () => ({ kind: 'unsubscribed', class: 'none' }) as const),
  ];
  const parts = {
    database: service.database,
    hasher: nodeHasher(addressHashKey('a key for tests that has 32 bytes')),
    now: () => Date.UTC(2026, 10, 20),
  };
  const suppressionList = createSuppressionList({
    ...parts,
    repository: createSuppressionRepository(parts.database),
  });
  const feedback = createFeedback({
    ...parts,
    repository: createEventRepository(parts.database),
    suppressionList,
    together: true,
  });
  await feedback.record(happened.map((one) => event({ source: 'webinar', ...one })));
  const request = blocks('docs/reports.md').find(({ code }) => code.startsWith('curl'))!.code;
  const path = /127\.0\.0\.1:8787(\S+)'/.exec(request)![1]!;
  const answer = (await (await fetch(service.url + path)).json()) as { groups: object[] };
  expect(answer.groups).toEqual([
    JSON.parse(blocks('docs/reports.md').find(({ language }) => language === 'json')!.code),
  ]);
});

test('reports: the grades are those of the table', () => {
  const grades = ['excellent', 'acceptable', 'concerning', 'poor', 'stop'] as const;
  for (const [rate, ...cells] of tableRows('docs/reports.md').filter((row) => row.length === 6)) {
    const steps = thresholds[rate as GradedRate];
    expect(grades.filter((_, index) => cells[index] !== '')).toEqual(steps.map(({ grade }) => grade));
    // The figures of a row, each once, are where one grade ends and the next begins.
    const figures = [...new Set(cells.join(' ').match(/[\d.]+/g))].map(Number);
    expect(figures).toEqual(steps.slice(0, -1).map(({ below }) => Number((below * 100).toPrecision(3))));
  }
});

test('reports: the bands are those of the table', () => {
  const rows = [
    ...read('docs/reports.md').matchAll(/^\| (?:`(b2c|b2b|cold)`|not set) +\| `(hard|bounces)` +\|(.*)\|$/gm),
  ];
  expect(rows.map(([, profile]) => profile)).toEqual([undefined, undefined, ...bandProfiles]);
  for (const [, profile, rate, cells] of rows) {
    const { warningFrom, criticalAbove } = rateBandsOf((profile as BandProfile) ?? null)[rate as BandedRate];
    const figures = [warningFrom, warningFrom, criticalAbove, criticalAbove];
    expect(cells!.match(/[\d.]+/g)!.map(Number)).toEqual(figures.map((one) => one * 100));
  }
});

test('reports: the page names every kind of spike, of incident and of cause', () => {
  const kinds = BounceReportAnswer.entries.spikes.pipe[0].item.entries.kind.options;
  const named = tableRows('docs/reports.md')
    .filter(({ length }) => length === 3)
    .map(([kind]) => kind);
  expect(named.slice(0, kinds.length)).toEqual(kinds);
  const others = named.slice(kinds.length);
  expect(others.slice(0, incidentKinds.length).toSorted()).toEqual(incidentKinds.toSorted());
  expect(others.slice(incidentKinds.length).toSorted()).toEqual(diagnosedCauses.toSorted());
});

test('reports: the line of the alert is what is logged', async () => {
  const service = await freshService();
  const reply = '550 5.7.1 Service unavailable, client host blocked using Spamhaus';
  for (let index = 0; index < 21; index++)
    await fetch(`${service.url}/v1/bounces`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ email: `jane${index}@gmail.com`, reply }),
    });
  const line = blocks('docs/reports.md')
    .find(({ language }) => language === 'text')!
    .code.trim();
  // The time and the id of the request are those of the moment.
  const lasting = (text: string) => ({ ...JSON.parse(text), time: '', request_id: '' });
  expect(service.log.map(lasting)).toContainEqual(lasting(line));
});

test('bounces: each reply of the table is classified as it says', async () => {
  const rows = tableRows('docs/bounces.md').filter(([reply]) => /^\d{3} /.test(reply!));
  expect(rows.length).toBeGreaterThan(10);
  for (const [reply, bounceClass, reason] of rows)
    expect(classifyReply(reply!), reply).toMatchObject({ class: bounceClass, reason });
});

test('esps: the page names exactly the providers that there are, and their settings', () => {
  const rows = tableRows('docs/esps.md').filter(([, setting]) => setting!.startsWith('ESP_'));
  expect(rows.map(([provider]) => provider)).toEqual(espAdapters.map(({ name }) => name));
  expect(rows.flatMap(([, setting]) => setting!.split(', '))).toEqual(espSettingNames);
});

test('bounces: the requests are answered', async () => {
  const [mail, reply] = blocks('docs/bounces.md')
    .find(({ code }) => code.includes('/v1/bounces'))!
    .code.split(/^(?=curl)/m);
  const post = (type: string, body: string) =>
    fetch(`${service.url}/v1/bounces`, { method: 'POST', headers: { 'content-type': type }, body });
  const mailType = /content-type: ([^']+)/.exec(mail!)![1]!;
  const bounce = wordsOnly(
    'failure notice',
    'Hi. This is the qmail-send program.\n\n<john@example.org>:\n550 5.1.1 unknown user',
  );
  expect(await (await post(mailType, bounce)).json()).toMatchObject({
    kind: 'nonstandard',
    results: [{ class: 'hard' }],
  });
  const replied = await post('application/json', /-d '(.*)'/.exec(reply!)![1]!);
  expect(await replied.json()).toMatchObject({ results: [{ class: 'hard', suppressed: true }] });
});

test('jobs: the list goes up and comes back as printed, but for the times', async () => {
  const [upload, fetched] = blocks('docs/jobs.md').filter(({ code }) => code.startsWith('curl'));
  const [list, printed, result] = ['csv', 'json', 'text'].map(
    (wanted) => blocks('docs/jobs.md').find(({ language }) => language === wanted)!.code,
  );
  const at = (code: string) => service.url + /127\.0\.0\.1:8787([^']*)'/.exec(code)![1]!;
  const headers = Object.fromEntries(
    [...upload!.code.matchAll(/-H '([^:]+): ([^']+)'/g)].map(([, name, value]) => [name!, value!]),
  );
  const created = await fetch(at(upload!.code), { method: 'POST', headers, body: list! });
  expect(created.status).toBe(202);
  const { id } = (await created.json()) as { id: string };
  await (await fetch(`${service.url}/v1/jobs/${id}/events`)).text();
  expect(await (await fetch(`${service.url}/v1/jobs/${id}`)).json()).toMatchObject(JSON.parse(printed!));
  const text = await (await fetch(at(fetched!.code).replace('ID', id))).text();
  const withoutTimes = (each: string) => each.replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'TIME');
  expect(withoutTimes(text)).toBe(withoutTimes(result!));
});

test('jobs: the page names exactly the calls, the fields and the states that there are', () => {
  const rows = tableRows('docs/jobs.md');
  const calls = rows.filter(([call]) => /^(GET|POST|DELETE) /.test(call!));
  const served = resources
    .flatMap(({ operations }) => Object.keys(operations))
    .filter((route) => route.includes('/jobs'));
  expect(calls.map(([call]) => call!.split('?')[0]!).toSorted()).toEqual(served.toSorted());
  const fields = rows.filter((row) => row.length === 3 && /^[a-z_]+$/.test(row[0]!));
  expect(fields.map(([field]) => field)).toEqual(Object.keys(JobFields.entries));
  const states = rows.filter((row) => row.length === 2 && /^[a-z]+$/.test(row[0]!));
  expect(states.map(([state]) => state).toSorted()).toEqual(
    [...JobAnswer.entries.state.pipe[0].options].toSorted(),
  );
});

test('jobs: the example tells a callback of ours from any other', async () => {
  const example = blocks('docs/jobs.md').find(({ language }) => language === 'ts')!.code;
  const file = join(emptyFolder(), 'receiver.ts');
  writeFileSync(file, example);
  const { isFromPresend } = await import(file);
  const secret = `whsec_${btoa('a secret of the tests, thirty-two')}`;
  const body = '{"type":"job.completed"}';
  const signed = (at: number) => webhookHeaders(webhookSecret(secret)!, { id: 'msg_1', at, body });
  const headers = new Headers(await signed(Date.now()));
  expect(isFromPresend(headers, body, secret)).toBe(true);
  expect(isFromPresend(headers, `${body} `, secret)).toBe(false);
  expect(isFromPresend(headers, body, `whsec_${btoa('another secret, thirty-two bytes')}`)).toBe(false);
  expect(isFromPresend(new Headers(await signed(Date.now() - 600_000)), body, secret)).toBe(false);
});

test('probability: the levels and their spreads are those of the model, and so are the figures beside them', () => {
  const rows = tableRows('docs/probability.md').filter(([name]) =>
    levels.some((level) => level.name === name),
  );
  expect(rows.map(([name]) => name)).toEqual(levels.map(({ name }) => name));
  for (const [index, [name, moves, spread, leansOn]] of rows.entries()) {
    const level = levels[index]!;
    expect(moves, name).toBe(level.of === 'odds' ? 'log odds of f' : 'log of d');
    if (name !== 'reason') expect(Number(spread), name).toBe(level.spread);
    expect(leansOn, name).toBe(level.divides.join(', '));
  }
  const { outcomes, bounces } = pseudoCounts(policyRows.at(-1)!.prior);
  const page = read('docs/probability.md').replace(/\s+/g, ' ');
  expect(page).toContain(
    `no known obstacle is worth ${Math.round(outcomes)} outcomes, ${bounces.toFixed(1)} of them bounces`,
  );
});

test('esps: the event of a mail server is answered as printed, and told again it is not new', async () => {
  const [body, printed] = blocks('docs/esps.md').filter(({ language }) => language === 'json');
  const secret = `whsec_${btoa('a secret of the tests, thirty-two')}`;
  const service = await startNodeService({
    zone: {},
    settings: { ESP_STANDARD_WEBHOOKS_SIGNING_KEYS: secret },
  });
  onTestFinished(() => service.stop());
  const tell = async (id: string, key: string) => {
    const message = { id, at: Date.now(), body: body!.code };
    const headers = { ...(await webhookHeaders(webhookSecret(key)!, message)) };
    const url = `${service.url}/v1/hooks/esp/standard_webhooks`;
    return fetch(url, { method: 'POST', headers, body: body!.code });
  };
  expect((await tell('msg_1', `whsec_${btoa('another secret, thirty-two bytes')}`)).status).toBe(401);
  expect(await (await tell('msg_1', secret)).json()).toEqual(JSON.parse(printed!.code));
  expect(await (await tell('msg_1', secret)).json()).toMatchObject({ recorded: 0 });
});

test('esps: the types are those that are understood', () => {
  const source = read('src/esp/standard-webhooks.ts');
  const types = [...source.matchAll(/^ {2}'(email\.\w+)'/gm)].map(([, type]) => type!);
  expect(types.length).toBeGreaterThan(5);
  expect(new Set(read('docs/esps.md').match(/(?<=`)email\.\w+/g))).toEqual(new Set(types));
});

describe('privacy', () => {
  const rows = tableRows('docs/privacy.md');
  const schema = readdirSync(join(root, 'migrations')).map((file) => read(join('migrations', file)));
  // Tables that a migration rebuilds under a temporary name are not new ones.
  const tables = [...schema.join('\n').matchAll(/^CREATE TABLE (\w+)/gm)]
    .map(([, table]) => table!)
    .filter((table) => !table.endsWith('_rebuilt'));

  test('the page names every table that there is', () => {
    const named = rows
      .filter(([names]) => /^[a-z_, ]+$/.test(names!))
      .flatMap(([names]) => names!.split(', '));
    expect(named.toSorted()).toEqual(tables.toSorted());
  });

  test('the times are settings that there are, with their defaults', () => {
    const settings = new Map(
      tableRows('docs/settings.md').map(([name, byDefault]) => [name, byDefault] as const),
    );
    const named = rows.filter(([name]) => /^[A-Z_]+$/.test(name!));
    expect(named.length).toBeGreaterThan(3);
    for (const [name, byDefault] of named) expect(settings.get(name!), name).toBe(byDefault);
  });

  test('the request is answered as printed, and the command prints what is shown', async () => {
    const service = await freshService();
    const post = async (path: string, body: string) =>
      (
        await fetch(service.url + path, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body,
        })
      ).json();
    const [request, command] = blocks('docs/privacy.md').filter(({ language }) => language === 'sh');
    const body = /-d '(.*)'/.exec(request!.code)![1]!;
    const { email } = JSON.parse(body) as { email: string };
    await post('/v1/validate', body);
    for (const reply of ['452 4.2.2 Mailbox full', '550 5.1.1 No such user'])
      await post('/v1/bounces', JSON.stringify({ email, reply }));
    const printed = blocks('docs/privacy.md').find(({ language }) => language === 'json')!.code;
    expect(request!.code).toContain('http://127.0.0.1:8787/v1/erasures');
    expect(await post('/v1/erasures', body)).toEqual(JSON.parse(printed));

    const { stdout } = await presend(command!.code.trim().split(' ').slice(2));
    expect(stdout).toBe(blocks('docs/privacy.md').find(({ language }) => language === 'text')!.code);
  });
});
