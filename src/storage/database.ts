// The Database port: the operations that node:sqlite and D1 share. The SQL is SQLite's; keys are TEXT, never BLOB.

/**
 * Both databases bind every number as a REAL. The affinity of an INTEGER column converts it, exactly up to 2^53. Compare
 * a parameter only with such a column, never with a text such as '5', which has no affinity.
 */
export type SqlValue = string | number | null;

export interface Statement {
  readonly sql: string;
  readonly params?: readonly SqlValue[];
}

export interface Changes {
  /** Rows that an INSERT, UPDATE or DELETE wrote. Undefined for other statements. */
  readonly changes: number;
}

/** Every method rejects if the statement is invalid, a constraint fails or the database is unavailable. */
export interface Database {
  /** Returns rows from a synchronous database (node:sqlite), a promise otherwise. A failure is always a rejected promise. */
  all<Row>(sql: string, params?: readonly SqlValue[]): Row[] | Promise<Row[]>;
  /** Like `all`, for the first row. */
  first<Row>(sql: string, params?: readonly SqlValue[]): Row | null | Promise<Row | null>;
  run(sql: string, params?: readonly SqlValue[]): Promise<Changes>;
  /** All statements or none of them, in order, in one transaction. */
  batch(statements: readonly Statement[]): Promise<Changes[]>;
}
