// A long list of rows of which only those on screen exist. It scrolls with the page, so that a phone has one thing to scroll.

import { measureElement, useWindowVirtualizer } from '@tanstack/react-virtual';
import { type ReactNode, useLayoutEffect, useRef, useState } from 'react';

/** Rows above and below the screen that exist already. */
const OVERSCAN = 8;

interface VirtualRowsProps<T> {
  readonly items: readonly T[];
  readonly keyOf: (item: T, index: number) => string;
  /** Height of a row before it is measured. */
  readonly rowPx: number;
  readonly label: string;
  readonly children: (item: T, index: number) => ReactNode;
}

/** The rows of a list; each is a `<li>` whose content is up to `children`. */
export function VirtualRows<T>({ items, keyOf, rowPx, label, children }: VirtualRowsProps<T>): ReactNode {
  const list = useRef<HTMLUListElement>(null);
  const [offset, setOffset] = useState(0);
  // What stands above may grow or go: where the list begins is looked up whenever it is drawn.
  useLayoutEffect(() => {
    const top = list.current?.getBoundingClientRect().top ?? 0;
    setOffset(Math.round(top + window.scrollY));
  });
  const virtualizer = useWindowVirtualizer({
    count: items.length,
    estimateSize: () => rowPx,
    getItemKey: (index) => keyOf(items[index]!, index),
    overscan: OVERSCAN,
    // A list that is hidden has rows without height: measured so, all of them would fit on the screen.
    measureElement: (row, entry, list) => measureElement(row, entry, list) || rowPx,
    scrollMargin: offset,
  });
  return (
    <ul ref={list} className="rows" aria-label={label} style={{ height: virtualizer.getTotalSize() }}>
      {virtualizer.getVirtualItems().map(({ key, index, start }) => (
        <li
          key={key}
          ref={virtualizer.measureElement}
          data-index={index}
          aria-posinset={index + 1}
          aria-setsize={items.length}
          style={{ position: 'absolute', insetInline: 0, transform: `translateY(${start - offset}px)` }}
        >
          {children(items[index]!, index)}
        </li>
      ))}
    </ul>
  );
}
