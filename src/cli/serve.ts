// `presend serve`: start the HTTP service.

import { parseArgs } from 'node:util';
import { serve } from '../platform/node.ts';

export const help = `Usage: presend serve

Starts the HTTP service. Settings are environment variables: docs/settings.md lists them.

Example:
  PORT=8080 presend serve
`;

export async function run(args: string[]): Promise<void> {
  parseArgs({ args });
  await serve(process.env);
}
