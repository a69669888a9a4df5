// A program of the operator's that speaks to devices which sign (option -signer; Core external_signer.cpp, common/run_command.cpp). It is
// called with words and answers with one line of JSON. What it says is checked like anything from outside; sentences are Core's.

import { parseJson } from './json/json-parser.ts';
import { isJsonArray, isJsonObject, type JsonObject, type JsonValue } from './json/json-value.ts';

/** What became of a program: its exit code, and the first lines of what it wrote. */
export interface ProgramOutcome {
  readonly exitCode: number;
  readonly output: string;
  readonly complaint: string;
}

/** Runs a program with these words, the first of which is its name, and hands it a text; rejects when it cannot be run. */
export type RunProgram = (words: readonly string[], input: string) => Promise<ProgramOutcome>;

/** A device's key, as wallets name it: eight hexadecimal digits. */
const FINGERPRINT = /^[0-9a-fA-F]{8}$/;

/** What a program could not or would not do. */
export class SignerError extends Error {
  override readonly name = 'SignerError';
}

/** The program of -signer. */
export class ExternalSigners {
  readonly #command: string;
  readonly #chainName: string;
  readonly #run: RunProgram;

  /** `chainName` is Core's name of the network. */
  constructor(command: string, chainName: string, run: RunProgram) {
    this.#command = command;
    this.#chainName = chainName;
    this.#run = run;
  }

  /** The devices that are connected; of several with the same key the first. Rejects with a {@link SignerError}. */
  async enumerate(): Promise<readonly ExternalSigner[]> {
    const answer = await this.ask(['enumerate'], '');
    const quoted = `'${this.#command}'`;
    if (!isJsonArray(answer)) {
      throw new SignerError(`${quoted} received invalid response, expected array of signers`);
    }
    const signers = new Map<string, ExternalSigner>();
    for (const entry of answer) {
      const { fingerprint, name } = readSigner(entry, quoted);
      if (!signers.has(fingerprint)) signers.set(fingerprint, new ExternalSigner(this, fingerprint, name));
    }
    return [...signers.values()];
  }

  /** The one device that is connected. */
  async requireOne(): Promise<ExternalSigner> {
    const [signer, another] = await this.enumerate();
    if (signer === undefined) throw new SignerError('No external signers found');
    if (another === undefined) return signer;
    throw new SignerError('More than one external signer found. Please connect only one at a time.');
  }

  /** Runs the program with further words; resolves to what it answers. */
  async ask(words: readonly string[], input: string): Promise<JsonValue> {
    // Words are what is between blanks, as in Core: there is no quoting.
    const command = [...this.#command.split(/[ \t]/), ...words];
    const { exitCode, output, complaint } = await this.#run(command, input);
    if (exitCode !== 0) {
      const what = `process(${command.join(' ')}) returned ${exitCode}: ${complaint}`;
      throw new SignerError(`RunCommandParseJSON error: ${what}\n`);
    }
    const parsed = parseJson(output);
    if (!parsed.ok) throw new SignerError(`Unable to parse JSON: ${output}`);
    return parsed.value;
  }

  get chainName(): string {
    return this.#chainName;
  }
}

function readSigner(entry: JsonValue, quoted: string): { readonly fingerprint: string; readonly name: string } {
  const facts: JsonObject = isJsonObject(entry) ? entry : new Map();
  const error = facts.get('error') ?? null;
  if (error !== null)
    throw new SignerError(typeof error === 'string' ? `${quoted} error: ${error}` : `${quoted} error`);
  const fingerprint = facts.get('fingerprint') ?? null;
  if (fingerprint === null) throw new SignerError(`${quoted} received invalid response, missing signer fingerprint`);
  if (typeof fingerprint !== 'string' || !FINGERPRINT.test(fingerprint)) {
    throw new SignerError(`${quoted} received invalid fingerprint, must be 8 hex characters`);
  }
  const model = facts.get('model');
  return { fingerprint, name: typeof model === 'string' ? model : '' };
}

/** One device. */
export class ExternalSigner {
  readonly fingerprint: string;
  readonly name: string;
  readonly #program: ExternalSigners;

  constructor(program: ExternalSigners, fingerprint: string, name: string) {
    this.#program = program;
    this.fingerprint = fingerprint;
    this.name = name;
  }

  /** Has the device show the address of a descriptor; resolves to what the program says. */
  displayAddress(descriptor: string): Promise<JsonValue> {
    return this.#ask('displayaddress', '--desc', descriptor);
  }

  /** The descriptors of an account. */
  getDescriptors(account: number): Promise<JsonValue> {
    return this.#ask('getdescriptors', '--account', String(account));
  }

  /** Has the device sign a PSBT, in base64; resolves to what the program says. */
  signTransaction(psbt: string): Promise<JsonValue> {
    return this.#program.ask(['--stdin', ...this.#own()], `signtx ${psbt}`);
  }

  #ask(...words: readonly string[]): Promise<JsonValue> {
    return this.#program.ask([...this.#own(), ...words], '');
  }

  #own(): readonly string[] {
    return ['--fingerprint', this.fingerprint, '--chain', this.#program.chainName];
  }
}
