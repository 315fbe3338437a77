// The adapters of the Connect port: sockets of Node, TLS, and a SOCKS5 proxy.

import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { type AddressInfo, connect as connectSocket, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TLSSocket } from 'node:tls';
import { afterEach, describe, expect, test } from 'vitest';
import type { Connect, ConnectTarget, SmtpStream } from '../../src/mailbox/connect.ts';
import { directConnect } from '../../src/mailbox/transport/node.ts';
import { socksConnect, socksProxy } from '../../src/mailbox/transport/socks5.ts';

const servers: Server[] = [];
const sockets: Socket[] = [];
afterEach(() => {
  for (const socket of sockets.splice(0)) socket.destroy();
  for (const server of servers.splice(0)) server.close();
});

function serve(onConnection: (socket: Socket) => void): Promise<number> {
  const server = createServer((socket) => {
    sockets.push(socket);
    socket.on('error', () => {});
    onConnection(socket);
  });
  servers.push(server);
  return new Promise((resolve) =>
    server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port)),
  );
}
const at = (port: number): ConnectTarget => ({ host: 'mx.example.net', address: '127.0.0.1', port });
const never = () => new AbortController().signal;
const open = async (connect: Connect, port: number): Promise<SmtpStream> => {
  const connected = await connect(at(port), never());
  if (connected.kind === 'failed') throw new Error(connected.cause);
  return connected.stream;
};
const text = async (stream: SmtpStream) => {
  const bytes = await stream.read();
  return bytes === null ? null : new TextDecoder().decode(bytes);
};
const say = (stream: SmtpStream, line: string) => stream.write(new TextEncoder().encode(line));
const echo = (socket: Socket) => {
  socket.write('220 hello\r\n');
  socket.on('data', (bytes) => socket.write(bytes));
};

describe('a direct connection', () => {
  test('carries bytes both ways and ends as closed', async () => {
    const stream = await open(directConnect(), await serve(echo));
    expect(await text(stream)).toBe('220 hello\r\n');
    say(stream, 'EHLO x\r\n');
    expect(await text(stream)).toBe('EHLO x\r\n');
    stream.close();
    expect(await text(stream)).toBeNull();
    say(stream, 'after the end');
  });

  test('a host that breaks the connection off reads as closed', async () => {
    const port = await serve((socket) => {
      socket.write('220 hello\r\n');
      socket.on('data', () => socket.resetAndDestroy());
    });
    const stream = await open(directConnect(), port);
    expect(await text(stream)).toBe('220 hello\r\n');
    say(stream, 'EHLO x\r\n');
    expect(await text(stream)).toBeNull();
  });

  test('a port that nobody listens on is refused', async () => {
    const port = await serve(echo);
    await new Promise((resolve) => servers.pop()!.close(resolve));
    expect(await directConnect()(at(port), never())).toEqual({ kind: 'failed', cause: 'refused' });
  });

  test('an attempt ends when the signal aborts', async () => {
    const controller = new AbortController();
    controller.abort();
    expect(await directConnect()(at(await serve(echo)), controller.signal)).toEqual({
      kind: 'failed',
      cause: 'timeout',
    });
  });

  test('comes from the source address', async () => {
    const from = new Promise<string | undefined>((resolve) => {
      void serve((socket) => resolve(socket.remoteAddress)).then((port) =>
        open(directConnect({ from: { v4: '127.0.0.5' } }), port),
      );
    });
    expect(await from).toBe('127.0.0.5');
  });

  test('TLS starts without checking the certificate, and a broken handshake is null', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'presend-tls-'));
    const [key, certificate] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
    const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
    execFileSync(
      'openssl',
      ['req', '-x509', ...curve, '-subj', '/CN=other.test', '-keyout', key, '-out', certificate],
      { stdio: 'ignore' },
    );
    const port = await serve((socket) => {
      socket.write('220 ready\r\n');
      socket.once('data', () => {
        socket.write('220 go\r\n');
        const secure = new TLSSocket(socket, {
          isServer: true,
          key: readFileSync(key),
          cert: readFileSync(certificate),
        });
        secure.on('error', () => {});
        secure.on('data', (bytes) => secure.write(`secret ${bytes}`));
      });
    });
    const plain = await open(directConnect(), port);
    expect(await text(plain)).toBe('220 ready\r\n');
    say(plain, 'STARTTLS\r\n');
    expect(await text(plain)).toBe('220 go\r\n');
    const secure = await plain.startTls('mx.example.net');
    say(secure!, 'EHLO\r\n');
    expect(await text(secure!)).toBe('secret EHLO\r\n');
    secure!.close();
    rmSync(folder, { recursive: true });

    const broken = await open(
      directConnect(),
      await serve((socket) => socket.on('data', () => socket.end('no'))),
    );
    expect(await broken.startTls('mx.example.net')).toBeNull();
  });
});

