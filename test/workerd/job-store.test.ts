// The state of jobs passes its battery on D1.

import { jobStoreBattery } from '../contract/job-store.ts';
import { freshD1 } from './fresh-d1.ts';

jobStoreBattery('D1', freshD1);
