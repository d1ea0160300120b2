// types.ts: what the authority answers below /console/api; the file openapi.json says the same.

export interface Reason {
  code: string;
  message: string;
  /** Where it belongs in what was sent: "label", "ip_rules.2". */
  field?: string;
}

export type SessionLevel = 'password' | 'full';
export type Role = 'customer' | 'operator';
export type AccountKind = 'individual' | 'corporate';
export type TotpState = 'none' | 'pending' | 'enrolled';

export interface Session {
  id: string;
  level: SessionLevel;
  /** The account has a second factor, and this session has not shown it yet. */
  needs_factor: boolean;
  csrf: string;
  expires_at: string;
  idle_min: number;
  address: string;
  country: string | null;
  account: {
    id: number;
    email: string;
    kind: AccountKind;
    role: Role;
    name: string;
    jurisdiction: string;
  };
  factors: { totp: TotpState; passkeys: number; recovery_codes: number };
}

export interface SessionEntry {
  id: string;
  current: boolean;
  created_at: string;
  used_at: string;
  address: string;
  country: string | null;
  agent: string;
}

export interface Country {
  code: string;
  name: string;
}

export type StepState = 'missing' | 'submitted' | 'accepted' | 'rejected';

export interface Account {
  id: number;
  email: string;
  kind: AccountKind;
  jurisdiction: string;
  created_at: string;
  steps: { step: string; state: StepState }[];
  missing: Reason[];
  totp: TotpState;
  flag: { kind: 'suspicious' | 'regulatory'; reason: string; at: string } | null;
  keys: number;
  name: string;
  role: Role;
  email_confirmed: boolean;
}

export interface Factors {
  totp: { state: TotpState; enrolled_at: string | null };
  passkeys: Passkey[];
  recovery_codes: number;
}

export interface Passkey {
  id: string;
  name: string;
  created_at: string;
  last_used_at: string | null;
}

export interface StoredDocument {
  id: string;
  name: string;
  type: string;
  bytes: number;
  at: string;
}

export interface Verification {
  kind: AccountKind;
  complete: boolean;
  steps: VerificationStep[];
  signatories: Signatory[];
}

export interface VerificationStep {
  step: string;
  words: string;
  state: StepState;
  reason: string | null;
  documents: StoredDocument[];
}

export interface Signatory {
  id?: string;
  name: string;
  email: string;
}

export type Environment = 'live' | 'sandbox';
export type KeyState = 'active' | 'suspended' | 'revoked' | 'expired';
export type ScopeState = 'requested' | 'waiting-mail' | 'cooling' | 'live' | 'suspended';
export type Group = 'read' | 'trade' | 'wallet' | 'lending' | 'elevated';

export interface Key {
  id: string;
  account: number;
  email: string;
  environment: Environment;
  label: string;
  scopes: { scope: string; group: Group; state: ScopeState; granted_until?: string | null }[];
  ip_rules: string[];
  state: KeyState;
  reason: string | null;
  created_at: string;
  cooling_until: string | null;
  last_used_at: string | null;
  readiness: Readiness;
  rates: { public_per_s: number; private_per_s: number };
  nonce_window: boolean;
  ends_at: string | null;
  ends_reason: string | null;
  expires_if_unused_at: string | null;
  holds: { reason: string; words: string; since: string }[];
  replaces: string | null;
  replaced_by: string | null;
  /** Only where one key is asked for. */
  addresses?: { address: string; last_at: string; count: number }[];
  created_from: string | null;
}

/** A key, or its secret, that was found where others can read it (E1). */
export interface LeakHead {
  id: number;
  kind: 'secret' | 'key_id';
  reaction: 'revoked' | 'suspended' | 'notified' | 'ended';
  key: string;
  account: number;
  email: string;
  label: string;
  key_state: KeyState;
  found_at: string;
  lifted_at: string | null;
  sightings: number;
  evidence_sha256: string;
}

export interface LeakPlace {
  channel: 'scan' | 'git' | 'npm' | 'web' | 'alert' | 'self';
  origin: string;
  place: Record<string, unknown>;
  details: Record<string, unknown>;
  excerpt: string;
  seen_at: string | null;
  found_at: string;
}

export interface Leak extends LeakHead {
  places: LeakPlace[];
  use_since: { passed: number; refused: number; more: boolean; last_at: string | null; addresses: string[] };
}

/** For operators: `evidence` is the very text that `evidence_sha256` is the hash of. */
export interface LeakEvidence extends Leak {
  evidence: string;
}

/** What stands between a key and its first live order (D6). */
export interface Readiness {
  wallets_called: boolean;
  sandbox_order: boolean;
  cooling_over: boolean;
  ready: boolean;
}

export interface ScopeGroup {
  group: Group;
  words: string;
  scopes: { scope: string; elevated: boolean; needs_mail: boolean }[];
}

