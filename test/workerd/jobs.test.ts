// Jobs in workerd: D1 holds their state, R2 their files, and a queue brings one piece of work a message.

import { applyD1Migrations, env } from 'cloudflare:test';
import { exports } from 'cloudflare:workers';
import { beforeAll, describe } from 'vitest';
import { jobsContract } from '../contract/jobs.ts';

beforeAll(() => applyD1Migrations(env['DB'], env['TEST_MIGRATIONS']));

describe('in workerd', () => {
  jobsContract((path, init) => exports.default.fetch(`http://presend.local${path}`, init));
});
