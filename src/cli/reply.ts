// `presend reply`: explain an SMTP reply.

import { parseArgs } from 'node:util';
import { UsageError } from '../platform/usage-error.ts';
import { jsonOption, output } from './arguments.ts';
import { explainReply } from './returned.ts';

export async function run(args: string[]): Promise<void> {
  const { positionals, values } = parseArgs({ args, allowPositionals: true, options: jsonOption });
  if (positionals.length === 0) throw new UsageError('reply needs the text of a reply');
  process.exitCode = explainReply(positionals.join(' '), output(values.json));
}
