// pages/audit.tsx: what the account's keys did, request by request (E3)
import { filterOf } from '../audit/filters';
import { AuditView } from '../audit/view';
import { PageHead } from '../components/page';
import type { PageProps } from '../routes';

export default function Audit({ query }: PageProps) {
  return (
    <>
      <PageHead title="Audit Log" trail={[{ title: 'Account' }, { title: 'Audit Log' }]}
        lead="Every request with your keys, passed or refused, and every change to them. The log cannot be changed afterwards without anybody noticing." />
      <AuditView operator={false} filter={filterOf(query)} />
    </>
  );
}
