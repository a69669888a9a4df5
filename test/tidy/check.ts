// The checks of the tidy test over a tree of files held in memory, so that the checker itself can be tested on small trees.
// Every violation names file, line and the sentence of the rule. Reading the real tree is up to tidy.test.ts.

import {
  ALLOWED_PACKAGES,
  AUDITED_SHIFTS,
  BANNED_WORDS,
  type BannedWord,
  type Exception,
  FOLDER_ORDER,
  FORBIDDEN_EDGES,
  HARMLESS_SHIFT,
  LEFT_OVER_NOTE,
  LINE_COUNT_MAX,
  PROJECTS,
  TEST_PACKAGES,
} from './rules.ts';
import { lineAt, readSource, type SourceText } from './source.ts';

/** A rule broken at a place. */
export interface Violation {
  readonly rule: string;
  readonly path: string;
  readonly line: number;
  readonly sentence: string;
}

/** What is checked: paths with `/` from the root of the project, and their contents. */
export interface Tree {
  readonly files: ReadonlyMap<string, string>;
  /** Source files that outsiders start from: what package.json exports and runs. */
  readonly entryPoints: readonly string[];
}

interface Edge {
  readonly from: SourceText;
  readonly to: string;
  readonly line: number;
}

/** Every violation of the tree, in the order of the paths. */
export function checkTree(tree: Tree): Violation[] {
  const sources = [...tree.files].map(([path, text]) => readSource(path, text));
  const edges = sources.flatMap((source) => localEdges(source, tree));
  const violations = [
    ...sources.flatMap((source) => [
      ...checkName(source),
      ...checkSize(source),
      ...checkOpening(source),
      ...checkNotes(source),
      ...checkBannedWords(source),
      ...checkPackages(source),
      ...checkIndex(source, tree),
      ...checkTestPlace(source, tree),
    ]),
    ...edges.flatMap((edge) => checkEdge(edge, tree)),
    ...checkCycles(sources, edges),
    ...checkDeadFiles(sources, edges, tree),
  ];
  return violations.sort((a, b) => compareText(a.path, b.path) || a.line - b.line);
}

/** Splits violations by the exceptions: those that stand, and the exceptions that nothing needs any more. */
export function applyExceptions(
  violations: readonly Violation[],
  exceptions: readonly Exception[],
): { readonly standing: Violation[]; readonly unused: Exception[] } {
  const isExcused = (violation: Violation, exception: Exception): boolean =>
    exception.rule === violation.rule && exception.path === violation.path;
  return {
    standing: violations.filter((violation) => !exceptions.some((exception) => isExcused(violation, exception))),
    unused: exceptions.filter((exception) => !violations.some((violation) => isExcused(violation, exception))),
  };
}

