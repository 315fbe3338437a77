// Mail hosts that behave well, badly and maliciously, as scripts.

import type { Script } from './scripted-peer.ts';

/** What a host answers to RCPT: the whole text of the reply with its codes, for the address that was asked about. */
export type Answers = (address: string, turn: number) => string;

export interface PeerParts {
  readonly greeting?: string;
  readonly ehlo?: string;
  readonly helo?: string;
  readonly mail?: string;
  readonly rcpt?: Answers;
  readonly rset?: string;
  readonly quit?: string;
}

const known = ['jane', 'postmaster', 'kim'];

export const userUnknown = (address: string) =>
  `550 5.1.1 <${address}>: Recipient address rejected: User unknown in local recipient table\r\n`;
export const ok = '250 2.1.5 Ok\r\n';

/** Accepts `jane`, `kim` and `postmaster`, and refuses everybody else as Postfix does. */
export const honest: Answers = (address) =>
  known.includes(address.split('@')[0]!) ? ok : userUnknown(address);

/** A host that answers each command once, with parts that a test replaces. */
export function peer(parts: PeerParts = {}): () => Script {
  return () => {
    let turn = 0;
    return (command, { say, hangUp }) => {
      const verb = command.split(/[ :]/)[0]!.toUpperCase();
      switch (verb) {
        case '':
          say(parts.greeting ?? '220 mx.example.net ESMTP\r\n');
          break;
        case 'EHLO':
          say(parts.ehlo ?? '250-mx.example.net\r\n250-SIZE 10240000\r\n250 PIPELINING\r\n');
          break;
        case 'HELO':
          say(parts.helo ?? '250 mx.example.net\r\n');
          break;
        case 'MAIL':
          say(parts.mail ?? '250 2.1.0 Ok\r\n');
          break;
        case 'RCPT':
          say((parts.rcpt ?? honest)(/<(.*)>/.exec(command)![1]!, turn++));
          break;
        case 'RSET':
          say(parts.rset ?? '250 2.0.0 Ok\r\n');
          break;
        case 'QUIT':
          say(parts.quit ?? '221 2.0.0 Bye\r\n');
          hangUp();
          break;
        case 'STARTTLS':
          say('220 2.0.0 Ready to start TLS\r\n');
          break;
        default:
          say('502 5.5.2 Error: command not recognized\r\n');
      }
    };
  };
}
