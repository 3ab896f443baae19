import { Box, Text } from 'ink';
import { memo } from 'react';
import type { Rect } from '../layout.ts';

/**
 * A rectangle of finished text. One text node for a whole pane: what a frame costs grows with the number of nodes, and a
 * block whose text has not changed costs React nothing.
 */
export const Block = memo(({ left, top, width, height, text }: Rect & { text: string }) => (
  <Box position="absolute" left={left} top={top} width={width} height={height} flexShrink={0}>
    <Text wrap="truncate">{text}</Text>
  </Box>
));
