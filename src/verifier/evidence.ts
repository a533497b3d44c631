import type { BootstrapFailure } from './tests/bootstrap.js';
import type { ReportCounts } from './tests/ctrf.js';

/**
 * All that a verdict rests on, as stored under `integrity.evidence`. `applicable` says whether the task's test
 * script leaves this kind of evidence at all; what does not apply is never held against anyone.
 */
export interface Evidence {
  readonly reward: {
    readonly file: string | null;
    readonly text: string | null;
    readonly value: number | null;
  };
  readonly trace: { readonly applicable: boolean; readonly commands: number; readonly reward: number | null };
  readonly report: { readonly applicable: boolean; readonly counts: ReportCounts | null };
  readonly runner: {
    readonly applicable: boolean;
    readonly started: boolean;
    readonly summary: string | null;
    readonly passed: number;
    readonly failed: number;
    readonly errors: number;
    readonly rootdir_applicable: boolean;
    readonly rootdir: string | null;
  };
  readonly bootstrap: BootstrapFailure | null;
  /** Exit code of the test script; null when it could not be started. Never used for the reward. */
  readonly exit_code: number | null;
  readonly timed_out: boolean;
  readonly tests: TestsEvidence;
  readonly output_bytes: number;
  readonly tests_ms: number;
}

/** The uploaded tests: as sent, as read back before the run, as found after it. */
export interface TestsEvidence {
  readonly files: number;
  /** SHA-256 over path and digest of every uploaded file. */
  readonly digest: string;
  /** What was read back equalled what was sent. */
  readonly verified: boolean;
  /** Uploaded files that were changed or gone after the run. */
  readonly changed: readonly string[];
  /** The tests themselves speak of skipping or expected failures. */
  readonly may_skip: boolean;
  /** Files that the run added below /tests; normal. */
  readonly added: number;
}

/** One look at the sandbox between the agent's last command and the tests. */
export interface SceneEvidence {
  readonly changed_paths: number;
  /** The first of them, sorted. */
  readonly changed_sample: readonly string[];
  readonly watched: readonly WatchedChange[];
  readonly processes: readonly string[];
  readonly sockets: readonly string[];
  readonly killed: readonly string[];
  readonly workdir_recreated: boolean;
  readonly package_manager: PackageState | null;
}

/** A changed file that the tests lean on, and what explains the change. */
export interface WatchedChange {
  readonly path: string;
  readonly kind: 'added' | 'modified' | 'deleted';
  readonly role: 'tool' | 'loader' | 'python-hook' | 'runner-config' | 'network-config';
  /** What accounts for its content (`dpkg PACKAGE`, `pip RECORD`, `link to PATH`), or null. */
  readonly explained: string | null;
  /** `elf`, `script`, `link`, `text`, `gone`; null when it was not looked at. */
  readonly content: string | null;
}

/** The package manager as the agent left it. */
export interface PackageState {
  readonly holders: readonly { readonly pid: number; readonly command: string; readonly lock: string }[];
  readonly half_configured: readonly string[];
  /** dpkg's journal of an interrupted run is not empty. */
  readonly interrupted: boolean;
  readonly waited_ms: number;
  /** Holders that were ended because they belonged to a command that had been killed. */
  readonly ended: readonly string[];
}
