// Incidents pass their battery on D1.

import { incidentsBattery } from '../contract/incidents.ts';
import { freshD1 } from './fresh-d1.ts';

incidentsBattery('D1', freshD1);
