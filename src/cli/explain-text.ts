// What `tally explain` prints, made from the answers of explaintransaction, explainblock and explainscript. Pure: answers in, text out.
// Nothing that a node says reaches the terminal with control characters in it.

import { isJsonArray, isJsonObject, JsonNumber, type JsonObject, type JsonValue } from '../api/json/json-value.ts';
import { formatJson } from '../api/json/json-writer.ts';
import type { ExplainLanguage, ExplainWords } from './explain-words.ts';
import { wordsOf } from './explain-words.ts';
import { cleanText, cutMiddle, padColumns, textColumns, wrapColumns } from './text-columns.ts';

/** How the text is laid out. */
export interface ExplainStyle {
  readonly language: ExplainLanguage;
  /** Columns of the terminal; infinite where nothing is to be cut. */
  readonly columns: number;
  readonly hasColor: boolean;
}

type Color = 'bold' | 'dim' | 'red' | 'green' | 'yellow' | 'cyan';

const COLOR_CODES: Readonly<Record<Color, number>> = { bold: 1, dim: 2, red: 31, green: 32, yellow: 33, cyan: 36 };

const MARKS: ReadonlyMap<string, readonly [mark: string, color: Color]> = new Map([
  ['passed', ['✓', 'green']],
  ['valid', ['✓', 'green']],
  ['failed', ['✗', 'red']],
  ['invalid', ['✗', 'red']],
  ['nonstandard', ['!', 'yellow']],
]);
const UNKNOWN_MARK: readonly [string, Color] = ['·', 'dim'];

const GOOD: ReadonlySet<string> = new Set(['acceptable', 'in-block', 'in-mempool', 'active', 'stale', 'new']);

/** Narrower terminals get lines of this width all the same. */
const COLUMNS_MIN = 40;
/** Sentences are not wider, however wide the terminal is. */
const PROSE_COLUMNS_MAX = 100;
const LABEL_COLUMNS = 12;
const STAGE_COLUMNS = 18;
const OPERATION_COLUMNS = 24;

/** A value of an answer as text. */
export function showValue(value: JsonValue | undefined): string {
  if (value === undefined || value === null) return '';
  if (value instanceof JsonNumber) return value.text;
  return cleanText(typeof value === 'string' ? value : formatJson(value));
}

/** Numbers of an answer that are known to be small. */
function numberOf(value: JsonValue | undefined): number {
  return value instanceof JsonNumber ? Number(value.text) : 0;
}

function objectsOf(value: JsonValue | undefined): readonly JsonObject[] {
  return isJsonArray(value) ? value.filter((one): one is JsonObject => isJsonObject(one)) : [];
}

/** Lays one answer out. */
export class ExplainText {
  readonly #style: ExplainStyle;
  readonly #words: ExplainWords;
  readonly #columns: number;
  readonly #lines: string[] = [];

  constructor(style: ExplainStyle) {
    this.#style = style;
    this.#words = wordsOf(style.language);
    this.#columns = Math.max(COLUMNS_MIN, style.columns);
  }

  /** All lines so far. */
  toString(): string {
    return this.#lines.map((line) => `${line}\n`).join('');
  }

