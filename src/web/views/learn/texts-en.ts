// English: the lessons. They are loaded with the view, not with the page.

import { counted } from '../../i18n/en/counted.ts';

/** Texts of the lessons. */
export const learnEn = {
  title: 'Learn',
  lead: 'Eight ideas, one after the other, on a private copy of real pages. Everything is computed here, in your browser, by the same kernel that runs in the node. Break whatever you like: your ledger is not touched.',
  lessonOf: (number: string, count: string): string => `Lesson ${number} of ${count}`,
  tasks: 'Try it',
  taskDone: 'done',
  taskOpen: 'to do',
  means: 'What it means',
  builders: 'For those who build it',
  next: (title: string): string => `Next: ${title}`,
  previous: (title: string): string => `Back: ${title}`,
  all: 'All lessons',
  progress: (done: string, count: string): string => `${done} of ${count} done`,
  complete: 'Complete',
  begin: 'Begin with the first',
  goOn: 'Go on',
  forget: 'Forget my progress',
  unknown: 'There is no such lesson',
  unknownHelp: 'The address may have a typing error. Here are all of them.',
  preparing: 'The kernel prepares a private ledger…',
  startOver: 'Start over',
  page: (height: string): string => `Page ${height}`,
  kernelSays: (height: string): string => `What the kernel says of page ${height}`,
  accepted: 'Accepted',
  refused: 'Refused',
  people: { you: 'You', baker: 'The baker', miller: 'The miller', miners: 'Other miners' },

  hash: {
    title: 'A fingerprint for every text',
    short: 'Change one letter, and everything changes.',
    idea: [
      'A hash function turns any text into a number of 256 bits: its fingerprint. The same text always has the same one. Change a single letter, and about half of the bits turn over, as if somebody had tossed a coin for each.',
      'There is no way back. Who wants a text with a certain fingerprint can only try one text after another.',
    ],
    tasks: {
      letter: 'Change one letter, and look how many bits turn over.',
      zero: 'Find a text whose fingerprint begins with the digit 0. One in sixteen does.',
    },
    means:
      'Who remembers a fingerprint of 32 bytes can tell whether a text of any length was changed since. Every payment and every page of the ledger is named by its fingerprint: names that nobody can forge, because they follow from what they name.',
    builders: 'SHA-256 twice, over UTF-8. Your terminal says the same:',
    text: 'Your text',
    first: 'Two halves of one stick',
    bits: 'Its fingerprint, bit by bit',
    turned: (count: string): string => `${count} of 256 bits turned over with your last change`,
    none: 'Change the text to see bits turn over.',
    picture: (count: string): string =>
      `A square of 256 cells, one for each bit, dark for one and light for zero. ${count} of them turned over with the last change.`,
    hex: 'The same in 64 digits',
  },

  links: {
    title: 'A chain of pages',
    short: 'Change one letter on an old page, and every later link breaks.',
    idea: [
      'These are the first five pages of a ledger. Each has a header with two fingerprints: the digest of what stands on the page, and the hash of the page before. The hash of a page is the fingerprint of its header.',
      'So every page holds on to all pages before it. Play the forger: change an old page and try to hide it.',
    ],
    tasks: {
      change: 'Change something on an old page: a letter of the headline, or an amount.',
      digest: 'Cover your tracks: write the new digest into the header.',
      mend: 'Now the next link is broken. Mend it, and look one page further.',
      tip: 'Mend every link up to the last page. What does the kernel say now?',
    },
    means:
      'Whoever changes an old page must change every page after it as well, and everybody who kept a copy sees it at once: the last hash is another. And even then every page lacks something that cannot be written with a pen: its work. That is the next lesson.',
    builders:
      'The digest is the root of a Merkle tree over the transactions, so that one payment can be proved without the whole page. The five pages are byte for byte those of the ledger. The checks are checkMerkleRoot, checkLink, checkHeader and connectBlock, as in a node that syncs.',
    source: 'Whose pages',
    sourceMain: 'Bitcoin, January 2009',
    sourceOwn: 'This ledger',
    headline: 'The miner wrote',
    reward: 'The miner took',
    contents: 'Digest of this page',
    root: 'Digest in the header',
    before: 'Page before',
    hash: 'Hash',
    writeDigest: 'Write the new digest',
    mendLink: 'Mend the link',
    good: 'Good',
    changed: 'Changed',
    baseOnly: 'Stands on a refused page',
    faultNames: {
      contents: 'The digest does not fit the page',
      link: 'The link is broken',
      work: 'The work is missing',
      rules: 'A rule is broken',
      base: 'A page before it is refused',
    },
    allGood: 'Nothing to object: all five pages keep all rules.',
    chainPicture: 'Five pages, each linked to the one before',
    linkGood: 'linked',
    linkBroken: 'link broken',
    linkWeak: 'linked to a refused page',
    notANumber: 'An amount is a number of at most eight decimals.',
  },

  work: {
    title: 'Mine it again',
    short: 'Work cannot be forged: only done again, page after page.',
    idea: [
      'A page counts only if its hash is very small: it must lie below a target. Nobody can aim at a hash, so a miner changes one number in the header, the nonce, and tries again and again until luck has it.',
      'In this copy one hash of 16,384 wins, so that your browser can mine. In January 2009 it was one in 4.3 billion.',
    ],
    tasks: {
      change: 'Forge a page: change the amount on page 2.',
      mine: 'Mine page 2 again, and see the attempts come near the target.',
      tip: 'The pages after it hang in the air now. Mine them, too, up to the last.',
      greed: 'Be greedy: take 51 instead of 50, do all the work for it, and see what the kernel says.',
    },
    means:
      'To change a page, all its work and all the work on top of it must be done again, while the honest miners go on adding more. The deeper a page lies, the safer it is. And work buys no exception: a page that breaks a rule is refused, however much work stands behind it.',
    builders:
      'A nonce of 32 bits is tried against the target that the header itself names (nBits); the difficulty follows the power of all miners. After four billion nonces miners change the coinbase and go on.',
    mine: (height: string): string => `Mine page ${height}`,
    mining: (height: string): string => `Mining page ${height}…`,
    stop: 'Stop',
    attempts: (count: string): string => counted(count, 'attempt'),
    rate: (rate: string): string => `${rate} in this browser`,
    best: (bits: string): string => `best so far: ${counted(bits, 'zero')}`,
    target: (bits: string): string => `Target: ${counted(bits, 'zero')}`,
    atFirst: (span: string): string => `At this speed a page of January 2009 would take ${span}`,
    idle: 'Change a page, then mine it again: the picture shows every attempt.',
    picture: (attempts: string, best: string, target: string): string =>
      `Columns of attempts by their leading zeros. ${attempts} attempts; the best has ${best} zeros, the target needs ${target}.`,
    axis: 'leading zero bits of the hash',
    won: (count: string): string => `Won with attempt ${count}.`,
    waits: 'First mine the page before it.',
  },

  keys: {
    title: 'Keys and signatures',
    short: 'Everyone can check, only one can sign.',
    idea: [
      'A key pair is made by chance: a secret number that you keep, and a public key that follows from it and may be shown to everyone. From the public key nobody can find the secret.',
      'With the secret you sign a text. With the public key everyone can check the signature, without ever seeing the secret.',
    ],
    tasks: {
      make: 'Make a key pair.',
      sign: 'Sign the text.',
      text: 'Play the forger: change the text under the signature.',
      bit: 'Put the text right again and turn over one bit of the signature.',
    },
    means:
      'Coins belong to public keys. Who spends one shows a signature of exactly this payment, made with the secret. There is no password to steal from a server and no office that could sign in your name. And nobody can give you a lost key back.',
    builders:
      'ECDSA over secp256k1 with nonces after RFC 6979; the digest is SHA-256d of the text. In payments the digest covers what is spent and what is paid (BIP143, and for taproot Schnorr signatures after BIP340 and BIP341).',
    yours: 'What only you can do',
    make: 'Make a key pair',
    makeAnother: 'Make another one',
    secret: 'Secret key: for you alone',
    publicKey: 'Public key: for everyone',
    showSecret: 'Show the secret',
    text: 'The text',
    first: 'I pay the baker 5 coins.',
    sign: 'Sign with the secret key',
    signature: 'Signature: press a group to turn over one of its bits',
    flip: (group: string): string => `Turn over a bit in group ${group}`,
    check: 'What everyone can check',
    checkHelp: 'Text, signature and public key: no more is needed.',
    valid: 'Valid',
    validHelp: 'Signed by the owner of this public key, and not changed since.',
    invalid: 'Not valid',
    invalidHelp: 'Text, signature and public key do not belong together.',
    nothing: 'Nothing signed yet',
    otherKey: 'This signature was made with another key.',
  },

  payment: {
    title: 'What is a balance?',
    short: 'Nobody stores it: it is what tracing the ledger says.',
    idea: [
      'The ledger does not say who has how much. It says which coins were made, and which were spent. Your balance is the sum of the coins that nobody has spent yet and that your key unlocks.',
      'A payment melts coins down and mints new ones: some for the other, the rest back to you. Who puts in less than he pays out is refused.',
    ],
    tasks: {
      pay: 'Pay the baker or the miller.',
      overdraw: 'Pay more than you have.',
      steal: 'Take the coins of the baker with your own key.',
    },
    means:
      'Every node checks for itself that the money of a payment exists, that nobody spent it before, and that its owner signed. No bank needs to be asked, and no bank can make an exception.',
    builders:
      'This is the whole chain of the node over memory, with its own pages, mined in your browser: 103 of them, because a reward may be spent only after 100 pages. Overdrafts fall in checkTxInputs, forged signatures in the script interpreter.',
    to: 'Pay to',
    amount: 'Amount',
    pay: 'Sign and write on a page',
    steal: 'Take the coins of the baker',
    stealNone: 'The baker has no coins yet: pay him first.',
    balance: 'Balance',
    coinFrom: (amount: string, page: string): string => `${amount} coins, made on page ${page}`,
    noCoins: 'No coins',
    written: (height: string): string => `Written on page ${height}`,
    history: 'What was written',
    historyRow: (from: string, to: string, amount: string): string => `${from} → ${to}: ${amount}`,
    nothing: 'Nothing was paid yet.',
    refusedOverdraw: 'Refused: more is paid out than put in',
    refusedSteal: 'Refused: your key does not unlock the coins of the baker',
    begin: 'You have mined three pages, and their rewards are ripe.',
  },

  twice: {
    title: 'Spend it twice',
    short: 'A coin can be copied, but not spent twice.',
    idea: [
      'What is made of bits can be copied. So what keeps you from paying the baker and the miller with the same coin? Both payments are signed, and both look perfectly good, each by itself.',
      'Whichever stands on a page first, counts. From then on the coin is spent, and everyone knows.',
    ],
    tasks: {
      first: 'Write one of the two payments on a page.',
      second: 'Write the other one on the next page.',
      both: 'Start over and write both on the same page.',
    },
    means:
      'The ledger does not find out who was first in the world; it decides who was first in the book, and that is enough. Therefore a payment is safe only when it stands on a page, and safer with every page on top of it.',
    builders:
      'The set of unspent coins has an entry for every output; connecting a page takes it out. A second spend finds nothing there. While both payments still wait, nodes keep the one they saw first, unless the other pays a higher fee (BIP125).',
    coin: 'One coin of 50',
    toBaker: 'Pay the baker with it',
    toMiller: 'Pay the miller with it',
    both: 'Write both on one page',
    writeBaker: 'Write the payment to the baker',
    writeMiller: 'Write the payment to the miller',
    spentOn: (page: string): string => `spent on page ${page}`,
    unspent: 'not spent yet',
    picture: (state: string): string =>
      `One coin with two arrows, one to the baker and one to the miller. The coin is ${state}.`,
    refusedSpent: 'Refused: this coin is spent already',
    alreadyWritten: 'Both answers are there. Start over to try it another way.',
  },

  branches: {
    title: 'Two branches',
    short: 'Of two histories the one with more work wins.',
    idea: [
      'Two miners may find a page at the same time. Then there are two histories, both good. Nodes follow the one with more work, and wait.',
      'Here you are both miners. In branch A your coin goes to the baker, in branch B to the miller. An easy page costs 2 hashes, a hard one 8.',
    ],
    tasks: {
      fork: 'Write a page on both branches.',
      overtake: 'Let the branch that lies behind overtake: watch the coins change hands.',
      weigh: 'Win with fewer pages than the other branch: not the length counts, but the work.',
    },
    means:
      'Nobody votes and nobody decides: everyone adds up the work and comes to the same answer. To take a payment back, a cheat would have to overtake all others with more computing power than they have together. That is why shops wait for some pages.',
    builders:
      'This is a reorganisation as nodes do it: disconnect to the fork with the undo data, connect the other side, tell everyone. At equal work the branch that came first stays. Work of a page is 2^256 / (target + 1).',
    branchA: 'Branch A: the baker is paid',
    branchB: 'Branch B: the miller is paid',
    addEasy: 'Add an easy page',
    addHard: 'Add a hard page',
    work: (count: string): string => `work ${count}`,
    counts: 'counts now',
    waits: 'waits',
    picture: (a: string, b: string, winner: string): string =>
      `A fork with two branches. Branch A has work ${a}, branch B has work ${b}. ${winner}.`,
    aWins: 'Branch A counts',
    bWins: 'Branch B counts',
    noWinner: 'No branch has a page yet',
    reorganised: (count: string): string =>
      `Reorganisation: ${count} taken back, the other branch counts, and the coin with it.`,
    pages: (count: string): string => counted(count, 'page'),
    extended: 'The branch that counts has grown.',
    stored: 'Stored: the other branch still has more work, or was first.',
    fork: 'Common page',
    full: 'That is enough for one picture. Start over to try something else.',
  },

  race: {
    title: 'The race for the next page',
    short: 'Chances follow power, and luck has no memory.',
    idea: [
      'All miners search at the same time, each on a page of his own that pays the reward to him. Every attempt is a ticket of the same lottery: who makes twice as many wins twice as often.',
      'These four miners compute real hashes of real headers, in turns. One attempt in 2,048 wins.',
    ],
    tasks: {
      run: 'Start the race and wait for 20 pages.',
      power: 'Give yourself more power, and see your share follow.',
      hundred: 'Let 100 pages be won, and compare shares of power and of wins.',
    },
    means:
      'Reward goes to whoever works, in proportion. A small miner wins seldom, yet never loses his place: nobody is ahead, because every attempt is as good as the first. And for a page it does not matter who wrote it, since everyone checks it.',
    builders:
      'The number of attempts for a page follows a geometric distribution: the time to the next page is exponential, and the pages form a Poisson process. Your chance to win the next page does not depend on how long you have searched.',
    start: 'Start',
    pause: 'Pause',
    power: 'Power',
    miner: (name: string): string => `Miner ${name}`,
    you: 'You',
    powerOf: (name: string): string => `Power of ${name}`,
    won: 'Pages won',
    shareOfPower: (share: string): string => `${share} of the power`,
    shareOfWins: (share: string): string => `${share} of the pages`,
    total: (count: string): string => counted(count, 'page'),
    luck: 'Attempts for each of the last pages',
    luckHelp: 'Some pages take three attempts, some ten thousand. The line is the mean.',
    luckPicture: (count: string, mean: string): string =>
      `Bars of the attempts for the last ${count} pages. The mean is ${mean}.`,
    faster: 'Speed',
    nobody: 'Nobody has power: no page will ever be found.',
  },
};

/** Texts of the lessons in any language. */
export type LearnTexts = typeof learnEn;
