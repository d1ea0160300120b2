// router.tsx: from the address after the # to the page that is shown
//
// The old page stays until the new one's code is there, so nothing flashes.  The fragment never
// reaches a server, which is why links in mails carry their token in it.
import { signal } from '@preact/signals';
import type { ComponentType } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { confirm } from './components/confirm';
import { hasFactor, isOperator, session } from './session';
import { place, type PageProps, type Place } from './routes';
import { Alert } from './components/alert';
import { FactorFirst, NoSuchPage, OperatorsOnly } from './pages/refused';

/** Asked before the page is left: words for what would be lost. */
interface Guard {
  title: string;
  words: string;
  stay: string;
  leave: string;
}
let guard: Guard | null = null;

export function guardPage(asked: Guard | null): void {
  guard = asked;
}

interface Shown {
  place: Place | null;
  Page: ComponentType<PageProps>;
  title: string;
  /** Grows with each change of page, for the focus and as the page's key. */
  turn: number;
}

const shown = signal<Shown | null>(null);
let current = '';

export function here(): string {
  return location.hash.startsWith('#/') ? location.hash.slice(1) : '/keys';
}

export function go(address: string): void {
  if (`#${address}` === location.hash) void turn();
  else location.hash = address;
}

/** To another page without a way back to this one. */
export function goInstead(address: string): void {
  history.replaceState(null, '', `#${address}`);
  void turn();
}

function Broken() {
  return (
    <Alert kind="error" title="This page could not be loaded">
      <p>The console may have been updated, or the network is away. Loading it again usually helps.</p>
      <button type="button" onClick={() => location.reload()}>Load again</button>
    </Alert>
  );
}

interface Wanted {
  Page: ComponentType<PageProps>;
  title: string;
}

/** Who may not see the page sees why, or is sent where that changes. */
async function choose(to: Place | null, address: string): Promise<Wanted | string> {
  if (!to) return { Page: NoSuchPage, title: 'No such page' };
  const { access, title } = to.route;
  const s = session.value;
  if (access !== 'anyone') {
    if (!s || s.needs_factor) return `/login?next=${encodeURIComponent(address)}`;
    if (access !== 'session' && s.level !== 'full')
      return hasFactor(s) ? `/login?next=${encodeURIComponent(address)}` : { Page: FactorFirst, title };
    if (access === 'operator' && !isOperator()) return { Page: OperatorsOnly, title };
  }
  try {
    return { Page: (await to.route.load()).default, title };
  } catch {
    return { Page: Broken, title };
  }
}

async function turn(): Promise<void> {
  const address = here();
  const to = place(address);
  const wanted = await choose(to, address);
  if (address !== here()) return; // overtaken by the next change
  if (typeof wanted === 'string') {
    goInstead(wanted);
    return;
  }
  current = location.hash;
  document.title = `${wanted.title} · Latchkey`;
  // A session that rose or was renewed leaves the page as it is: it may show what is shown once.
  const before = shown.value;
  const same = before !== null && before.Page === wanted.Page && before.place?.address === address;
  shown.value = { place: to, ...wanted, turn: same ? before.turn : (before?.turn ?? 0) + 1 };
}

async function hashChanged(): Promise<void> {
  // Fragments that are no address are places in the page: the skip link.
  if (location.hash !== '' && !location.hash.startsWith('#/')) {
    history.replaceState(null, '', current);
    return;
  }
  if (guard && location.hash !== current) {
    const { title, words, leave, stay } = guard;
    const wanted = location.hash;
    history.replaceState(null, '', current);
    if (!(await confirm({ title, words, action: leave, cancel: stay, danger: true }))) return;
    guard = null;
    location.hash = wanted;
    return;
  }
  guard = null;
  await turn();
}

export function routerStart(): void {
  addEventListener('hashchange', () => void hashChanged());
  addEventListener('beforeunload', (e) => {
    if (guard) e.preventDefault();
  });
  let before = session.value;
  session.subscribe((now) => {
    // Log-in, log-out and a session that ended change what may be shown here.
    if (before !== undefined && (now?.id !== before?.id || now?.level !== before?.level)) {
      if (!now) guard = null;
      void turn();
    }
    before = now;
  });
  void turn();
}

export function Outlet() {
  const s = shown.value;
  const heading = useRef<HTMLElement>(null);
  useEffect(() => {
    if (!s || s.turn === 1) return;
    // A new page begins at its top and at its name, for screen readers as well.
    scrollTo(0, 0);
    const title = heading.current?.querySelector('h1');
    if (title && !heading.current?.querySelector('[autofocus]')) {
      title.tabIndex = -1;
      title.focus({ preventScroll: true });
    }
  }, [s?.turn]);
  if (!s) return null;
  const query = s.place?.query ?? new URLSearchParams();
  return (
    <main id="content" ref={heading} tabIndex={-1}>
      <s.Page key={s.turn} params={s.place?.params ?? {}} query={query} />
    </main>
  );
}

/** The address of the page that is shown, for the navigation. */
export function usePlace(): string {
  return shown.value?.place?.route.path ?? '';
}
