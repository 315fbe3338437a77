// /v1/suppressions/import and /v1/suppressions/export: the list from and into files.

import { Hono } from 'hono';
import { safeParse } from 'valibot';
import { SuppressionReasonName } from '../api/suppressions.ts';
import { BrokenOff, bodyChunks, bodyFormat, mediaTypes, streamOf } from '../media.ts';
import type { HttpPorts } from '../ports.ts';
import { brokenOff, invalidQuery, type Problem, problem } from '../problem.ts';

const longestSource = 100;

export const suppressionFileRoutes = ({ suppressionList, now }: HttpPorts) =>
  new Hono()
    .post('/suppressions/import', async (c) => {
      const format = bodyFormat(c);
      if (format === null) return problem(c, noList);
      const { source = 'import', reason } = c.req.query();
      if (source.length > longestSource)
        return problem(c, invalidQuery('source', `Expected at most ${longestSource} characters.`));
      const named = safeParse(SuppressionReasonName, reason);
      if (reason !== undefined && !named.success)
        return problem(c, invalidQuery('reason', 'Expected bounce, complaint, unsubscribe or manual.'));
      const { importSuppressions } = await import('../../suppression/import.ts');
      const request = { format, source, ...(named.success && { reason: named.output }), now: now() };
      try {
        return c.json(await importSuppressions(suppressionList, bodyChunks(c), request), 200);
      } catch (error) {
        if (error instanceof BrokenOff) return problem(c, brokenOff);
        throw error;
      }
    })
    .get('/suppressions/export', async (c) => {
      const { format = 'csv' } = c.req.query();
      if (format !== 'csv' && format !== 'ndjson')
        return problem(c, invalidQuery('format', 'Expected csv or ndjson.'));
      const { exportSuppressions } = await import('../../suppression/export.ts');
      return c.body(streamOf(exportSuppressions(suppressionList, format)), 200, {
        'content-type': mediaTypes[format],
        'content-disposition': `attachment; filename="suppressions.${format}"`,
        'cache-control': 'no-store',
      });
    });

const noList: Problem = {
  type: 'unsupported-media-type',
  title: 'The body must be CSV or NDJSON',
  status: 415,
  detail: 'Send it with the header "content-type: text/csv" or "content-type: application/x-ndjson".',
};
