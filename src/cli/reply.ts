// `presend reply`: explain an SMTP reply.

import { UsageError } from '../platform/usage-error.ts';
import { output } from './arguments.ts';
import { defineCommand, jsonOption } from './command.ts';
import { explainReply } from './returned.ts';

export const command = defineCommand({
  name: 'reply',
  operands: 'TEXT',
  summary: 'explain an SMTP reply',
  about: 'Explains an SMTP reply.',
  options: jsonOption,
  exit: '1 if the recipient should not be mailed again, else 0.',
  examples: ['presend reply "550 5.1.1 No such user"'],
  async run({ operands, values }) {
    if (operands.join('').trim() === '')
      throw new UsageError('reply needs the text of an SMTP reply, such as "550 5.1.1 No such user"');
    process.exitCode = explainReply(operands.join(' '), output(values.json));
  },
});
