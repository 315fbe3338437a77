// The command line that continues an interrupted `presend clean`, ready to be pasted into a shell.

/** `args` are the arguments of the interrupted run, from `clean` on. */
export function resumeCommand(args: readonly string[]): string {
  const dashes = args.indexOf('--');
  const options = dashes === -1 ? args : args.slice(0, dashes);
  const resumed = options.includes('--resume')
    ? args
    : [...options, '--resume', ...args.slice(options.length)];
  return ['presend', ...resumed].map(shellWord).join(' ');
}

/** Quotes an argument for a POSIX shell if it needs it. */
const shellWord = (text: string): string =>
  /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
