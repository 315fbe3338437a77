// The Database port: the operations that both node:sqlite and D1 offer. Statements are in the SQL of SQLite. Keys such
// as ids and hashes are TEXT, never BLOB.

/**
 * A parameter of a statement. Both databases pass every number as a REAL. Compare such a parameter only with an INTEGER
 * column: SQLite then compares the values as numbers, which is exact up to 2^53. A comparison with a text such as '5'
 * is always false.
 */
export type SqlValue = string | number | null;

export interface Statement {
  readonly sql: string;
  readonly params?: readonly SqlValue[];
}

export interface Changes {
  /** Number of rows that an INSERT, UPDATE or DELETE wrote. For other statements the number has no meaning. */
  readonly changes: number;
}

/** The operations. Each rejects if the statement is invalid, a constraint fails or the database is unavailable. */
export interface Database {
  /**
   * Returns the rows of a query. A synchronous database (node:sqlite) returns them without a promise unless the file is
   * locked. A failure is a rejected promise in any case.
   */
  all<Row>(sql: string, params?: readonly SqlValue[]): Row[] | Promise<Row[]>;
  /** Like `all`, but returns only the first row; null if there is none. */
  first<Row>(sql: string, params?: readonly SqlValue[]): Row | null | Promise<Row | null>;
  run(sql: string, params?: readonly SqlValue[]): Promise<Changes>;
  /** Runs the statements in order, in one transaction: either all take effect or none. */
  batch(statements: readonly Statement[]): Promise<Changes[]>;
}

/** The reads of a database. */
export type ReadableDatabase = Pick<Database, 'all' | 'first'>;
