// Mail hosts behind a SOCKS5 proxy, for services that are processes of their own.

import { EventEmitter, once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';
import { proberAddress } from './smtp-stand-in.ts';

export interface Question {
  readonly address: string;
  readonly isAccepted: boolean;
  /** The host asked to come back later, so it is asked again. */
  readonly isPutOff: boolean;
  /** Whether another command came after the reply: then the client has read the reply. */
  isAcknowledged: boolean;
}

/**
 * A SOCKS5 proxy behind which every address is the same honest mail host, which accepts names that begin with `user`. Notes the questions of
 * each session. `replyMs`: how long it takes to reply. `isGreylisted`: whether an address is put off once, as postgrey does.
 */
export async function socksMailHosts(
  replyMs: number,
  isGreylisted: (address: string) => boolean = () => false,
) {
  const seen = new Set<string>();
  const sessions: Question[][] = [];
  const asked = new EventEmitter();
  let questions = 0;
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.once('data', () => {
      socket.write(Uint8Array.from([5, 0]));
      socket.once('data', () => {
        socket.write(Uint8Array.from([5, 0, 0, 1, 0, 0, 0, 0, 0, 0]));
        const session: Question[] = [];
        sessions.push(session);
        const reply = (line: string): string => {
          const [verb] = line.split(/[ :]/);
          if (verb === 'EHLO') return `250 mx.example.net at your service, [${proberAddress}]\r\n`;
          const last = session.at(-1);
          if (last !== undefined) last.isAcknowledged = true;
          if (verb === 'QUIT') return '221 2.0.0 Bye\r\n';
          if (verb !== 'RCPT') return '250 2.0.0 Ok\r\n';
          const address = /<(.*)>/.exec(line)![1]!;
          const isAccepted = /^(?:user|postmaster)/.test(address);
          const isPutOff = isGreylisted(address) && !seen.has(address);
          seen.add(address);
          session.push({ address, isAccepted: isAccepted && !isPutOff, isPutOff, isAcknowledged: false });
          questions++;
          asked.emit('question');
          if (isPutOff) return '451 4.7.1 Greylisted, try again in 2 seconds\r\n';
          return isAccepted ? '250 2.1.5 Ok\r\n' : `550 5.1.1 <${address}>: User unknown\r\n`;
        };
        socket.write('220 mx.example.net ESMTP\r\n');
        let text = '';
        socket.on('data', (bytes) => {
          text += bytes;
          for (let end = text.indexOf('\r\n'); end !== -1; end = text.indexOf('\r\n')) {
            const answer = reply(text.slice(0, end));
            text = text.slice(end + 2);
            setTimeout(() => {
              if (!socket.destroyed) socket.write(answer);
            }, replyMs);
          }
        });
      });
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return {
    url: `socks5://127.0.0.1:${(server.address() as AddressInfo).port}`,
    sessions,
    /** Resolves at the next question, and not before there are this many. */
    async questions(count: number): Promise<void> {
      do await once(asked, 'question');
      while (questions < count);
    },
  };
}
