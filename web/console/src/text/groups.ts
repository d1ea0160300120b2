// text/groups.ts: the scope groups in the words that are confirmed (B3); scopes' words come from the API
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
