// A worker thread that sends the requests it is told to send, and reports their status.

import { parentPort } from 'node:worker_threads';

export interface PostedRequest {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array<ArrayBuffer>;
}

parentPort!.on('message', async ({ url, headers, body }: PostedRequest) => {
  const status = await fetch(url, { method: 'POST', headers, body }).then(
    async (response) => {
      await response.arrayBuffer();
      return response.status;
    },
    () => 0,
  );
  parentPort!.postMessage(status);
});
