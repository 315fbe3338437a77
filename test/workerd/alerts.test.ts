// Alerts pass their battery on D1.

import { alertsBattery } from '../contract/alerts.ts';
import { freshD1 } from './fresh-d1.ts';

alertsBattery('D1', freshD1);
