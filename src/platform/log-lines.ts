// Writes log lines. Lines that are logged in the same turn of the event loop are written together, because each write
// blocks the process.

/**
 * Returns a function that logs a line. The lines are passed to `write`, in order, at the end of the turn or when the
 * process exits.
 */
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
