// Questions and answers between two threads or processes, in both directions.

/** A thread as its parent sees it, or the parent as the thread sees it: the part of `Worker` and `MessagePort` that is used. */
export interface ThreadPort {
  postMessage(message: unknown, transfer?: readonly ArrayBuffer[]): void;
  // biome-ignore lint/suspicious/noExplicitAny: Node declares it so.
  on(event: string, listener: (message: any) => void): unknown;
}

export interface ThreadAnswer {
  readonly value: unknown;
  /** The buffers in `value` that are moved to the other thread instead of being copied. */
  readonly transfer?: readonly ArrayBuffer[];
}

export interface ThreadPeer {
  /** Rejects with the error of the other thread. */
  ask(question: unknown, transfer?: readonly ArrayBuffer[]): Promise<unknown>;
  /** Makes all pending questions reject. */
  rejectAll(error: Error): void;
  /** Resolves when no question is pending. Never rejects. */
  settled(): Promise<void>;
}

interface TransportedError {
  readonly name: string;
  readonly message: string;
  readonly stack: string | undefined;
  readonly code: unknown;
  readonly errcode: unknown;
}

type ThreadMessage =
  | { readonly kind: 'question'; readonly id: number; readonly question: unknown }
  | { readonly kind: 'answer'; readonly id: number; readonly value: unknown }
  | { readonly kind: 'error'; readonly id: number; readonly error: TransportedError };

interface PendingQuestion {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: Error) => void;
}

const asksNothing = (): never => {
  throw new Error(
    'a thread asked a question, but the other thread answers no questions; this is a bug in presend',
  );
};

/**
 * Connects this thread to the thread at the other end of `port`. `answer` answers the questions of the other thread. Without
 * `answer`, a question of the other thread is a bug and fails.
 */
export function createThreadPeer(
  port: ThreadPort,
  answer: (question: never) => ThreadAnswer | Promise<ThreadAnswer> = asksNothing,
): ThreadPeer {
  let lastId = 0;
  const pending = new Map<number, PendingQuestion>();
  let whenSettled: (() => void)[] = [];

  function take(id: number): PendingQuestion | undefined {
    const question = pending.get(id);
    pending.delete(id);
    if (pending.size === 0) {
      for (const resolve of whenSettled) resolve();
      whenSettled = [];
    }
    return question;
  }

  async function answerTo(id: number, question: unknown): Promise<void> {
    try {
      const { value, transfer } = await answer(question as never);
      port.postMessage({ kind: 'answer', id, value }, transfer);
    } catch (error) {
      port.postMessage({ kind: 'error', id, error: transported(error) });
    }
  }

  port.on('message', (message: ThreadMessage) => {
    if (message.kind === 'question') void answerTo(message.id, message.question);
    else if (message.kind === 'answer') take(message.id)?.resolve(message.value);
    else take(message.id)?.reject(received(message.error));
  });

  return {
    ask(question, transfer) {
      const id = ++lastId;
      return new Promise((resolve, reject) => {
        pending.set(id, { resolve, reject });
        port.postMessage({ kind: 'question', id, question }, transfer);
      });
    },
    rejectAll(error) {
      for (const id of [...pending.keys()]) take(id)!.reject(error);
    },
    settled: () =>
      pending.size === 0 ? Promise.resolve() : new Promise((resolve) => void whenSettled.push(resolve)),
  };
}

function transported(error: unknown): TransportedError {
  const { name, message, stack, code, errcode } = error as Error & { code?: unknown; errcode?: unknown };
  return { name, message: message ?? String(error), stack, code, errcode };
}

/** Rebuilds the error of the other thread, with the properties that `storageFault` and the log read. */
const received = ({ code, errcode, ...error }: TransportedError): Error =>
  Object.assign(
    new Error(error.message),
    error,
    code !== undefined && { code },
    errcode !== undefined && { errcode },
  );
