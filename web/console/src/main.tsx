// main.tsx: asks who is logged in, then shows the page of the address
import { render } from 'preact';
import './style/base.css';
import './style/forms.css';
import './style/parts.css';
import './style/layout.css';
import './style/pages.css';
import './style/records.css';
import './style/market.css';
import { ApiError, get } from './api';
import { Layout } from './layout';
import { routerStart } from './router';
import { session } from './session';
import type { Session } from './types';

async function start(): Promise<void> {
  try {
    session.value = await get<Session>('/session');
  } catch (error) {
    // Nobody is logged in, or the authority is away; the log-in page says which.
    if (!(error instanceof ApiError)) console.error(error);
    session.value = null;
  }
  const app = document.getElementById('app');
  if (app) render(<Layout />, app);
  routerStart();
}

void start();
