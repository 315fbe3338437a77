// What a command is: its options, its texts and its work. The parser, the help, the completion of shells and a test of the docs
// all read the same description.

import { parseArgs } from 'node:util';
import { UsageError } from '../platform/usage-error.ts';
import { meantName } from './meant-name.ts';
import { printable } from './terminal.ts';

export interface CommandOption {
  readonly type: 'boolean' | 'string' | 'integer';
  /** The short form, such as `o` for `-o`. */
  readonly short?: string;
  /** What the value is, in capitals, such as FILE. FILE and DIR make shells complete paths. */
  readonly value?: string;
  /** The only values that are accepted. */
  readonly choices?: readonly string[];
  /** The option may be repeated, and a value may contain several, separated by commas. */
  readonly multiple?: true;
  /** `--no-NAME` exists too, and the value is undefined if neither is given. */
  readonly negatable?: true;
  /** The value if the option is not given. */
  readonly default?: string | number;
  /** The least and the greatest value of an integer. */
  readonly range?: readonly [number, number];
  /** What the option does: a clause without a period. */
  readonly help: string;
}

export type CommandOptions = Readonly<Record<string, CommandOption>>;

type ValueOf<Option extends CommandOption> = Option extends { readonly type: 'integer' }
  ? number
  : Option extends { readonly choices: readonly (infer Choice)[] }
    ? Choice
    : string;

/** The values of options after parsing. */
export type OptionValues<Options extends CommandOptions> = {
  readonly [Name in keyof Options]: Options[Name] extends { readonly negatable: true }
    ? boolean | undefined
    : Options[Name] extends { readonly type: 'boolean' }
      ? boolean
      : Options[Name] extends { readonly multiple: true }
        ? readonly ValueOf<Options[Name]>[] | undefined
        : Options[Name] extends { readonly default: string | number }
          ? ValueOf<Options[Name]>
          : ValueOf<Options[Name]> | undefined;
};

export interface ParsedArguments<Options extends CommandOptions> {
  readonly values: OptionValues<Options>;
  readonly operands: readonly string[];
}

interface Described {
  /** The words that start the command, such as `suppressions add`. */
  readonly name: string;
  /** What the command does, in a few words, for lists of commands. */
  readonly summary: string;
  /** One or more paragraphs about the command. */
  readonly about: string;
  /** The exit statuses: a text in the help, which begins after "Exit status:". */
  readonly exit?: string;
  /** Complete command lines. Tests run them. */
  readonly examples: readonly string[];
}

/** A command that does something. */
export interface Command<Options extends CommandOptions = CommandOptions> extends Described {
  /** What follows the options, such as `ADDRESS…`; absent if nothing may follow. */
  readonly operands?: string;
  readonly options: Options;
  /** What to do instead of passing options or operands to a command that takes none: a clause for the error message. */
  readonly instead?: string;
  /** Whether shells complete the operands with the names of files. */
  readonly takesFiles?: true;
  /** Whether the result, and not a summary of it, goes to standard output. JSON about errors then goes to standard error. */
  readonly printsResult?: (values: OptionValues<Options>) => boolean;
  /** Does the work. `all` is the table of all commands. */
  run(given: ParsedArguments<Options>, all: CommandTable): Promise<void>;
}

/** A command with actions, such as `keys` with `keys create`. */
export interface CommandGroup extends Described {
  readonly actions: readonly Command[];
}

/** A command before its module is loaded. */
export interface CommandEntry {
  /** What follows the name in the list of commands. */
  readonly operands: string;
  readonly summary: string;
  load(): Promise<{ readonly command: Command | CommandGroup }>;
}

/** All commands by name. */
export type CommandTable = Readonly<Record<string, CommandEntry>>;

/**
 * Checks the types of a command against its options, and returns it with the general type, so that all commands fit into one
 * table.
 */
export const defineCommand = <const Options extends CommandOptions>(command: Command<Options>): Command =>
  command as unknown as Command;

export const isGroup = (command: Command | CommandGroup): command is CommandGroup => 'actions' in command;

/** The last word of the name: `add` of `suppressions add`. */
export const lastWord = ({ name }: Pick<Command, 'name'>): string => name.split(' ').at(-1)!;

export const jsonOption = { json: { type: 'boolean', help: 'print JSON' } } as const satisfies CommandOptions;

/**
 * Reads the arguments of a command.
 * @throws UsageError for an unknown option, and for a missing or invalid value. The message contains no operand, because an
 *   operand may be an address.
 */
