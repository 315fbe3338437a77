// Runs the command line from a checkout. It is JavaScript, so that a Node that is too old to read TypeScript can say so.

const [major, minor] = process.versions.node.split('.').map(Number);
if (major > 22 || (major === 22 && minor >= 18)) await import('../src/cli/cli.ts');
else {
  console.error(
    `presend needs Node 22.18 or newer to run from a checkout, and this is ${process.versions.node}: install it, or run "npm ci", which brings Node 24 on Linux.`,
  );
  process.exitCode = 1;
}
