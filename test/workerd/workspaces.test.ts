// No repository reaches into another workspace, on D1.

import { workspaceIsolationBattery } from '../contract/workspace-isolation.ts';
import { freshD1 } from './fresh-d1.ts';

workspaceIsolationBattery('D1', freshD1);
