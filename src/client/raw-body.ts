// What a call sends besides JSON.

/** The value of a query parameter. Undefined leaves it out. */
export type QueryValue = string | number | boolean;

/** A body that is sent as it is. A stream can be sent once, so a call with it is not repeated. */
export type RawBody = string | Blob | ArrayBuffer | Uint8Array | ReadableStream | FormData;