export function parseArguments<Options extends CommandOptions>(
  { name, options, operands, instead }: Pick<Command<Options>, 'name' | 'options' | 'operands' | 'instead'>,
  args: readonly string[],
): ParsedArguments<Options> {
  const { tokens } = parseArgs({
    args: [...args],
    strict: false,
    tokens: true,
    options: Object.fromEntries(
      Object.entries(options).map(([option, { type, short }]) => [
        option,
        {
          type: type === 'boolean' ? ('boolean' as const) : ('string' as const),
          ...(short !== undefined && { short }),
        },
      ]),
    ),
  });
  const given: string[] = [];
  const values: Record<string, unknown> = {};
  for (const token of tokens) {
    if (token.kind === 'positional') given.push(token.value);
    if (token.kind !== 'option') continue;
    const isNegative = token.rawName.startsWith('--no-');
    const key = isNegative ? token.rawName.slice('--no-'.length) : token.name;
    const option = Object.hasOwn(options, key) ? options[key]! : undefined;
    if (option === undefined || (isNegative && option.negatable !== true))
      throw new UsageError(instead ?? unknownOption(options, token, operands));
    const { rawName, value } = token;
    if (option.type === 'boolean') {
      if (value !== undefined && token.inlineValue) throw new UsageError(`${rawName} takes no value`);
      values[key] = !isNegative;
      continue;
    }
    // In `--output --json` the value of `--output` is missing. `-` alone is a file name. After `=`, any value is intended.
    const isForgotten =
      value === undefined || value === '' || (!token.inlineValue && /^-./.test(value) && !isNumber(value));
    if (isForgotten) throw new UsageError(`${rawName} needs a value: ${rawName} ${valueName(option)}`);
    values[key] = option.multiple
      ? [
          ...((values[key] as unknown[]) ?? []),
          ...value.split(',').map((text) => readValue(rawName, text.trim(), option)),
        ]
      : readValue(rawName, value, option);
  }
  if (operands === undefined && given.length > 0)
    throw new UsageError(instead ?? `${name} takes no arguments, only options`);
  for (const [key, option] of Object.entries(options))
    if (values[key] === undefined)
      values[key] = option.default ?? (option.type === 'boolean' && !option.negatable ? false : undefined);
  return { values: values as OptionValues<Options>, operands: given };
}

const isNumber = (text: string): boolean => /^-\d/.test(text);

function readValue(rawName: string, text: string, option: CommandOption): string | number {
  const { type, choices, range } = option;
  if (type === 'integer') {
    const [least, most] = range ?? [0, 999_999_999];
    const value = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
    if (!(value >= least && value <= most))
      throw new UsageError(`${rawName} must be a whole number from ${least} to ${most}`);
    return value;
  }
  if (choices !== undefined && !choices.includes(text))
    throw new UsageError(notAChoice(rawName, text, choices));
  return text;
}

/** If the list of choices is longer than this, an error message with "Did you mean" leaves it out. */
const longestChoices = 60;

function notAChoice(rawName: string, text: string, choices: readonly string[]): string {
  const meant = meantName(text, choices);
  const all = choices.join(', ');
  if (meant === undefined) return `${rawName} must be ${choices.length === 1 ? all : `one of ${all}`}`;
  return all.length > longestChoices
    ? `${rawName} has no such value. Did you mean ${meant}?`
    : `${rawName} must be one of ${all}. Did you mean ${meant}?`;
}

/** How the value of an option appears in the help: its name, or its choices. */
export const valueName = ({ value, choices }: CommandOption): string =>
  value ?? choices?.join('|') ?? 'VALUE';

/** Every way to write an option: `-o`, `--output`, `--no-output`. */
export const spellings = (name: string, { short, negatable }: CommandOption): string[] => [
  ...(short === undefined ? [] : [`-${short}`]),
  `--${name}`,
  ...(negatable ? [`--no-${name}`] : []),
];

/** Every way to write one of the options. */
export const optionNamesOf = (options: CommandOptions): string[] => [
  '-h',
  '--help',
  ...Object.entries(options).flatMap(([name, option]) => spellings(name, option)),
];

function unknownOption(
  options: CommandOptions,
  { rawName }: { readonly rawName: string },
  operands: string | undefined,
): string {
  if (/^(--help|-h)$/.test(rawName)) return `${rawName} takes no value`;
  const meant = meantName(rawName, optionNamesOf(options));
  const shown = rawName.includes('@') ? 'that contains @' : printable(rawName.slice(0, 40));
  if (meant !== undefined) return `unknown option ${shown}. Did you mean ${meant}?`;
  return operands === undefined
    ? `unknown option ${shown}`
    : `unknown option ${shown}. If it is not an option, write -- before it`;
}
