'use client';
// Any second of the last while: what can be restored as a line with its gaps, a second chosen on it, and what that would read.
import { useState } from 'react';
import { TextInput } from '@mantine/core';
import { IconHistory } from '@tabler/icons-react';
import { useArchive, useRestorePoint, type Archive } from '@/data/archive/archive-query';
import { useMay } from '@/data/organization/organization-query';
import { Stack } from '@/ui/blocks';
import { Button } from '@/ui/button';
import { EmptyFace, Faces } from '@/ui/faces';
import { FormAlert } from '@/ui/form';
import { formatBytes, formatCount } from '@/ui/format';
import { later } from '@/ui/later';
import { Panel } from '@/ui/page';
import { usePointDownload } from '../backups/use-download';
import { hasAppendLog } from '../persistence/words';
import classes from './archive.module.css';
import { fromLocal, isIn, isoOf, localOf, partsOf, secondOf, wholeOf, type Span } from './timeline';

const RestoreInstanceDialog = later(() => import('./restore-instance-dialog').then((module) => module.RestoreInstanceDialog));
const ArchivePolicyDialog = later(() => import('./archive-policy-dialog').then((module) => module.ArchivePolicyDialog));

interface ArchivePanelProps {
  readonly slug: string;
  readonly instance: { readonly id: string; readonly name: string };
}

export function ArchivePanel({ slug, instance }: ArchivePanelProps) {
  const query = useArchive(instance.id);
  const may = useMay(slug);
  const [isChanging, setChanging] = useState(false);
  const archive = query.data;
  const canArchive = archive != null && hasAppendLog(archive.persistence);
  const button = archive != null && canArchive && (
    <Button size="xs" variant="default" disabled={!may('instance.update')} onClick={() => setChanging(true)}>{archive.archive == null ? 'Switch on…' : 'Change…'}</Button>
  );
  return (
    <Panel title="Restore to a second" note={noteOf(archive)} actions={button}>
      <Faces
        query={query} isEmpty={(data) => data === null || data.restorable.windows.length === 0}
        empty={<NothingYet archive={archive ?? null} canArchive={canArchive} />}
      >
        {(data) => <Timeline key={instance.id} slug={slug} instance={instance} archive={data!} may={may} />}
      </Faces>
      {isChanging && archive != null && <ArchivePolicyDialog slug={slug} archive={archive} onClose={() => setChanging(false)} />}
    </Panel>
  );
}

function noteOf(archive: Archive | null | undefined): string {
  if (archive?.archive == null) return 'The log of every write can be kept in storage, and any second of it restored.';
  const { intervalSeconds, retentionHours } = archive.archive;
  const kept = retentionHours % 24 === 0 ? `${retentionHours / 24} ${retentionHours === 24 ? 'day' : 'days'}` : `${retentionHours} hours`;
  return `The log goes to storage every ${intervalSeconds} s and is kept for ${kept}: ${formatBytes(archive.restorable.sizeBytes)} in ${formatCount(archive.restorable.objects)} objects.`;
}

function NothingYet({ archive, canArchive }: { readonly archive: Archive | null; readonly canArchive: boolean }) {
  const isOn = archive?.archive != null;
  const fault = archive?.restorable.fault;
  const text = fault != null ? fault.message
    : isOn ? 'A first base is being written and proven. This takes a moment.'
      : canArchive ? 'Switch it on, and every second from then on can be restored.'
        : 'It needs an append-only file: choose AOF or RDB and AOF in the settings.';
  return <EmptyFace icon={<IconHistory size={22} aria-hidden />} title="Nothing can be restored to a second yet">{text}</EmptyFace>;
}

function spanOf({ from, to }: { readonly from: string; readonly to: string }): Span {
  return { from: secondOf(from), to: secondOf(to) };
}

interface TimelineProps extends ArchivePanelProps {
  readonly archive: Archive;
  readonly may: ReturnType<typeof useMay>;
}

