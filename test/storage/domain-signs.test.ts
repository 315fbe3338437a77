// A verdict costs one look-up of its domain, however many domains there are.

import { expect, test } from 'vitest';
import { openDatabase } from '../../src/platform/database-file.ts';
import { selectOwnDomains } from '../../src/storage/sqlite/domain-signs.ts';

test('what own mail shows about a domain is found by the primary key', () => {
  const { sqlite } = openDatabase(':memory:');
  const plan = sqlite
    .prepare(`EXPLAIN QUERY PLAN ${selectOwnDomains}`)
    .all('default', 'key', '["domain"]', 1)
    .map((step) => String(step['detail']));
  expect(plan).toContain(
    'SEARCH domain_signs USING PRIMARY KEY (workspace=? AND key_id=? AND domain_hash=?)',
  );
  expect(plan.filter((step) => step.includes('domain_signs'))).toHaveLength(1);
  sqlite.close();
});
