// The text of `presend --help`.

import { commands } from './commands.ts';

const lines = Object.entries(commands).map(([name, { operands, summary }]) => {
  const usage = `${name} ${operands}`.trim();
  return usage.length > 24 ? `  ${usage}\n${' '.repeat(28)}${summary}` : `  ${usage.padEnd(26)}${summary}`;
});

export const usage = `presend predicts whether mail to an address will bounce, before you send it.

Usage: presend COMMAND [OPTION…]

${lines.join('\n')}

  presend COMMAND --help    options, exit statuses and examples of a command
  presend help COMMAND      the same
  presend --version

Exit status of every command: 0 done, 2 for wrong arguments or settings, 5 for a failure of the system such as a full
disk, 130 if interrupted with Ctrl-C (but serve). 1, 3 and 4 depend on the command.
`;
