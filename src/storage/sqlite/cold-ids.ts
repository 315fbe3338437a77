// Which events are in files with older events, in SQLite: node:sqlite and D1.

/**
 * SQL for the part of an event's id that is kept while the event is in a file. 64 bits: among 100 million events, a new event is
 * taken for one of them with a probability of 5 in a trillion.
 */
export const coldId = (id: string): string => `substr(${id}, 1, 16)`;

/** Returns the ids in the JSON array ?3 whose events are in files. ?1 is the workspace. */
export const knownColdIds = `
  SELECT asked.value AS id, 'proven' AS proof
  FROM json_each(?3) AS asked
  CROSS JOIN cold_ids CROSS JOIN cold_files
  WHERE cold_ids.id = ${coldId('asked.value')} AND cold_files.number = cold_ids.file AND cold_files.workspace = ?1`;
