/** @jsxRuntime automatic */
import { Box, Static, Text } from "ink";
import type { ReactElement } from "react";

export interface PrintedLines {
  readonly key: number;
  /** No line of it is wider than the screen. */
  readonly text: string;
}

export interface ScreenProps {
  /** What is finished: it is written once and belongs to the terminal's own history from then on. */
  readonly printed: readonly PrintedLines[];
  /** What may still change, at the end of the screen. */
  readonly rows: readonly string[];
}

export function Screen({ printed, rows }: ScreenProps): ReactElement {
  const live = rows.map((text, key) => ({ key, text }));
  return (
    <>
      <Static items={[...printed]}>
        {({ key, text }) => <Text key={key}>{text === "" ? " " : text}</Text>}
      </Static>
      <Box flexDirection="column">
        {live.map(({ key, text }) => (
          <Text key={key} wrap="truncate">
            {text === "" ? " " : text}
          </Text>
        ))}
      </Box>
    </>
  );
}
