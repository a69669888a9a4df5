// Once the first view is on screen and nothing else is to be done, the code of the views that people open next is fetched, one after
// another. Their first opening then waits for answers of the node alone. Whoever saves data is left alone.

import { router } from './routes.tsx';

/** In the order in which people come to them. The lessons and the rarer pages of a wallet wait until somebody wants them. */
const AHEAD = [
  '/ledger',
  '/wallet',
  '/wallet/$wallet',
  '/wallet/$wallet/',
  '/wallet/$wallet/send',
  '/wallet/$wallet/receive',
  '/wallet/$wallet/history',
  '/miner',
  '/network',
  '/audit',
] as const;

/** What some browsers tell of the line that a page comes over. */
interface Line {
  readonly saveData?: boolean;
}

/** Resolves when the browser has a moment; those that cannot tell get a short wait. */
function hasMoment(): Promise<void> {
  return new Promise((resolve) => {
    if ('requestIdleCallback' in window) requestIdleCallback(() => resolve());
    else setTimeout(resolve, 200);
  });
}

async function loadInTurn(): Promise<void> {
  for (const id of AHEAD) {
    await hasMoment();
    await router.loadRouteChunk(router.routesById[id]);
  }
}

/** Fetches the views that come next as soon as there is time. */
export function loadAhead(): void {
  const { connection } = navigator as Navigator & { readonly connection?: Line };
  if (connection?.saveData === true) return;
  const begin = (): void => {
    loadInTurn().catch(() => {
      // A view that could not be fetched now is fetched when it is opened, and says then what is wrong.
    });
  };
  if (document.readyState === 'complete') begin();
  else addEventListener('load', begin, { once: true });
}
