// Runs the command line from a checkout. It is JavaScript, so that a Node that is too old to read TypeScript can say so.

const [major, minor] = process.versions.node.split('.').map(Number);
if (major > 22 || (major === 22 && minor >= 18)) await import('../src/cli/cli.ts');
else {
  console.error(
    `presend needs Node 22.18 or newer to run from a checkout, and this is Node ${process.versions.node}. Install a newer one. On Linux, "npm ci" brings Node 24: run "npm start".`,
  );
  process.exitCode = 1;
}
