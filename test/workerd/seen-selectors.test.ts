// The store of seen DKIM selectors passes its battery on D1.

import { seenSelectorsBattery } from '../contract/seen-selectors.ts';
import { freshD1 } from './fresh-d1.ts';

seenSelectorsBattery('D1', async () => ({ database: await freshD1() }));
