// The areas of the API, in the order in which they are documented.

import { bounces } from './bounces.ts';
import { domains } from './domains.ts';
import type { Area } from './operation.ts';
import { reports } from './reports.ts';
import { service } from './service.ts';
import { suppressions } from './suppressions.ts';
import { verdicts } from './verdicts.ts';

export const areas: readonly Area[] = [verdicts, suppressions, bounces, domains, reports, service];