describe('SOCKS5', () => {
  /** A proxy that notes what it was asked for. `reply` replaces the reply to the request. */
  async function proxy(options: { user?: string; reply?: number; garbage?: boolean } = {}) {
    const asked: string[] = [];
    const port = await serve((socket) => {
      let step = options.garbage ? 9 : 0;
      let held = Buffer.alloc(0);
      if (options.garbage) socket.end('HTTP/1.1 400 Bad Request\r\n\r\n');
      const onData = (bytes: Buffer) => {
        held = Buffer.concat([held, bytes]);
        if (step === 0 && held.length >= 2 + held[1]!) {
          const methods = [...held.subarray(2, 2 + held[1]!)];
          const method = options.user === undefined ? 0 : 2;
          asked.push(`methods ${methods}`);
          socket.write(Uint8Array.from([5, methods.includes(method) ? method : 255]));
          held = Buffer.alloc(0);
          step = method === 2 ? 1 : 2;
        } else if (step === 1) {
          const name = held.subarray(2, 2 + held[1]!).toString();
          const password = held.subarray(3 + held[1]!).toString();
          asked.push(`${name}:${password}`);
          socket.write(Uint8Array.from([1, `${name}:${password}` === options.user ? 0 : 1]));
          held = Buffer.alloc(0);
          step = 2;
        } else if (step === 2) {
          const address = [...held.subarray(4, held.length - 2)].join('.');
          const target = held.readUInt16BE(held.length - 2);
          asked.push(`type ${held[3]} ${address}`);
          const code = options.reply ?? 0;
          // A bound address that is a name, and the greeting of the mail host in the same packet.
          const reply = Buffer.from([5, code, 0, 3, 4, ...Buffer.from('here'), 0, 25]);
          step = 3;
          socket.off('data', onData);
          if (code !== 0) socket.end(reply);
          else {
            const onward = connectSocket(target, '127.0.0.1');
            onward.once('data', (first) => socket.write(Buffer.concat([reply, first])));
            socket.on('data', (more) => onward.write(more));
            onward.on('data', (more) => socket.write(more));
            sockets.push(onward);
          }
        }
      };
      socket.on('data', onData);
    });
    return { port, asked };
  }
  const through = (port: number, user = ''): Connect =>
    socksConnect(socksProxy(`socks5://${user}127.0.0.1:${port}`)!);

  test('the proxy gets the checked IP address, and the greeting that comes with its reply is not lost', async () => {
    const mail = await serve((socket) => socket.write('220 hello\r\n'));
    const { port, asked } = await proxy();
    const stream = await open(through(port), mail);
    expect(await text(stream)).toMatch(/^220 hello\r\n/);
    expect(asked).toEqual(['methods 0', 'type 1 127.0.0.1']);
    stream.close();
  });

  test('user name and password, and IPv6', async () => {
    const right = await proxy({ user: 'me:pa ss', reply: 5 });
    const target = { host: 'mx', address: '2001:db8::1', port: 25 };
    expect(await through(right.port, 'me:pa%20ss@')(target, never())).toEqual({
      kind: 'failed',
      cause: 'refused',
    });
    expect(right.asked.slice(0, 2)).toEqual(['methods 0,2', 'me:pa ss']);
    expect(right.asked[2]).toMatch(/^type 4 32\.1\.13\.184/);
    const wrong = await proxy({ user: 'me:other' });
    expect(await through(wrong.port, 'me:pass@')(target, never())).toEqual({
      kind: 'failed',
      cause: 'proxy',
    });
  });

  test.each([
    [1, 'proxy'],
    [2, 'proxy'],
    [3, 'unreachable'],
    [4, 'unreachable'],
    [5, 'refused'],
    [6, 'timeout'],
  ])('reply %i of the proxy: %s', async (reply, cause) => {
    const { port } = await proxy({ reply });
    expect(await through(port)(at(25), never())).toEqual({ kind: 'failed', cause });
  });

  test('a proxy that is none, or is not there, says nothing about the mail host', async () => {
    const { port } = await proxy({ garbage: true });
    expect(await through(port)(at(25), never())).toEqual({ kind: 'failed', cause: 'proxy' });
    await new Promise((resolve) => servers.pop()!.close(resolve));
    expect(await through(port)(at(25), never())).toEqual({ kind: 'failed', cause: 'proxy' });
  });

  test('a proxy that says nothing is left when the signal aborts', async () => {
    const controller = new AbortController();
    const port = await serve((socket) => socket.on('data', () => controller.abort()));
    expect(await through(port)(at(25), controller.signal)).toEqual({ kind: 'failed', cause: 'timeout' });
  });

  test.each([
    ['socks5://proxy.example.net', { host: 'proxy.example.net', port: 1080, user: null }],
    ['socks5://[2001:db8::1]:99/', { host: '2001:db8::1', port: 99, user: null }],
    ['socks5://a%40b:c@p:1', { host: 'p', port: 1, user: { name: 'a@b', password: 'c' } }],
    ['http://proxy.example.net', null],
    ['proxy.example.net:1080', null],
    [`socks5://${'u'.repeat(256)}:p@h`, null],
    ['socks5://u%zz:p@h', null],
  ])('%s', (url, expected) => {
    expect(socksProxy(url)).toEqual(expected);
  });
});
