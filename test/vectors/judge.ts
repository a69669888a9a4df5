// The contract between the public test vectors and the code that answers them. A judge recognises files by their folder
// and their shape, never by their name, and turns each case of a file into an outcome. It owns no paths of a machine and
// prints nothing: listing, printing and exit codes belong to folder.ts, run.ts and cli.ts.

/** One file of a vectors folder. Contents are read when first asked for and kept until {@link VectorFile.release}. */
export interface VectorFile {
  /** Path inside the folder, with `/`, e.g. `consensus/core/script_tests.json`. */
  readonly path: string;
  /** The folder part of {@link VectorFile.path}, e.g. `consensus/core`; empty at the top. */
  readonly folder: string;
  /** The last part of {@link VectorFile.path}. Only for finding siblings and for telling people; never for recognition. */
  readonly name: string;
  /** Contents, decompressed when they are gzip (recognised by its magic bytes). */
  bytes(): Uint8Array;
  /** Contents as UTF-8 text. */
  text(): string;
  /** Contents as JSON; throws SyntaxError when they are none. */
  json(): unknown;
  /** Contents as JSON, or undefined when they are none: for {@link Judge.matches}. */
  tryJson(): unknown;
  /** Forgets cached contents. */
  release(): void;
}

/** All files of a folder laid out like the public vectors. */
export interface VectorFolder {
  readonly files: readonly VectorFile[];
  /** The file at exactly this path. */
  find(path: string): VectorFile | undefined;
  /** The other files of the same folder. */
  siblings(file: VectorFile): readonly VectorFile[];
}

/** What became of one case. */
export interface CaseOutcome {
  /** Which case: an index, a name, a transaction. */
  readonly name: string;
  /** The comment that the vectors give for the case; printed with a failure. */
  readonly comment?: string;
  readonly ok: boolean;
  /** On failure: what was expected and what came. */
  readonly detail?: string;
}

/** Answers one kind of file. */
export interface Judge {
  /** Short name for the report, e.g. `script: script_tests`. */
  readonly name: string;
  /** A companion judges besides the first judge of a file instead of competing with it: decoding and encoding again. */
  readonly isCompanion?: boolean;
  /** Whether this judge knows the file's folder and shape. Cheap tests (the folder) come first. */
  matches(file: VectorFile): boolean;
  /** Judges every case. Throwing is a failure of the file, with the message. */
  run(file: VectorFile, folder: VectorFolder): Iterable<CaseOutcome>;
}

/** True when `file` lies in `folder` or below it. */
export function isInside(file: VectorFile, folder: string): boolean {
  return file.folder === folder || file.folder.startsWith(`${folder}/`);
}

/** An outcome from a comparison of texts or numbers: passed when both are the same. */
export function compareOutcome(name: string, actual: unknown, expected: unknown, comment?: string): CaseOutcome {
  const ok = Object.is(actual, expected);
  return {
    name,
    ok,
    ...(comment === undefined ? {} : { comment }),
    ...(ok ? {} : { detail: `expected ${String(expected)}, got ${String(actual)}` }),
  };
}

/** An outcome from a check that returns what is wrong, or null. */
export function verdictOutcome(name: string, wrong: string | null, comment?: string): CaseOutcome {
  return {
    name,
    ok: wrong === null,
    ...(comment === undefined ? {} : { comment }),
    ...(wrong === null ? {} : { detail: wrong }),
  };
}
