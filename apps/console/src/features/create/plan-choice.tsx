'use client';
import { usePlans } from '@/data/platform/platform-query';
import { ChoiceCards } from '@/ui/choice-cards';
import { Faces, LoadingRows } from '@/ui/faces';
import { formatBytes, formatCount, threadsOf } from '@/ui/format';

interface PlanChoiceProps {
  readonly value: string;
  readonly onChange: (plan: string) => void;
  readonly error?: string;
}

export function PlanChoice({ value, onChange, error }: PlanChoiceProps) {
  return (
    <Faces query={usePlans()} loading={<LoadingRows count={3} height={58} />}>
      {(plans) => (
        <ChoiceCards
          legend="Plan" name="plan" value={value} onChange={onChange} error={error}
          choices={plans.map((plan) => ({
            value: plan.name,
            title: plan.title,
            side: formatBytes(plan.memoryBytes),
            text: `${formatCount(plan.maxClients)} clients, ${threadsOf(plan.threads)}, ${plan.backupsMax} backups kept`,
          }))}
        />
      )}
    </Faces>
  );
}
