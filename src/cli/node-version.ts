// Whether this version of Node can run presend. This file imports nothing and uses old syntax only, because it must run on
// versions that cannot run the rest.

/** The oldest version of Node that can run presend: major and minor, as in "engines" of package.json. */
export const oldestNode = [22, 16];

/** What to do, in one sentence, if `version`, such as `20.11.1`, is too old. Null if it is not. */
export function nodeRefusal(version: string): string | null {
  const parts = version.split('.');
  const major = Number(parts[0]);
  const minor = Number(parts[1]);
  const isOld = major < oldestNode[0]! || (major === oldestNode[0] && minor < oldestNode[1]!);
  if (!isOld) return null;
  return `presend needs Node ${oldestNode.join('.')} or newer, and this is Node ${version}. Install the current version from https://nodejs.org`;
}
