// Writes the text of `presend COMMAND --help` from the description of the command.

import {
  type Command,
  type CommandGroup,
  type CommandOption,
  type CommandOptions,
  isGroup,
  lastWord,
  valueName,
} from './command.ts';

/** Columns of the help. */
const width = 110;

export function helpText(command: Command | CommandGroup): string {
  const { name, about, exit, examples } = command;
  const usage = isGroup(command) ? command.actions.map(usageLine) : [usageLine(command)];
  const sections = isGroup(command)
    ? [
        table(command.actions.map((action) => [lastWord(action), action.summary])),
        ...command.actions.flatMap((action) =>
          optionSection(`Options of ${lastWord(action)}:`, action.options),
        ),
      ]
    : optionSection('Options:', command.options);
  return [
    usage.map((line, index) => `${index === 0 ? 'Usage: ' : '       '}${line}`).join('\n'),
    about
      .split('\n')
      // Lines that are indented have a layout of their own.
      .map((paragraph) => (paragraph.startsWith(' ') ? paragraph : wrapped(paragraph, 0)))
      .join('\n'),
    ...sections,
    ...(exit === undefined ? [] : [wrapped(`Exit status: ${exit}`, 0)]),
    `Example${examples.length === 1 ? '' : 's'}:\n${examples.map((line) => `  ${line}`).join('\n')}`,
    ...(isGroup(command) ? [`More about an action: presend ${name} ACTION --help`] : []),
  ]
    .join('\n\n')
    .concat('\n');
}

function usageLine({ name, options, operands }: Command): string {
  const some = Object.keys(options).length > 0 ? ' [OPTION…]' : '';
  return `presend ${name}${some}${operands === undefined ? '' : ` ${operands}`}`;
}

function optionSection(title: string, options: CommandOptions): string[] {
  const rows = Object.entries(options).map(
    ([name, option]) => [optionSpelling(name, option), optionHelp(option)] as const,
  );
  return rows.length === 0 ? [] : [`${title}\n${table(rows)}`];
}

/** For example `-o, --output FILE` or `--header, --no-header`. */
export function optionSpelling(name: string, option: CommandOption): string {
  const { type, short, negatable } = option;
  const value = type === 'boolean' ? '' : ` ${valueName(option)}`;
  return `${short === undefined ? '' : `-${short}, `}--${name}${negatable ? `, --no-${name}` : ''}${value}`;
}

function optionHelp({ help, value, choices, default: byDefault }: CommandOption): string {
  const one = value !== undefined && choices !== undefined ? `: ${choices.join(', ')}` : '';
  return `${help}${one}${byDefault === undefined ? '' : `; ${byDefault} by default`}`;
}

/** Lines of two columns. A first column that is very wide has a line of its own. */
function table(rows: readonly (readonly [string, string])[]): string {
  const widths = rows.map(([first]) => first.length).filter((length) => length <= 32);
  const indent = 2 + Math.max(8, ...widths) + 2;
  return rows
    .map(([first, second]) => {
      const text = wrapped(second, indent);
      return first.length + 4 > indent
        ? `  ${first}\n${' '.repeat(indent)}${text}`
        : `  ${first.padEnd(indent - 2)}${text}`;
    })
    .join('\n');
}

/** Breaks a text into lines. All but the first begin with `indent` spaces. */
function wrapped(text: string, indent: number): string {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && indent + line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  lines.push(line);
  return lines.join(`\n${' '.repeat(indent)}`);
}
