// Log lines on standard output: one write for all lines of a turn of the event loop, since each write blocks.

/** Writes lines, in order, at the end of the turn and at the latest when the process exits. */
export function lineLog(write: (text: string) => void): (line: string) => void {
  let pending = '';
  const flush = (): void => {
    if (pending === '') return;
    const text = pending;
    pending = '';
    write(text);
  };
  process.on('exit', flush);
  return (line) => {
    if (pending === '') setImmediate(flush);
    pending += `${line}\n`;
  };
}
