/** The rewards of one task's attempts, in the order of the runs. */
export type Rewards = readonly number[];
