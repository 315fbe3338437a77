// `presend serve`: start the HTTP service.

import { serve } from '../platform/node.ts';
import { defineCommand } from './command.ts';

export const command = defineCommand({
  name: 'serve',
  summary: 'start the HTTP service',
  about:
    'Starts the HTTP service. Settings are environment variables: docs/settings.md lists them, and "presend doctor" checks them. The log on standard output has one JSON object per line.',
  options: {},
  instead: 'serve takes settings from the environment, such as PORT=8080 presend serve',
  exit: '0 if a signal stopped the service, 1 if requests were still open 10 seconds after the signal.',
  examples: ['PORT=8080 presend serve'],
  run: () => serve(process.env),
});
