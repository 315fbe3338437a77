// R2, in workerd, passes the battery of the FileStore port.

import { env } from 'cloudflare:workers';
import { type R2Like, r2Files } from '../../src/storage/files/r2.ts';
import { fileStoreBattery } from '../contract/file-store.ts';

fileStoreBattery('R2', () => r2Files(env['FILES'] as R2Like));
