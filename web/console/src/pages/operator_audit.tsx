// pages/operator_audit.tsx: the requests of all accounts (E3)
import { filterOf } from '../audit/filters';
import { AuditView } from '../audit/view';
import { PageHead } from '../components/page';
import type { PageProps } from '../routes';

export default function OperatorAudit({ query }: PageProps) {
  return (
    <>
      <PageHead title="All requests" trail={[{ title: 'Operator' }, { title: 'All requests' }]}
        lead="Every request that reached the gateways, and every change in the authority." />
      <AuditView operator filter={filterOf(query)} />
    </>
  );
}
