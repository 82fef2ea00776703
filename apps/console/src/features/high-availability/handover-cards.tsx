'use client';
// The two ways to change the primary, side by side, each with what it would cost now.
import type { HandoverMode } from '@/data/generated/graphql';
import type { Instance } from '@/data/instance/instance-query';
import { Button } from '@/ui/button';
import { formatDuration } from '@/ui/format';
import { Facts } from '@/ui/page';
import { forecastRows, modeTitles } from './words';
import classes from './members-panel.module.css';

const texts: Readonly<Record<HandoverMode, string>> = {
  SWITCHOVER: 'Planned: writes wait until a replica has everything. Nothing acknowledged is lost.',
  FAILOVER: 'At once, as if the primary had died. For a primary that misbehaves, or to rehearse.',
};

interface HandoverCardsProps {
  readonly availability: NonNullable<Instance['availability']>;
  /** Why neither can be done now; undefined: it can. */
  readonly obstacle: string | undefined;
  readonly onChoose: (deed: 'switchover' | 'failover') => void;
}

export function HandoverCards({ availability, obstacle, onChoose }: HandoverCardsProps) {
  const forecasts = [...availability.handovers].sort((left) => (left.mode === 'SWITCHOVER' ? -1 : 1));
  return (
    <div className={classes.handover}>
      <h3>Change the primary</h3>
      <p>
        {obstacle ?? `Should store ${availability.primary} die by itself, a replica takes over: writes stand still for about ${formatDuration(availability.deathPauseMs)}.`}
      </p>
      <div className={classes.cards}>
        {forecasts.map((forecast) => (
          <section key={forecast.mode} aria-label={modeTitles[forecast.mode]}>
            <h4>{modeTitles[forecast.mode]}</h4>
            <p>{texts[forecast.mode]}</p>
            <Facts rows={forecastRows(forecast)} />
            <Button
              variant="default" color={forecast.mode === 'FAILOVER' ? 'red' : undefined} disabled={obstacle !== undefined || forecast.candidate == null}
              onClick={() => onChoose(forecast.mode === 'FAILOVER' ? 'failover' : 'switchover')}
            >
              {`${modeTitles[forecast.mode]}…`}
            </Button>
          </section>
        ))}
      </div>
    </div>
  );
}
