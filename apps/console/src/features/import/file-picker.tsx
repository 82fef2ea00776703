'use client';
import { useState, type DragEvent } from 'react';
import { IconFile } from '@tabler/icons-react';
import { formatBytes } from '@/ui/format';
import classes from './file-picker.module.css';

interface FilePickerProps {
  readonly file: File | undefined;
  readonly isDisabled: boolean;
  readonly note: string | undefined;
  readonly onPick: (file: File) => void;
}

/** A real file input under a large label: it can be clicked, dropped on, and reached by keyboard. */
export function FilePicker({ file, isDisabled, note, onPick }: FilePickerProps) {
  const [isOver, setOver] = useState(false);
  const drop = (event: DragEvent): void => {
    event.preventDefault();
    setOver(false);
    const dropped = event.dataTransfer.files[0];
    if (dropped && !isDisabled) onPick(dropped);
  };
  return (
    <label
      className={classes.area} data-over={isOver || undefined}
      onDragOver={(event) => { event.preventDefault(); setOver(true); }} onDragLeave={() => setOver(false)} onDrop={drop}
    >
      <input
        type="file" name="file" accept=".rdb,.aof,.tar,.tgz,.gz,.zip,application/octet-stream" disabled={isDisabled} className={classes.input} aria-label="RDB file"
        onChange={(event) => { const picked = event.currentTarget.files?.[0]; if (picked) onPick(picked); }}
      />
      <IconFile size={24} stroke={1.5} aria-hidden />
      {file
        ? <span><strong>{file.name}</strong> {formatBytes(file.size)}</span>
        : <span><strong>Choose a file</strong> or drop it here. {note}</span>}
    </label>
  );
}
