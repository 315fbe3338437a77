// Writes the completion scripts of the shells.

/** What can follow some words of a command line. */
export interface Completion {
  /** The words that have been typed, such as `keys create`; empty for the first word. */
  readonly path: string;
  /** Commands or actions, each with its summary. */
  readonly words: readonly (readonly [string, string])[];
  readonly options: readonly CompletedOption[];
  /** Whether an operand is the name of a file. */
  readonly files: boolean;
}

export interface CompletedOption {
  readonly spellings: readonly string[];
  readonly help: string;
  /** What follows the option: nothing, one of some values, a path, or any text. */
  readonly value: 'none' | 'text' | 'path' | readonly string[];
}

const names = ({ words }: Completion): string[] => words.map(([word]) => word);
const takesValue = ({ value }: CompletedOption): boolean => value !== 'none';

/** A text in single quotes of a POSIX shell. */
const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;

/** The pattern of a `case`, such as `'check --allow'|'check --deny'`. */
const pattern = (texts: readonly string[]): string => texts.map(quoted).join('|');

export function bashScript(completions: readonly Completion[]): string {
  const paths = completions.map(({ path }) => path).filter((path) => path !== '');
  const contexts = completions.map((completion) => {
    const options = completion.options.flatMap(({ spellings }) => spellings);
    return `    ${quoted(completion.path)}) words=${quoted(names(completion).join(' '))} options=${quoted(options.join(' '))} files=${completion.files ? 1 : ''} ;;`;
  });
  const values = completions.flatMap(({ path, options }) =>
    options.filter(takesValue).map(({ spellings, value }) => {
      const after = pattern(spellings.map((spelling) => `${path} ${spelling}`));
      if (value === 'path') return `    ${after}) words= options= files=1 ;;`;
      return `    ${after}) words=${quoted(typeof value === 'string' ? '' : value.join(' '))} options= files= ;;`;
    }),
  );
  const withValue = [
    ...new Set(
      completions.flatMap(({ options }) => options.filter(takesValue).flatMap(({ spellings }) => spellings)),
    ),
  ];
  return `# bash completion of presend. Load it with: source <(presend completion bash)
_presend() {
  local word=\${COMP_WORDS[COMP_CWORD]} before=\${COMP_WORDS[COMP_CWORD-1]}
  local path= words= options= files= i IFS=$' \\t\\n'
  for ((i = 1; i < COMP_CWORD; i++)); do
    case "\${path:+$path }\${COMP_WORDS[i]}" in
      ${pattern(paths)}) path="\${path:+$path }\${COMP_WORDS[i]}" ;;
    esac
    case "\${COMP_WORDS[i]}" in
      ${pattern(withValue)}) ((i++)) ;;
    esac
  done
  case "$path" in
${contexts.join('\n')}
  esac
  case "$path $before" in
${values.join('\n')}
  esac
  if [[ $word == -* && -n $options ]]; then
    COMPREPLY=($(compgen -W "$options" -- "$word"))
  elif [[ -n $files ]]; then
    compopt -o filenames 2>/dev/null
    IFS=$'\\n'
    COMPREPLY=($(compgen -f -- "$word"))
  else
    COMPREPLY=($(compgen -W "$words" -- "$word"))
  fi
}
complete -F _presend presend
`;
}

/** A text for `_describe` and `_arguments` of zsh, in which a colon and brackets have a meaning. */
const zshText = (text: string): string => text.replace(/[[\]:\\]/g, '\\$&');

export function zshScript(completions: readonly Completion[]): string {
  const paths = completions.map(({ path }) => path).filter((path) => path !== '');
  const contexts = completions.map((completion) => {
    const words = completion.words.map(([word, summary]) => quoted(`${word}:${zshText(summary)}`));
    const specs = completion.options.flatMap((option) =>
      option.spellings.map((spelling) => quoted(`*${spelling}[${zshText(option.help)}]${zshValue(option)}`)),
    );
    const operand = completion.files ? quoted('*:file:_files') : quoted('*: :_presend_words');
    return `    ${quoted(completion.path)})
      _presend_choices=(${words.join(' ')})
      _arguments -s -S ${[...specs, operand].join(' ')} ;;`;
  });
  return `#compdef presend
# zsh completion of presend. Load it with: source <(presend completion zsh)
_presend_words() { _describe -t commands presend _presend_choices }
_presend() {
  local presend_path= word
  local -a _presend_choices
  while (( CURRENT > 2 )); do
    word="\${presend_path:+$presend_path }\${words[2]}"
    case "$word" in
      ${pattern(paths)}) presend_path="$word" ; shift words ; (( CURRENT-- )) ;;
      *) break ;;
    esac
  done
  case "$presend_path" in
${contexts.join('\n')}
  esac
}
compdef _presend presend
`;
}

function zshValue({ value }: CompletedOption): string {
  if (value === 'none') return '';
  if (value === 'path') return ':file:_files';
  return value === 'text' ? ':value: ' : `:value:(${value.join(' ')})`;
}

export function fishScript(completions: readonly Completion[]): string {
  const groups = completions.filter(({ path }) =>
    completions.some((other) => other.path.startsWith(`${path} `)),
  );
  const lines = completions.flatMap((completion) => {
    const when = fishCondition(completion, groups.includes(completion));
    return [
      ...completion.words.map(
        ([word, summary]) =>
          `complete -c presend -n ${when} -a ${word}${summary === '' ? '' : ` -d ${quoted(summary)}`}`,
      ),
      ...completion.options.map((option) => `complete -c presend -n ${when} ${fishOption(option)}`),
      ...(completion.files ? [`complete -c presend -n ${when} -F`] : []),
    ];
  });
  return `# fish completion of presend. Save it as ~/.config/fish/completions/presend.fish
complete -c presend -f
${lines.join('\n')}
`;
}

/** The condition for a line of the script: the words of the path were typed and, for a group, no action yet. */
function fishCondition({ path, words }: Completion, isGroup: boolean): string {
  if (path === '') return '__fish_use_subcommand';
  const [first, second] = path.split(' ');
  const seen = `__fish_seen_subcommand_from ${first}`;
  if (second !== undefined) return quoted(`${seen}; and __fish_seen_subcommand_from ${second}`);
  const actions = words.map(([word]) => word).join(' ');
  return quoted(isGroup ? `${seen}; and not __fish_seen_subcommand_from ${actions}` : seen);
}

function fishOption({ spellings, help, value }: CompletedOption): string {
  const flags = spellings.map((spelling) =>
    spelling.startsWith('--') ? `-l ${spelling.slice(2)}` : `-s ${spelling.slice(1)}`,
  );
  const takes =
    value === 'none'
      ? ''
      : value === 'path'
        ? ' -r -F'
        : value === 'text'
          ? ' -x'
          : ` -x -a ${quoted(value.join(' '))}`;
  return `${flags.join(' ')}${takes} -d ${quoted(help)}`;
}
