import { Box, Transform } from 'ink';
import { memo, useMemo } from 'react';
import type { Rect } from '../layout.ts';

/**
 * A rectangle of finished text. Ink measures, wraps and takes apart whatever text it is given, three times over; a pane that is
 * already cut to size goes in as the transformation of empty rows instead, which Ink reads once. A block whose text has not
 * changed costs React nothing.
 */
export const Block = memo(({ left, top, width, height, text }: Rect & { text: string }) => {
  const rows = useMemo(() => text.split('\n'), [text]);
  return (
    <Box position="absolute" left={left} top={top} width={width} height={height} flexShrink={0}>
      <Transform transform={(_, index) => rows[index] ?? ''}>{rows.map(() => '.').join('\n')}</Transform>
    </Box>
  );
});
