// The types of a call, by the name of its route.

import type { Routes, Schemas } from './routes.ts';

/** `METHOD /path` of a route, with path parameters as in OpenAPI: `GET /v1/jobs/{id}`. */
export type RouteName = keyof Routes;

type Split<Name, Method> = Name extends `${infer Found} ${infer Path}`
  ? Found extends Method
    ? Path
    : never
  : never;

export type RouteMethod = RouteName extends infer Name
  ? Name extends `${infer Method} ${string}`
    ? Method
    : never
  : never;

/** The paths that have a route with this method. */
export type RoutePath<Method extends RouteMethod> = Split<RouteName, Method>;

/** What a call of the route takes: `params` of the path, `query`, `body` and `contentType`, as far as the route has them. */
export type RouteInput<Name extends RouteName> = Omit<Routes[Name], 'answer'>;

/** What a call of the route resolves to: JSON as its type, a file as a `Response`. */
export type RouteAnswer<Name extends RouteName> = Routes[Name]['answer'];

export type RouteBody<Name extends RouteName> = Routes[Name] extends { body: infer Body } ? Body : never;

export type RouteQuery<Name extends RouteName> = Routes[Name] extends { query?: infer Query }
  ? NonNullable<Query>
  : never;

export interface CallOptions {
  /** Aborts the call, its waits and the response that is being read. The call then rejects with the reason of the signal. */
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds that one attempt may take; instead of the client's `timeout`. 0: as long as it takes. */
  readonly timeout?: number | undefined;
  /** How often a failed attempt is repeated; instead of the client's `retries`. */
  readonly retries?: number | undefined;
  /** More headers of the request. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
}

/** The last argument of `client.request`. It can be left out if the route needs no parameter and no body. */
export type RequestArguments<Name extends RouteName> =
  Record<never, never> extends RouteInput<Name>
    ? [options?: RouteInput<Name> & CallOptions]
    : [options: RouteInput<Name> & CallOptions];

/** The verdict on an address, as POST /v1/validate returns it. */
export type VerdictJson = Schemas['ValidateAnswer'];
