// The areas of the API, in the order in which they are documented.

import { jobs } from './jobs.ts';
import type { Area } from './operation.ts';
import { service } from './service.ts';
import { suppressions } from './suppressions.ts';
import { verdicts } from './verdicts.ts';

export const areas: readonly Area[] = [verdicts, jobs, suppressions, service];
