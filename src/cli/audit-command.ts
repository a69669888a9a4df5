// The command `tally audit`: the whole ledger checked again, by the node that runs or, when none does, from its folder. Ends with the
// figures on standard output and with all of them in a file that another program can check.

import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { ServerReply } from '../api/command-line.ts';
import { formatAudit } from '../api/format/audit.ts';
import { parseJson } from '../api/json/json-parser.ts';
import { isJsonObject, JsonNumber, type JsonObject, type JsonValue } from '../api/json/json-value.ts';
import { formatJson } from '../api/json/json-writer.ts';
import type { AskNode } from './answer.ts';
import { formatAuditText } from './audit-text.ts';
import { openNode } from './call-command.ts';
import type { Configuration } from './configuration.ts';
import { EXIT_FAILURE, EXIT_SUCCESS } from './error-text.ts';
import { chooseLanguage } from './explain-words.ts';
import { nullLogger } from './log.ts';
import type { Output } from './output.ts';
import { formatCount, ProgressDisplay } from './progress.ts';
import { ConnectionFailedError } from './rpc-client.ts';

/** How often a node is asked how far it is. */
const LOOK_INTERVAL_MS = 300;

/** Runs the command; resolves to the exit code: a bad ledger is a failure. */
export async function runAudit(configuration: Configuration, output: Output): Promise<number> {
  const { settings, params } = configuration;
  const display = new ProgressDisplay(output.terminal, nullLogger, () => performance.now());
  let audit: JsonObject;
  try {
    const password = settings.getText('rpcpassword') ?? '';
    audit =
      (await auditNode(openNode(configuration, password, output), display)) ??
      (await auditHere(configuration, display));
  } finally {
    display.end();
  }
  const language = chooseLanguage(settings.getText('lang'), process.env);
  output.print(formatAuditText(audit, language));
  const path = resolve(settings.getText('file') ?? `audit-${params.name}-${heightOf(audit)}.json`);
  writeFileSync(path, `${formatJson(audit, 2)}\n`);
  output.print(`${' '.repeat(10)}${path}\n`);
  return audit.get('verdict') === 'good' ? EXIT_SUCCESS : EXIT_FAILURE;
}

function heightOf(audit: JsonObject): string {
  const figures = audit.get('figures');
  const height = figures !== undefined && isJsonObject(figures) ? figures.get('height') : undefined;
  return height instanceof JsonNumber ? height.text : '0';
}

/** An audit by the node that runs; null when none does. */
async function auditNode(ask: AskNode, display: ProgressDisplay): Promise<JsonObject | null> {
  try {
    await ask('startaudit', []).then(requireResult);
  } catch (error) {
    if (error instanceof ConnectionFailedError) return null;
    throw error;
  }
  let isShown = false;
  for (;;) {
    await new Promise((wake) => setTimeout(wake, LOOK_INTERVAL_MS));
    const audit = requireResult(await ask('getaudit', [false]));
    const [done, total] = [numberOf(audit.get('pagesDone')), numberOf(audit.get('pagesTotal'))];
    if (audit.get('verdict') !== 'running') return requireResult(await ask('getaudit', []));
    if (!isShown) display.begin('Auditing pages', total, 'blocks');
    isShown = true;
    display.report(done, audit.get('stage') === 'coins' ? 'all coins' : `page ${formatCount(done)}`);
  }
}

function requireResult({ result, error }: ServerReply): JsonObject {
  if (isJsonObject(result)) return result;
  const message = isJsonObject(error) ? error.get('message') : null;
  throw new Error(typeof message === 'string' ? message : formatJson(error));
}

function numberOf(value: JsonValue | undefined): number {
  return value instanceof JsonNumber ? Number(value.text) : 0;
}

async function auditHere(configuration: Configuration, display: ProgressDisplay): Promise<JsonObject> {
  // What a running node needs nothing of is loaded only now.
  const { auditFolder } = await import('./audit-offline.ts');
  let isShown = false;
  const status = await auditFolder(configuration, ({ done, total, stage }) => {
    if (!isShown) display.begin('Auditing pages', total, 'blocks');
    isShown = true;
    display.report(done, stage === 'coins' ? 'all coins' : `page ${formatCount(done)}`);
  });
  const read = parseJson(formatJson(formatAudit(status, configuration.params)));
  if (!read.ok || !isJsonObject(read.value)) throw new Error('the audit cannot be written down');
  return read.value;
}
