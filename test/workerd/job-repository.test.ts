// The state of jobs passes its battery on D1.

import { jobRepositoryBattery } from '../contract/job-repository.ts';
import { freshD1 } from './fresh-d1.ts';

jobRepositoryBattery('D1', freshD1);
