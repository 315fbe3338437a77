// compose.yaml and deploy/kubernetes.yaml fit to the image and to the service: ports, paths, settings, users and volumes.

import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { version } from '../../src/version.ts';

const read = (file: string) => readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8');

const dockerfile = read('Dockerfile');
const ofImage = (pattern: RegExp) => pattern.exec(dockerfile)![1]!;
const port = Number(ofImage(/^EXPOSE (\d+)$/m));
const volume = ofImage(/^VOLUME \["(.*)"\]$/m);
/** `node` in the official images. */
const uid = 1000;
/** The service ends at the latest this many seconds after SIGTERM. */
const graceSeconds = 11;

const settings = read('docs/settings.md');
const isSetting = (name: string) => settings.includes(`| \`${name}\``);

/** Settings in comments are advice, so they must exist too. */
const commented = (text: string, pattern: RegExp) => [...text.matchAll(pattern)].map(([, name]) => name!);

describe('compose.yaml', () => {
  const text = read('compose.yaml');
  const { services, volumes } = parse(text);
  const { presend } = services;

  test('publishes the port of the image on loopback alone', () => {
    expect(presend.ports).toEqual([`127.0.0.1:${port}:${port}`]);
  });

  test('keeps what the image keeps, in a volume that it declares', () => {
    expect(presend.volumes).toEqual([`presend:${volume}`]);
    expect(Object.keys(volumes)).toEqual(['presend']);
  });

  test('sets only settings that exist, and refuses to start without a key', () => {
    const names = [...Object.keys(presend.environment), ...commented(text, /^ +# ([A-Z_]+):/gm)];
    expect(names).toContain('DNS_SERVERS');
    expect(names.filter((name) => !isSetting(name))).toEqual([]);
    expect(presend.environment.ADMIN_KEY).toMatch(/^\$\{ADMIN_KEY:\?/);
  });

  test('has fewer rights than the default, and time to stop', () => {
    expect(presend).toMatchObject({
      read_only: true,
      cap_drop: ['ALL'],
      security_opt: ['no-new-privileges:true'],
      tmpfs: ['/tmp'],
    });
    expect(Number.parseInt(presend.stop_grace_period, 10)).toBeGreaterThan(graceSeconds);
  });
});

describe('deploy/kubernetes.yaml', () => {
  const text = read('deploy/kubernetes.yaml');
  const documents = parseAllDocuments(text).map((document) => {
    expect(document.errors).toEqual([]);
    return document.toJS();
  });
  const of = (kind: string) => documents.find((one) => one.kind === kind);
  const { spec } = of('Deployment');
  const pod = spec.template.spec;
  const [container] = pod.containers;

  test('is a claim, a deployment and a service', () => {
    expect(documents.map(({ apiVersion, kind }) => `${apiVersion} ${kind}`)).toEqual([
      'v1 PersistentVolumeClaim',
      'apps/v1 Deployment',
      'v1 Service',
    ]);
  });

  test('the parts find each other', () => {
    const labels = spec.template.metadata.labels;
    expect(spec.selector.matchLabels).toEqual(labels);
    const [published] = of('Service').spec.ports;
    expect(of('Service').spec.selector).toEqual(labels);
    expect(container.ports).toContainEqual({ name: published.targetPort, containerPort: port });
    const names = pod.volumes.map(({ name }: { name: string }) => name);
    for (const { name } of container.volumeMounts) expect(names).toContain(name);
    const [data] = pod.volumes;
    expect(data.persistentVolumeClaim.claimName).toBe(of('PersistentVolumeClaim').metadata.name);
    expect(container.volumeMounts).toContainEqual({ name: data.name, mountPath: volume });
  });

  test('only one process uses the database', () => {
    expect([spec.replicas, spec.strategy.type]).toEqual([1, 'Recreate']);
  });

  test('its probes are routes of the service, on its port', () => {
    const routes = read('src/http/routes/service.ts');
    for (const probe of [container.livenessProbe, container.readinessProbe]) {
      expect(routes).toContain(`.get('${probe.httpGet.path}'`);
      expect(probe.httpGet.port).toBe('http');
      // /readyz may take two seconds.
      expect(probe.timeoutSeconds).toBeGreaterThan(2);
    }
    expect(container.readinessProbe.httpGet.path).toBe('/readyz');
  });

  test('it runs as the user of the image, with no rights that it does not need', () => {
    expect(ofImage(/^USER (\w+)$/m)).toBe('node');
    expect(pod.securityContext).toMatchObject({ runAsNonRoot: true, runAsUser: uid, fsGroup: uid });
    expect(container.securityContext).toMatchObject({
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    });
    expect(pod.automountServiceAccountToken).toBe(false);
    // Otherwise Kubernetes sets PRESEND_PORT and the like.
    expect(pod.enableServiceLinks).toBe(false);
    expect(pod.terminationGracePeriodSeconds).toBeGreaterThan(graceSeconds);
    expect(container.resources.limits.memory).toBeDefined();
  });

  test('its settings exist, and its image is this version', () => {
    const names = [
      ...commented(text, /^ +# +- name: ([A-Z_]+)$/gm),
      ...commented(text, /literal=([A-Z_]+)=/g),
    ];
    expect(names.sort()).toEqual(['ADMIN_KEY', 'DNS_SERVERS']);
    expect(names.filter((name) => !isSetting(name))).toEqual([]);
    expect(container.image).toBe(`presend:${version}`);
    const [, secret] = /kubectl create secret generic (\S+)/.exec(text)!;
    expect(container.envFrom).toEqual([{ secretRef: { name: secret } }]);
  });
});
