// The gate and the limits of replies pass their batteries on D1.

import { gateBattery } from '../contract/gate.ts';
import { replyLimitsBattery } from '../contract/reply-limits.ts';
import { freshD1 } from './fresh-d1.ts';

gateBattery('D1', freshD1);
replyLimitsBattery('D1', freshD1);
