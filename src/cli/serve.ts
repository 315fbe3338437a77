// `presend serve`: start the HTTP service.

import { parseArgs } from 'node:util';
import { serve } from '../platform/node.ts';

export async function run(args: string[]): Promise<void> {
  parseArgs({ args });
  await serve(process.env);
}
