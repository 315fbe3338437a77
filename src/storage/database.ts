// The Database port: the least that node:sqlite and D1 both do well. SQL is SQLite's; keys are TEXT, never blobs.

/**
 * Both databases bind every number as a REAL and let the column's affinity make an integer of it, which is exact up
 * to 2^53. So compare a parameter with a column, and never with the bare text of a number.
 */
export type SqlValue = string | number | null;

export interface Statement {
  readonly sql: string;
  readonly params?: readonly SqlValue[];
}

export interface Changes {
  /** Rows that an INSERT, UPDATE or DELETE wrote. Of any other statement it says nothing. */
  readonly changes: number;
}

/** Every method rejects when the statement is wrong, a constraint fails or the database is out of reach. */
export interface Database {
  /** Synchronous where the database is: no promise then. A failure is always a rejected promise. */
  all<Row>(sql: string, params?: readonly SqlValue[]): Row[] | Promise<Row[]>;
  /** Like `all`, for the first row. */
  first<Row>(sql: string, params?: readonly SqlValue[]): Row | null | Promise<Row | null>;
  run(sql: string, params?: readonly SqlValue[]): Promise<Changes>;
  /** All statements or none of them, in order, in one transaction. */
  batch(statements: readonly Statement[]): Promise<Changes[]>;
}
