import { once } from 'node:events';
import { Agent, request } from 'node:http';

const agent = new Agent({ keepAlive: true, maxSockets: 200 });

/** Sends a request and resolves when the answer was read. */
export async function ask(
  url: string,
  method: string,
  headers: Record<string, string>,
  body?: string,
): Promise<void> {
  const sent = request(url, { method, headers, agent });
  sent.end(body);
  const [response] = await once(sent, 'response');
  response.resume();
  await once(response, 'end');
  if (response.statusCode !== 200) throw new Error(`${url}: ${response.statusCode}`);
}
