// The client of the HTTP API: `import { createClient } from 'presend/client'`.

export type {
  BacktestFiles,
  BatchItem,
  BouncesApi,
  Client,
  CreateJobOptions,
  FileOptions,
  JobsApi,
  ReportsApi,
  SuppressionsApi,
  WaitOptions,
} from './client.ts';
export { createClient } from './create-client.ts';
export { PresendError, type ProblemDetails } from './presend-error.ts';
export type { RawBody } from './raw-body.ts';
export type {
  CallOptions,
  RouteAnswer,
  RouteBody,
  RouteInput,
  RouteMethod,
  RouteName,
  RoutePath,
  RouteQuery,
  VerdictJson as Verdict,
} from './route-types.ts';
export type { Routes, Schemas } from './routes.ts';
export type { ClientOptions } from './send.ts';
export {
  PresendWebhookError,
  type ReceivedWebhook,
  type VerifyWebhookOptions,
  verifyWebhook,
  type WebhookData,
  type WebhookEvent,
  type WebhookMistake,
} from './webhook.ts';
