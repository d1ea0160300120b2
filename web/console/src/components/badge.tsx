// components/badge.tsx: a state in one or two words; the colour only repeats what the word says
import type { ComponentChildren } from 'preact';
import type { KeyState, ReviewState, ScopeState, StepState } from '../types';

export type Tone = 'good' | 'wait' | 'bad' | 'calm';

export function Badge(props: { tone: Tone; children: ComponentChildren; title?: string }) {
  return <span class={`badge ${props.tone}`} title={props.title}>{props.children}</span>;
}

const STATES: Record<KeyState | ScopeState | StepState | ReviewState, [Tone, string]> = {
  active: ['good', 'Active'],
  suspended: ['wait', 'Suspended'],
  revoked: ['bad', 'Revoked'],
  expired: ['bad', 'Expired'],
  requested: ['wait', 'Requested'],
  'waiting-mail': ['wait', 'Waiting for the mailed link'],
  cooling: ['wait', 'Cooling off'],
  live: ['good', 'Live'],
  missing: ['calm', 'Missing'],
  submitted: ['wait', 'In review'],
  accepted: ['good', 'Accepted'],
  rejected: ['bad', 'Rejected'],
  open: ['wait', 'Open'],
  seconding: ['wait', 'Waiting for a second operator'],
  withdrawn: ['calm', 'Withdrawn'],
};

export function StateBadge(props: { state: keyof typeof STATES }) {
  const [tone, words] = STATES[props.state] ?? (['calm', props.state] as [Tone, string]);
  return <Badge tone={tone}>{words}</Badge>;
}