/** A violation as a line for a person. */
export function formatViolation(violation: Violation): string {
  return `${violation.path}:${violation.line}: ${violation.sentence} [${violation.rule}]`;
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function isTest(path: string): boolean {
  return /\.test\.tsx?$/.test(path);
}

function isSource(path: string): boolean {
  return path.startsWith('src/') && !isTest(path);
}

// ---- one file ----

function checkName(source: SourceText): Violation[] {
  const parts = source.path.split('/');
  const isKebab = parts.every((part) => /^[a-z0-9]+(?:-[a-z0-9]+)*(?:\.test)?(?:\.[a-z]+)?$/.test(part));
  return isKebab ? [] : [violation('kebab-case', source.path, 1, 'files and folders are named in kebab-case')];
}

function checkSize(source: SourceText): Violation[] {
  if (source.lineCount <= LINE_COUNT_MAX) return [];
  const sentence = `${source.lineCount} lines, at most ${LINE_COUNT_MAX}: split the file where its comment says "and"`;
  return [violation('file-size', source.path, LINE_COUNT_MAX + 1, sentence)];
}

/** A test beside its source needs no opening: its subject has one. */
function checkOpening(source: SourceText): Violation[] {
  if (isTest(source.path) && source.path.startsWith('src/')) return [];
  const first = source.comments.split('\n', 2).join('').trim();
  if (first.length >= 20) return [];
  const sentence = 'a file opens with a comment: what it is, what it mirrors, what it does not do';
  return [violation('opening-comment', source.path, 1, sentence)];
}

function checkNotes(source: SourceText): Violation[] {
  const sentence = 'left-over note: do it now, or write it down where work is planned';
  return matchingLines(source.comments, LEFT_OVER_NOTE).map((line) =>
    violation('left-over', source.path, line, sentence),
  );
}

function checkBannedWords(source: SourceText): Violation[] {
  return BANNED_WORDS.filter((word) => isBannedIn(word, source.path)).flatMap((word) => {
    const code = word.rule === 'no-signed-shift' ? source.code.replace(HARMLESS_SHIFT, 'bit') : source.code;
    return matchingLines(code, word.pattern).map((line) => violation(word.rule, source.path, line, word.sentence));
  });
}

function isBannedIn(word: BannedWord, path: string): boolean {
  if (isTest(path) && word.inTests !== true) return false;
  if (word.rule === 'no-signed-shift' && AUDITED_SHIFTS.some((folder) => path.startsWith(folder))) return false;
  return word.folders.some((folder) => path.startsWith(folder));
}

function matchingLines(text: string, pattern: RegExp): number[] {
  return text.split('\n').flatMap((line, index) => (pattern.test(line) ? [index + 1] : []));
}

function checkPackages(source: SourceText): Violation[] {
  const allowed = allowedPackages(source.path);
  return source.imports
    .filter(({ specifier }) => !specifier.startsWith('.') && !allowed.some((name) => isOfPackage(specifier, name)))
    .map(({ specifier, line }) => {
      const sentence = `may not import '${specifier}': ${allowed.length === 0 ? 'no packages here' : `only ${allowed.join(', ')}`} (P04)`;
      return violation('packages', source.path, line, sentence);
    });
}

function allowedPackages(path: string): readonly string[] {
  const folders = Object.keys(ALLOWED_PACKAGES).filter((folder) => path.startsWith(folder));
  const longest = folders.sort((a, b) => b.length - a.length)[0];
  const allowed = longest === undefined ? [] : ALLOWED_PACKAGES[longest]!;
  return isTest(path) ? [...allowed, ...TEST_PACKAGES.filter((name) => !allowed.includes(name))] : allowed;
}

function isOfPackage(specifier: string, name: string): boolean {
  return name === 'node:' ? specifier.startsWith(name) : specifier === name || specifier.startsWith(`${name}/`);
}

function checkIndex(source: SourceText, tree: Tree): Violation[] {
  if (!isSource(source.path) || !/(?:^|\/)index\.tsx?$/.test(source.path)) return [];
  if (!tree.entryPoints.includes(source.path)) {
    const sentence =
      'index.ts exists only at public entry points: name it in the exports of package.json or import the files';
    return [violation('index', source.path, 1, sentence)];
  }
  const rest = source.code.replace(
    /\bexport\s+(?:type\s+)?(?:\{[^}]*\}|\*(?:\s+as\s+\w+)?)\s*from\s*(['"])\s*\1\s*;?/g,
    (found) => found.replace(/[^\n]/g, ' '),
  );
  const at = rest.search(/\S/);
  return at < 0 ? [] : [violation('index', source.path, lineAt(rest, at), 'index.ts contains only re-exports')];
}

/** `x.test.ts` and `x-what.test.ts` stand beside `x.ts` or `x-y.ts`; a test of a whole folder is named after it. */
function checkTestPlace(source: SourceText, tree: Tree): Violation[] {
  if (!isTest(source.path) || !source.path.startsWith('src/')) return [];
  const slash = source.path.lastIndexOf('/');
  const folder = source.path.slice(0, slash + 1);
  const words = source.path
    .slice(slash + 1)
    .replace(/\.test\.tsx?$/, '')
    .split('-');
  if (folder.endsWith(`/${words.join('-')}/`)) return [];
  const neighbours = [...tree.files.keys()]
    .filter((path) => path.startsWith(folder) && !isTest(path))
    .map((path) => path.slice(folder.length).replace(/\.tsx?$/, ''));
  const isBeside = words.some((_, i) => {
    const name = words.slice(0, i + 1).join('-');
    return neighbours.some((neighbour) => neighbour === name || neighbour.startsWith(`${name}-`));
  });
  return isBeside ? [] : [violation('test-place', source.path, 1, 'a test stands beside the source it is named after')];
}

// ---- between files ----

function localEdges(source: SourceText, tree: Tree): Edge[] {
  return (
    source.imports
      // Style sheets are no code: the build of the page knows whether they are there.
      .filter(({ specifier }) => specifier.startsWith('.') && !specifier.endsWith('.css'))
      .map(({ specifier, line }) => {
        const to = resolvePath(source.path, specifier);
        // A worker is named by the file it is compiled to.
        const written = to.replace(/\.js$/, '.ts');
        return { from: source, to: tree.files.has(written) ? written : to, line };
      })
  );
}

function resolvePath(from: string, specifier: string): string {
  const parts = from.split('/').slice(0, -1);
  for (const part of specifier.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '.') parts.push(part);
  }
  return parts.join('/');
}

function checkEdge(edge: Edge, tree: Tree): Violation[] {
  const from = edge.from.path;
  const report = (rule: string, sentence: string): Violation[] => [violation(rule, from, edge.line, sentence)];
  if (!tree.files.has(edge.to)) return report('import', `imports ${edge.to}, which is not there`);
  if (isTest(edge.to)) return report('layers', `imports ${edge.to}: nobody imports a test`);
  if (isSource(edge.to) && tree.entryPoints.includes(edge.to) && /(?:^|\/)index\.tsx?$/.test(edge.to)) {
    return report('index', `imports ${edge.to}: inside, import from the file that defines the thing`);
  }
  if (!isSource(from)) return [];
  const forbidden = FORBIDDEN_EDGES.find((rule) => from.startsWith(rule.from) && edge.to.startsWith(rule.to));
  if (forbidden !== undefined) return report('layers', forbidden.sentence);
  const wrong = findLayerFault(from, edge.to);
  return wrong === null ? [] : report('layers', wrong);
}

/** Why the order refuses an import from `from` to `to`, or null. */
function findLayerFault(from: string, to: string): string | null {
  const fromProject = projectOf(from);
  const toProject = projectOf(to);
  if (fromProject === null) return `${from} lies in no project of the order (test/tidy/rules.ts)`;
  if (toProject === null) return `imports ${to}: source imports only source`;
  if (fromProject !== toProject) {
    if (PROJECTS[fromProject]!.includes(toProject)) return null;
    const isUp = PROJECTS[toProject]!.includes(fromProject);
    return `imports ${to}: ${isUp ? `${toProject} stands above ${fromProject}, nothing points up` : `${fromProject} and ${toProject} never import each other`}`;
  }
  const order = FOLDER_ORDER[fromProject];
  if (order === undefined) return null;
  const fromLayer = layerOf(from, fromProject);
  const toLayer = layerOf(to, fromProject);
  for (const [path, layer] of [
    [from, fromLayer],
    [to, toLayer],
  ] as const) {
    if (layer.isFolder && !order.includes(layer.name))
      return `${path}: the folder has no place in the order (test/tidy/rules.ts)`;
  }
  const fromRank = rankOf(fromLayer.name, order);
  const toRank = rankOf(toLayer.name, order);
  return toRank <= fromRank
    ? null
    : `imports ${to}: ${toLayer.name} comes after ${fromLayer.name} (${order.join(' → ')})`;
}

function projectOf(path: string): string | null {
  return Object.keys(PROJECTS).find((project) => path.startsWith(`${project}/`)) ?? null;
}

function layerOf(path: string, project: string): { readonly name: string; readonly isFolder: boolean } {
  const [first, ...rest] = path.slice(project.length + 1).split('/');
  return { name: first!.replace(/\.tsx?$/, ''), isFolder: rest.length > 0 };
}

/** Files at the top of a project that the order does not name come last. */
function rankOf(layer: string, order: readonly string[]): number {
  const rank = order.indexOf(layer);
  return rank < 0 ? order.length : rank;
}

/** Each knot of files that import each other is told once, as a walk around it. */
function checkCycles(sources: readonly SourceText[], edges: readonly Edge[]): Violation[] {
  const outgoing = new Map<string, Edge[]>(sources.map((source) => [source.path, []]));
  for (const edge of edges) if (outgoing.has(edge.to)) outgoing.get(edge.from.path)?.push(edge);
  const done = new Set<string>();
  const violations: Violation[] = [];
  for (const start of outgoing.keys()) walk(start, []);
  return violations;

  function walk(path: string, trail: readonly Edge[]): void {
    if (done.has(path)) return;
    for (const edge of outgoing.get(path) ?? []) {
      const seen = trail.findIndex((earlier) => earlier.from.path === edge.to);
      const isLoop = seen >= 0 || edge.to === path;
      if (isLoop) {
        const loop = [...(seen >= 0 ? trail.slice(seen) : []), edge].map((step) => step.from.path);
        const sentence = `import cycle: ${[...loop, edge.to].join(' → ')}: move what both need to a file of its own`;
        violations.push(violation('cycle', path, edge.line, sentence));
      } else walk(edge.to, [...trail, edge]);
    }
    done.add(path);
  }
}

function checkDeadFiles(sources: readonly SourceText[], edges: readonly Edge[], tree: Tree): Violation[] {
  const targets = new Map<string, string[]>();
  for (const edge of edges) targets.set(edge.from.path, [...(targets.get(edge.from.path) ?? []), edge.to]);
  const reached = new Set<string>();
  const waiting = sources
    .map((source) => source.path)
    .filter((path) => isTest(path) || tree.entryPoints.includes(path));
  for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
    if (reached.has(path)) continue;
    reached.add(path);
    waiting.push(...(targets.get(path) ?? []));
  }
  const sentence = 'dead file: no entry point and no test reaches it';
  return sources
    .filter((source) => !reached.has(source.path))
    .map((source) => violation('dead-file', source.path, 1, sentence));
}

function violation(rule: string, path: string, line: number, sentence: string): Violation {
  return { rule, path, line, sentence };
}
