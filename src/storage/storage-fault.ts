// Distinguishes storage faults from bugs. A storage fault is a problem such as a full disk, which an operator must fix,
// or a lock, after which a caller may try again.

export interface StorageFault {
  /**
   * The code of the fault as SQLite, PostgreSQL, D1, R2 or the operating system gives it, such as SQLITE_BUSY, 57P03,
   * D1_TIMEOUT or ENOSPC.
   */
  readonly code: string;
  readonly isFull: boolean;
}

/**
 * The primary result codes of SQLite that are storage faults (https://sqlite.org/rescode.html). All other codes are
 * bugs, such as an invalid statement.
 */
const sqliteFaults: Readonly<Record<number, string>> = {
  3: 'SQLITE_PERM',
  5: 'SQLITE_BUSY',
  6: 'SQLITE_LOCKED',
  7: 'SQLITE_NOMEM',
  8: 'SQLITE_READONLY',
  9: 'SQLITE_INTERRUPT',
  10: 'SQLITE_IOERR',
  11: 'SQLITE_CORRUPT',
  13: 'SQLITE_FULL',
  14: 'SQLITE_CANTOPEN',
  15: 'SQLITE_PROTOCOL',
  26: 'SQLITE_NOTADB',
};

const sqliteFaultNames = new Set(Object.values(sqliteFaults));

/** The error codes of Node's file system and network that are storage faults. */
const systemFaults = /^(ENOSPC|EDQUOT|EIO|EROFS|EACCES|EPERM|EMFILE|ENFILE|ECONNREFUSED|ECONNRESET)$/;

/**
 * The error codes of PostgreSQL that are storage faults. Their first two digits are the class: connection (08),
 * rollback such as a failed serialization (40), resources (53), operator intervention (57) or system error (58).
 */
const postgresFaults = /^(08|40|53|57|58)[0-9A-Z]{3}$/;

/**
 * The codes for D1 and R2 that are storage faults: all that begin with `D1_` or `R2_`, except two that are bugs, a
 * parameter of an unsupported type and an unknown column.
 */
const cloudflareFaults = /^(?!D1_(TYPE_ERROR|COLUMN_NOTFOUND)$)(D1|R2)_\w+$/;

const d1Bug = /SQLITE_(ERROR|CONSTRAINT|MISMATCH|RANGE|MISUSE)|syntax error|constraint failed/;

const fullCodes = /^(SQLITE_FULL|D1_FULL|ENOSPC|EDQUOT|53100)$/;

/** Returns the storage fault that caused an error; null if the error is a bug. */
export function storageFault(error: unknown): StorageFault | null {
  const code = faultCode(error);
  return code === null ? null : { code, isFull: fullCodes.test(code) };
}

function faultCode(error: unknown): string | null {
  if (!(error instanceof Error)) return null;
  const { code, errcode } = error as { code?: unknown; errcode?: unknown };
  // The lowest byte of an extended result code is the primary code.
  if (typeof errcode === 'number') return sqliteFaults[errcode & 0xff] ?? null;
  if (code === undefined) return d1FaultCode(error.message);
  if (typeof code !== 'string') return null;
  const isFault =
    systemFaults.test(code) ||
    postgresFaults.test(code) ||
    cloudflareFaults.test(code) ||
    sqliteFaultNames.has(code);
  return isFault ? code : null;
}

/**
 * Finds the code in the message of an error of D1 that no adapter has given a code. The message contains D1's own code
 * and often SQLite's. Null for bugs, such as an invalid statement or a failed constraint.
 */
function d1FaultCode(message: string): string | null {
  const d1Code = /^D1_\w+/.exec(message)?.[0];
  if (d1Code === undefined || !cloudflareFaults.test(d1Code) || d1Bug.test(message)) return null;
  return /SQLITE_[A-Z]+/.exec(message)?.[0] ?? d1Code;
}
