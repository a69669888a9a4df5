// What --help and -version print, made from the table of options. The layout is Core's: names two columns in, text seven, at
// most 79 columns. Pure.

import { CATEGORIES_IN_USE } from './log-categories.ts';
import { GROUP_HEADINGS, type OptionGroup, type OptionSpec, type Program } from './option-spec.ts';
import { OPTIONS } from './options.ts';

const WIDTH = 79;
const NAME_INDENT = '  ';
const TEXT_INDENT = ' '.repeat(7);

/** Breaks words into lines of at most `width`, with `indent` before each but the first. A longer word stands alone. */
export function wrapText(text: string, width: number, indent: string): string {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else {
      line = line === '' ? word : `${line} ${word}`;
    }
  }
  return [...lines, line].join(`\n${indent}`);
}

function formatOption(option: OptionSpec): string {
  const name = `${NAME_INDENT}-${option.name}${option.argument === undefined ? '' : `=${option.argument}`}`;
  const help = option.help.replace('{categories}', CATEGORIES_IN_USE.join(', '));
  const text = option.defaultText === undefined ? help : `${help} (default: ${option.defaultText})`;
  return `${name}\n${TEXT_INDENT}${wrapText(text, WIDTH - TEXT_INDENT.length, TEXT_INDENT)}\n\n`;
}

/** The options of a program under their headings, by name. */
export function formatOptions(program: Program): string {
  return (Object.keys(GROUP_HEADINGS) as OptionGroup[])
    .map((group) => {
      const listed = OPTIONS.filter((o) => o.group === group && o.programs.includes(program) && !o.isHidden);
      const sorted = listed.sort((a, b) => (a.name < b.name ? -1 : 1));
      return sorted.length === 0 ? '' : `${GROUP_HEADINGS[group]}\n\n${sorted.map(formatOption).join('')}`;
    })
    .join('');
}

/** First line of --help and -version. */
export function formatVersionLine(program: Program, version: string): string {
  return program === 'tallyd' ? `Tallystick daemon version v${version}\n` : `Tallystick client version v${version}\n`;
}

/** What -version prints. */
export function formatVersionText(program: Program, version: string): string {
  return (
    `${formatVersionLine(program, version)}Copyright (C) 2026 The Tallystick developers\n\n` +
    'This is experimental software. It comes without any warranty, under the MIT\nlicence: see the file LICENSE.\n'
  );
}

/** What `tallyd --help` prints. */
export function formatDaemonHelp(version: string): string {
  return `${formatVersionLine('tallyd', version)}
tallyd keeps a complete copy of a ledger and checks every page of it. It finds
other nodes by itself and takes the blocks from them, or from files: a
bootstrap.dat, or the blk*.dat files of a Bitcoin Core node.

Usage: tallyd [options]

Examples:

  tallyd
       Keep the main ledger in ~/.tallystick, until stopped with Ctrl-C.

  tallyd -regtest -connect=192.168.1.5
       Keep the test ledger of one other node, and connect to nobody else.

  tallyd -loadblock=bootstrap.dat
       Import blocks from a file first, which saves the network the work.

  tallyd -signet -datadir=/srv/ledger -reindex -stopafterblockimport
       Rebuild everything from the block files in /srv/ledger/signet/blocks,
       which may have been copied from Bitcoin Core (with xor.dat), and exit.

${formatOptions('tallyd')}`;
}

/** What `tally --help` prints. */
export function formatClientHelp(
  version: string,
  commands: readonly (readonly [name: string, help: string])[],
): string {
  const list = commands.map(
    ([name, help]) =>
      `${NAME_INDENT}${name}\n${TEXT_INDENT}${wrapText(help, WIDTH - TEXT_INDENT.length, TEXT_INDENT)}\n\n`,
  );
  return `${formatVersionLine('tally', version)}
Usage: tally [options] <command>

Commands:

${list.join('')}${formatOptions('tally')}`;
}
