// text/groups.ts: scope groups in the words that are confirmed (B3), and scopes in a customer's words
import type { Group } from '../types';

export const GROUPS: Record<Group, { name: string; confirm: string }> = {
  read: {
    name: 'Read-only',
    confirm: 'Whoever holds this key may see the balances, orders and history that are ticked above.',
  },
  trade: {
    name: 'Trade execution',
    confirm: 'Whoever holds this key may trade with the money of my account, and can lose it.',
  },
  wallet: {
    name: 'Wallet management',
    confirm: 'Whoever holds this key may move the money of my account.',
  },
  lending: {
    name: 'Margin lending',
    confirm: 'Whoever holds this key may lend the money of my account to others.',
  },
  elevated: {
    name: 'Elevated',
    confirm: 'Whoever holds this key may manage margin positions of my account.',
  },
};

/** What a scope lets a program do.  A scope that is newer than this page shows its name. */
const SCOPES: Record<string, string> = {
  'account:read': 'See account data and log-ins',
  'history:read': 'See trades, ledgers and movements',
  'orders:read': 'See orders',
  'wallets:read': 'See balances and deposit addresses',
  'funding:read': 'See funding offers, loans and credits',
  'settings:read': 'See settings and alerts',
  'depth:read': 'See the depth of order books',
  'orders:write': 'Place, change and cancel orders',
  'settings:write': 'Change settings and alerts',
  'account:write': 'Change the account',
  'wallets:write': 'Move money between wallets',
  'withdraw:write': 'Withdraw money from the venue',
  'funding:write': 'Offer and cancel funding',
  'positions:read': 'See margin positions',
  'positions:write': 'Manage margin positions',
};

export function scopeWords(scope: string): string {
  return SCOPES[scope] ?? scope;
}
