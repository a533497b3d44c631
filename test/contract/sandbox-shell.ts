import { lstat, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { expect, it } from 'vitest';
import {
  limitMs,
  say,
  smallLimits,
  startClock,
  temporaryFolder,
  textOf,
  type SandboxSubject,
  type Shared,
} from './sandbox-subject.js';

/** What an agent may rely on in a real shell. Commands are POSIX: the suite also runs where there is no bash. */
export function shellContract(subject: SandboxSubject, shared: Shared): void {
  stateContract(subject, shared);
  endingContract(subject, shared);
  outputContract(shared);
  liveContract(shared);
  backgroundContract(subject, shared);
  timeoutContract(shared);
}

function stateContract(subject: SandboxSubject, shared: Shared): void {
  it('forgets functions, aliases, options, traps and the file mode mask', async () => {
    await say(
      shared(),
      'f() { echo f; }; alias a="echo a"; set -u; set -f; trap "echo trapped" EXIT; umask 077',
    );
    expect(await say(shared(), 'f 2>/dev/null; a 2>/dev/null; echo "[$UNSET]" /usr/bi*; umask')).toBe(
      '[] /usr/bin\n0022\n',
    );
  });

  it('keeps any value of an exported variable', async () => {
    const value = 'a b\n\'q\' "d" $x `y` \\ é\t\u0001 *';
    await say(shared(), `export STRANGE='${value.replaceAll("'", "'\\''")}'`);
    expect(await say(shared(), 'printf %s "$STRANGE"')).toBe(value);
    await say(shared(), 'unset STRANGE');
    expect(await say(shared(), 'echo "${STRANGE-gone}"')).toBe('gone\n');
  });

  it('keeps exported variables of any name, and those that a shell reads its input by', async () => {
    await say(shared(), 'export n=1 m=2 s=3 x=4 r=5 l=6 pid=7 line=8 HOME=/usr');
    expect(await say(shared(), 'echo "$n$m$s$x$r$l$pid$line$HOME"')).toBe('12345678/usr\n');
    await say(shared(), 'unset n m s x r l pid line; export HOME=/root IFS=0123456789 TMOUT=1');
    await pause(1_300);
    expect(await say(shared(), 'echo "$TMOUT" "$n"; unset TMOUT IFS')).toBe('1 \n');
  });

  it('keeps the state when shared memory is full', async () => {
    await using sandbox = await subject.open();
    await say(sandbox, 'dd if=/dev/zero of=/dev/shm/full bs=65536 2>/dev/null; cd /usr; export AFTER=1');
    expect(await say(sandbox, 'pwd; echo $AFTER; cd /tmp')).toBe('/usr\n1\n');
    expect(await say(sandbox, 'pwd')).toBe('/tmp\n');
  });

  it('keeps a directory of any name, and OLDPWD', async () => {
    await say(shared(), 'mkdir -p "/tmp/a \'b\n"; cd /usr; cd "/tmp/a \'b\n"');
    expect(await say(shared(), 'pwd; cd -')).toBe("/tmp/a 'b\n\n/usr\n");
    await say(shared(), 'cd /');
  });

  it('keeps nothing of a command that is to leave nothing behind, however long it is', async () => {
    await say(shared(), 'cd /usr; export KEPT=1');
    const long = `cd /tmp; export KEPT=2; echo ${'x'.repeat(200_000)} >/dev/null; echo $KEPT`;
    const result = await shared().run(long, { timeoutMs: limitMs, keepsState: false });
    expect(textOf(result)).toBe('2\n');
    expect(await say(shared(), 'pwd; echo $KEPT; cd /')).toBe('/usr\n1\n');
  });

  it('goes to the first directory and says so when the one from before is gone', async () => {
    await say(shared(), 'mkdir /tmp/gone; cd /tmp/gone; rmdir /tmp/gone');
    const result = await shared().run('pwd', { timeoutMs: limitMs });
    expect(textOf(result)).toBe(`${shared().workdir}\n`);
    expect(result.notice).toContain('no longer exists');
    expect((await shared().run('true', { timeoutMs: limitMs })).notice).toBeNull();
  });

  it('takes a command in any script under any locale, long after the one before or at once', async () => {
    await say(shared(), 'export LC_ALL=C.UTF-8');
    for (const wait of [0, 60]) {
      await pause(wait);
      expect(await say(shared(), `echo 'naïve — ✓ 日本' "q'\\é"`)).toBe("naïve — ✓ 日本 q'\\é\n");
    }
    await say(shared(), 'mkdir -p /tmp/é; cd /tmp/é');
    await pause(60);
    expect(await say(shared(), 'pwd; cd /; unset LC_ALL')).toBe('/tmp/é\n');
  });

  if (subject.shell === 'bash') {
    it('numbers the lines of a command as bash -c does', async () => {
      const lines = "echo 'one'\n\nno-such\necho $LINENO";
      expect(await say(shared(), lines)).toBe('one\nbash: line 3: no-such: command not found\n4\n');
    });
  }

  it('says the same whether a locale is missing now or was already', async () => {
    await say(shared(), 'export LC_ALL=xx_XX.UTF-8');
    expect(await say(shared(), 'echo at once')).toBe('at once\n');
    await pause(60);
    expect(await say(shared(), 'echo later; unset LC_ALL')).toBe('later\n');
  });

  it('stays in a directory that was made anew meanwhile', async () => {
    await say(shared(), 'mkdir /tmp/anew; cd /tmp/anew; (sleep 0.1; rmdir /tmp/anew; mkdir /tmp/anew) &');
    await pause(400);
    const result = await shared().run('pwd; cd /', { timeoutMs: limitMs });
    expect(result.notice).toBeNull();
    expect(textOf(result)).toBe('/tmp/anew\n');
  });

  it('says so too when the directory goes while nothing runs', async () => {
    await say(shared(), 'mkdir /tmp/later; cd /tmp/later; (sleep 0.1; rmdir /tmp/later) &');
    await pause(400);
    const result = await shared().run('pwd', { timeoutMs: limitMs });
    expect(textOf(result)).toBe(`${shared().workdir}\n`);
    expect(result.notice).toContain('no longer exists');
  });

  it('keeps the state that a command left by exit', async () => {
    expect((await shared().run('cd /usr; export LEFT=1; exit 3', { timeoutMs: limitMs })).exitCode).toBe(3);
    expect(await say(shared(), 'pwd; echo $LEFT; cd /')).toBe('/usr\n1\n');
  });

  it('keeps the state from before when the shell was replaced or killed', async () => {
    for (const command of ['cd /usr; exec true', 'cd /usr; kill -9 $$', 'cd /usr; kill -TERM $$; sleep 5']) {
      await shared().run(command, { timeoutMs: limitMs });
      expect(await say(shared(), 'pwd')).toBe('/\n');
    }
  });

  it('is not the exported state that a read-only variable or its attribute spoils', async () => {
    await say(shared(), 'readonly FIXED=1; export FIXED');
    expect(await say(shared(), 'FIXED=2; echo "$FIXED"; unset FIXED')).toContain('2\n');
  });

  it('goes on without complaints when what the shell itself keeps read-only was exported', async () => {
    await say(shared(), 'export BASHOPTS SHELLOPTS UID EUID PPID; export LATER=1');
    expect(await say(shared(), 'echo "$LATER"')).toBe('1\n');
  });

  it('has an environment for work without a terminal, which the sandbox spec can override', async () => {
    expect(await say(shared(), 'echo $DEBIAN_FRONTEND $PAGER $GIT_PAGER $TERM')).toBe(
      'noninteractive cat cat dumb\n',
    );
    await using sandbox = await subject.open({ shellEnv: { PAGER: 'more -s', EXTRA: 'x y' } });
    expect(await say(sandbox, 'echo "$PAGER|$EXTRA|$DEBIAN_FRONTEND"')).toBe('more -s|x y|noninteractive\n');
  });

  it('takes a command of any length', async () => {
    const long = `cat >/tmp/long <<'END'\n${'0123456789abcdef\n'.repeat(40_000)}END\nwc -c </tmp/long`;
    expect((await say(shared(), long)).trim()).toBe('680000');
  });

  it('begins anew in the directory of the spec', async () => {
    await using sandbox = await subject.open({ workdir: '/usr/bin' });
    expect(sandbox.workdir).toBe('/usr/bin');
    expect(await say(sandbox, 'pwd')).toBe('/usr/bin\n');
  });
}

function endingContract(subject: SandboxSubject, shared: Shared): void {
  const cases: readonly (readonly [string, number, RegExp])[] = [
    ['echo "unbalanced', 2, /unexpected EOF|[Uu]nterminated|syntax error/],
    ["echo 'unbalanced", 2, /unexpected EOF|[Uu]nterminated|syntax error/],
    ['if true; then echo x', 2, /syntax error|unexpected/],
    ['echo a; )', 2, /syntax error|unexpected/],
    ['no-such-command', 127, /no-such-command.*not found/],
    ['/etc/passwd', 126, /[Pp]ermission denied/],
    ['set -e; false; echo not reached', 1, /^$/],
    ['exec false', 1, /^$/],
    ['exec /no/such', 127, /not found|No such file/],
    ['kill -9 $$', 137, /^$/],
    ['kill -TERM $$', 143, /^$/],
    ['sh -c "kill -11 \\$\\$"', 139, /^(Segmentation fault.*|.*Segmentation fault.*)?\n?$/],
    ['exit 300', 44, /^$/],
    ['false | true', 0, /^$/],
    ['exec >&- 2>&-; exit 4', 4, /^$/],
    ['ulimit -n 4; exit 5', 5, /^(.*Too many open files\n|.*descriptor.*\n)*$/],
    ['cat <<END\nopen heredoc', 0, /open heredoc/],
  ];
  for (const [command, exitCode, output] of cases) {
    // Without bash a shell that cannot open a file gives up itself.
    if (subject.shell === 'sh' && command.startsWith('ulimit')) continue;
    it(`gives ${exitCode} for ${JSON.stringify(command)} and runs the next command`, async () => {
      const result = await shared().run(command, { timeoutMs: limitMs });
      expect({ ...result, text: textOf(result) }).toMatchObject({ exitCode, timedOut: false });
      expect(textOf(result)).toMatch(output);
      expect(await say(shared(), 'echo next')).toBe('next\n');
    });
  }
}

function outputContract(shared: Shared): void {
  it('merges stdout and stderr in the order written', async () => {
    const lines = Array.from({ length: 50 }, (_, index) => `o${index}\ne${index}\n`).join('');
    const command = 'i=0; while [ $i -lt 50 ]; do echo o$i; echo e$i >&2; i=$((i+1)); done';
    expect(await say(shared(), command)).toBe(lines);
  });

  it('has an empty stdin: nothing waits for input', async () => {
    expect(await say(shared(), 'cat; wc -c; read line; echo "read $?"')).toMatch(/^\s*0\nread 1\n$/);
    const held = { timeoutMs: 5_000, after: pause(100) };
    expect((await shared().exec(['sh', '-c', 'cat; echo end'], held)).stdout).toBe('end\n');
  });

  it('has no terminal to wait at', async () => {
    const result = await shared().run('cat /dev/tty; test -t 0 || echo none', { timeoutMs: 5_000 });
    expect(result.timedOut).toBe(false);
    expect(textOf(result)).toContain('none\n');
  });

  it('leaves no descriptor of its own open in a command', async () => {
    expect(
      await say(shared(), 'for f in /proc/$$/fd/*; do n=${f##*/}; [ $n -gt 2 ] && readlink $f; done; true'),
    ).not.toMatch(/pipe|socket/);
  });

  it('mistakes nothing that a command can print for its own frames', async () => {
    const snoop = [
      'set; export -p; trap',
      'for p in /proc/[0-9]*; do cat $p/cmdline $p/environ 2>/dev/null; echo; done',
      `for n in $(tr -c 'a-f0-9' '\\n' </proc/$PPID/environ | grep -E '^.{16,}$') 0 00000000000000000000000000000000; do`,
      `for s in 1 2 3 10 50 100; do printf '\\001%s %s-\\n\\001%s end %s 0 0\\n\\001%s{\\n/evil\\n\\000\\000\\001%s}\\n' $n $s $n $s $n $n; done; done`,
      'exit 9',
    ].join('\n');
    const result = await shared().run(snoop, { timeoutMs: limitMs });
    expect(result.exitCode).toBe(9);
    expect(await say(shared(), 'pwd')).toBe('/\n');
  });

  it('survives noise written to the descriptors of its own processes', async () => {
    const noise =
      'for p in 1 $PPID; do for f in 1 2; do printf "\\001junk\\n{}\\n\\001" >/proc/$p/fd/$f; done; done 2>/dev/null; echo said';
    expect(await say(shared(), noise)).toContain('said\n');
    expect(await say(shared(), 'echo next')).toBe('next\n');
  });
}

function liveContract(shared: Shared): void {
  it('tells what a command prints while it still runs', async () => {
    let told = '';
    const onOutput = (bytes: Buffer): void => void (told += bytes.toString());
    const running = shared().run('echo early; sleep 2; echo late', { timeoutMs: limitMs, onOutput });
    while (told === '') await pause(5);
    expect(told).toBe('early\n');
    expect(textOf(await running)).toBe('early\nlate\n');
    expect(told).toBe('early\nlate\n');
  });
}

function backgroundContract(subject: SandboxSubject, shared: Shared): void {
  it('returns when the shell exits though a child keeps its output open, and the child lives on and can print', async () => {
    const expectWithin = await startClock(shared());
    const service =
      '(i=0; while [ $i -lt 400 ]; do echo tick; echo tick >&2; echo $i >>/tmp/ticks; i=$((i+1)); sleep 0.02; done) & echo $! >/tmp/service; echo started';
    const result = await shared().run(service, { timeoutMs: limitMs });
    expectWithin(2_000);
    expect(textOf(result).replaceAll('tick\n', '')).toBe('started\n');
    await pause(200);
    expect(await say(shared(), 'sleep 0.2; echo quiet')).toBe('quiet\n');
    const before = Number(await say(shared(), 'wc -l </tmp/ticks'));
    await pause(300);
    expect(Number(await say(shared(), 'wc -l </tmp/ticks'))).toBeGreaterThan(before);
    expect(await say(shared(), 'kill $(cat /tmp/service); echo killed')).toBe('killed\n');
  });

  it('lets nothing through of a child that is hard to see', async () => {
    const disguise = 'printf "x) Z 1\\n" >/proc/self/comm';
    await say(
      shared(),
      `(${disguise}; while :; do echo INTRUDER; sleep 0.02; done) & echo $! >/tmp/intruder`,
    );
    for (let turn = 0; turn < 4; turn += 1)
      expect(await say(shared(), 'sleep 0.1; echo alone')).toBe('alone\n');
    await say(shared(), 'kill $(cat /tmp/intruder)');
  });

  it('starts no harness command before its time, whoever asks for it', async () => {
    const hasten =
      'for p in /proc/[0-9]*; do case $(tr "\\0" " " <$p/cmdline) in *"read -r _tbench ||"*) echo >$p/fd/0 ;; esac; done';
    await say(shared(), `(while [ ! -e /tmp/enough ]; do ${hasten}; sleep 0.02; done) >/dev/null 2>&1 &`);
    const when = { path: 'when', content: Buffer.from('in time'), mode: 0o644 };
    const after = pause(500).then(() => shared().upload('/tmp', [when]));
    const result = await shared().exec(['sh', '-c', 'cat /tmp/when; exit 3'], { timeoutMs: limitMs, after });
    await say(shared(), 'touch /tmp/enough');
    expect(result).toMatchObject({ stdout: 'in time', exitCode: 3 });
  });

  it('lets a service print without end and nobody is held up', async () => {
    await say(shared(), 'yes leftover & echo $! >/tmp/flood');
    await pause(300);
    expect(await say(shared(), 'echo calm')).toBe('calm\n');
    expect(await say(shared(), 'kill $(cat /tmp/flood) && echo it lived')).toBe('it lived\n');
  });

  it('starts commands with every signal at its default', async () => {
    // A POSIX shell starts what is in the background with SIGINT and SIGQUIT ignored (6), and cannot undo it.
    const ignored = subject.shell === 'bash' ? /^SigIgn:\s0+\n$/ : /^SigIgn:\s0+[06]\n$/;
    expect(await say(shared(), 'grep SigIgn /proc/self/status')).toMatch(ignored);
    const result = await shared().run('yes | head -1; sh -c "kill -INT \\$\\$"', { timeoutMs: limitMs });
    expect(textOf(result)).toBe('y\n');
    expect(result.exitCode).toBe(subject.shell === 'bash' ? 130 : 0);
  });
}

function timeoutContract(shared: Shared): void {
  const survivors = 'cat /proc/*/cmdline 2>/dev/null | tr "\\0" " " | grep -c "sleep 97[7]"';

  it('kills the whole tree at a timeout: ignored SIGTERM, own sessions, orphans, cleared environments', async () => {
    const tree = [
      'trap "" TERM; echo begun',
      'setsid sleep 977 & sleep 977 &',
      '(sleep 977 &) ; env -i setsid sh -c "trap \\"\\" TERM HUP; sleep 977; sleep 977" &',
      'sleep 0.2; sleep 977',
    ].join('\n');
    const expectWithin = await startClock(shared());
    const result = await shared().run(tree, { timeoutMs: 1_000 });
    expectWithin(2_000);
    expect(result).toMatchObject({ exitCode: 124, timedOut: true });
    expect(textOf(result)).toContain('begun\n');
    expect((await say(shared(), survivors)).trim()).toBe('0');
  });

  it('spares at a timeout what earlier commands left running', async () => {
    await say(shared(), 'sleep 977 &');
    await shared().run('sleep 977', { timeoutMs: 500 });
    expect((await say(shared(), survivors)).trim()).toBe('1');
    await say(
      shared(),
      'kill $(grep -l "sleep.977" /proc/[0-9]*/cmdline 2>/dev/null | cut -d/ -f3 | head -1)',
    );
  });

  it('lets a command finish what it does on SIGTERM', async () => {
    const result = await shared().run('trap "echo tidied; exit 0" TERM; sleep 30 & wait', { timeoutMs: 500 });
    expect(result).toMatchObject({ exitCode: 124, timedOut: true });
    expect(textOf(result)).toContain('tidied\n');
  });

  it('keeps partial output of a flood that times out', async () => {
    const expectWithin = await startClock(shared());
    const result = await shared().run('yes', { timeoutMs: 1_000 });
    expectWithin(2_500);
    expect(result.timedOut).toBe(true);
    expect(result.output.head.startsWith('y\ny\n')).toBe(true);
    expect(result.output.elided).toBe(result.output.totalBytes - 10_000);
  });
}

/** Files made by an agent, with a real file system below. */
export function hostileFileContract(shared: Shared): void {
  it('downloads only plain files: links, devices and pipes are listed, nothing outside is touched', async () => {
    await say(
      shared(),
      [
        'mkdir -p /tmp/evil/sub; cd /tmp/evil',
        'ln -s /etc/passwd link; ln -s /etc dir; ln -s ../../../../../../tmp up; mkfifo pipe; echo ok >plain',
        'echo deep >sub/deep; printf x >"sub/line\nbreak"; printf y >"sub/$(printf \'bad\\377\')"; printf z >"sub/$(printf \'esc\\033[31m\')"',
        'echo 1 >Case; echo 2 >case; cd /',
      ].join('\n'),
    );
    await using host = temporaryFolder();
    const report = await shared().download('/tmp/evil', host.path, smallLimits);
    const written = report?.files.map(({ path }) => path) ?? [];
    expect(written).toContain('plain');
    expect(written).toContain('sub/deep');
    expect(written.some((path) => /[\u0000-\u001f]/.test(path))).toBe(false);
    expect(written.filter((path) => path.toLowerCase() === 'case')).toHaveLength(1);
    expect(report?.refused.map(({ path }) => path)).toEqual(
      expect.arrayContaining(['link', 'dir', 'up', 'pipe']),
    );
    for (const name of await readdir(host.path, { recursive: true })) {
      const entry = await lstat(join(host.path, name));
      expect(entry.isFile() || entry.isDirectory()).toBe(true);
    }
    expect(await readFile(join(host.path, 'plain'), 'utf8')).toBe('ok\n');
  });

  it('stops at limits: a sparse file of 100 GB, ten thousand files', async () => {
    await say(
      shared(),
      'mkdir /tmp/huge /tmp/many; truncate -s 100G /tmp/huge/sparse || dd if=/dev/zero of=/tmp/huge/sparse bs=1 count=1 seek=100G 2>/dev/null; echo after >/tmp/huge/z',
    );
    await using host = temporaryFolder();
    const huge = await shared().download('/tmp/huge', host.path, smallLimits);
    expect(huge?.refused[0]?.path).toBe('sparse');
    await say(shared(), 'cd /tmp/many; i=0; while [ $i -lt 10000 ]; do : >f$i; i=$((i+1)); done; cd /');
    await using other = temporaryFolder();
    const many = await shared().download('/tmp/many', other.path, smallLimits);
    expect(many?.files.length).toBeLessThanOrEqual(smallLimits.maxEntries);
    await say(shared(), 'rm -rf /tmp/huge /tmp/many');
  });

  it('reads a pipe, a device and a folder as nothing, without waiting', async () => {
    await say(shared(), 'mkfifo /tmp/fifo');
    expect(await shared().readFile('/tmp/fifo', 10)).toBeNull();
    expect(await shared().readFile('/tmp', 10)).toBeNull();
  });

  it('removes a link instead of what it points to, in a tree that nobody may read', async () => {
    await say(
      shared(),
      'mkdir -p /tmp/t/a /tmp/kept; echo x >/tmp/kept/f; ln -s /tmp/kept /tmp/t/a/link; ln -s /none /tmp/t/dangling; chmod 0 /tmp/t/a /tmp/t',
    );
    await shared().remove('/tmp/t');
    expect(await shared().stat('/tmp/t')).toBeNull();
    expect(await say(shared(), 'cat /tmp/kept/f')).toBe('x\n');
    await say(shared(), 'ln -s /tmp/kept /tmp/dangling2; rm -rf /tmp/kept');
    await shared().remove('/tmp/dangling2');
    expect(await say(shared(), 'ls /tmp | grep -c dangling2')).toBe('0\n');
  });
}
