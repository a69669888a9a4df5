// Whether the Node.js that runs the program has a fault that others could use against it.

/**
 * First releases in which keys that look like whole numbers are hashed with a secret (CVE-2026-21717): before, whoever chooses
 * such keys can make a table slow (D21). Later lines have it from their start.
 */
const FIRST_WITH_SALTED_NUMBERS: readonly (readonly [major: number, minor: number, patch: number])[] = [
  [20, 20, 2],
  [22, 22, 2],
  [24, 14, 1],
  [25, 8, 2],
];

/** What to tell a person about a version such as `v20.19.0`; null: nothing. */
export function describeRuntimeFault(version: string): string | null {
  const [major = 0, minor = 0, patch = 0] = version.replace(/^v/, '').split('.').map(Number.parseFloat);
  const fixed = FIRST_WITH_SALTED_NUMBERS.find(([line]) => line === major);
  const newest = FIRST_WITH_SALTED_NUMBERS.at(-1)!;
  if (fixed === undefined && major > newest[0]) return null;
  const isFixed = fixed !== undefined && (minor > fixed[1] || (minor === fixed[1] && patch >= fixed[2]));
  if (isFixed) return null;
  const wanted = (fixed ?? FIRST_WITH_SALTED_NUMBERS.find(([line]) => line > major) ?? newest).join('.');
  return (
    `Node.js ${version} can be slowed down by others who choose keys that collide (CVE-2026-21717). ` +
    `Everything works; please update to ${wanted} or later before this node is open to the network.`
  );
}
