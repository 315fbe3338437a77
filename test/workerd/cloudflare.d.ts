// The part of the test runtime's modules that these tests use.

declare module 'cloudflare:workers' {
  export const exports: {
    default: { fetch(input: string | Request, init?: RequestInit): Promise<Response> };
  };
  export const env: Record<string, unknown>;
}

declare module 'cloudflare:test' {
  export const env: Record<string, unknown>;
  export function applyD1Migrations(database: unknown, migrations: unknown): Promise<void>;
}
