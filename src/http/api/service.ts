// What the service tells of itself.

import * as v from 'valibot';
import { type Area, keyAnswers } from './operation.ts';

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
    'GET /metrics': {
      id: 'metrics',
      summary: 'Counters for a monitor, in the text format of Prometheus',
      description: 'Asks for a key that may read reports, where the service has keys.',
      answerMediaTypes: { 'text/plain': 'Requests by route and status, their durations, and what is up.' },
      answers: { 200: ['The counters.'], ...keyAnswers },
    },
  },
};
