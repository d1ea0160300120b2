// routes.ts: each page, its address, who may open it, and its code, which loads when it is opened
import type { ComponentType } from 'preact';

/** anyone; whoever logged in; with the second factor shown in this session (B1); an operator. */
export type Access = 'anyone' | 'session' | 'full' | 'operator';
export type Params = Record<string, string>;
export interface PageProps {
  params: Params;
  query: URLSearchParams;
}
export interface Route {
  path: string;
  title: string;
  access: Access;
  load: () => Promise<{ default: ComponentType<PageProps> }>;
}

/** `:name` stands for one part of the address.  The first route that fits is taken. */
export const routes: Route[] = [
  { path: '/login', title: 'Log in', access: 'anyone', load: () => import('./pages/login') },
  { path: '/signup', title: 'Open an account', access: 'anyone', load: () => import('./pages/signup') },
  { path: '/forgot', title: 'Forgotten password', access: 'anyone', load: () => import('./pages/forgot') },
  { path: '/link/email/:token', title: 'Confirm your address', access: 'anyone', load: () => import('./pages/link_email') },
  { path: '/link/password/:token', title: 'New password', access: 'anyone', load: () => import('./pages/link_password') },
  { path: '/link/approval/:token', title: 'Approve a key', access: 'anyone', load: () => import('./pages/link_approval') },
  { path: '/link/withdrawal/:token', title: 'Confirm withdrawals', access: 'full', load: () => import('./pages/link_withdrawal') },
  { path: '/keys', title: 'API keys', access: 'full', load: () => import('./pages/keys') },
  { path: '/keys/new', title: 'Create New Key', access: 'full', load: () => import('./pages/key_new') },
  { path: '/keys/:id', title: 'API key', access: 'full', load: () => import('./pages/key') },
  { path: '/verification', title: 'Verification', access: 'session', load: () => import('./pages/verification') },
  { path: '/security', title: 'Security', access: 'session', load: () => import('./pages/security') },
  { path: '/sessions', title: 'Sessions', access: 'session', load: () => import('./pages/sessions') },
  { path: '/audit', title: 'Audit Log', access: 'full', load: () => import('./pages/audit') },
  { path: '/notices', title: 'Notifications', access: 'session', load: () => import('./pages/notices') },
  { path: '/notices/history', title: 'Security history', access: 'session', load: () => import('./pages/history') },
  { path: '/market', title: 'Sandbox market', access: 'full', load: () => import('./pages/market') },
  { path: '/webhooks', title: 'Webhooks', access: 'full', load: () => import('./pages/webhooks') },
  { path: '/webhooks/:id', title: 'Webhook', access: 'full', load: () => import('./pages/webhook') },
  { path: '/operator/reviews', title: 'Reviews', access: 'operator', load: () => import('./pages/operator_reviews') },
  { path: '/operator/reviews/:id', title: 'Review', access: 'operator', load: () => import('./pages/operator_review') },
  { path: '/operator/accounts', title: 'Accounts', access: 'operator', load: () => import('./pages/operator_accounts') },
  { path: '/operator/accounts/:id', title: 'Account', access: 'operator', load: () => import('./pages/operator_account') },
  { path: '/operator/keys', title: 'All keys', access: 'operator', load: () => import('./pages/operator_keys') },
  { path: '/operator/keys/:id', title: 'Key', access: 'operator', load: () => import('./pages/operator_key') },
  { path: '/operator/leaks', title: 'Leaks', access: 'operator', load: () => import('./pages/operator_leaks') },
  { path: '/operator/leaks/:id', title: 'Leak', access: 'operator', load: () => import('./pages/operator_leak') },
  { path: '/operator/changes', title: 'Change log', access: 'operator', load: () => import('./pages/operator_changes') },
  { path: '/operator/status', title: 'Status', access: 'operator', load: () => import('./pages/operator_status') },
  { path: '/operator/audit', title: 'All requests', access: 'operator', load: () => import('./pages/operator_audit') },
];

export interface Place {
  route: Route;
  params: Params;
  query: URLSearchParams;
  /** "/keys/ABC?x=1": what follows the # */
  address: string;
}

function fit(pattern: string, path: string): Params | null {
  const wanted = pattern.split('/');
  const parts = path.split('/');
  if (wanted.length !== parts.length) return null;
  const params: Params = {};
  for (const [i, part] of wanted.entries()) {
    const given = parts[i] ?? '';
    if (part.startsWith(':')) {
      if (given === '') return null;
      try {
        params[part.slice(1)] = decodeURIComponent(given);
      } catch {
        return null;
      }
    } else if (part !== given) return null;
  }
  return params;
}

export function place(address: string): Place | null {
  const [path = '', query = ''] = address.split(/\?(.*)/s);
  for (const route of routes) {
    const params = fit(route.path, path);
    if (params) return { route, params, query: new URLSearchParams(query), address };
  }
  return null;
}
