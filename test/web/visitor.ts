// Somebody with a browser at the page of a node. Everything that a page must never do is written down while it runs: errors, what the
// policy refused (R07), and requests to anybody else than its own node (P06).

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Browser, BrowserContext, Page, Request } from 'playwright-core';
import type { Messages } from '../../src/web/i18n/en.ts';
import { en } from '../../src/web/i18n/en.ts';
import { zhCn } from '../../src/web/i18n/zh-cn.ts';

/** What a visitor looks at the page with. */
export interface Screen {
  readonly size: 'wide' | 'phone';
  readonly language: 'en' | 'zh-CN';
  readonly scheme: 'light' | 'dark';
}

const VIEWPORTS = { wide: { width: 1280, height: 800 }, phone: { width: 390, height: 844 } } as const;

/** How long a visitor waits for something to be on screen: the machine may have other things to do. */
export const PATIENCE_MS = 120_000;

/** How long a node may be looked at before it is taken for one that hangs: longer than all that a visitor waits for in a test. */
export const NODE_LIFE_MS = 600_000;

/** How often something on screen is looked at again. */
export const LOOK_MS = 50;

/** What a browser complains about while its node is away. */
const LOST = /ERR_CONNECTION_REFUSED|ERR_CONNECTION_RESET|ERR_EMPTY_RESPONSE|ERR_SOCKET|WebSocket connection to/;

/** Says aloud what the policy refuses, before any script of the page runs. */
const TELL_VIOLATIONS = `document.addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI, sample }) =>
  console.error('refused by the policy:', violatedDirective, blockedURI, sample));`;

const IS_SETTLED = `document.querySelector('main') !== null && document.querySelector('.skeleton') === null`;

/** What a tester for accessibility calls serious or critical, with the elements. */
const FIND_BARRIERS = `axe.run({ resultTypes: ['violations'] }).then(({ violations }) => violations
  .filter(({ impact }) => impact === 'serious' || impact === 'critical')
  .map(({ id, nodes }) => id + ': ' + nodes.map(({ html }) => html.slice(0, 160)).join(' | ')))`;

/** A visitor. */
export class Visitor {
  readonly page: Page;
  readonly origin: string;
  readonly texts: Messages;
  readonly #context: BrowserContext;
  #complaints: string[] = [];

  private constructor(context: BrowserContext, page: Page, origin: string, texts: Messages) {
    this.#context = context;
    this.page = page;
    this.origin = origin;
    this.texts = texts;
  }

  /** Comes to the page of a node and is not signed in. */
  static async arrive(browser: Browser, origin: string, { size, language, scheme }: Screen): Promise<Visitor> {
    const isPhone = size === 'phone';
    const context = await browser.newContext({
      viewport: VIEWPORTS[size],
      locale: language,
      colorScheme: scheme,
      isMobile: isPhone,
      hasTouch: isPhone,
      reducedMotion: 'reduce',
      acceptDownloads: false,
    });
    context.setDefaultTimeout(PATIENCE_MS);
    await context.addInitScript(TELL_VIOLATIONS);
    const page = await context.newPage();
    const visitor = new Visitor(context, page, origin, language === 'en' ? en : zhCn);
    visitor.#watch();
    return visitor;
  }

  /** Comes by a login link, and sees the ledger. */
  static async signIn(browser: Browser, link: string, screen: Screen): Promise<Visitor> {
    const visitor = await Visitor.arrive(browser, new URL(link).origin, screen);
    await visitor.page.goto(link);
    await visitor.sees(visitor.texts.ledger.title);
    return visitor;
  }

  /** What was wrong so far. */
  get complaints(): readonly string[] {
    return this.#complaints;
  }

  /** Forgets what must go wrong while the node is away, and nothing else. */
  forgiveAbsence(): void {
    this.#complaints = this.#complaints.filter((complaint) => !LOST.test(complaint));
  }

  /** Forgets the complaints that fit. */
  forgive(pattern: RegExp): void {
    this.#complaints = this.#complaints.filter((complaint) => !pattern.test(complaint));
  }

  /** Resolves when a view with this title is on screen. */
  async sees(title: string): Promise<void> {
    await this.page.getByRole('heading', { name: title, exact: true }).first().waitFor();
  }

  /** Resolves when nothing on screen says that it is still loading. */
  async isSettled(): Promise<void> {
    const endMs = performance.now() + PATIENCE_MS;
    // Twice in a row: between two answers there may be a moment without anything that waits.
    for (let quiet = 0; quiet < 2; quiet = (await this.page.evaluate(IS_SETTLED)) === true ? quiet + 1 : 0) {
      if (performance.now() > endMs) throw new Error(`${this.page.url()} is still loading`);
      await this.page.waitForTimeout(LOOK_MS);
    }
  }

  /** What axe-core finds serious or critical in what is on screen. */
  async findBarriers(): Promise<readonly string[]> {
    await this.page.evaluate(axeSource());
    return this.page.evaluate(FIND_BARRIERS);
  }

  /** How many pixels the page is wider than the screen. */
  measureOverflow(): Promise<number> {
    return this.page.evaluate('document.documentElement.scrollWidth - innerWidth');
  }

  close(): Promise<void> {
    return this.#context.close();
  }

  #watch(): void {
    const complain = (what: string): number => this.#complaints.push(what);
    const isForeign = (url: string): boolean => {
      const { host, protocol } = new URL(url);
      return protocol !== 'data:' && protocol !== 'blob:' && host !== new URL(this.origin).host;
    };
    const { page } = this;
    page.on('console', (message) => {
      const type = message.type();
      if (type === 'error' || type === 'warning') complain(`${type}: ${message.text()} at ${message.location().url}`);
    });
    page.on('pageerror', (error) => complain(`thrown: ${error.stack ?? error.message}`));
    page.on('dialog', (dialog) => {
      complain(`a dialog: ${dialog.message()}`);
      void dialog.dismiss();
    });
    page.on('requestfailed', (request) => {
      // What a step to another view makes needless is given up by the page itself.
      const reason = request.failure()?.errorText ?? '';
      if (reason !== 'net::ERR_ABORTED') complain(`request failed: ${request.url()} ${reason}`);
    });
    page.on('response', (response) => {
      if (response.status() >= 400) complain(`status ${response.status()}: ${response.url()}`);
    });
    page.on('websocket', (socket) => {
      if (isForeign(socket.url())) complain(`foreign: ${socket.url()}`);
    });
    this.#context.on('request', (request: Request) => {
      if (isForeign(request.url())) complain(`foreign: ${request.url()}`);
    });
  }
}

let axeText = '';

function axeSource(): string {
  if (axeText === '') axeText = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
  return axeText;
}
