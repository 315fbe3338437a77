// /metrics as Prometheus reads it: by its own linter, a real server, and the dashboard and rules in deploy/.

import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { parse } from 'yaml';
import { emptyFolder } from '../cli/program.ts';
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

test('the dashboard and the rules use only metrics that exist, and are well-formed', async () => {
  const text = await metricsOf(await usedService());
  const known = new Set(
    [...text.matchAll(/^# TYPE (\w+) (\w+)$/gm)].flatMap(([, name, type]) =>
      type === 'histogram' ? ['_bucket', '_sum', '_count'].map((suffix) => name + suffix) : [name!],
    ),
  );
  const dashboard = JSON.parse(read('deploy/grafana/presend.json'));
  const expressions: string[] = [
    ...dashboard.panels.flatMap(({ targets }: { targets: { expr: string }[] }) =>
      targets.map(({ expr }) => expr),
    ),
    ...parse(read('deploy/prometheus/presend.rules.yml')).groups.flatMap(
      ({ rules }: { rules: { expr: string }[] }) => rules.map(({ expr }) => expr),
    ),
  ];
  const used = new Set(expressions.flatMap((expr) => expr.match(/\b(?:presend|process|nodejs)_\w+/g) ?? []));
  expect(used.size).toBeGreaterThan(20);
  expect([...used].filter((name) => !known.has(name))).toEqual([]);

  // What Grafana needs of a dashboard (https://grafana.com/docs/grafana/latest/dashboards/build-dashboards/view-dashboard-json-model/).
  expect(dashboard).toMatchObject({ title: 'presend', uid: 'presend', schemaVersion: expect.any(Number) });
  const ids = dashboard.panels.map(({ id }: { id: number }) => id);
  expect(new Set(ids).size).toBe(ids.length);
  for (const { title, type, gridPos, targets, datasource } of dashboard.panels) {
    expect(title).toMatch(/\w/);
    expect(type).toBe('timeseries');
    expect(gridPos.x + gridPos.w).toBeLessThanOrEqual(24);
    // biome-ignore lint/suspicious/noTemplateCurlyInString: a variable of Grafana.
    expect(datasource).toEqual({ type: 'prometheus', uid: '${datasource}' });
    expect(new Set(targets.map(({ refId }: { refId: string }) => refId)).size).toBe(targets.length);
  }
  const variables = dashboard.templating.list.map(({ name }: { name: string }) => name);
  const named = JSON.stringify(dashboard).match(/(?<=\$)\{?[a-z]\w+/g)!;
  for (const name of named) expect(variables).toContain(name.replace('{', ''));
});

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise<unknown>((resolve) => server.close(resolve));
  return port;
}
