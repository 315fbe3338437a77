// Distinguishes storage faults, which an operator must fix or a caller may retry, from bugs.

export interface StorageFault {
  /** SQLite's, PostgreSQL's, D1's or the system's own code, such as SQLITE_BUSY, 57P03, D1_TIMEOUT or ENOSPC. */
  readonly code: string;
  readonly isFull: boolean;
}

/** SQLite's primary result codes that are faults (https://sqlite.org/rescode.html). Others are bugs, such as a wrong statement. */
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

/** Error codes of Node's file system and network that are faults. */
const systemFaults = /^(ENOSPC|EDQUOT|EIO|EROFS|EACCES|EPERM|EMFILE|ENFILE|ECONNREFUSED|ECONNRESET)$/;

/** PostgreSQL's classes of connection, resource, operator and system errors, and serialization failures. */
const postgresFaults = /^(08|40|53|57|58)[0-9A-Z]{3}$/;

/** The codes that the adapters of D1 and R2 set. A value of a wrong type is a bug. */
const cloudflareFaults = /^(?!D1_(TYPE_ERROR|COLUMN_NOTFOUND)$)(D1|R2)_\w+$/;

const d1Bug = /SQLITE_(ERROR|CONSTRAINT|MISMATCH|RANGE|MISUSE)|syntax error|constraint failed/;

const fullCodes = /^(SQLITE_FULL|D1_FULL|ENOSPC|EDQUOT|53100)$/;

/** The storage fault that caused an error, or null if the error is a bug. */
export function storageFault(error: unknown): StorageFault | null {
  const code = faultCode(error);
  return code === null ? null : { code, isFull: fullCodes.test(code) };
}

function faultCode(error: unknown): string | null {
  if (!(error instanceof Error)) return null;
  const { code, errcode } = error as { code?: unknown; errcode?: unknown };
  // Extended result codes carry the primary one in their lowest byte.
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

/** D1 puts its own code and SQLite's into the message. A wrong statement or a failed constraint is a bug. */
function d1FaultCode(message: string): string | null {
  const d1Code = /^D1_\w+/.exec(message)?.[0];
  if (d1Code === undefined || !cloudflareFaults.test(d1Code) || d1Bug.test(message)) return null;
  return /SQLITE_[A-Z]+/.exec(message)?.[0] ?? d1Code;
}
