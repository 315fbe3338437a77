// `presend reply`: explain an SMTP reply.

import { parseArgs } from 'node:util';
import { UsageError } from '../platform/usage-error.ts';
import { jsonOption, output } from './arguments.ts';
import { explainReply } from './returned.ts';

export const help = `Usage: presend reply [--json] TEXT

Explains an SMTP reply.

Exit status: 1 if the recipient should not be mailed again, else 0.

Example:
  presend reply "550 5.1.1 No such user"
`;

export async function run(args: string[]): Promise<void> {
  const { positionals, values } = parseArgs({ args, allowPositionals: true, options: jsonOption });
  if (positionals.length === 0)
    throw new UsageError('reply needs the text of an SMTP reply, such as "550 5.1.1 No such user"');
  process.exitCode = explainReply(positionals.join(' '), output(values.json));
}
