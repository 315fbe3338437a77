// Reports and files of the suppression list over HTTP in workerd, over D1.

import { applyD1Migrations, env } from 'cloudflare:test';
import { exports } from 'cloudflare:workers';
import { beforeAll } from 'vitest';
import { httpReportsContract } from '../contract/http-reports.ts';

beforeAll(() => applyD1Migrations(env['DB'], env['TEST_MIGRATIONS']));

httpReportsContract((path, init) => exports.default.fetch(`http://127.0.0.1:8787${path}`, init));