export interface KeyOptions {
  address: string;
  country: string | null;
  missing: Reason[];
  groups: ScopeGroup[];
  limits: Record<string, number>;
  /** Where the REST API of each environment answers. */
  venues: Partial<Record<Environment, string>>;
}

export interface KeyApplication {
  environment: Environment;
  label: string;
  scopes: string[];
  ip_rules: string[];
}

export interface KeyProblem {
  field: string;
  code: string;
  message: string;
}

export interface KeyGrant {
  key: Key;
  secret: string;
}

export type ReviewKind = 'document' | 'location' | 'elevation' | 'flag' | 'approval' | 'factor';
export type ReviewState = 'open' | 'seconding' | 'accepted' | 'rejected' | 'withdrawn';

export interface Review {
  id: number;
  kind: ReviewKind;
  state: ReviewState;
  opened_at: string;
  /** Rejected by itself then. */
  ends_at: string | null;
  account: Pick<Account, 'id' | 'email' | 'name' | 'kind' | 'jurisdiction'>;
  key: Key | null;
  detail: Record<string, unknown>;
  documents: StoredDocument[];
  votes: { by: string; outcome: 'accepted' | 'rejected'; reason: string; at: string }[];
  decided_at: string | null;
  reason: string | null;
}

export interface OperatorAccount extends Account {
  reviews: Review[];
  factors: Factors;
}

export interface Notice {
  id: number;
  at: string;
  kind: string;
  words: string;
  key: string | null;
  read: boolean;
}

/** A line of the security history. */
export interface Happening {
  id: number;
  at: string;
  kind: string;
  words: string;
  address: string | null;
  country: string | null;
  agent: string | null;
  key: string | null;
}

export interface Webhook {
  id: number;
  url: string;
  /** None: all events. */
  events: string[];
  state: 'on' | 'disabled';
  made_at: string;
  failing_since: string | null;
}

export interface Delivery {
  id: number;
  event: string;
  at: string;
  state: 'waiting' | 'under-way' | 'delivered' | 'given-up';
  attempts: number;
  status: number | null;
  error: string | null;
  next_at: string | null;
}

export interface RequestRecord {
  index: number;
  at: string;
  kind?: undefined;
  environment: Environment;
  account: number | null;
  key: string | null;
  authentic: boolean;
  address: string;
  transport: string;
  method: string;
  path: string | null;
  status: number;
  verdict: string;
  latency_us: number;
  bytes: number;
  nonce: number;
  request_id: string;
  dry_run: boolean;
}

export interface ChangeRecord {
  index: number;
  at: string;
  kind: 'change';
  account: number | null;
  key: string | null;
  request_id: string;
  who: string;
  what: string;
  before: unknown;
  after: unknown;
}

export type AuditRecord = RequestRecord | ChangeRecord;

export interface ChartPoint {
  at: string;
  requests: number;
  refused: number;
  server_errors: number;
  p50_us: number;
  p99_us: number;
  estimated: boolean;
}

export interface Chart {
  from: string;
  step_s: number;
  points: ChartPoint[];
}

export interface Status {
  version: string;
  started_at: string;
  problems: { code: string; message: string }[];
  segments: {
    environment: Environment; path: string; keys: number; capacity: number; slots_free: number; slots_total: number;
  }[];
  audit: {
    directory: string; size: number; first: number; on_disk: number; indexed: number; checkpoint_size: number;
    lag_ms: number;
  };
  mail: { carrier: boolean; waiting: number; given_up: number; webhooks_waiting: number };
  accounts: number;
  keys: number;
}

export interface SandboxMarket {
  symbol: string;
  base: string;
  quote: string;
  least: number;
  greatest: number;
  contract: boolean;
}

export interface SandboxInjection {
  id: number;
  kind: string;
  /** null: everybody, or the market */
  account: number | null;
  symbol?: string;
  ms?: number;
  status?: number;
  percent?: number;
  uses: number | null;
  from_ms: number;
  until_ms: number;
  acts: boolean;
}

export interface Sandbox {
  clock: { mode: 'real' | 'frozen' | 'rate'; rate: number; time_ms: number };
  seed: number;
  preset: string;
  resets: number;
  /** The account may change what concerns everybody. */
  owner: boolean;
  injections: SandboxInjection[];
  markets: SandboxMarket[];
  presets: string[];
}

export interface SandboxOrder {
  id: number;
  symbol: string;
  created_ms: number;
  amount: number;
  amount_orig: number;
  type: string;
  flags: number | null;
  status: string;
  price: number;
  price_avg: number;
  price_aux_limit: number | null;
}

export interface SandboxWallet {
  type: 'exchange' | 'margin' | 'funding';
  currency: string;
  balance: number;
  available: number | null;
}

/** What a scanner said of one of its sources. */
export interface LeakSource {
  name: string;
  kind: string;
  /** Of its last turn; empty: that was good. */
  error: string;
  caught_up_at?: string | null;
  next_at?: string | null;
  looked?: number;
  found?: number;
  missed?: number;
}
