// paging.tsx: the way through a list that is addressed by where a page begins
import { useState } from 'preact/hooks';
import { Pager } from './components/table';

export interface Pages {
  /** Where this page begins; empty: at the newest. */
  before: string;
  first: boolean;
  restart: () => void;
  /** The buttons, when there is more than one page. */
  pager: (next: string | number | null | undefined, words?: string) => preact.JSX.Element | null;
}

export function usePages(): Pages {
  // The pages behind this one: where each began.
  const [trail, setTrail] = useState<string[]>([]);
  const first = trail.length === 0;
  return {
    before: trail.at(-1) ?? '',
    first,
    restart: () => setTrail([]),
    pager: (next, words) => {
      const more = next !== null && next !== undefined;
      if (!more && first) return null;
      return (
        <Pager words={words ?? `Page ${trail.length + 1}`}
          newer={first ? undefined : () => setTrail(trail.slice(0, -1))}
          older={more ? () => setTrail([...trail, String(next)]) : undefined} />
      );
    },
  };
}
