// Certificates for TLS servers of tests, made by OpenSSL.

import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface Authority {
  readonly key: string;
  readonly cert: string;
}

export const authority = (): Authority =>
  make('/CN=An authority of tests', ['basicConstraints=critical,CA:TRUE']);

/** A certificate for the host `name`, signed by `by`; without it, by itself. */
export const certificateFor = (name: string, by?: Authority): Authority =>
  make(`/CN=${name}`, [`subjectAltName=DNS:${name}`], by);

function make(subject: string, extensions: readonly string[], by?: Authority): Authority {
  const folder = mkdtempSync(join(tmpdir(), 'presend-certificates-'));
  const path = (file: string) => join(folder, file);
  try {
    if (by) {
      writeFileSync(path('ca.key'), by.key);
      writeFileSync(path('ca.crt'), by.cert);
    }
    const args = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
    const signer = by ? ['-CA', path('ca.crt'), '-CAkey', path('ca.key')] : [];
    const added = extensions.flatMap((extension) => ['-addext', extension]);
    const files = ['-days', '2', '-keyout', path('key'), '-out', path('crt')];
    execFileSync('openssl', [...args, '-subj', subject, ...added, ...signer, ...files], { stdio: 'ignore' });
    return { key: readFileSync(path('key'), 'utf8'), cert: readFileSync(path('crt'), 'utf8') };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
