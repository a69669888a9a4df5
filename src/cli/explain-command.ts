// The command `tally explain <hex|txid|blockhash>`: asks a running node why, and lays its answer out for people. What it is given may be
// a transaction or a block: the node knows which. A transaction whose coins are all described is explained without a node, too.

import type { ServerReply } from '../api/command-line.ts';
import { RPC_CODE } from '../api/errors.ts';
import { parseJson } from '../api/json/json-parser.ts';
import { isJsonArray, isJsonObject, JsonNumber, type JsonObject, type JsonValue } from '../api/json/json-value.ts';
import type { AskNode } from './answer.ts';
import { openNode, printError } from './call-command.ts';
import type { Configuration } from './configuration.ts';
import { EXIT_FAILURE, EXIT_SUCCESS } from './error-text.ts';
import { type ExplainStyle, ExplainText } from './explain-text.ts';
import { chooseLanguage } from './explain-words.ts';
import type { Output } from './output.ts';
import { ConnectionFailedError } from './rpc-client.ts';

const HASH_DIGITS = 64;

/** What is to be explained, and how. */
interface Question {
  readonly subject: string;
  readonly prevouts: JsonValue;
  /** The input whose scripts are stepped through; null: none, 'any': the first that fails, or the first. */
  readonly input: number | 'any' | null;
}

/** Answers, or the error of the node; an error beside a trace is that of the steps. */
type Explained =
  | { readonly trace: JsonObject; readonly steps: JsonObject | null; readonly error: JsonValue }
  | { readonly trace: null; readonly error: JsonValue };

/** Runs the command; resolves to the exit code. */
export async function runExplain(configuration: Configuration, subject: string, output: Output): Promise<number> {
  try {
    const question = readQuestion(configuration, subject);
    const password = configuration.settings.getText('rpcpassword') ?? '';
    const explained = await explain(question, openNode(configuration, password, output));
    if (explained.trace === null) return printError(explained.error, output);
    const text = new ExplainText(chooseStyle(configuration, output)).addTrace(explained.trace);
    if (explained.steps !== null) text.addSteps(explained.steps);
    output.print(`${text}`);
    return explained.error === null ? EXIT_SUCCESS : printError(explained.error, output);
  } catch (error) {
    output.complain(`error: ${(error as Error).message}\n`);
    return EXIT_FAILURE;
  }
}

function readQuestion({ settings }: Configuration, subject: string): Question {
  const text = settings.getText('prevouts');
  const parsed = text === undefined ? null : parseJson(text);
  if (parsed?.ok === false) throw new Error('-prevouts is no JSON');
  const given = settings.getInteger('input');
  if (given !== undefined && given < 0) throw new Error('-input is negative');
  return {
    subject,
    prevouts: parsed?.value ?? null,
    input: given ?? (settings.getFlag('steps') === true ? 'any' : null),
  };
}

function chooseStyle({ settings }: Configuration, output: Output): ExplainStyle {
  const terminal = output.sharesTerminal ? output.terminal : null;
  return {
    language: chooseLanguage(settings.getText('lang'), process.env),
    columns: terminal?.columns() || Number.POSITIVE_INFINITY,
    hasColor: terminal !== null && (process.env['NO_COLOR'] ?? '') === '',
  };
}

async function explain(question: Question, ask: AskNode): Promise<Explained> {
  try {
    return await askForAll(question, ask);
  } catch (error) {
    if (!(error instanceof ConnectionFailedError) || question.prevouts === null) throw error;
    return (await explainAlone(question)) ?? Promise.reject(error);
  }
}

async function askForAll(question: Question, ask: AskNode): Promise<Explained> {
  const { subject, prevouts } = question;
  const asTransaction = (): Promise<ServerReply> => ask('explaintransaction', [subject, prevouts]);
  const asBlock = (): Promise<ServerReply> => ask('explainblock', [subject]);
  // Hashes are first looked for among blocks, where they are found at once; bytes are first read as a transaction.
  const isHash = subject.length === HASH_DIGITS;
  const first = await (isHash ? asBlock() : asTransaction());
  const isOther = codeOf(first) === (isHash ? RPC_CODE.INVALID_ADDRESS_OR_KEY : RPC_CODE.DESERIALIZATION_ERROR);
  const reply = isOther ? await (isHash ? asTransaction() : asBlock()) : first;
  if (!isJsonObject(reply.result ?? undefined)) return { trace: null, error: reply.error };
  const trace = reply.result as JsonObject;
  const input = chooseInput(question, trace);
  if (input === null) return { trace, steps: null, error: null };
  const walk = await ask('explainscript', [subject, input, prevouts]);
  const steps = isJsonObject(walk.result ?? undefined) ? (walk.result as JsonObject) : null;
  return { trace, steps, error: walk.error };
}

function codeOf({ error }: ServerReply): number | null {
  const code = isJsonObject(error) ? error.get('code') : null;
  return code instanceof JsonNumber ? Number(code.text) : null;
}

/** The input to be stepped through; null for none. */
function chooseInput({ input }: Question, trace: JsonObject): number | null {
  if (input !== 'any') return trace.has('txid') ? input : null;
  const inputs = trace.get('inputs');
  if (!isJsonArray(inputs) || inputs.length === 0) return null;
  const failed = inputs.findIndex((one) => isJsonObject(one) && one.has('error'));
  return Math.max(0, failed);
}

/** Without a node; null where one is needed. */
async function explainAlone(question: Question): Promise<Explained | null> {
  const { explainOffline, readOfflineSubject, walkOffline } = await import('./explain-offline.ts');
  const subject = readOfflineSubject(question.subject, question.prevouts);
  if (subject === null) return null;
  const trace = await explainOffline(subject);
  const input = chooseInput(question, trace);
  if (input === null) return { trace, steps: null, error: null };
  if (input >= subject.transaction.inputCount) throw new Error(`There is no input ${input}`);
  return { trace, steps: await walkOffline(subject, input), error: null };
}
