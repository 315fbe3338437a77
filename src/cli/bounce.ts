// `presend bounce`: explain a bounce or complaint message.

import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { UsageError } from '../platform/usage-error.ts';
import { jsonOption, output, requireFile } from './arguments.ts';
import { explainReport } from './returned.ts';

export const help = `Usage: presend bounce [--json] FILE

Explains a bounce or complaint message (message/rfc822). "-" is standard input.

Exit status: 1 if a recipient should not be mailed again, else 0.

Example:
  presend bounce returned.eml
`;

export async function run(args: string[]): Promise<void> {
  const { positionals, values } = parseArgs({ args, allowPositionals: true, options: jsonOption });
  const [file] = positionals;
  if (file === undefined || positionals.length > 1)
    throw new UsageError('bounce needs one file, such as returned.eml');
  requireFile(file);
  process.exitCode = await explainReport(readFileSync(file === '-' ? 0 : file), output(values.json));
}
