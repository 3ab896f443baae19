import { memo } from 'react';
import type { State } from '../../cluster/state.ts';
import type { PaneId } from '../layout.ts';
import { Block } from '../parts/block.tsx';
import { framed, inside, type Stance } from '../parts/framed.ts';
import type { Look } from '../theme.ts';
import { paneContent } from './content.ts';
import type { LogView } from './log-pane.ts';

/** One pane at its place. */
export const Pane = memo(
  ({ id, state, stance, log, look }: { id: PaneId; state: State; stance: Stance; log: LogView; look: Look }) => {
    const content = paneContent(id, { state, look, ...inside(stance.rect, stance.frame, stance.columns) }, log);
    return <Block {...stance.rect} text={framed(content, stance, look)} />;
  },
);
