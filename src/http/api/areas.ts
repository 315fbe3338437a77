// The areas of the API, in the order in which they are documented.

import { annotate } from './annotate.ts';
import { bounces } from './bounces.ts';
import { calibration } from './calibration.ts';
import { crm } from './crm.ts';
import { domains } from './domains.ts';
import { erasures } from './erasures.ts';
import { jobs } from './jobs.ts';
import { keys } from './keys.ts';
import type { Area } from './operation.ts';
import { reports } from './reports.ts';
import { service } from './service.ts';
import { suppressions } from './suppressions.ts';
import { tokens } from './tokens.ts';
import { verdicts } from './verdicts.ts';

export const areas: readonly Area[] = [
  verdicts,
  annotate,
  tokens,
  jobs,
  suppressions,
  bounces,
  erasures,
  calibration,
  crm,
  domains,
  reports,
  keys,
  service,
];
