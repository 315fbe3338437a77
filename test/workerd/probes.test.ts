// The results of probes and the counts of hosts pass their battery on D1.

import { probesBattery } from '../contract/probes.ts';
import { freshD1 } from './fresh-d1.ts';

probesBattery('D1', freshD1);
