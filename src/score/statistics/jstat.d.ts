/** The few quantiles of jstat that tbench uses; the package ships no types. */
declare module 'jstat' {
  interface Distribution<Parameters extends number[]> {
    inv(p: number, ...parameters: Parameters): number;
    cdf(x: number, ...parameters: Parameters): number;
  }
  const jstat: {
    readonly jStat: {
      readonly beta: Distribution<[alpha: number, beta: number]>;
      readonly normal: Distribution<[mean: number, std: number]>;
      readonly studentt: Distribution<[freedom: number]>;
    };
  };
  export default jstat;
}
