// Writes log lines. Lines that are logged in quick succession are written together, because each write blocks the process.

/** Pending lines are written at the latest when they have this many characters. */
const longestWrite = 8192;

/**
 * Returns a function that logs a line. The lines are passed to `write`, in order, after a turn of the event loop in which no line
 * was logged, when they are longer than `longestWrite`, or when the process exits.
 */
export function lineLog(write: (text: string) => void): (line: string) => void {
  let pending = '';
  /**
   * The length of `pending` at the end of the last turn of the event loop; null if no check at the end of a turn is scheduled.
   */
  let seen: number | null = null;
  const flush = (): void => {
    if (pending === '') return;
    const text = pending;
    pending = '';
    write(text);
  };
  const endTurn = (): void => {
    if (pending.length !== seen && pending.length < longestWrite) {
      seen = pending.length;
      setImmediate(endTurn);
      return;
    }
    seen = null;
    flush();
  };
  process.on('exit', flush);
  return (line) => {
    pending += `${line}\n`;
    if (seen !== null) return;
    seen = pending.length;
    setImmediate(endTurn);
  };
}
