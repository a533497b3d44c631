/** What vLLM's /metrics says about its load, summed over engines. */
export interface ServerLoad {
  readonly running: number;
  readonly waiting: number;
  /** 0 to 1, the fullest engine; null when the server does not say. */
  readonly kvUsage: number | null;
  /** Since the server started. */
  readonly preemptions: number;
  /** Requests refused with 503 for a full queue since the server started; the only figure that shows them. */
  readonly rejections: number;
  /** Tokens generated since the server started; null when the server does not say. */
  readonly generated: number | null;
}

const sample = /^(vllm:[\w:]*)(?:\{[^}\n]*\})? +(\S+)/;

/** Reads Prometheus text; null when it is not vLLM's. Accepts the names of KV-cache use of either era. */
export function parseServerLoad(text: string): ServerLoad | null {
  const values = new Map<string, number[]>();
  // Split where a figure of vLLM's begins: a list of all lines would be one of millions for a text of line breaks.
  for (const [index, part] of text.split('\nvllm:').entries()) {
    const [, name, value] = sample.exec(index === 0 ? part : `vllm:${part}`) ?? [];
    if (name === undefined || value === undefined) continue;
    const known = values.get(name);
    if (known === undefined) values.set(name, [Number(value)]);
    else known.push(Number(value));
  }
  const sum = (name: string): number | undefined => values.get(name)?.reduce((a, b) => a + b, 0);
  const running = sum('vllm:num_requests_running');
  const waiting = sum('vllm:num_requests_waiting');
  if (running === undefined || waiting === undefined) return null;
  const kv = values.get('vllm:kv_cache_usage_perc') ?? values.get('vllm:gpu_cache_usage_perc');
  return {
    running,
    waiting,
    kvUsage: kv === undefined ? null : kv.reduce((fullest, use) => Math.max(fullest, use), 0),
    preemptions: sum('vllm:num_preemptions_total') ?? sum('vllm:num_preemptions') ?? 0,
    rejections: sum('vllm:admission_rejections_total') ?? 0,
    generated: sum('vllm:generation_tokens_total') ?? null,
  };
}
