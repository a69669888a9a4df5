// The command line of `tally up`: a few words of its own, and everything that tallyd takes. What is not said is chosen so that a person
// can try things out: a ledger of this machine alone, the app, and no door open to any network.

/** What was asked for. */
export interface UpArguments {
  /** Only a fresh link to the app of a node that runs (--link). */
  readonly wantsLink: boolean;
  /** Open the browser of this machine (--open). */
  readonly opensBrowser: boolean;
  readonly wantsHelp: boolean;
  /** For tallyd, with what was chosen in front. */
  readonly daemonArguments: readonly string[];
}

/** Options that choose a ledger. */
const CHAIN_OPTION = /^--?(?:chain|chainparams|regtest|signet|testnet|testnet4|signetchallenge)(?:=|$)/;

/** Options that say whom to connect to, or that somebody is to be found. */
const DIAL_OPTION = /^--?(?:no)?(?:addnode|connect|seednode|dnsseed)(?:=|$)/;

/** Options that say where to listen. */
const LISTEN_OPTION = /^--?(?:no)?(?:bind|listen|whitebind)(?:=|$)/;

/** Options that say that Tor may let others in. */
const ONION_OPTION = /^--?(?:no)?(?:listenonion|torcontrol|torpassword)(?:=|$)/;

const CONSOLE_OPTION = /^--?(?:no)?printtoconsole(?:=|$)/;

/** What to take when nothing is said, and which options say it. */
const DEFAULTS: readonly (readonly [said: RegExp, options: readonly string[]])[] = [
  [CHAIN_OPTION, ['-chain=local']],
  [DIAL_OPTION, ['-connect=0']],
  [LISTEN_OPTION, ['-listen=0']],
  [ONION_OPTION, ['-listenonion=0']],
  [CONSOLE_OPTION, ['-printtoconsole=0']],
];

/** Reads the words after `tally up`. */
export function parseUpArguments(argv: readonly string[]): UpArguments {
  const own = new Map<string, boolean>();
  const rest: string[] = [];
  for (const word of argv) {
    const name = /^--?(link|open|help|h|\?)$/.exec(word)?.[1];
    if (name === undefined) rest.push(word);
    else own.set(name, true);
  }
  const chosen = DEFAULTS.flatMap(([said, options]) => (rest.some((word) => said.test(word)) ? [] : options));
  return {
    wantsLink: own.has('link'),
    opensBrowser: own.has('open'),
    wantsHelp: own.has('help') || own.has('h') || own.has('?'),
    daemonArguments: ['-web', ...chosen, ...rest],
  };
}
