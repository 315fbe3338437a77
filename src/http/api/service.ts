// What the service tells of itself.

import * as v from 'valibot';
import type { Area } from './operation.ts';

export const HealthAnswer = v.object({ status: v.literal('ok') });

export const ReadinessAnswer = v.object({
  status: v.picklist(['ok', 'degraded']),
  checks: v.array(v.object({ name: v.string(), ok: v.boolean() })),
});

export const service: Area = {
  tag: 'Service',
  schemas: { HealthAnswer, ReadinessAnswer },
  operations: {
    'GET /healthz': {
      id: 'healthz',
      summary: 'The process lives',
      answers: { 200: ['It does.', HealthAnswer] },
    },
    'GET /readyz': {
      id: 'readyz',
      summary: 'Storage answers and a resolver is in service',
      answers: {
        200: ['Ready.', ReadinessAnswer],
        503: ['Not ready; `checks` says what is missing.', ReadinessAnswer],
      },
    },
  },
};
