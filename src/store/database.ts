// The Database port: the least that node:sqlite and D1 both do well. SQL is SQLite's; keys are TEXT, never blobs.

export type SqlValue = string | number | null;

export interface Statement {
  readonly sql: string;
  readonly params?: readonly SqlValue[];
}

export interface Changes {
  /** Rows inserted, updated or deleted. */
  readonly changes: number;
}

export interface Database {
  all<Row>(sql: string, params?: readonly SqlValue[]): Promise<Row[]>;
  first<Row>(sql: string, params?: readonly SqlValue[]): Promise<Row | null>;
  run(sql: string, params?: readonly SqlValue[]): Promise<Changes>;
  /** All statements or none of them, in order, in one transaction. */
  batch(statements: readonly Statement[]): Promise<Changes[]>;
}
