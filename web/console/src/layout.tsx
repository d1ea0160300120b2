// layout.tsx: what stands around each page
import { signal } from '@preact/signals';
import { post, words } from './api';
import { ConfirmPlace } from './components/confirm';
import { ProofPlace } from './components/proof';
import { ToastPlace, toast } from './components/toast';
import logo from './latchkey.svg';
import { go, Outlet, usePlace } from './router';
import { isOperator, session } from './session';
import { routes } from './routes';

interface Item {
  /** The route that it opens, and those below it are marked as this item's. */
  path: string;
  text: string;
}
const ACCOUNT: Item[] = [
  { path: '/keys', text: 'API' },
  { path: '/audit', text: 'Audit Log' },
  { path: '/market', text: 'Sandbox' },
  { path: '/verification', text: 'Verification' },
  { path: '/security', text: 'Security' },
  { path: '/sessions', text: 'Sessions' },
  { path: '/notices', text: 'Notifications' },
  { path: '/webhooks', text: 'Webhooks' },
];
const OPERATOR: Item[] = [
  { path: '/operator/reviews', text: 'Reviews' },
  { path: '/operator/accounts', text: 'Accounts' },
  { path: '/operator/keys', text: 'All keys' },
  { path: '/operator/leaks', text: 'Leaks' },
  { path: '/operator/audit', text: 'All requests' },
  { path: '/operator/changes', text: 'Change log' },
  { path: '/operator/status', text: 'Status' },
];

const menuOpen = signal(false);
addEventListener('hashchange', () => {
  menuOpen.value = false;
});

function Items(props: { title: string; items: Item[] }) {
  const place = usePlace();
  const items = props.items.filter((i) => routes.some((r) => r.path === i.path));
  const id = `nav-${props.title.toLowerCase()}`;
  return (
    <div class="nav-group">
      <h2 id={id}>{props.title}</h2>
      <ul aria-labelledby={id}>
        {items.map((i) => (
          <li key={i.path}>
            <a href={`#${i.path}`}
              aria-current={place === i.path ? 'page' : place.startsWith(`${i.path}/`) ? 'true' : undefined}>
              {i.text}
            </a>
          </li>
        ))}
      </ul>
    </div>
  );
}

async function leave(): Promise<void> {
  try {
    await post('/logout');
  } catch (error) {
    toast(words(error), 'error');
    return;
  }
  session.value = null;
  go('/login');
}

function Header() {
  const s = session.value;
  const known = s && !s.needs_factor;
  return (
    <header class="top">
      <a class="brand" href="#/keys"><img src={logo} alt="" width="28" height="28" />Latchkey</a>
      {known && (
        <button type="button" class="menu quiet" aria-expanded={menuOpen.value} aria-controls="navigation"
          onClick={() => { menuOpen.value = !menuOpen.value; }}>
          Menu
        </button>
      )}
      {s && (
        <div class="who">
          <span class="who-email" title={s.account.email}>{s.account.email}</span>
          <button type="button" class="quiet" onClick={leave}>Log out</button>
        </div>
      )}
    </header>
  );
}

export function Layout() {
  const s = session.value;
  const known = s && !s.needs_factor;
  return (
    <>
      <a class="skip" href="#content" onClick={(e) => {
        e.preventDefault();
        document.getElementById('content')?.focus();
      }}>Skip to the content</a>
      <Header />
      <div class={`body ${known ? 'with-nav' : 'alone'}`}>
        {known && (
          <nav id="navigation" aria-label="Main" class={menuOpen.value ? 'open' : ''}>
            <Items title="Account" items={ACCOUNT} />
            {isOperator() && <Items title="Operator" items={OPERATOR} />}
          </nav>
        )}
        <Outlet />
      </div>
      <ToastPlace />
      <ConfirmPlace />
      <ProofPlace />
    </>
  );
}
