// `presend clean` as it is, in a process that says at its end how much memory it had at most, in MiB, as the last line.

process.on('exit', () => console.log(process.resourceUsage().maxRSS / 1024));
await import('../../src/entry/cli.ts');
