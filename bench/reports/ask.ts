// Sends requests over HTTP/1.1 on sockets that stay open. node:http takes as much processor time for a request as the service takes for
// a verdict, and on a machine with two processors that would be measured, too.

import { connect, type Socket } from 'node:net';

/** Connections on which no answer is awaited. The one used last is the first to be used again. */
const idle: Socket[] = [];

/** Returns the bytes of a request. Prepare them before what is measured. */
export function requestBytes(
  method: string,
  path: string,
  headers: Readonly<Record<string, string>> = {},
  body = '',
): Buffer {
  const lines = Object.entries({ host: 'localhost', ...headers, 'content-length': Buffer.byteLength(body) });
  const head = lines.map(([name, value]) => `${name}: ${value}\r\n`).join('');
  return Buffer.from(`${method} ${path} HTTP/1.1\r\n${head}\r\n${body}`);
}

/** Sends a request to a port of this machine, and resolves when the answer was read. Rejects if its status is not 200. */
export function ask(port: number, request: Buffer): Promise<void> {
  const socket = open(port);
  return new Promise((resolve, reject) => {
    let answer: Buffer = Buffer.alloc(0);
    const failed = () => reject(new Error('the service closed the connection'));
    socket.once('error', reject).once('close', failed);
    socket.on('data', (chunk) => {
      answer = answer.length === 0 ? chunk : Buffer.concat([answer, chunk]);
      if (!isWhole(answer)) return;
      socket.removeAllListeners();
      idle.push(socket);
      const status = answer.subarray(0, answer.indexOf('\r\n')).toString();
      if (status.startsWith('HTTP/1.1 200 ')) resolve();
      else reject(new Error(`${request.subarray(0, request.indexOf('\r\n'))}: ${status}`));
    });
    socket.write(request);
  });
}

/** The service closes a connection that was idle for some seconds. */
function open(port: number): Socket {
  for (let socket = idle.pop(); socket !== undefined; socket = idle.pop())
    if (!socket.destroyed) return socket;
  return connect({ port, host: '127.0.0.1', noDelay: true });
}

/** Closes the connections. */
export function hangUp(): void {
  for (const socket of idle.splice(0)) socket.destroy();
}

function isWhole(answer: Buffer): boolean {
  const end = answer.indexOf('\r\n\r\n');
  if (end < 0) return false;
  const length = /\r\ncontent-length: (\d+)/i.exec(answer.subarray(0, end).toString('latin1'));
  return length === null
    ? answer.subarray(-5).toString('latin1') === '0\r\n\r\n'
    : answer.length >= end + 4 + Number(length[1]);
}
