// The areas of the API, in the order in which they are documented.

import { bounces } from './bounces.ts';
import { domains } from './domains.ts';
import { jobs } from './jobs.ts';
import type { Area } from './operation.ts';
import { service } from './service.ts';
import { suppressions } from './suppressions.ts';
import { verdicts } from './verdicts.ts';

export const areas: readonly Area[] = [verdicts, jobs, suppressions, bounces, domains, service];
