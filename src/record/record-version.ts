/** Version of result.json and config.json of jobs and trials, stored in their `tbench` part. */
export const recordVersion = 1;
