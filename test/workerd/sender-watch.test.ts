// The watched domains pass their battery on D1.

import { senderWatchBattery } from '../contract/sender-watch.ts';
import { freshD1 } from './fresh-d1.ts';

senderWatchBattery('D1', freshD1);
