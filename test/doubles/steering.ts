/** What steers a terminal or hides, in what a command printed. A line of CSV ends with \r\n; a carriage return by itself overwrites its line. */
export const steering = /(?!\r\n)[^\P{C}\n\t]|[\u2028\u2029]/u;
