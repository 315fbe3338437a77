// `npm run lint:openapi`: checks the OpenAPI document with the linters of Redocly and Spectral, and fails if one of them finds
// anything. First lets both check a document with planted faults: a linter that finds none there proves nothing.

import { execFile, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openApiDocument } from '../../src/http/openapi.ts';
import { resources } from '../../src/http/resources.ts';
import { version } from '../../src/version.ts';

const here = import.meta.dirname;
const bin = (name: string): string => join(here, 'node_modules/.bin', name);

const linters: Readonly<Record<string, (file: string) => readonly string[]>> = {
  redocly: (file) => ['lint', file, '--config', join(here, 'redocly.yaml'), '--format', 'stylish'],
  spectral: (file) => ['lint', file, '--ruleset', join(here, 'spectral.yaml'), '--fail-severity', 'hint'],
};

/** The faults that both linters must find. */
function withFaults(document: object): object {
  const faulty = structuredClone(document) as {
    servers?: unknown;
    paths: Record<string, Record<string, { operationId?: string; summary?: string; security?: unknown }>>;
  };
  delete faulty.servers;
  const operation = faulty.paths['/v1/validate']!['post']!;
  delete operation.summary;
  operation.operationId = 'validateBatch';
  operation.security = [{ nothing: [] }];
  return faulty;
}

const run = (linter: string, file: string): Promise<{ readonly ok: boolean; readonly output: string }> =>
  new Promise((resolve) => {
    const environment = { ...process.env, REDOCLY_TELEMETRY: 'off', REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true' };
    const options = { cwd: here, env: environment, maxBuffer: 64 * 1024 * 1024 };
    // The Node that runs this file, which may be newer than the one of the system.
    execFile(process.execPath, [bin(linter), ...linters[linter]!(file)], options, (error, stdout, stderr) =>
      resolve({ ok: error === null, output: stdout + stderr }),
    );
  });

if (!existsSync(bin('redocly')) || !existsSync(bin('spectral')))
  spawnSync('npm', ['ci'], { cwd: here, stdio: 'inherit' });

const folder = mkdtempSync(join(tmpdir(), 'presend-openapi-'));
try {
  const document = openApiDocument(resources, version);
  const file = join(folder, 'openapi.json');
  const faulty = join(folder, 'faulty.json');
  writeFileSync(file, JSON.stringify(document, null, 2));
  writeFileSync(faulty, JSON.stringify(withFaults(document), null, 2));
  for (const linter of Object.keys(linters)) {
    const [planted, { ok, output }] = await Promise.all([run(linter, faulty), run(linter, file)]);
    if (planted.ok) {
      console.error(`${linter} does not find the planted faults.`);
      process.exitCode = 1;
    }
    if (!ok) process.exitCode = 1;
    console.log(ok ? `${linter}: no findings` : output);
  }
} finally {
  rmSync(folder, { recursive: true });
}
