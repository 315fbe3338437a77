// The counters of events pass their battery on D1.

import { eventCountsBattery } from '../contract/event-counts.ts';
import { freshD1 } from './fresh-d1.ts';

eventCountsBattery('D1', freshD1);
