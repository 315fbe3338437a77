// `presend bounce`: explain a bounce or complaint message.

import { readFileSync } from 'node:fs';
import { UsageError } from '../platform/usage-error.ts';
import { output, requireFile } from './arguments.ts';
import { defineCommand, jsonOption } from './command.ts';
import { explainReport } from './returned.ts';

export const command = defineCommand({
  name: 'bounce',
  operands: 'FILE',
  summary: 'explain a bounce or complaint message',
  about: 'Explains a bounce or complaint message (message/rfc822). "-" is standard input.',
  options: jsonOption,
  takesFiles: true,
  exit: '1 if a recipient should not be mailed again, else 0.',
  examples: ['presend bounce returned.eml'],
  async run({ operands: [file, ...others], values }) {
    if (file === undefined || others.length > 0)
      throw new UsageError('bounce needs one file, such as returned.eml');
    requireFile(file);
    process.exitCode = await explainReport(readFileSync(file === '-' ? 0 : file), output(values.json));
  },
});
