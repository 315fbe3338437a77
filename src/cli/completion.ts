// `presend completion`: prints a script that completes commands, options and values in a shell.

import { UsageError } from '../platform/usage-error.ts';
import {
  type Command,
  type CommandOption,
  type CommandOptions,
  type CommandTable,
  defineCommand,
  isGroup,
  lastWord,
  spellings,
} from './command.ts';
import {
  bashScript,
  type CompletedOption,
  type Completion,
  fishScript,
  zshScript,
} from './completion-scripts.ts';
import { meantName } from './meant-name.ts';

const scripts = { bash: bashScript, zsh: zshScript, fish: fishScript };
type Shell = keyof typeof scripts;
const shells = Object.keys(scripts) as Shell[];

export const command = defineCommand({
  name: 'completion',
  operands: shells.join('|'),
  summary: 'print the script that completes commands in a shell',
  about: [
    'Prints a script that completes commands, options and values. Load it when the shell starts:',
    "  bash  echo 'source <(presend completion bash)' >> ~/.bashrc",
    "  zsh   echo 'source <(presend completion zsh)' >> ~/.zshrc   (after compinit)",
    '  fish  presend completion fish > ~/.config/fish/completions/presend.fish',
  ].join('\n'),
  options: {},
  examples: ['presend completion bash', 'presend completion zsh', 'presend completion fish'],
  async run({ operands: [shell = '', ...others] }, all) {
    if (!Object.hasOwn(scripts, shell) || others.length > 0) {
      const meant = meantName(shell, shells);
      throw new UsageError(
        `completion needs one of: ${shells.join(', ')}${meant === undefined ? '' : `. Did you mean ${meant}?`}`,
      );
    }
    process.stdout.write(scripts[shell as Shell](await completionsOf(all)));
  },
});

/** What can follow each command and action. The first entry is for the first word. */
export async function completionsOf(commands: CommandTable): Promise<Completion[]> {
  const all: Completion[] = [
    {
      path: '',
      words: [
        ...Object.entries(commands).map(([name, { summary }]) => [name, summary] as const),
        ['help', 'print the help of a command'],
      ],
      options: [helpOption, { spellings: ['-v', '--version'], help: 'print the version', value: 'none' }],
      files: false,
    },
    {
      path: 'help',
      words: Object.entries(commands).map(([name, { summary }]) => [name, summary] as const),
      options: [],
      files: false,
    },
  ];
  for (const { load } of Object.values(commands)) {
    const loaded = (await load()).command;
    if (!isGroup(loaded)) {
      all.push(ofCommand(loaded));
      continue;
    }
    const words = loaded.actions.map((action) => [lastWord(action), action.summary] as const);
    all.push({ path: loaded.name, words, options: [helpOption], files: false });
    all.push(...loaded.actions.map(ofCommand));
  }
  return all;
}

const helpOption: CompletedOption = { spellings: ['-h', '--help'], help: 'print the help', value: 'none' };

const ofCommand = ({ name, options, takesFiles, operands }: Command): Completion => ({
  path: name,
  words: (operands?.match(/^[a-z|]+$/)?.[0] ?? '')
    .split('|')
    .filter((word) => word !== '')
    .map((word) => [word, ''] as const),
  options: [...completedOptions(options), helpOption],
  files: takesFiles === true,
});

const completedOptions = (options: CommandOptions): CompletedOption[] =>
  Object.entries(options).map(([name, option]) => ({
    spellings: spellings(name, option),
    help: option.help,
    value: followerOf(option),
  }));

function followerOf({ type, choices, value }: CommandOption): CompletedOption['value'] {
  if (type === 'boolean') return 'none';
  if (choices !== undefined) return choices;
  return value === 'FILE' || value === 'DIR' ? 'path' : 'text';
}
