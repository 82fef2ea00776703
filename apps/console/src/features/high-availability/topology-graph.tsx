'use client';
// The members as boxes and the links among them as lines, drawn for the width there is. The lines are decoration: every box says in words
// how its member stands, and the table below says the rest.
import { useLayoutEffect, useRef, useState } from 'react';
import { layoutTopology, type Box, type Line, type Member } from './topology-layout';
import { faceOf, lagWords, roleWords } from './words';
import { formatCount } from '@/ui/format';
import classes from './topology-graph.module.css';

interface TopologyGraphProps {
  readonly members: readonly Member[];
  readonly primary: string;
  /** What the stores run. */
  readonly engine: string;
}

const WIDTH_BEFORE_IT_IS_KNOWN = 940;

export function TopologyGraph({ members, primary, engine }: TopologyGraphProps) {
  const ref = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(WIDTH_BEFORE_IT_IS_KNOWN);
  useLayoutEffect(() => {
    const element = ref.current;
    if (!element) return;
    const measure = (): void => { if (element.clientWidth > 0) setWidth(element.clientWidth); };
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    measure();
    return () => observer.disconnect();
  }, []);
  const { boxes, lines, height } = layoutTopology(members, primary, width);
  return (
    <div className={classes.frame}>
      <div ref={ref} className={classes.plot} style={{ height }}>
        <svg width="100%" height={height} viewBox={`0 0 ${width} ${height}`} preserveAspectRatio="none" aria-hidden className={classes.lines}>
          {lines.map((line) => <LinkLine key={line.key} line={line} />)}
        </svg>
        <ul aria-label="Topology">
          {boxes.map((box) => <MemberBox key={box.member.name} box={box} ofWidth={width} primary={primary} engine={engine} />)}
        </ul>
      </div>
    </div>
  );
}

function LinkLine({ line: { kind, replica, path, middle } }: { readonly line: Line }) {
  if (kind === 'spine') return <path d={path} className={classes.spine} />;
  if (kind === 'route' || replica === undefined) return <path d={path} className={classes.route} />;
  const state = replica.isSyncing === true ? 'syncing' : replica.isLinkUp === true ? 'up' : 'down';
  return (
    <g data-state={state}>
      <path d={path} className={classes.link} />
      {state === 'down' && <path d="M-5-5L5 5M5-5L-5 5" transform={`translate(${middle[0]} ${middle[1]})`} className={classes.cut} />}
    </g>
  );
}

interface MemberBoxProps {
  readonly box: Box;
  /** That it was laid out for; the share of it holds until the next measurement. */
  readonly ofWidth: number;
  readonly primary: string;
  readonly engine: string;
}

function MemberBox({ box: { member, x, y, width, height }, ofWidth, primary, engine }: MemberBoxProps) {
  const [tone, words] = faceOf(member, primary);
  const isStore = member.role !== 'SENTINEL' && member.role !== 'GATE';
  return (
    <li className={classes.box} data-tone={tone} data-role={member.role} style={{ left: `${(x / ofWidth) * 100}%`, top: y, width: `${(width / ofWidth) * 100}%`, height }}>
      <p className={classes.head}><strong>{member.name}</strong><span>{roleWords[member.role]}</span></p>
      <p className={classes.state}><span className={classes.dot} aria-hidden />{[words, lagWords(member)].filter(Boolean).join(', ')}</p>
      {isStore && <p>{member.offset == null ? 'offset not known' : `offset ${formatCount(member.offset)}`}</p>}
      {isStore && <p>{engine}, port {member.port}</p>}
      {member.role === 'GATE' && <p>port {member.port}</p>}
    </li>
  );
}