function Timeline({ slug, instance, archive, may }: TimelineProps) {
  const download = usePointDownload();
  const isAllowed = may('backup.restore');
  const { fault, gaps: told } = archive.restorable;
  const windows = archive.restorable.windows.map(spanOf);
  const gaps = told.map((gap) => ({ ...gap, ...spanOf(gap) }));
  const whole = wholeOf(windows, gaps)!;
  const [chosen, setChosen] = useState<number>();
  const [asked, setAsked] = useState<number>();
  const [target, setTarget] = useState<'new' | 'place'>();
  const second = Math.min(whole.to, Math.max(whole.from, chosen ?? windows.at(-1)!.to));
  // Asked for where the hand rests, not at every step on the way.
  const point = useRestorePoint(instance.id, isoOf(asked ?? second));
  const choose = (next: number | undefined, isFinal: boolean): void => {
    if (next === undefined) return;
    setChosen(next);
    if (isFinal) setAsked(next);
  };
  const isRestorable = isIn(windows, second);
  const facts = asked === undefined || asked === second ? point.data : undefined;
  return (
    <Stack gap="md">
      {fault != null && <FormAlert>{`Not archived since ${shown(secondOf(fault.at))}: ${fault.message} It is tried again.`}</FormAlert>}
      <div>
        <div className={classes.line} aria-hidden>
          {partsOf(windows, gaps, whole).map(({ kind, startPercent, widthPercent }) => (
            <span key={`${kind}-${startPercent}`} className={classes.part} data-kind={kind} style={{ left: `${startPercent}%`, width: `${widthPercent}%` }} />
          ))}
          <span className={classes.mark} style={{ left: `${((second - whole.from) / Math.max(1, whole.to - whole.from)) * 100}%` }} />
        </div>
        <input
          type="range" className={classes.range} aria-label="Second to restore" min={whole.from} max={whole.to} step={1} value={second}
          aria-valuetext={`${shown(second)}${isRestorable ? '' : ', in a gap'}`}
          onChange={(event) => choose(Number(event.currentTarget.value), false)}
          onPointerUp={() => choose(second, true)} onKeyUp={() => choose(second, true)} onBlur={() => choose(second, true)}
        />
        <div className={classes.ends}><span>{shown(whole.from)}</span><span>{shown(whole.to)}</span></div>
      </div>
      <div className={classes.choice}>
        <TextInput
          label="Second" description="In your own time zone." type="datetime-local" step={1} w={250} name="toTime" value={localOf(second)}
          min={localOf(whole.from)} max={localOf(whole.to)} onChange={(event) => choose(fromLocal(event.currentTarget.value), true)}
        />
        <Button disabled={!isAllowed || !isRestorable} onClick={() => setTarget('new')}>Restore as a new instance…</Button>
        <Button variant="default" disabled={!isAllowed || !isRestorable} onClick={() => setTarget('place')}>Restore in place…</Button>
        <Button variant="default" disabled={!may('backup.download') || !isRestorable} onClick={() => void download({ instanceId: instance.id, toTime: isoOf(second) })}>Download</Button>
      </div>
      <p className={classes.what} data-tone={isRestorable ? undefined : 'bad'} aria-live="polite">
        {!isRestorable ? gapAt(gaps, second) : facts == null ? 'Looking up what this would read…' : !facts.isRestorable ? facts.message
          : `From the base of ${shown(secondOf(facts.baseAt!))} (${formatBytes(facts.baseBytes)}) and ${formatBytes(facts.logBytes)} of log behind it.`}
      </p>
      {gaps.length > 0 && (
        <ul className={classes.gaps} aria-label="Gaps">
          {gaps.map((gap) => (
            <li key={gap.from}><span className={classes.key} aria-hidden /><time dateTime={isoOf(gap.from)}>{shown(gap.from)}</time> to <time dateTime={isoOf(gap.to)}>{shown(gap.to)}</time>: {gap.message}</li>
          ))}
        </ul>
      )}
      {target !== undefined && <RestoreInstanceDialog slug={slug} instance={instance} revision={archive.revision} source={{ second }} isInPlace={target === 'place'} onClose={() => setTarget(undefined)} />}
    </Stack>
  );
}

function gapAt(gaps: readonly (Span & { readonly message: string })[], second: number): string {
  const gap = gaps.find(({ from, to }) => from <= second && second <= to);
  return gap === undefined ? 'This second is not archived.' : `This second lies in a gap: ${gap.message}`;
}

const moment = new Intl.DateTimeFormat('en-GB', { day: '2-digit', month: 'short', hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' });

function shown(second: number): string {
  return moment.format(new Date(second * 1000));
}
