// /metrics as Prometheus reads it: by its own linter, a real server, and the dashboard and rules in deploy/.

import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { parse } from 'yaml';
import { emptyFolder } from '../cli/program.ts';
import { type Dashboard, dashboardFaults } from './dashboard-lint.ts';
import { type NodeService, startNodeService } from './node-service.ts';
import { zone } from './zone.ts';

const root = new URL('../..', import.meta.url).pathname;
const read = (file: string) => readFileSync(join(root, file), 'utf8');
const isInstalled = spawnSync('promtool', ['--version']).status === 0;
const key = 'an-admin-key-for-tests';
const secret = 'a-shared-secret-of-a-vendor';

/** A service that has seen something of everything it counts. */
async function usedService(): Promise<NodeService> {
  const service = await startNodeService({
    zone,
    settings: {
      ADMIN_KEY: key,
      ESP_POSTMARK_SHARED_SECRETS: secret,
      ALERT_URLS: 'slack+http://127.0.0.1:9/x',
      CALLBACK_TARGETS: 'loopback',
    },
  });
  onTestFinished(() => service.stop());
  const post = (path: string, body: object, headers: Record<string, string> = {}) =>
    fetch(service.url + path, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${key}`, ...headers },
      body: JSON.stringify(body),
    });
  for (const email of ['jane@gmial.com', 'jane@gmail.com', 'no address', 'jane@gmail.com'])
    expect((await post('/v1/validate', { email })).status).toBe(200);
  const bounce = {
    ...{ RecordType: 'Bounce', Type: 'HardBounce', ID: 1, MessageID: 'm1', Email: 'jane@example.org' },
    ...{ Details: '550 5.1.1 User unknown', BouncedAt: new Date().toISOString() },
  };
  expect((await post('/v1/hooks/esp/postmark', bounce, { 'x-webhook-token': secret })).status).toBeLessThan(
    300,
  );
  return service;
}

const metricsOf = async ({ url }: NodeService): Promise<string> =>
  (await fetch(`${url}/metrics`, { headers: { authorization: `Bearer ${key}` } })).text();

test('what happened is counted', async () => {
  const service = await usedService();
  const text = await metricsOf(service);
  const lines = text.split('\n');
  const value = (sample: string) =>
    Number(
      lines
        .find((line) => line.startsWith(`${sample} `))
        ?.split(' ')
        .at(-1),
    );
  expect(value('presend_verdicts_total{result="undeliverable",reason="syntax_error"}')).toBe(1);
  expect(value('presend_verdicts_total{result="undeliverable",reason="domain_typo"}')).toBe(1);
  expect(value('presend_domain_lookups_total{from="cache"}')).toBe(1);
  expect(value('presend_domain_lookups_total{from="dns"}')).toBe(2);
  expect(value('presend_events_total{provider="postmark",class="hard"}')).toBe(1);
  expect(value('presend_mail_messages{provider="other",outcome="hard"}')).toBe(1);
  expect(value('presend_suppressions')).toBe(1);
  expect(value('process_resident_memory_bytes')).toBeGreaterThan(10_000_000);
  expect(text).toMatch(/^presend_dns_answer_duration_seconds_count\{resolver="[^"]+"\} [1-9]/m);
  expect(text).not.toMatch(/@|jane|%40/);
});

test.skipIf(!isInstalled)('promtool has no complaint about the metrics and the rules', async () => {
  const checked = spawnSync('promtool', ['check', 'metrics'], {
    input: await metricsOf(await usedService()),
  });
  expect([checked.status, String(checked.stdout), String(checked.stderr)]).toEqual([0, '', '']);
  const folder = emptyFolder();
  for (const file of ['prometheus.yml', 'presend.rules.yml'])
    writeFileSync(join(folder, file), read(`deploy/prometheus/${file}`));
  writeFileSync(join(folder, 'presend.key'), key);
  const config = spawnSync('promtool', ['check', 'config', join(folder, 'prometheus.yml')]);
  expect([config.status, String(config.stderr)]).toEqual([0, '']);
});

test.skipIf(!isInstalled)('a Prometheus server reads every metric', { timeout: 60_000 }, async () => {
  const service = await usedService();
  const folder = emptyFolder();
  writeFileSync(join(folder, 'presend.key'), key);
  const config = parse(read('deploy/prometheus/prometheus.yml'));
  config.global = { scrape_interval: '1s', evaluation_interval: '1s' };
  config.scrape_configs[0].static_configs[0].targets = [new URL(service.url).host];
  writeFileSync(join(folder, 'prometheus.yml'), JSON.stringify(config));
  writeFileSync(join(folder, 'presend.rules.yml'), read('deploy/prometheus/presend.rules.yml'));
  const port = await freePort();
  const server: ChildProcess = spawn(
    'prometheus',
    [
      `--config.file=${join(folder, 'prometheus.yml')}`,
      `--storage.tsdb.path=${join(folder, 'data')}`,
      `--web.listen-address=127.0.0.1:${port}`,
    ],
    { stdio: 'ignore' },
  );
  onTestFinished(() => {
    server.kill('SIGKILL');
  });
  const ask = async (path: string) => {
    const response = await fetch(`http://127.0.0.1:${port}${path}`).catch(() => null);
    // biome-ignore lint/suspicious/noExplicitAny: the assertions say what it should be.
    return (response?.ok ? await response.json() : null) as any;
  };
  const query = async (text: string) =>
    (await ask(`/api/v1/query?query=${encodeURIComponent(text)}`))?.data.result.map(
      // biome-ignore lint/suspicious/noExplicitAny: as above.
      ({ value }: any) => value[1],
    );
  await expect
    .poll(() => query('sum(presend_verdicts_total)'), { timeout: 40_000, interval: 500 })
    .toEqual(['4']);
  const names = (await ask('/api/v1/label/__name__/values')).data as string[];
  const wanted = (await metricsOf(service)).match(/(?<=^# TYPE )\w+(?= (counter|gauge))/gm)!;
  const withSamples = new Set((await metricsOf(service)).match(/^\w+/gm));
  expect(wanted.filter((name) => withSamples.has(name) && !names.includes(name))).toEqual([]);
  // Prometheus itself reads every expression of the dashboard, and has nothing to say about it.
  const expressions = dashboard.panels.flatMap(({ targets }) => targets.map(({ expr }) => expr));
  for (const expr of expressions) {
    const text = expr.replaceAll(/\$(job|instance)/g, '.+').replaceAll('$__rate_interval', '1m');
    expect([text, await ask(`/api/v1/query?query=${encodeURIComponent(text)}`)]).toEqual([
      text,
      { status: 'success', data: { resultType: 'vector', result: expect.any(Array) } },
    ]);
  }
  // What has a sample is shown: no matcher keeps it away.
  const shown = async (expr: string) => (await query(expr.replaceAll(/\$(job|instance)/g, '.+'))).length;
  for (const title of ['Suppressions', 'Parts that are up', 'Memory', 'DNS questions open and waiting'])
    for (const { expr } of dashboard.panels.find((panel) => panel.title === title)!.targets)
      expect([expr, await shown(expr)]).not.toEqual([expr, 0]);
  await expect
    .poll(
      async () =>
        (await ask('/api/v1/rules'))?.data.groups[0].rules.map(({ health }: { health: string }) => health),
      {
        timeout: 20_000,
        interval: 500,
      },
    )
    .toSatisfy((health: string[]) => health?.length > 5 && health.every((one) => one === 'ok'));
});

const dashboard: Dashboard = JSON.parse(read('deploy/grafana/presend.json'));

/** The metrics of a service by their types; the parts of a histogram are counters. */
const typesOf = (text: string) =>
  new Map(
    [...text.matchAll(/^# TYPE (\w+) (\w+)$/gm)].flatMap(([, name, type]) =>
      type === 'histogram'
        ? ['_bucket', '_sum', '_count'].map((suffix) => [name + suffix, 'counter'] as const)
        : [[name!, type as 'counter' | 'gauge'] as const],
    ),
  );

test('the dashboard has no fault, and the rules use only metrics that exist', async () => {
  const types = typesOf(await metricsOf(await usedService()));
  expect(dashboardFaults(dashboard, types)).toEqual([]);
  const rules: { expr: string }[] = parse(read('deploy/prometheus/presend.rules.yml')).groups.flatMap(
    (group: { rules: { expr: string }[] }) => group.rules,
  );
  const used = rules.flatMap(({ expr }) => expr.match(/\b(?:presend|process|nodejs)_\w+/g) ?? []);
  expect(used.length).toBeGreaterThan(5);
  expect(used.filter((name) => !types.has(name))).toEqual([]);
});

test.each<[string, (text: string) => string]>([
  ['presend_gone does not exist', (text) => text.replaceAll('presend_suppressions{', 'presend_gone{')],
  [
    'presend_suppressions without job=~"$job"',
    (text) => text.replace('presend_suppressions{job=~\\"$job\\",', 'presend_suppressions{'),
  ],
  [
    'presend_dns_hedges_total is a counter',
    (text) => text.replace('sum(rate(presend_dns_hedges', 'sum((presend_dns_hedges'),
  ],
  [
    'presend_suppressions is a gauge in rate()',
    (text) => text.replace('max(presend_suppressions', 'max(rate(presend_suppressions'),
  ],
  ['without [$__rate_interval]', (text) => text.replace('[$__rate_interval]', '[5m]')],
  ['the variable cluster does not exist', (text) => text.replace('$job', '$cluster')],
  ['panel id 2 is there twice', (text) => text.replace(/"id": ?1,/, '"id":2,')],
  ['overlaps', (text) => text.replace(/"x": ?8,/, '"x":7,')],
  ['outside of the grid', (text) => text.replace(/"w": ?8,/, '"w":25,')],
  ['no unit', (text) => text.replace('"unit": "percentunit"', '"unit": ""')],
  ['no description', (text) => text.replace('"HTTP requests."', '""')],
  // biome-ignore lint/suspicious/noTemplateCurlyInString: a variable of Grafana.
  ['a fixed data source', (text) => text.replaceAll('"${datasource}"', '"abc"')],
  ['editable', (text) => text.replace('"editable": false', '"editable": true')],
  ['no valid uid', (text) => text.replace('"uid": "presend"', '"uid": ""')],
])('the lint finds: %s', async (fault, change) => {
  const text = JSON.stringify(dashboard, null, 2);
  expect(change(text)).not.toBe(text);
  const types = new Map(
    [...text.matchAll(/\b(?:presend|process|nodejs)_\w+/g)].map(
      ([name]) => [name, /_(total|bucket|sum|count)$/.test(name) ? 'counter' : 'gauge'] as const,
    ),
  );
  expect(dashboardFaults(dashboard, types)).toEqual([]);
  expect(dashboardFaults(JSON.parse(change(text)), types).join('\n')).toContain(fault);
});

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise<unknown>((resolve) => server.close(resolve));
  return port;
}
