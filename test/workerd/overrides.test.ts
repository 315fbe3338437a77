// The operator's lists pass their battery on D1.

import { overridesBattery } from '../contract/overrides.ts';
import { freshD1 } from './fresh-d1.ts';

overridesBattery('D1', freshD1);
