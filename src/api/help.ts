// Help texts, made from the schema in Core's layout (RPCMethod::ToString, Sections, CRPCTable::help): tools and tests read them.

import type { JsonOutput } from './json/json-value.ts';
import { formatJson } from './json/json-writer.ts';
import {
  firstName,
  isOptional,
  type MethodSignature,
  type ParameterSpec,
  type ParameterType,
  parameterNames,
  type ResultSpec,
  type ResultType,
  type SignatureTable,
} from './signature.ts';

/** Lines in two columns, the right one of which is aligned. */
class Sections {
  readonly #rows: (readonly [left: string, right: string])[] = [];
  #widthMax = 0;

  get isEmpty(): boolean {
    return this.#rows.length === 0;
  }

  push(left: string, right: string): void {
    this.#widthMax = Math.max(this.#widthMax, left.length);
    this.#rows.push([left, right]);
  }

  /** Takes the comma away that the last line ends with. */
  dropLastComma(): void {
    const last = this.#rows.pop();
    if (last !== undefined) this.#rows.push([last[0].slice(0, -1), last[1]]);
  }

  toText(): string {
    const width = this.#widthMax + 4;
    return this.#rows
      .map(([left, right]) => {
        if (right === '') return `${left}\n`;
        return `${left.padEnd(width)}${right.replaceAll(/\n */g, `\n${' '.repeat(width)}`)}\n`;
      })
      .join('');
  }
}

const TYPE_WORDS: Readonly<Record<ParameterType, string>> = Object.freeze({
  string: 'string',
  hex: 'string',
  number: 'numeric',
  amount: 'numeric or string',
  range: 'numeric or array',
  boolean: 'boolean',
  object: 'json object',
  'named-options': 'json object',
  'user-keys': 'json object',
  array: 'json array',
});

/** How a parameter stands in a line of code. */
function formatParameter(parameter: ParameterSpec, isOneline: boolean): string {
  if (isOneline && parameter.oneline !== undefined) return parameter.oneline;
  const { type, inner = [] } = parameter;
  switch (type) {
    case 'string':
    case 'hex':
      return `"${firstName(parameter)}"`;
    case 'number':
    case 'range':
    case 'amount':
    case 'boolean':
      return firstName(parameter);
    case 'object':
      return `{${inner.map((one) => formatField(one, isOneline)).join(',')}}`;
    case 'named-options':
    case 'user-keys':
      return `{${inner.map((one) => formatField(one, isOneline)).join(',')},...}`;
    case 'array':
      return `[${inner.map((one) => `${formatParameter(one, isOneline)},`).join('')}...]`;
  }
}

const FIELD_VALUES: Readonly<Partial<Record<ParameterType, string>>> = Object.freeze({
  string: '"str"',
  hex: '"hex"',
  number: 'n',
  range: 'n or [n,n]',
  amount: 'amount',
  boolean: 'bool',
});

/** How a field of an object stands in a line of code. */
function formatField(parameter: ParameterSpec, isOneline: boolean): string {
  const value = FIELD_VALUES[parameter.type] ?? formatParameter(parameter, isOneline);
  return `"${firstName(parameter)}":${isOneline ? '' : ' '}${value}`;
}

/** The right column: type, whether it is needed, default, description. */
function describeParameter(parameter: ParameterSpec, isNamed: boolean): string {
  const { type, typeTexts, default: value, defaultHint, description } = parameter;
  let text = `(${typeTexts?.[1] ?? TYPE_WORDS[type]}`;
  if (defaultHint !== undefined) text += `, optional, default=${defaultHint}`;
  else if (value !== undefined) text += `, optional, default=${formatJson(value)}`;
  else if (parameter.isOptional !== true) text += ', required';
  else if (isNamed) text += ', optional';
  text += ')';
  if (type === 'named-options') text += ' Options object that can be used to pass named arguments, listed below.';
  return description === '' ? text : `${text} ${description}`;
}

type Outer = 'none' | 'object' | 'array';

/** Lines for what is inside a parameter. Schemas are ours and shallow, so that recursion is no danger. */
function pushParameter(sections: Sections, parameter: ParameterSpec, indent = 5, outer: Outer = 'none'): void {
  const { type, typeTexts, inner = [] } = parameter;
  const isField = outer === 'object';
  const isTop = outer === 'none';
  const spaces = ' '.repeat(indent);
  const key = isField ? `"${firstName(parameter)}": ` : '';
  const right = isTop ? '' : describeParameter(parameter, isField);
  if (type === 'array' || type === 'object' || type === 'user-keys') {
    const [begin, end] = type === 'array' ? '[]' : '{}';
    sections.push(`${spaces}${key}${begin}`, right);
    for (const one of inner) pushParameter(sections, one, indent + 2, type === 'array' ? 'array' : 'object');
    if (type !== 'object') sections.push(`${spaces}  ...`, '');
    sections.push(`${spaces}${end}${isTop ? '' : ','}`, '');
  } else if (!isTop) {
    const value = isField ? formatField(parameter, false) : formatParameter(parameter, false);
    sections.push(`${spaces}${isField && typeTexts ? key + typeTexts[0] : value},`, right);
  }
}

const RESULT_TEXTS: Readonly<Record<ResultType, readonly [text: string, words: string]>> = Object.freeze({
  none: ['null', 'json null'],
  string: ['"str"', 'string'],
  amount: ['n', 'numeric'],
  hex: ['"hex"', 'string'],
  number: ['n', 'numeric'],
  time: ['xxx', 'numeric'],
  boolean: ['true|false', 'boolean'],
  array: ['[', 'json array'],
  'array-fixed': ['[', 'json array'],
  object: ['{', 'json object'],
  'object-dynamic': ['{', 'json object'],
  any: ['', ''],
});