  /** The answer of explaintransaction or explainblock. */
  addTrace(answer: JsonObject): this {
    const words = this.#words;
    const isBlock = answer.has('hash');
    const name = isBlock ? words.block : words.transaction;
    const status = showValue(answer.get('status'));
    const verdict = answer.get('verdict');
    const isBad = isJsonObject(verdict) || !GOOD.has(status);
    this.#add(
      `${this.#paint(padColumns(name, LABEL_COLUMNS), 'bold')}${showValue(answer.get(isBlock ? 'hash' : 'txid'))}`,
    );
    const reason = isJsonObject(verdict) ? `: ${showValue(verdict.get('reason'))}` : '';
    this.#label(words.status, this.#paint(`${this.#term(status)}${reason}`, isBad ? 'red' : 'green'));
    if (answer.has('height')) this.#label(words.height, showValue(answer.get('height')));
    if (answer.get('supposed') === true) this.#prose(words.supposed, '');
    if (isJsonObject(verdict)) this.#addVerdict(verdict);
    this.#heading(words.checks);
    for (const stage of objectsOf(answer.get('stages'))) this.#addStage(stage);
    const inputs = objectsOf(answer.get('inputs'));
    if (inputs.length > 0) this.#heading(words.inputs);
    for (const input of inputs) this.#addInput(input);
    return this;
  }

  /** The answer of explainscript. */
  addSteps(answer: JsonObject): this {
    const words = this.#words;
    this.#heading(words.stepsOf(showValue(answer.get('input')), this.#term(showValue(answer.get('rules')))));
    let script = '';
    for (const step of objectsOf(answer.get('steps'))) {
      const running = showValue(step.get('script'));
      if (running !== script) this.#add(`  ${this.#paint(running, 'cyan')}`);
      script = running;
      this.#addStep(step);
    }
    const explanation = answer.get('explanation');
    if (isJsonObject(explanation)) {
      this.#add(`  ${this.#mark('failed')} ${this.#paint(showValue(answer.get('error')), 'red')}`);
      this.#prose(this.#sentence(explanation), '    ');
    } else {
      this.#add(`  ${this.#mark('passed')} ${this.#term('valid')}`);
    }
    if (answer.has('next_skip')) this.#prose(words.next(showValue(answer.get('next_skip'))), '  ');
    return this;
  }

  #addVerdict(verdict: JsonObject): void {
    const words = this.#words;
    const bip = verdict.has('bip') ? `, BIP ${showValue(verdict.get('bip'))}` : '';
    const policy = verdict.get('policy') === true ? ` (${words.ofPolicy})` : '';
    this.#label(words.rule, `${showValue(verdict.get('rule'))}${bip}${policy}`);
    this.#prose(this.#sentence(verdict), ' '.repeat(LABEL_COLUMNS));
    if (verdict.has('field')) this.#label(words.field, this.#describeField(verdict));
    this.#label(words.source, showValue(verdict.get('source')));
  }

  #describeField(verdict: JsonObject): string {
    const words = this.#words;
    const place = ['tx', 'input', 'output'].flatMap((key) =>
      verdict.has(key) ? [`${key} ${showValue(verdict.get(key))}`] : [],
    );
    const expects = verdict.has('expects') ? `${this.#term(showValue(verdict.get('expects')))} ` : '';
    const parts = [showValue(verdict.get('field')), ...place];
    if (verdict.has('actual')) parts.push(`${words.found} ${showValue(verdict.get('actual'))}`);
    if (verdict.has('expected')) parts.push(`${words.wanted} ${expects}${showValue(verdict.get('expected'))}`);
    return parts.join(', ');
  }

  #addStage(stage: JsonObject): void {
    const indent = ' '.repeat(4 + STAGE_COLUMNS);
    const name = padColumns(showValue(stage.get('stage')), STAGE_COLUMNS);
    const [first = '', ...rest] = wrapColumns(this.#sentence(stage), this.#proseColumns(indent.length));
    this.#add(`  ${this.#mark(showValue(stage.get('outcome')))} ${name}${first}`);
    for (const line of rest) this.#add(indent + line);
    const figures = stage.get('figures');
    if (isJsonObject(figures) && figures.size > 0) {
      const facts = [...figures].map(([key, value]) => `${cleanText(key)} ${showValue(value)}`).join('  ');
      for (const line of wrapColumns(facts, this.#proseColumns(indent.length)))
        this.#add(indent + this.#paint(line, 'dim'));
    }
    const explanation = stage.get('explanation');
    if (!isJsonObject(explanation)) return;
    for (const line of wrapColumns(showValue(explanation.get('reason')), this.#proseColumns(indent.length))) {
      this.#add(indent + this.#paint(line, 'red'));
    }
  }

  #addInput(input: JsonObject): void {
    const head = `#${showValue(input.get('input'))} ${this.#term(showValue(input.get('result')))}`;
    const facts = [showValue(input.get('amount')), showValue(input.get('type'))].filter((one) => one !== '').join('  ');
    this.#add(`  ${this.#mark(showValue(input.get('result')))} ${padColumns(head, STAGE_COLUMNS)}${facts}`);
    const indent = ' '.repeat(4 + STAGE_COLUMNS);
    this.#add(indent + this.#paint(`${showValue(input.get('txid'))}:${showValue(input.get('vout'))}`, 'dim'));
    const explanation = input.get('explanation');
    if (isJsonObject(explanation)) this.#prose(this.#sentence(explanation), indent);
  }

  #addStep(step: JsonObject): void {
    const number = showValue(step.get('step')).padStart(4);
    const position = showValue(step.get('position')).padStart(4);
    const isExecuted = step.get('executed') === true;
    const data = showValue(step.get('data'));
    const name = showValue(step.get('op'));
    const room = OPERATION_COLUMNS - name.length - 2;
    const operation = name === '' ? '—' : data === '' ? name : `${name} ${cutMiddle(data, room)}`;
    const head = `${number} ${this.#paint(position, 'dim')} `;
    const indent = ' '.repeat(10 + OPERATION_COLUMNS);
    const [first = '', ...rest] = wrapColumns(this.#sentence(step), this.#proseColumns(indent.length));
    const shown = padColumns(operation, OPERATION_COLUMNS);
    this.#add(`${head}${this.#paint(shown, isExecuted ? 'bold' : 'dim')}${this.#paint(first, 'dim')}`);
    for (const line of rest) this.#add(indent + this.#paint(line, 'dim'));
    this.#addStack(this.#words.stack, step.get('stack_after'));
    if (step.has('altstack_after')) this.#addStack(this.#words.altstack, step.get('altstack_after'));
  }

  /** A stack with its top first. */
  #addStack(label: string, stack: JsonValue | undefined): void {
    if (!isJsonObject(stack ?? null)) return;
    const listed = (stack as JsonObject).get('values');
    const values = (isJsonArray(listed) ? listed : []).map(showValue).reverse();
    const depth = numberOf((stack as JsonObject).get('depth'));
    const head = ' '.repeat(10) + padColumns(label, 8);
    const indent = ' '.repeat(textColumns(head));
    if (depth === 0) this.#add(head + this.#words.noValues);
    for (const [i, value] of values.entries())
      this.#add(`${i === 0 ? head : indent}${this.#showBytes(value, indent.length)}`);
    if (depth > values.length) this.#add(`${indent}${this.#paint(this.#words.more(depth - values.length), 'dim')}`);
  }

  /** Digits, cut in the middle when the line has no room for them, with the number of bytes where that cannot be seen. */
  #showBytes(digits: string, indent: number): string {
    if (digits === '') return this.#words.empty;
    const length = this.#words.bytes(digits.length / 2);
    const cut = cutMiddle(digits, this.#columns - indent - textColumns(length) - 1);
    return cut === digits ? digits : `${cut} ${length}`;
  }

  #sentence(from: JsonObject): string {
    return showValue(from.get(this.#style.language === 'zh' ? 'words_zh' : 'words'));
  }

  #term(word: string): string {
    return this.#words.terms.get(word) ?? word;
  }

  #mark(outcome: string): string {
    const [mark, color] = MARKS.get(outcome) ?? UNKNOWN_MARK;
    return this.#paint(mark, color);
  }

  #paint(text: string, color: Color): string {
    return this.#style.hasColor && text !== '' ? `\u001b[${COLOR_CODES[color]}m${text}\u001b[0m` : text;
  }

  #proseColumns(indent: number): number {
    return Math.max(COLUMNS_MIN / 2, Math.min(PROSE_COLUMNS_MAX, this.#columns) - indent);
  }

  #prose(text: string, indent: string): void {
    for (const line of wrapColumns(text, this.#proseColumns(indent.length))) this.#add(indent + line);
  }

  #label(label: string, value: string): void {
    this.#add(`${padColumns(label, LABEL_COLUMNS)}${value}`);
  }

  #heading(text: string): void {
    this.#add('');
    this.#add(this.#paint(text, 'bold'));
  }

  #add(line: string): void {
    this.#lines.push(line);
  }
}
