// Measures how long the CSV library papaparse takes to read a file and write its rows again, in a separate process.

import { createReadStream, createWriteStream } from 'node:fs';
import Papa from 'papaparse';
import { secondsOf } from '../figures.ts';
import { answerWith } from '../programs.ts';
import type { Copy } from './warm-worker.ts';

function copy({ from, to }: Copy): Promise<void> {
  return new Promise((resolve) => {
    const out = createWriteStream(to);
    Papa.parse<string[]>(createReadStream(from), {
      chunk({ data }, parser) {
        if (out.write(`${Papa.unparse(data, { newline: '\r\n' })}\r\n`)) return;
        parser.pause();
        out.once('drain', () => parser.resume());
      },
      complete: () => out.end(() => resolve()),
    });
  });
}

answerWith((task: Copy) => secondsOf(() => copy(task)));