function pushResult(sections: Sections, result: ResultSpec, outer: Outer = 'none', indent = 0): void {
  const spaces = ' '.repeat(indent);
  const comma = outer === 'none' ? '' : ',';
  if (result.elision !== undefined) sections.push(`${spaces}...${comma}`, result.elision);
  if (result.elision !== undefined || result.isElided === true) return;
  const { type, inner = [], description = '' } = result;
  const key = outer === 'object' ? `"${result.key}" : ` : '';
  const [text, words] = RESULT_TEXTS[type];
  const explain = (kind: string): string =>
    `(${kind}${result.isOptional === true ? ', optional' : ''})${description === '' ? '' : ` ${description}`}`;
  if (text !== '[' && text !== '{') {
    sections.push(`${spaces}${type === 'none' ? '' : key}${text}${comma}`, explain(words));
    return;
  }
  if (text === '{' && inner.length === 0) {
    sections.push(`${spaces}${key}{}${comma}`, explain('empty JSON object'));
    return;
  }
  sections.push(`${spaces}${key}${text}`, explain(words));
  for (const one of inner) pushResult(sections, one, text === '[' ? 'array' : 'object', indent + 2);
  const isOpenEnded = type === 'object-dynamic' || (type === 'array' && inner.at(-1)?.elision === undefined);
  if (isOpenEnded) sections.push(`${spaces}  ...`, '');
  else sections.dropLastComma();
  sections.push(`${spaces}${text === '[' ? ']' : '}'}${comma}`, '');
}

/** The first line: the name, and the parameters that are not hidden. */
function formatUsage({ name, parameters }: MethodSignature): string {
  let text = name;
  let wasOptional = false;
  for (const parameter of visible(parameters)) {
    const optional = isOptional(parameter);
    if (optional !== wasOptional) text += optional ? ' (' : ' )';
    wasOptional = optional;
    text += ` ${formatParameter(parameter, true)}`;
  }
  return wasOptional ? `${text} )` : text;
}

function visible(parameters: readonly ParameterSpec[]): readonly ParameterSpec[] {
  const end = parameters.findIndex(({ isHidden }) => isHidden === true);
  return end < 0 ? parameters : parameters.slice(0, end);
}

function formatArguments({ parameters }: MethodSignature): string {
  const sections = new Sections();
  const options = new Sections();
  for (const [position, parameter] of visible(parameters).entries()) {
    sections.push(`${position + 1}. ${firstName(parameter)}`, describeParameter(parameter, true));
    pushParameter(sections, parameter);
    if (parameter.type !== 'named-options') continue;
    for (const option of parameter.inner ?? []) {
      options.push(firstName(option), describeParameter(option, true));
      pushParameter(options, option);
    }
  }
  const named = options.isEmpty ? '' : `\nNamed Arguments:\n${options.toText()}`;
  return (sections.isEmpty ? '' : `\nArguments:\n${sections.toText()}`) + named;
}

function formatResults({ results }: MethodSignature): string {
  let text = '';
  for (const result of results) {
    if (result.type === 'any') continue;
    text += result.condition === undefined ? '\nResult:\n' : `\nResult (${result.condition}):\n`;
    const sections = new Sections();
    pushResult(sections, result);
    text += sections.toText();
  }
  return text;
}

function formatExamples({ name, examples }: MethodSignature): string {
  if (examples.length === 0) return '';
  const lines = examples.map((words) => `> tally ${name} ${words}`.trimEnd());
  return `\nExamples:\n${lines.join('\n')}\n`;
}

/** The help of one method. */
export function formatMethodHelp(method: MethodSignature): string {
  const { description } = method;
  return (
    `${formatUsage(method)}\n\n${description.trim()}\n` +
    formatArguments(method) +
    formatResults(method) +
    formatExamples(method)
  );
}

function capitalize(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}

/** Programs that read the list take the headings in Core's marks for the categories that Core has: ours has marks of its own. */
function formatHeading(category: MethodSignature['category']): string {
  const marks = category === 'tallystick' ? '--' : '==';
  return `${marks} ${capitalize(category)} ${marks}`;
}

/** The answer of `help`: of one method, or the first lines of all that are not hidden, by category. */
export function formatHelp(methods: SignatureTable, command: string): string {
  if (command !== '') {
    const method = methods.get(command);
    return method === undefined ? `help: unknown command: ${command}` : formatMethodHelp(method);
  }
  const listed = [...methods.values()]
    .filter(({ category }) => category !== 'hidden')
    .sort((a, b) => (a.category + a.name < b.category + b.name ? -1 : 1));
  let text = '';
  let category = '';
  for (const method of listed) {
    if (method.category !== category) {
      text += `${category === '' ? '' : '\n'}${formatHeading(method.category)}\n`;
      category = method.category;
    }
    text += `${formatUsage(method)}\n`;
  }
  return text.slice(0, -1);
}

/** Which parameters of Core's methods the command line passes as texts: rows of method, position, name, whether it is a text. */
export function listConversions(methods: SignatureTable): JsonOutput {
  const rows: JsonOutput[] = [];
  for (const { name, parameters, isOurs } of methods.values()) {
    if (isOurs === true) continue;
    for (const [position, parameter] of parameters.entries()) {
      const options = parameter.type === 'named-options' ? (parameter.inner ?? []) : [];
      for (const one of [parameter, ...options]) {
        const isText = one.type === 'string' || one.type === 'hex';
        for (const alias of parameterNames(one)) rows.push([name, position, alias, isText]);
      }
    }
  }
  return rows;
}
