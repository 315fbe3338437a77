// The gate passes its battery on D1.

import { gateBattery } from '../contract/gate.ts';
import { freshD1 } from './fresh-d1.ts';

gateBattery('D1', freshD1);
