/** Headers of every request that name trial and turn: for the replay server, and harmless to others. */
export const trialHeader = 'x-tbench-trial';
export const turnHeader = 'x-tbench-turn';
