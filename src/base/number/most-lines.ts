/** Lines that are read of a text that a stranger wrote, where a few thousand are expected: a look at millions takes seconds. */
export const mostLines = 500_000;
