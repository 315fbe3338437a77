// Log lines on standard output. All lines of one turn of the event loop share one write, because each write blocks.

/** Returns a function that logs a line. Lines are written in order at the end of the turn, or when the process exits. */
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
